"""How a column is written down: one function a kind of quantity, so that unit and meaning never part."""

from __future__ import annotations

import re
from typing import Any

import dataframely as dy
import polars as pl

LARGEST = 1e15
LONGEST_NAME = 300  # characters
LONGEST_DAYS = 3650.0  # a lead time or review beyond ten years is a slip of the pen


def key(meaning: str) -> dy.String:
    """Identifier that is part of the table's primary key."""
    return dy.String(primary_key=True, check={"length": _is_short}, metadata=_about(meaning, ""))


def name(meaning: str) -> dy.String:
    """Required identifier outside the key."""
    return dy.String(nullable=False, check={"length": _is_short}, metadata=_about(meaning, ""))


def day_key(meaning: str) -> dy.Date:
    """Date that is part of the table's primary key."""
    return dy.Date(primary_key=True, metadata=_about(meaning, "date"))


def index_key(meaning: str) -> dy.Int32:
    """Whole number that is part of the table's primary key."""
    return dy.Int32(primary_key=True, metadata=_about(meaning, ""))


def word_key(meaning: str, *words: str) -> dy.String:
    """One of a closed list of words, part of the table's primary key."""
    return dy.String(primary_key=True, regex=_one_of(words), metadata=_about(meaning, "", words=words))


def text_key(meaning: str) -> dy.String:
    """Free text that is part of the table's primary key."""
    return dy.String(primary_key=True, metadata=_about(meaning, ""))


def share_key(meaning: str) -> dy.Float64:
    """Share between 0 and 1 that is part of the table's primary key."""
    return dy.Float64(primary_key=True, min=0.0, max=1.0, metadata=_about(meaning, "share"))


def qty_key(meaning: str) -> dy.Float64:
    """Quantity that is part of the table's primary key, never negative."""
    return dy.Float64(primary_key=True, min=0.0, max=LARGEST, metadata=_about(meaning, "base unit"))


def text(meaning: str, *, required: bool = False) -> dy.String:
    """Free text or an identifier outside the key."""
    return dy.String(nullable=not required, metadata=_about(meaning, ""))


def word(meaning: str, *words: str, required: bool = True) -> dy.String:
    """One of a closed list of words."""
    return dy.String(nullable=not required, regex=_one_of(words), metadata=_about(meaning, "", words=words))


def day(meaning: str, *, required: bool = False) -> dy.Date:
    """Calendar date."""
    return dy.Date(nullable=not required, metadata=_about(meaning, "date"))


def moment(meaning: str, *, required: bool = False) -> dy.Datetime:
    """Date and time of day, to the minute."""
    return dy.Datetime(nullable=not required, time_unit="ms", metadata=_about(meaning, "time"))


def qty(meaning: str, *, required: bool = True, least: float | None = None) -> dy.Float64:
    """Quantity in the item's base unit."""
    return _number(meaning, "base unit", required=required, least=least)


def money(meaning: str, *, required: bool = False, least: float | None = None) -> dy.Float64:
    """Money in the company's currency."""
    return _number(meaning, "money", required=required, least=least)


def days(meaning: str, *, required: bool = False, most: float | None = None) -> dy.Float64:
    """Calendar days, never negative."""
    return _number(meaning, "days", required=required, least=0.0, most=most)


def hours(meaning: str, *, required: bool = False) -> dy.Float64:
    """Hours, never negative."""
    return _number(meaning, "hours", required=required, least=0.0)


def share(meaning: str, *, required: bool = False) -> dy.Float64:
    """Share between 0 and 1."""
    return dy.Float64(nullable=not required, min=0.0, max=1.0, metadata=_about(meaning, "share"))


def rate(meaning: str, *, required: bool = False, least: float | None = None) -> dy.Float64:
    """Ratio or factor without unit."""
    return _number(meaning, "ratio", required=required, least=least)


def whole(meaning: str, *, required: bool = True) -> dy.Int32:
    """Whole number: a count of buckets, rows or packs."""
    return dy.Int32(nullable=not required, metadata=_about(meaning, "count"))


def yes(meaning: str, *, required: bool = True) -> dy.Bool:
    """Yes or no."""
    return dy.Bool(nullable=not required, metadata=_about(meaning, ""))


def gaps(meaning: str) -> dy.List:
    """Days from one chance to the next, in their order."""
    return dy.List(dy.Float64(), nullable=True, metadata=_about(meaning, "days"))


def steps(meaning: str, unit: str) -> dy.List:
    """Numbers of the steps of a scale, in their order; empty where there is none."""
    return dy.List(dy.Float64(), nullable=True, metadata=_about(meaning, unit))


def law(meaning: str) -> dy.List:
    """Probabilities of 0, 1, 2, ... in the unit the meaning names."""
    return dy.List(dy.Float64(), nullable=True, metadata=_about(meaning, "share"))


def numbers(meaning: str) -> dy.List:
    """A few numbers whose order the meaning tells."""
    return dy.List(dy.Float64(), nullable=False, metadata=_about(meaning, ""))


def _number(meaning: str, unit: str, *, required: bool, least: float | None, most: float | None = None) -> dy.Float64:
    lowest, highest = -LARGEST if least is None else least, LARGEST if most is None else most
    return dy.Float64(nullable=not required, min=lowest, max=highest, metadata=_about(meaning, unit))


def _is_short(identifier: pl.Expr) -> pl.Expr:
    return identifier.str.len_chars().is_between(1, LONGEST_NAME)


def _one_of(words: tuple[str, ...]) -> str:
    return "^(" + "|".join(re.escape(one) for one in words) + ")$"


def _about(meaning: str, unit: str, words: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"meaning": meaning, "unit": unit, "words": words}
