"""Step order: what is each further pack worth, and what would every node order without limits?"""

from __future__ import annotations

from replenish.steps.order.decided import Business
from replenish.steps.order.order import order
from replenish.steps.order.size import size

__all__ = ["Business", "order", "size"]
