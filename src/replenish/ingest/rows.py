"""Rows on their way in: a file's rows with their row numbers, and the rows that did not make it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

ROW = "#row"
LONGEST_VALUE = 1000

REJECT = pl.Schema(
    {"row": pl.Int32(), "column": pl.String(), "rule": pl.String(), "value": pl.String(), "is_set_aside": pl.Boolean()}
)


@dataclass(frozen=True)
class FileRows:
    """Rows of one file under the file's own headings, all text or typed by the file, beside `ROW`.

    `ROW` counts as a spreadsheet does: the heading is row 1. `broken` holds rows that are no rows, in the form of
    `REJECT`. `headings` are all of the file's where only some were read.
    """

    frame: pl.DataFrame
    broken: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECT))
    delimiter: str | None = None
    has_serial_dates: bool = False
    headings: tuple[str, ...] = ()

    @property
    def row_count(self) -> int:
        """Rows in the file, whole and broken."""
        return self.frame.height + self.broken.height

    @property
    def columns(self) -> list[str]:
        """Headings of the file."""
        return list(self.headings) or [name for name in self.frame.columns if name != ROW]


def rejects(
    rows: pl.Series, rule: str, *, column: str = "", value: pl.Series | None = None, set_aside: bool = False
) -> pl.DataFrame:
    """Reject lines of one rule, one for each row number."""
    text = pl.lit(None, pl.String) if value is None else as_text(value).str.slice(0, LONGEST_VALUE)
    return pl.DataFrame({"row": rows.cast(pl.Int32)}).select(
        "row",
        pl.lit(column or None, pl.String).alias("column"),
        pl.lit(rule).alias("rule"),
        text.alias("value"),
        pl.lit(set_aside).alias("is_set_aside"),
    )


def first_of_each_row(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """One line a row: the first reason found, sorted by row."""
    found = pl.concat([pl.DataFrame(schema=REJECT), *parts])
    return found.unique("row", keep="first", maintain_order=True).sort("row")


def without(frame: pl.DataFrame, rejected: pl.DataFrame) -> pl.DataFrame:
    """Rows that were not rejected, in order."""
    if rejected.is_empty():
        return frame
    return frame.filter(~pl.col(ROW).is_in(rejected["row"].implode()))


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with row numbers as if it stood in a spreadsheet below a heading."""
    return frame.with_columns(pl.int_range(2, pl.len() + 2, dtype=pl.Int32).alias(ROW))


def as_text(column: pl.Series) -> pl.Series:
    """Values as a person would write them: whole numbers without a decimal point, dates as ISO."""
    kind = column.dtype
    if kind == pl.String:
        return column
    if kind.is_float():
        whole = column.is_finite() & (column == column.floor()) & (column.abs() < 2.0**53)
        parts = pl.DataFrame({"value": column, "whole": whole}).select(
            pl.when("whole")
            .then(pl.col("value").cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(pl.col("value").cast(pl.String))
        )
        return parts.to_series().alias(column.name)
    if kind == pl.Binary:
        return column.cast(pl.String, strict=False)
    if kind.is_nested() or kind == pl.Object:
        return pl.Series(column.name, [None if one is None else str(one) for one in column], pl.String)
    return column.cast(pl.String, strict=False)
