"""Step propose: one line a person or an ERP can act on, with its reason."""

from __future__ import annotations

from replenish.steps.propose.assemble import propose

__all__ = ["propose"]
