"""Does the plant have the hours, and when does each job run?"""

from __future__ import annotations

from replenish.steps.schedule.schedule import schedule

__all__ = ["schedule"]
