"""Whole layers: built from nothing, the same for any number of threads and order of rows, and quick at size."""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
import pytest

from replenish.tables import core
from replenish.warehouse import Warehouse
from tests.sql.given_expect import NIGHT, TABLES, empty_warehouse, frame_of

LAYERS = ("staging", "core")
MADE_BY_SQL = [table for table in core.CORE_TABLES if not table.__name__.startswith("Previous")]
NODES, DAYS = 2000, 730


def test_layers_and_checks_run_on_an_empty_company() -> None:
    with empty_warehouse() as house:
        for layer in LAYERS:
            house.build(layer)
        assert house.read(core.Bucket)["bucket_index"].min() == 0
        assert sum(house.read(table).height for table in MADE_BY_SQL if table is not core.Bucket) == 0
        assert house.check() == []


@pytest.mark.parametrize("bucket_days", [1, 7])
def test_core_does_not_depend_on_threads_or_the_order_of_rows(bucket_days: int) -> None:
    one, other = (_small_company(threads, descending, bucket_days) for threads, descending in ((1, False), (3, True)))
    for name, frame in one.items():
        assert frame.equals(other[name]), name
    assert one["core.demand_history"].height > 0


def test_every_core_table_keeps_its_contract_on_a_generated_company() -> None:
    for name, frame in _small_company(2, False, 7).items():
        TABLES[name].validate(frame)


@pytest.mark.slow
def test_two_years_of_days_are_history_in_seconds(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "house.duckdb", memory_limit_gb=1.0) as house:
        _fill(house, NODES, DAYS, 1)
        start = time.perf_counter()
        for layer in LAYERS:
            house.build(layer)
        seconds = time.perf_counter() - start
        assert house.query("select count(*) as n from core.demand_history").item() == NODES * DAYS
    assert seconds < 90


def _small_company(threads: int, descending: bool, bucket_days: int) -> dict[str, pl.DataFrame]:
    with Warehouse(threads=threads) as house:
        _fill(house, 40, 60, bucket_days)
        for name in ("sales", "stock"):
            rows = house.query(f"select * from raw.{name}")
            house.store(f"raw.{name}", rows.sort(rows.columns, descending=descending))
        for layer in LAYERS:
            house.build(layer)
        return {table.full_name(): house.read(table) for table in MADE_BY_SQL}


def _fill(house: Warehouse, nodes: int, days: int, bucket_days: int) -> None:
    """Shops supplied by a hub that buys: daily sales of weighed goods, daily stock, a receipt every ten days."""
    for name in TABLES:
        house.store(name, frame_of(name, [NIGHT | {"bucket_days": bucket_days}] if name == "meta.night" else []))
    grid = f"""
        select
            'item' || lpad((n // 20)::varchar, 5, '0') as item_id,
            'shop' || lpad((n % 20)::varchar, 2, '0') as location_id,
            date '2025-03-02' - d::integer as date,
            hash(n * 1000 + d) as noise,
            'load' as _load_id,
            d::integer as _row
        from range({nodes}) as node(n), range({days}) as day(d)
    """
    order = "item_id || location_id || _row as order_id, '1' as line_id, 3.3 as qty"
    for table, columns in {
        "sales": f"date, item_id, location_id, (noise % 7) * 0.1 as qty, 'o' || noise % 50 as order_id from ({grid})",
        "stock": f"date, item_id, location_id, (noise % 31) * 0.3 as on_hand_qty from ({grid})",
        "open_order": f"{order}, 'transfer' as kind, item_id, location_id, date as due_date, date - 9 as order_date"
        f" from ({grid}) where _row % 10 = 0",
        "receipt": f"{order}, date from ({grid}) where _row % 10 = 0",
    }.items():
        house.execute(f"insert into raw.{table} by name select _load_id, _row, {columns}")
    for columns in (
        "location_id, 'move' as kind, 'hub' as source_id",
        "'hub' as location_id, 'buy' as kind, 'acme' as source_id",
    ):
        house.execute(f"insert into raw.sourcing by name select distinct item_id, {columns} from raw.stock")
