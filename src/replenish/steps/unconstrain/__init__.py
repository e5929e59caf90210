"""Step unconstrain: what would have sold, had it been there?"""

from __future__ import annotations

from replenish.steps.unconstrain.unconstrain import sales_pools, seen_sales, unconstrain

__all__ = ["sales_pools", "seen_sales", "unconstrain"]
