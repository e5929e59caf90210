"""Step follow_pegs: which customer order or forecast does every supply serve in the end?"""

from __future__ import annotations

from replenish.steps.follow_pegs.follow_pegs import follow_pegs

__all__ = ["follow_pegs"]
