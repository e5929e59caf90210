"""Reads given/expect cases: tables as rows in YAML, the one select under test, the rows it must return.

A case names only what matters. Columns left out are empty, or neutral where the table requires a value (0, false, the
first word of a closed list, as-of, "-"); tables left out are there, and empty. `meta.night` starts from `NIGHT`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl
import yaml

from replenish.share import share_path
from replenish.tables import core, inputs, meta, plan, proposal, reject
from replenish.tables.table import Table
from replenish.warehouse import Warehouse

AS_OF = date(2025, 3, 2)  # a Sunday
MIDNIGHT = datetime.combine(AS_OF, time.min)
NIGHT = {
    "as_of": AS_OF,
    "bucket_days": 1,
    "week_start": 1,
    "source_grain_days": 1,
    "horizon_weeks": 4,
    "history_weeks": 156,
    "lead_time_days": 14.0,
    "review_days": 7.0,
    "service_target": 0.95,
    "fill_target": 0.95,
    "holding_rate": 0.25,
    "margin_share": 0.35,
    "order_cost": 0.0,
    "method": "curve",
    "lot_rule": "silver_meal",
    "currency": "EUR",
    "planning_fence_days": 0,
    "day_start": 6.0,
    "doubt_days": 28,
    "chance_share": 1e-6,
}
RAW_COLUMNS = {"_load_id": pl.String, "_row": pl.Int32}

Row = dict[str, Any]


def staging_name(table: type[Table]) -> str:
    """`staging.sales` of the input table sales."""
    return table.full_name().replace("raw.", "staging.", 1)


def known_tables() -> dict[str, type[Table]]:
    """Every table a case may give, by full name."""
    made = (*core.CORE_TABLES, *meta.META_TABLES, *plan.PLAN_TABLES, *proposal.PROPOSAL_TABLES, reject.Reject)
    tables = {table.full_name(): table for table in (*inputs.INPUT_TABLES, *made)}
    return tables | {staging_name(table): table for table in inputs.INPUT_TABLES}


TABLES = known_tables()


def read_case(file: Path) -> tuple[dict[str, list[Row]], list[Row]]:
    """What a case file gives and what it expects."""
    case = yaml.safe_load(file.read_text(encoding="utf-8"))
    strangers = {name for name in set(case["given"]) - set(TABLES) if not _is_mart(name)}
    unknown = set(case) - {"given", "expect"} | strangers
    assert not unknown, f"{file.name}: unknown words {sorted(unknown)}"
    return case["given"], case["expect"]


def _is_mart(name: str) -> bool:
    """Tables of the mart have no class: a case that gives one names every column it needs."""
    return name.startswith("mart.")


def empty_warehouse() -> Warehouse:
    """A warehouse in memory in which every table is there and empty but for `meta.night`."""
    house = Warehouse(threads=1)
    for name in TABLES:
        house.store(name, frame_of(name, [NIGHT] if name == "meta.night" else []))
    return house


@contextmanager
def holding(house: Warehouse, given: Mapping[str, Sequence[Row]]) -> Iterator[None]:
    """The given rows, for as long as the block lasts."""
    for name, rows in given.items():
        house.store(name, frame_of(name, [NIGHT | row for row in rows] if name == "meta.night" else rows))
    try:
        yield
    finally:
        for name in given:
            if _is_mart(name):
                house.execute(f"drop table {name}")
                continue
            house.store(name, frame_of(name, [NIGHT] if name == "meta.night" else []))


def frame_of(name: str, rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as a frame with exactly the table's columns and types."""
    if _is_mart(name):
        return pl.DataFrame(rows, infer_schema_length=None)
    columns = TABLES[name].columns()
    types = {column: kind.dtype for column, kind in columns.items()}
    neutral = {column: _neutral(kind) for column, kind in columns.items()}
    if name.startswith("raw.") and name != "raw.reject":
        types |= RAW_COLUMNS
        neutral |= {"_load_id": "load", "_row": 1}
    unknown = {column for row in rows for column in row} - set(types)
    assert not unknown, f"{name} has no columns {sorted(unknown)}"
    return pl.DataFrame(
        [
            pl.Series(one, [row.get(one, neutral[one]) for row in rows], dtype=kind, strict=False)
            for one, kind in types.items()
        ]
    )


def result_of(house: Warehouse, full_name: str) -> pl.DataFrame:
    """What the select behind a table returns; tables of the mart that it reads and nobody gave are built for it."""
    layer, name = full_name.split(".")
    text = (share_path("sql") / layer / f"{name}.sql").read_text(encoding="utf-8")
    lacking = [one for one in dict.fromkeys(re.findall(r"\bmart\.\w+", text)) if not house.exists(one)]
    for one in lacking:
        house.build_table(one)
    house.build_table(full_name)
    rows = house.query(f"select * from {full_name}")
    for one in lacking:
        house.execute(f"drop table {one}")
    if full_name in TABLES:
        house.store(full_name, frame_of(full_name, []))
    return rows


def _neutral(column: dy.Column) -> Any:
    if column.nullable:
        return None
    words = (column.metadata or {}).get("words")
    if words:
        return words[0]
    plain = {pl.String: "-", pl.Date: AS_OF, pl.Datetime: MIDNIGHT, pl.Boolean: False}
    return plain.get(column.dtype.base_type(), 0)
