"""Text and loosely typed columns into the contract's types; what is not empty and cannot be read is rejected."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from replenish.ingest.parse.day import date_order, days_by_format, days_of, days_of_native
from replenish.ingest.parse.number import Sign, decimal_signs, numbers_of
from replenish.ingest.parse.text import texts_of, yes_or_no
from replenish.ingest.rows import ROW, as_text, rejects
from replenish.tables.table import Table

RULES: dict[type[pl.DataType], str] = {
    pl.Float64: "number",
    pl.Int32: "whole_number",
    pl.Date: "date",
    pl.Boolean: "yes_no",
    pl.String: "text",
}


@dataclass(frozen=True)
class Dialect:
    """How a file writes things: `auto` is decided by evidence."""

    where: str
    decimal: str = "auto"
    date_format: str = "auto"
    delimiter: str | None = None
    has_serial_dates: bool = False
    time_zone: str = ""


def typed(
    raw: pl.DataFrame, table: type[Table], dialect: Dialect
) -> tuple[pl.DataFrame, list[pl.DataFrame], list[str]]:
    """Contract columns in the contract's types beside `ROW`; reject lines of unreadable values; warnings on guesses.

    Columns the file does not have are empty. Raises `InputError` when `date_format` is no pattern.
    """
    kinds = {name: column.dtype.base_type() for name, column in table.columns().items()}
    signs, warnings = _signs(raw, kinds, dialect)
    out: dict[str, pl.Series] = {ROW: raw[ROW]}
    broken: list[pl.DataFrame] = []
    for name, kind in kinds.items():
        if name not in raw.columns:
            out[name] = pl.Series([None], dtype=kind).new_from_index(0, raw.height)
            continue
        values = _typed_column(raw[name], kind, table, name, signs, dialect, warnings)
        out[name] = values
        unread = values.is_null() & ~_empty(raw[name])
        if unread.any():
            broken.append(rejects(raw[ROW].filter(unread), RULES[kind], column=name, value=raw[name].filter(unread)))
    return pl.DataFrame(out), broken, warnings


def _typed_column(
    raw: pl.Series,
    kind: type[pl.DataType],
    table: type[Table],
    name: str,
    signs: dict[str, Sign],
    dialect: Dialect,
    warnings: list[str],
) -> pl.Series:
    if kind == pl.Date:
        return _days(raw, name, dialect, warnings)
    if kind == pl.Boolean:
        return raw if raw.dtype == pl.Boolean else yes_or_no(as_text(raw))
    if kind == pl.String:
        return texts_of(as_text(raw), is_word=bool((table.columns()[name].metadata or {}).get("words")))
    numbers = numbers_of(raw, signs[name]) if raw.dtype == pl.String else _native_numbers(raw)
    return _whole(numbers) if kind == pl.Int32 else numbers


def _signs(
    raw: pl.DataFrame, kinds: dict[str, type[pl.DataType]], dialect: Dialect
) -> tuple[dict[str, Sign], list[str]]:
    """Decimal sign of every numeric text column."""
    names = [one for one, kind in kinds.items() if kind in (pl.Float64, pl.Int32) and raw.schema.get(one) == pl.String]
    if dialect.decimal != "auto":
        return dict.fromkeys(names, "," if dialect.decimal == "," else "."), []
    signs, guesses = decimal_signs([raw[name] for name in names], dialect.delimiter)
    warnings = [
        f"{name}: values such as 1,234 could be read two ways; the comma was taken as "
        f"{'decimal sign' if sign == ',' else 'thousands separator'}. Set decimal in a [source.*] mapping to be sure."
        for name, sign, is_guess in zip(names, signs, guesses, strict=True)
        if is_guess
    ]
    return dict(zip(names, signs, strict=True)), warnings


def _days(raw: pl.Series, name: str, dialect: Dialect, warnings: list[str]) -> pl.Series:
    if raw.dtype != pl.String:
        return days_of_native(raw, has_serials=dialect.has_serial_dates, time_zone=dialect.time_zone)
    if dialect.date_format != "auto":
        return days_by_format(raw, dialect.date_format, dialect.where)
    order, is_guess = date_order(raw)
    if is_guess:
        warnings.append(
            f"{name}: dates such as 03/04/2026 could be read two ways; the day was taken to come first. "
            "Set date_format in a [source.*] mapping (%d/%m/%Y or %m/%d/%Y) to be sure."
        )
    return days_of(raw, order, has_serials=dialect.has_serial_dates, time_zone=dialect.time_zone)


def _native_numbers(raw: pl.Series) -> pl.Series:
    if not (raw.dtype.is_numeric() or raw.dtype in (pl.Boolean, pl.Null)):
        return pl.Series([None], dtype=pl.Float64).new_from_index(0, raw.len())
    frame = pl.DataFrame({"number": raw.cast(pl.Float64)})
    return frame.select(pl.when(pl.col("number").is_finite()).then("number")).to_series()


def _whole(numbers: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"number": numbers})
    is_whole = (pl.col("number") == pl.col("number").floor()) & (pl.col("number").abs() < 2**31)
    return frame.select(pl.when(is_whole).then("number").cast(pl.Int32)).to_series()


def _empty(raw: pl.Series) -> pl.Series:
    if raw.dtype == pl.String:
        return raw.is_null() | (raw.str.strip_chars() == "")
    return raw.is_null()
