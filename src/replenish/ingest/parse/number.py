"""Numbers as people and systems write them: 1234.5, 1,234.50, 1.234,50, 1 234,50, 12-."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from replenish.ingest.parse.unique import by_distinct

Sign = Literal[".", ","]

_GROUP = r"\s'’"
_EXPONENT = r"(?:[eE][+-]?[0-9]{1,3})?"


def numbers_of(column: pl.Series, sign: Sign = ".") -> pl.Series:
    """Numbers of a text column under a decimal sign; null where there is no finite number."""
    return by_distinct(column, lambda distinct: _numbers(distinct, sign))


def decimal_signs(columns: Sequence[pl.Series], delimiter: str | None) -> tuple[list[Sign], list[bool]]:
    """Decimal sign of each text column of one file, and whether it was a guess.

    A column's own evidence counts first (1,5 or 1.234,56 or 0,125 against 1.5 or 1,234.56), then that of the file's
    other columns. Without any, 1.234 has a decimal point, and 1,234 thousands unless the file's delimiter is `;`.
    """
    distinct = [column.unique().drop_nulls().str.strip_chars() for column in columns]
    evidence = [(_evidence(each, ","), _evidence(each, ".")) for each in distinct]
    comma, point = (sum(each[side] for each in evidence) for side in (0, 1))
    signs: list[Sign] = []
    guesses = []
    for each, (own_comma, own_point) in zip(distinct, evidence, strict=True):
        decided = (own_comma, own_point) if own_comma != own_point else (comma, point)
        has_comma = bool(each.str.contains(r"^[+-]?[0-9]+,[0-9]{3}$").any())
        if decided[0] != decided[1]:
            signs.append("," if decided[0] > decided[1] else ".")
            guesses.append(False)
        else:
            signs.append("," if has_comma and delimiter == ";" else ".")
            guesses.append(has_comma)
    return signs, guesses


def _evidence(distinct: pl.Series, sign: Sign) -> int:
    """Values that make sense under this decimal sign only."""
    mark, other = (",", r"\.") if sign == "," else (r"\.", ",")
    forms = (
        rf"^[+-]?[0-9{_GROUP}]*{mark}(?:[0-9]{{0,2}}|[0-9]{{4,}}){_EXPONENT}-?$",
        rf"^[+-]?0{mark}[0-9]+$",
        rf"^[+-]?[0-9]{{1,3}}(?:{other}[0-9]{{3}})+{mark}[0-9]*-?$",
        rf"^[+-]?[0-9]{{1,3}}(?:{other}[0-9]{{3}}){{2,}}-?$",
    )
    return int(distinct.str.contains("|".join(forms)).sum())


def _numbers(text: pl.Series, sign: Sign) -> pl.Series:
    mark, group = (r"\.", rf"[,{_GROUP}]") if sign == "." else (",", rf"[.{_GROUP}]")
    form = rf"^[+-]?(?:[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+)?(?:{mark}[0-9]*)?{_EXPONENT}$"
    plain = text.str.strip_chars().str.replace(r"^([0-9].*)-$", "-$1")
    fits = plain.str.contains(form)
    bare = plain.str.replace_all(group, "")
    bare = bare.str.replace(",", ".", literal=True) if sign == "," else bare
    frame = pl.DataFrame({"number": bare.cast(pl.Float64, strict=False), "fits": fits})
    finite = pl.col("fits") & pl.col("number").is_finite()
    return frame.select(pl.when(finite).then(pl.col("number"))).to_series().alias(text.name)
