"""Conditions of a mapping: SQL over the file's own columns, numbers in text compared as numbers."""

from __future__ import annotations

from itertools import islice, product

import polars as pl

from replenish.ingest.errors import InputError
from replenish.ingest.headings import find_heading
from replenish.ingest.parse.number import numbers_of
from replenish.ingest.rows import ROW, as_text

_TRIES = 64


def condition_columns(condition: str, where: str) -> list[str]:
    """Columns a condition speaks of. Raises `InputError` when it is no SQL condition."""
    return sorted(set(_expression(condition, where).meta.root_names()))


def holds(frame: pl.DataFrame, condition: str, where: str) -> tuple[pl.Series, pl.Series]:
    """Rows for which the condition is true, and rows that cannot tell because a number in them is no number.

    Raises `InputError` when the condition names an unknown column or compares what cannot be compared.
    """
    expression = _expression(condition, where)
    names = condition_columns(condition, where)
    forms = [_forms(_column(frame, name, where)) for name in names]
    trouble: Exception | None = None
    for chosen in islice(product(*forms), _TRIES):
        columns = {name: form.alias(name) for name, (form, _) in zip(names, chosen, strict=True)}
        try:
            answer = pl.DataFrame(columns or {ROW: frame[ROW]}).select(expression).to_series()
        except pl.exceptions.PolarsError as error:
            trouble = trouble or error
            continue
        if answer.dtype != pl.Boolean:
            raise InputError(
                f"{where} = {condition!r} is not a yes-or-no question. Compare something, as in Quantity > 0."
            )
        unknown = pl.Series([False]).new_from_index(0, frame.height)
        for _, doubt in chosen:
            unknown = unknown if doubt is None else unknown | doubt
        if answer.len() != frame.height:
            answer = answer.new_from_index(0, frame.height)
        return answer.fill_null(False) & ~unknown, unknown
    cause = str(trouble).splitlines()[0]
    raise InputError(
        f"{where} = {condition!r} cannot be applied: {cause}. Compare text with 'quotes' and numbers without."
    )


def _expression(condition: str, where: str) -> pl.Expr:
    try:
        return pl.sql_expr(condition)
    except (pl.exceptions.PolarsError, ValueError) as error:
        cause = str(error).splitlines()[0]
        raise InputError(
            f"{where} = {condition!r} is no SQL condition: {cause}. Write it like Quantity > 0."
        ) from error


def _column(frame: pl.DataFrame, name: str, where: str) -> pl.Series:
    found = find_heading(frame.columns, name)
    if found is None:
        raise InputError(f"{where} speaks of column {name!r}, which the file does not have.")
    return frame[found]


def _forms(column: pl.Series) -> list[tuple[pl.Series, pl.Series | None]]:
    """Ways to read a column, the most telling first, each with the rows it cannot tell."""
    if column.dtype != pl.String:
        plain: list[tuple[pl.Series, pl.Series | None]] = [(column, None)]
        return plain if column.dtype == pl.Boolean else [*plain, (as_text(column), None)]
    trimmed = column.str.strip_chars()
    text = pl.DataFrame({"t": trimmed}).select(pl.when(pl.col("t") != "").then("t")).to_series()
    number = numbers_of(text)
    doubt = text.is_not_null() & number.is_null()
    as_number = (number, doubt if doubt.any() else None)
    if number.null_count() == column.len():
        return [(text, None)]
    return [(text, None), as_number] if doubt.any() else [as_number, (text, None)]
