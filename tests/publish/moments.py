"""Moments and days as importers read them."""

from __future__ import annotations

import re
from datetime import date, datetime

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def moment(cell: str) -> datetime:
    """A moment such as 2026-11-30 12:00:00. Raises `ValueError` for any other form."""
    if not _MOMENT.fullmatch(cell):
        raise ValueError(f"{cell!r} is no valid datetime")
    return datetime.fromisoformat(cell)


def day(cell: str) -> date:
    """A day such as 2026-11-30. Raises `ValueError` for any other form."""
    return date.fromisoformat(cell)
