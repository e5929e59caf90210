"""Step rebalance: which stock is worth more at another location, and moves tonight?"""

from __future__ import annotations

from replenish.steps.rebalance.rebalance import rebalance

__all__ = ["rebalance"]
