"""Step unconstrain: what would have sold, had it been there?"""

from __future__ import annotations

from replenish.steps.unconstrain.unconstrain import unconstrain

__all__ = ["unconstrain"]
