"""Input tables written row by row, cast to the contract's columns and types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl

from replenish.tables import inputs
from replenish.tables.table import Table


def rows(table: type[Table], lines: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """A frame of the table; columns a line does not name are empty."""
    schema = {name: column.dtype for name, column in table.columns().items()}
    return pl.DataFrame(list(lines), schema=schema)


def weekday_hours(calendar_id: str, hours: tuple[float, ...]) -> list[dict[str, Any]]:
    """Calendar lines for Monday to Sunday."""
    return [{"calendar_id": calendar_id, "weekday": place + 1, "hours": one} for place, one in enumerate(hours)]


def closed_days(calendar_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Public holidays of the years around the history."""
    days = [
        date(year, month, day)
        for year in (2024, 2025, 2026, 2027)
        for month, day in ((1, 1), (5, 1), (12, 25), (12, 26))
    ]
    return [{"calendar_id": one, "date": day, "hours": 0.0} for one in calendar_ids for day in days]


def order_calendar(calendar_id: str, weekdays: tuple[int, ...]) -> list[dict[str, Any]]:
    """Days on which a supplier takes orders; weekdays count from 0 Monday."""
    return weekday_hours(calendar_id, tuple(8.0 if day in weekdays else 0.0 for day in range(7)))


def event(event_id: str, kind: str, start: date, days: int, expected: float | None, **where: str) -> dict[str, Any]:
    """An event line of so many days."""
    end = start + timedelta(days=days - 1)
    return {
        "event_id": event_id,
        "kind": kind,
        "start_date": start,
        "end_date": end,
        "expected_uplift_rate": expected,
        **where,
    }


def event_table(lines: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Input table `event`."""
    return rows(inputs.Event, lines)
