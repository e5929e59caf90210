"""The proof: whatever published number is wrong, a law of sql/checks notices, and nothing is published."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from replenish import cli, warehouse
from replenish.night import folder as stages
from replenish.night.folder import Place
from replenish.night.outcome import ProofError
from replenish.night.run import Finished, run_folder
from replenish.publish.files import CSV_FILES
from replenish.share import share_path
from replenish.tables import proposal
from replenish.tables.table import Table
from replenish.warehouse import Warehouse, quoted
from tests.night.small import frames, write_folder

PUBLISHED = {table.full_name(): table for table in (*CSV_FILES.values(), proposal.Promise)}
PLACES = 6  # rows tried, from the first to the last: one of them must be noticed
SAVED = "state, run and bookkeeping"

# the law that notices a wrong number or day, column by column
NOTICED_BY: dict[str, dict[str, str]] = {}

# what no law can tell right from wrong, each with the reason
UNNOTICED: dict[str, str] = {}


class Undone(Exception):
    """Ends a transaction that must leave nothing behind."""


@pytest.fixture(scope="module")
def house(retail: Finished, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The retailer's warehouse after its night, a copy to spoil."""
    copy = tmp_path_factory.mktemp("proof") / "warehouse.duckdb"
    shutil.copy(Place.at(retail.folder.parent.parent).state / "warehouse.duckdb", copy)
    with Warehouse(copy, threads=2) as house:
        house._make_ready("checks")
        yield house


def columns_of(table: type[Table]) -> dict[str, Any]:
    """Numbers, days and moments of a table; not its place in the key."""
    kinds = (pl.Float64, pl.Int32, pl.Int64, pl.Date, pl.Datetime)
    return {name: column for name, column in table.columns().items() if column.dtype.base_type() in kinds}


def wrong(name: str, column: Any) -> str:
    """SQL of a visibly wrong value."""
    if column.dtype == pl.Date:
        return f'"{name}" + 40'
    if column.dtype.base_type() == pl.Datetime:
        return f'"{name}" + interval 3 hour'
    if (column.metadata or {}).get("unit") == "share" or "share" in name or "probability" in name:
        return f'case when "{name}" > 0.5 then "{name}" - 0.25 else "{name}" + 0.25 end'
    more = f'"{name}" + greatest(7, abs("{name}"))'
    return f"({more})::integer" if column.dtype in (pl.Int32, pl.Int64) else more


def rows_with(house: Warehouse, table: type[Table], column: str) -> list[int]:
    """A few rows that have a value there, spread over the table."""
    order = ", ".join(f'"{name}"' for name in table.primary_key() or table.columns())
    text = f'select rowid from {quoted(table.full_name())} where "{column}" is not null order by {order}'
    rows = house.query(text).to_series().to_list()
    return [rows[place * (len(rows) - 1) // (PLACES - 1)] for place in range(PLACES)] if rows else []


def notices(house: Warehouse, check: str, table: str, column: str, value: str, row: int) -> bool:
    """Whether one wrong value in one row makes a check fail."""
    text = (share_path("sql") / "checks" / f"{check}.sql").read_text(encoding="utf-8")
    found = False
    try:
        with house.transaction():
            house.execute(f'update {quoted(table)} set "{column}" = {value} where rowid = {row}')
            found = not house.query(text).is_empty()
            raise Undone
    except Undone:
        return found
