"""From a file's own columns to the contract's: names, constants, units, filters and repeated rows."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from replenish.ingest.claim import TABLES, Claim
from replenish.ingest.condition import condition_columns, holds
from replenish.ingest.errors import InputError
from replenish.ingest.headings import find_heading
from replenish.ingest.presets import PRESETS
from replenish.ingest.rows import ROW, FileRows, as_text, rejects, without
from replenish.settings import Source
from replenish.tables.table import Table


@dataclass(frozen=True)
class Mapped:
    """Contract columns as the file wrote them beside `ROW`; rows left out; the file's name of each column."""

    frame: pl.DataFrame
    left_out: list[pl.DataFrame]
    ignored: tuple[str, ...]
    origin: dict[str, str]
    unit_factor: pl.Series | None


def wanted_columns(claim: Claim) -> set[str]:
    """Headings that matter for a claim. Raises `InputError` when the mapping itself is wrong."""
    source, table = claim.source, TABLES[claim.table]
    _check(claim, table)
    names = set(table.columns()) | set(source.columns.values()) | ({source.uom_column} if source.uom_column else set())
    for condition, key in _conditions(source):
        names |= set(condition_columns(condition, f"{claim.where} {key}"))
    return names | (PRESETS[source.preset].headings if source.preset else set())


def mapped(rows: FileRows, claim: Claim) -> Mapped:
    """Apply the claim's mapping. Raises `InputError` when the file lacks a required or named column."""
    source, table = claim.source, TABLES[claim.table]
    origin = _origin(rows.columns, claim, table)
    frame, left_out = _left_out(rows.frame, claim)
    unit_factor = None
    if source.uom_column:
        factor = _unit_factor(frame, claim)
        unknown = factor.is_null()
        unit = frame[_named(rows.columns, source.uom_column, claim)]
        left_out.append(
            rejects(frame[ROW].filter(unknown), "unit", column=source.uom_column, value=unit.filter(unknown))
        )
        frame, unit_factor = frame.filter(~unknown), factor.filter(~unknown)
    columns = [pl.col(heading).alias(name) for name, heading in origin.items()]
    constants = [pl.lit(value).alias(name) for name, value in source.constants.items()]
    used = set(origin.values()) | {find_heading(rows.columns, name) for name in _spoken_of(claim)}
    # a preset knows its system's other columns
    ignored = () if source.preset else tuple(name for name in rows.columns if name not in used)
    chosen = frame.select(pl.col(ROW), *columns, *constants)
    return Mapped(_translated(chosen, source), left_out, ignored, origin, unit_factor)


def _translated(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Values as the company calls them; what the mapping does not name stays as it is, and "" stands for no value."""
    for name, told in source.values.items():
        if name in frame.columns:
            text = as_text(frame[name]).fill_null("").str.strip_chars()
            frame = frame.with_columns(text.replace(told).alias(name))
    return frame


def scaled(frame: pl.DataFrame, mapping: Mapped, claim: Claim) -> pl.DataFrame:
    """Numbers in base units: the mapping's fixed factors on their columns, units of measure on all quantities."""
    table = TABLES[claim.table]
    factors = [pl.col(name) * factor for name, factor in claim.source.factors.items()]
    frame = frame.with_columns(factors)
    if mapping.unit_factor is None:
        return frame
    quantities = [
        name for name, column in table.columns().items() if (column.metadata or {}).get("unit") == "base unit"
    ]
    return frame.with_columns(pl.col(name) * mapping.unit_factor for name in quantities)


def _check(claim: Claim, table: type[Table]) -> None:
    known = table.columns()
    for key in ("columns", "constants", "factors", "values"):
        for name in getattr(claim.source, key):
            if name not in known:
                raise InputError(
                    f"{claim.where} {key}: {claim.table} has no column {name!r}. It has {', '.join(known)}."
                )
    for name in claim.source.factors:
        if known[name].dtype != pl.Float64:
            raise InputError(f"{claim.where} factors: {name} is no quantity, so it cannot be multiplied.")
    both = sorted(claim.source.columns.keys() & claim.source.constants.keys())
    if both:
        raise InputError(f"{claim.where} gives {both[0]} both a column and a constant. Keep one of them.")


def _conditions(source: Source) -> list[tuple[str, str]]:
    only = [(source.only, "only")] if source.only else []
    return only + [(condition, f"set_aside {reason!r}") for reason, condition in source.set_aside.items()]


def _spoken_of(claim: Claim) -> set[str]:
    """Columns used beside the mapped ones."""
    names = {claim.source.uom_column} if claim.source.uom_column else set()
    for condition, key in _conditions(claim.source):
        names |= set(condition_columns(condition, f"{claim.where} {key}"))
    return names


def _origin(columns: list[str], claim: Claim, table: type[Table]) -> dict[str, str]:
    origin = {}
    for name in table.columns():
        if name in claim.source.columns:
            origin[name] = _named(columns, claim.source.columns[name], claim)
        elif claim.source.preset or name in claim.source.constants:
            continue  # a known system may call something else by the contract's name
        elif heading := find_heading(columns, name):
            origin[name] = heading
    given = origin.keys() | claim.source.constants.keys()
    missing = [name for name, column in table.columns().items() if not column.nullable and name not in given]
    if missing:
        raise InputError(
            f"{claim.file}: {claim.table} needs {', '.join(missing)}; the file has {', '.join(columns)}. "
            f'Rename the columns, or name them in a [source.*] mapping: columns = {{ {missing[0]} = "their heading" }}.'
        )
    return origin


def _named(columns: list[str], wanted: str, claim: Claim) -> str:
    found = find_heading(columns, wanted)
    if found is None:
        raise InputError(
            f"{claim.file} has no column {wanted!r}, which {claim.where} names. It has {', '.join(columns)}."
        )
    return found


def _left_out(frame: pl.DataFrame, claim: Claim) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Rows that stay, and those that `only`, repeated rows and `set_aside` leave out, in this order."""
    source = claim.source
    out: list[pl.DataFrame] = []
    if source.only:
        true, unknown = holds(frame, source.only, f"{claim.where} only")
        out.append(rejects(frame[ROW].filter(~(true | unknown)), "only", set_aside=True))
        frame = without(frame, out[-1])
    if source.duplicates == "reject":
        first = frame.select(pl.struct(pl.exclude(ROW)).is_first_distinct()).to_series()
        out.append(rejects(frame[ROW].filter(~first), "duplicate", set_aside=True))
        frame = frame.filter(first)
    for reason, condition in source.set_aside.items():
        true, _ = holds(frame, condition, f"{claim.where} set_aside {reason!r}")
        out.append(rejects(frame[ROW].filter(true), reason, set_aside=True))
        frame = frame.filter(~true)
    return frame, out


def _unit_factor(frame: pl.DataFrame, claim: Claim) -> pl.Series:
    """Base units in each row's unit; null where the mapping does not name it."""
    unit = (
        as_text(frame[_named(frame.columns, claim.source.uom_column or "", claim)]).str.strip_chars().str.to_lowercase()
    )
    factors = {name.strip().lower(): factor for name, factor in claim.source.uom_factors.items()}
    return unit.replace_strict(list(factors), list(factors.values()), default=None, return_dtype=pl.Float64)
