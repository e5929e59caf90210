"""Step order: what is each further pack worth, and what would every node order without limits?"""

from __future__ import annotations

from replenish.steps.order.order import order

__all__ = ["order"]
