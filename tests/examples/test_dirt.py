"""The dirt of the generated companies is caught by ingestion, and what remains is the clean truth."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from replenish.examples import factory, retail, write_example
from tests.examples.ingesting import ingested


@pytest.mark.parametrize(
    ("kind", "file", "broken", "set_aside"),
    [("retail", "till_center.csv", 7, 19), ("retail", "verkauf_nord.csv", 3, 0), ("factory", "abverkauf.csv", 4, 9)],
)
def test_every_dirty_row_is_kept_with_its_reason(
    tmp_path: Path, kind: str, file: str, broken: int, set_aside: int
) -> None:
    write_example(kind, tmp_path)  # type: ignore[arg-type]
    generated = {"retail": retail, "factory": factory}[kind]()
    with ingested(tmp_path) as (warehouse, results):
        found = results[file]
        loaded = warehouse.query(
            "select sum(qty) as qty, sum(unit_price) as price, count(*) as rows from raw.sales", []
        )
        assert all(result.status == "loaded" for result in results.values())
    assert (found.rejected_count - found.set_aside_count, found.set_aside_count) == (broken, set_aside)
    clean = generated["sales"].select(qty=pl.col("qty").sum(), price=pl.col("unit_price").sum(), rows=pl.len())
    for column in ("qty", "price", "rows"):
        assert loaded[column].item() == pytest.approx(clean[column].item(), rel=2e-3)


def test_plain_tables_arrive_whole(tmp_path: Path) -> None:
    write_example("retail", tmp_path)
    tables = retail()
    with ingested(tmp_path) as (_, results):
        for name in ("item", "sourcing", "open_order", "receipt", "event", "price_break", "policy", "calendar"):
            assert results[f"{name}.csv"].loaded_count == tables[name].height
