"""What lies in the warehouse: loads by table and file, replaced and removed whole."""

from __future__ import annotations

import polars as pl

from replenish.ingest.claim import TABLES
from replenish.ingest.quarantine import Sifted
from replenish.ingest.rows import ROW
from replenish.tables.inputs import INPUT_TABLES
from replenish.tables.meta import Load
from replenish.tables.reject import Reject
from replenish.warehouse import Warehouse

_RAW_EXTRA = {"_load_id": "varchar", "_row": "integer"}


def prepare(warehouse: Warehouse) -> None:
    """Make every `raw.*` table, `raw.reject` and `meta.load`, empty where they are not there yet."""
    warehouse.create(INPUT_TABLES, _RAW_EXTRA)
    warehouse.create((Reject, Load))


def loads(warehouse: Warehouse) -> dict[str, dict[str, object]]:
    """Rows of `meta.load` by load id."""
    return {row["load_id"]: row for row in warehouse.read(Load).to_dicts()}


def add(warehouse: Warehouse, load: dict[str, object], sifted: Sifted) -> None:
    """Store the rows, the rejects and the bookkeeping of one load."""
    load_id = pl.lit(load["load_id"])
    good = sifted.good.with_columns(_load_id=load_id).rename({ROW: "_row"})
    warehouse.append(f"raw.{load['table_name']}", good)
    told = sifted.rejected.with_columns(
        load_id=load_id, table_name=pl.lit(load["table_name"]), file=pl.lit(load["file"])
    )
    if told.height:
        warehouse.append(Reject.full_name(), told.select(list(Reject.columns())))
    warehouse.append(Load.full_name(), pl.DataFrame([load], schema=warehouse.types(Load)))


def remove(warehouse: Warehouse, load: dict[str, object]) -> None:
    """Take one load out again: its rows, its rejects and its bookkeeping."""
    if load["table_name"] in TABLES:
        warehouse.execute(f'delete from raw."{load["table_name"]}" where _load_id = ?', [load["load_id"]])
    for table in (Reject, Load):
        warehouse.execute(f"delete from {table.full_name()} where load_id = ?", [load["load_id"]])


def row_count(warehouse: Warehouse, table: str) -> int:
    """Rows of an input table."""
    return int(warehouse.query(f'select count(*) as n from raw."{table}"').item())
