"""One import file of an ERP: its columns, what is free text in it, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import polars as pl

from replenish.publish.generic import write_csv

NOON = 12  # a day as a moment: the same day in every time zone a user may have


class Column(NamedTuple):
    """What a column of a file holds, in words of the data package."""

    type: str
    meaning: str
    is_free_text: bool = False  # written for people, so kept from running as a formula; keys are written as they are


Columns = Mapping[str, Column]


def write_file(place: Path, name: str, frame: pl.DataFrame, columns: Columns, *, if_empty: bool = False) -> None:
    """`<name>.csv` with the frame's columns in the order of `columns`; no file without rows, unless `if_empty`.

    Raises `KeyError` for a column that is not described.
    """
    unknown = [one for one in frame.columns if one not in columns]
    if unknown:
        raise KeyError(f"{name} has no column {', '.join(unknown)}")
    if frame.is_empty() and not if_empty:
        return
    place.mkdir(parents=True, exist_ok=True)
    shown = frame.select(one for one in columns if one in frame.columns)
    exact = [one for one, column in columns.items() if not column.is_free_text]
    write_csv(place / f"{name}.csv", shown, exact=exact)


def noon(day: str | pl.Expr) -> pl.Expr:
    """A day as the moment at its middle."""
    column = pl.col(day) if isinstance(day, str) else day
    return column.cast(pl.Datetime("ms")).dt.offset_by(f"{NOON}h")


def only_first(frame: pl.DataFrame, head: list[str], document: str) -> pl.DataFrame:
    """Head columns on the first line of each document only: blank below, as importers read one document."""
    is_first = pl.col(document).is_first_distinct()
    return frame.with_columns(pl.when(is_first).then(name).alias(name) for name in head)


def safe_id(text: str | pl.Expr) -> pl.Expr:
    """A text with only letters, digits, - and _ left of it."""
    column = pl.col(text) if isinstance(text, str) else text
    return column.str.replace_all(r"[^A-Za-z0-9_-]", "_")
