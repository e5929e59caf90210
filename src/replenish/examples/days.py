"""The calendar of the generated companies: two whole years up to a fixed Sunday, after a quarter of running in."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

AS_OF = date(2026, 11, 15)
HISTORY_DAYS = 728
WARM_UP_DAYS = 84
DAY_COUNT = WARM_UP_DAYS + HISTORY_DAYS
FIRST_DAY = AS_OF - timedelta(days=HISTORY_DAYS - 1)
START = FIRST_DAY - timedelta(days=WARM_UP_DAYS)
SUNDAY = 6

DATES = np.arange(DAY_COUNT) + np.datetime64(START)
WEEKDAYS = np.arange(DAY_COUNT) % 7  # the first day is a Monday


def day_at(index: int) -> date:
    """Date of a day of the walk; 0 is the first day of running in."""
    return START + timedelta(days=int(index))


def index_of(day: date) -> int:
    """Place of a date in the walk; negative before it starts."""
    return (day - START).days


def year_share() -> np.ndarray:
    """How far into its year each day lies, 0 to 1."""
    first = DATES.astype("datetime64[Y]").astype("datetime64[D]")
    return (DATES - first).astype(float) / 365.25
