"""The plain facts of the night that every part of the step needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Terms:
    """Who, when, in which money, and what is too small to mention."""

    run_id: str
    as_of: date
    currency: str
    min_value: float  # money at stake below which nothing is raised
    tolerance_days: int
    tolerance_share: float
    max_cover_days: float
    bucket_days: int
    counts_per_night: int
    lifo_share: float
    planning_fence_days: int = 0  # days ahead in which production orders change by hand only

    @property
    def today(self) -> date:
        """Morning of the decision: the day after as-of."""
        return self.as_of + timedelta(days=1)
