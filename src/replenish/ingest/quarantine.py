"""The contract at work: rows that keep it, and rows that break it with the first rule they broke."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import dataframely as dy
import polars as pl

from replenish.ingest.adapt import adapted
from replenish.ingest.claim import TABLES, Claim
from replenish.ingest.mapping import Mapped, mapped, scaled
from replenish.ingest.parse import Dialect, typed
from replenish.ingest.presets import PRESETS
from replenish.ingest.rows import LONGEST_VALUE, ROW, FileRows, as_text, first_of_each_row, rejects, without
from replenish.ingest.snapshot import dated
from replenish.tables.table import Table

_KEY_RULE = "primary_key"
_BROKEN_RULES = {"nullability": "required"}


@dataclass(frozen=True)
class Sifted:
    """Rows of one file for one table: `good` in the contract's types beside `ROW`, `rejected` with one line a row."""

    good: pl.DataFrame
    rejected: pl.DataFrame
    row_count: int
    ignored: tuple[str, ...]
    warnings: tuple[str, ...]


def sift(rows: FileRows, claim: Claim, time_zone: str = "") -> Sifted:
    """Map, read and judge the rows of one file. Raises `InputError` when the mapping does not fit the file.

    `time_zone` is where a time with an offset becomes a day; empty takes the day as written.
    """
    rows, claim = adapted(rows, claim)
    claim = dated(claim, rows.columns)
    table, source = TABLES[claim.table], claim.source
    mapping = mapped(rows, claim)
    dialect = Dialect(claim.where, source.decimal, source.date_format, rows.delimiter, rows.has_serial_dates, time_zone)
    frame, unread, warnings = typed(mapping.frame, table, dialect)
    frame = scaled(frame, mapping, claim)
    unreadable = first_of_each_row(unread)
    frame, added = _joined(without(frame, unreadable), claim)
    good, broken = _by_contract(frame, table, mapping)
    origin = pl.DataFrame({"column": list(mapping.origin), "heading": list(mapping.origin.values())}, schema=_ORIGIN)
    contract = first_of_each_row([unreadable, added, *broken]).join(
        origin, on="column", how="left", maintain_order="left"
    )
    contract = contract.with_columns(column=pl.coalesce("heading", "column")).drop("heading")
    rejected = first_of_each_row([rows.broken, *mapping.left_out, contract])
    return Sifted(good, rejected, rows.row_count, mapping.ignored, tuple(warnings))


def _joined(frame: pl.DataFrame, claim: Claim) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Where a preset says so, one row of those of a key: their sum in the first, or the last; the others set aside."""
    how = PRESETS[claim.source.preset].joins if claim.source.preset else ""
    if not how:
        return frame, rejects(frame[ROW].clear(), "")
    table = TABLES[claim.table]
    sums = [name for name, one in table.columns().items() if (one.metadata or {}).get("unit") == "base unit"]
    key = [name for name in table.primary_key() if name not in sums]
    known = pl.all_horizontal(pl.col(name).is_not_null() for name in key)
    if how == "last":
        stays = frame.select(~known | pl.struct(key).is_last_distinct()).to_series()
        return frame.filter(stays), rejects(frame[ROW].filter(~stays), "a later row of the day counts", set_aside=True)
    total = [pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).over(key) for name in sums]
    columns = [
        pl.when(known).then(value).otherwise(pl.col(name)).alias(name) for name, value in zip(sums, total, strict=True)
    ]
    stays = frame.select(~known | pl.struct(key).is_first_distinct()).to_series()
    added = rejects(frame[ROW].filter(~stays), "added to another row", set_aside=True)
    return frame.with_columns(columns).filter(stays), added


_ORIGIN = pl.Schema({"column": pl.String(), "heading": pl.String()})


def _by_contract(frame: pl.DataFrame, table: type[Table], mapping: Mapped) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Rows that keep every rule of the table, sorted by row, and reject lines of the others."""
    good, failure = _with_row(table).filter(frame)
    if not len(failure):
        return frame, []
    rules = failure.details()
    names = [name for name in rules.columns if name not in frame.columns and name != _KEY_RULE]
    broken_rule = pl.coalesce(pl.when(pl.col(name) == "invalid").then(pl.lit(name)) for name in names)
    judged = rules.select(*frame.columns, broken_rule.alias("rule"))
    kept, repeated = _first_of_key(judged.filter(pl.col("rule").is_null()).select(frame.columns), table)
    by_rule = judged.filter(pl.col("rule").is_not_null()).partition_by("rule", maintain_order=True)
    broken = [_reject_lines(part, mapping) for part in by_rule]
    return pl.concat([good.select(frame.columns), kept]).sort(ROW), [*broken, *repeated]


def _reject_lines(part: pl.DataFrame, mapping: Mapped) -> pl.DataFrame:
    """Reject lines of rows that broke the same rule, with the value as it stood in the file."""
    column, _, rule = part["rule"][0].rpartition("|")
    if column not in mapping.frame.columns:
        return rejects(part[ROW], _BROKEN_RULES.get(rule, rule), column=column)
    values = part.select(ROW).join(mapping.frame.select(ROW, column), on=ROW, how="left", maintain_order="left")
    return rejects(part[ROW], _BROKEN_RULES.get(rule, rule), column=column, value=values[column])


def _first_of_key(frame: pl.DataFrame, table: type[Table]) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Of rows that share a key the first stays; equal ones repeat it, the others contradict it."""
    key = table.primary_key()
    ordered = frame.sort(ROW)
    if not key or ordered.is_empty():
        return ordered, []
    first = ordered.unique(key, keep="first", maintain_order=True)
    later = ordered.join(first.select(ROW), on=ROW, how="anti", maintain_order="left")
    beside = later.join(first, on=key, how="left", suffix="#first", maintain_order="left")
    others = [name for name in table.columns() if name not in key]
    same = beside.select(
        pl.all_horizontal(pl.lit(True), *(pl.col(name).eq_missing(pl.col(f"{name}#first")) for name in others)).alias(
            "same"
        )
    )
    is_same = same["same"].new_from_index(0, later.height) if same.height != later.height else same["same"]
    text = [as_text(later[name]) for name in key]
    value = pl.DataFrame(text).select(pl.concat_str(pl.all(), separator=" / ").str.slice(0, LONGEST_VALUE)).to_series()
    repeated = rejects(later[ROW].filter(is_same), "duplicate", value=value.filter(is_same), set_aside=True)
    contradicted = rejects(later[ROW].filter(~is_same), "duplicate_key", value=value.filter(~is_same))
    return first, [repeated, contradicted]


@cache
def _with_row(table: type[Table]) -> type[dy.Schema]:
    """The table's schema with a row number, so that a judged row can be found again."""
    row = dy.Int32(nullable=False, alias=ROW)
    return type(f"{table.__name__}WithRow", (table,), {"row_number": row, "__module__": __name__})
