"""Step spend: if money or space is short, which packs are bought? One price for each limit, and the ranked list."""

from __future__ import annotations

from replenish.steps.spend.spend import spend

__all__ = ["spend"]
