"""Rows of a table as the warehouse keeps them: the table's columns and types, in the order of its key."""

from __future__ import annotations

import polars as pl

from replenish.tables.table import Table


def types_of(table: type[Table]) -> pl.Schema:
    """Column names and types of a table."""
    return pl.Schema({name: column.dtype for name, column in table.columns().items()})


def fitted(table: type[Table], frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with exactly the table's columns and types. Raises `ValueError` when one is missing or empty."""
    types = types_of(table)
    missing = sorted(set(types) - set(frame.columns))
    extra = sorted(set(frame.columns) - set(types))
    if missing or extra:
        raise ValueError(f"{table.full_name()}: missing columns {missing}, unknown columns {extra}")
    typed = frame.select(list(types)).cast(types)
    required = [name for name, column in table.columns().items() if not column.nullable]
    nulls = {name: count for name, count in typed.select(required).null_count().row(0, named=True).items() if count}
    if nulls:
        raise ValueError(f"{table.full_name()}: empty values in required columns {nulls}")
    return typed


def in_order(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """The rows sorted by these columns; tables stored in order, as most are, are only looked through."""
    if frame.height < 2 or frame.select(_follows(columns).slice(1).all(ignore_nulls=False)).item():
        return frame
    return frame.sort(columns, nulls_last=True, maintain_order=True)


def _follows(columns: list[str]) -> pl.Expr:
    """Whether a row comes after the one before it or equals it; empty where an empty value leaves that open."""
    this, before = pl.col(columns[0]), pl.col(columns[0]).shift(1)
    if len(columns) == 1:
        return this >= before
    return (this > before) | ((this == before) & _follows(columns[1:]))
