"""How the step joins frames, and how a finished frame becomes a table."""

from __future__ import annotations

import polars as pl

from replenish.tables.table import Table

NODE = ["item_id", "location_id"]


def attach(
    left: pl.DataFrame, right: pl.DataFrame, *columns: str, on: list[str] | None = None, **renamed: str
) -> pl.DataFrame:
    """Left join of the named columns of `right`, some renamed (`new="old"`); rows of `left` keep their order."""
    keys = NODE if on is None else on
    wanted = right.select(*keys, *columns, *(pl.col(old).alias(new) for new, old in renamed.items()))
    return left.join(wanted, on=keys, how="left", maintain_order="left")


def finish(table: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    """The frame as the table: its columns and types, sorted by key. Its rules are checked where it is written."""
    cast = frame.select(pl.col(name).cast(column.dtype) for name, column in table.columns().items())
    return cast.sort(table.primary_key())
