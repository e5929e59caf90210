"""Parse each distinct value once: real columns repeat themselves."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl


def by_distinct(column: pl.Series, parse: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """`parse(column)`, where `parse` looks at each value, or at the set of values, alone."""
    distinct = column.unique()
    if distinct.len() * 2 > column.len():
        return parse(column).alias(column.name)
    lookup = pl.DataFrame({"key": distinct, "value": parse(distinct)})
    found = pl.DataFrame({"key": column}).join(lookup, on="key", how="left", nulls_equal=True, maintain_order="left")
    return found["value"].alias(column.name)
