"""Frames of a table from the columns a test cares about."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import dataframely as dy
import polars as pl

from replenish.tables.table import Table

AS_OF = date(2026, 3, 1)  # a Sunday
MIDNIGHT = datetime.combine(AS_OF, time.min)
HOSTILE_NAMES = (
    "<script>alert(1)</script>",
    "=1+1",
    "'; drop table core.node; --",
    "../../x",
    '🥕 carrots & "dip" </script><img src=x onerror=alert(2)>',
    "long " * 60,
)


def filled(table: type[Table], **columns: Any) -> pl.DataFrame:
    """A frame of the table: columns given, the rest empty or the plainest value allowed."""
    height = max((len(one) for one in columns.values() if not isinstance(one, str)), default=1)
    series = []
    for name, column in table.columns().items():
        given = columns.pop(name, None)
        if given is None:
            given = [_plainest(column)] * height
        series.append(pl.Series(name, [given] * height if isinstance(given, str) else given).cast(column.dtype))
    assert not columns, f"unknown columns {sorted(columns)}"
    return pl.DataFrame(series)


def _plainest(column: dy.Column) -> Any:
    if column.nullable:
        return None
    if words := (column.metadata or {}).get("words"):
        return words[0]
    return {pl.String: "x", pl.Date: AS_OF, pl.Datetime: MIDNIGHT, pl.Boolean: False, pl.List: []}.get(
        column.dtype.base_type(), 0
    )
