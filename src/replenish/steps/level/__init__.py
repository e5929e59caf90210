"""Does the plant have the hours, and what is made early, late or in overtime where it has not?"""

from __future__ import annotations

from replenish.steps.level.open_days import level

__all__ = ["level"]
