"""Step spend: if money, space or trucks are short, which packs are bought? A price for each limit, a ranked list."""

from __future__ import annotations

from replenish.steps.spend.spend import spend

__all__ = ["spend"]
