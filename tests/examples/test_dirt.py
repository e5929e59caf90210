"""The dirt of the generated companies is caught by ingestion, and what remains is the clean truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import polars as pl
import pytest

from replenish.examples import factory, retail, write_example
from replenish.ingest import LoadResult
from tests.examples.ingesting import ingested


class Found(NamedTuple):
    """Results by file, sales as loaded, and the clean tables they began as."""

    results: Mapping[str, LoadResult]
    sales: pl.DataFrame
    clean: Mapping[str, pl.DataFrame]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Found]:
    companies = {}
    for kind, generate in (("retail", retail), ("factory", factory)):
        folder = tmp_path_factory.mktemp(kind)
        write_example(kind, folder)  # type: ignore[arg-type]  # one of the two words, by parametrize
        with ingested(folder) as (warehouse, results):
            companies[kind] = Found(results, warehouse.query("select * from raw.sales", []), generate())
    return companies


@pytest.mark.parametrize(
    ("kind", "file", "broken", "set_aside"),
    [
        ("retail", "till_center.csv", 7, 19),
        ("retail", "verkauf_nord.csv", 3, 0),
        ("retail", "stock.csv", 3, 13),
        ("factory", "abverkauf.csv", 4, 9),
        ("factory", "stock.csv", 2, 9),
    ],
)
def test_every_dirty_row_is_kept_with_its_reason(
    found: dict[str, Found], kind: str, file: str, broken: int, set_aside: int
) -> None:
    result = found[kind].results[file]
    assert (result.rejected_count - result.set_aside_count, result.set_aside_count) == (broken, set_aside)


@pytest.mark.parametrize("kind", ["retail", "factory"])
def test_what_remains_is_the_clean_truth(found: dict[str, Found], kind: str) -> None:
    sales, clean = found[kind].sales, found[kind].clean["sales"]
    assert sales.height == pytest.approx(clean.height, rel=2e-3)
    for column in ("qty", "unit_price"):
        assert sales[column].sum() == pytest.approx(clean[column].sum(), rel=2e-3)


@pytest.mark.parametrize("kind", ["retail", "factory"])
def test_no_file_goes_unread(found: dict[str, Found], kind: str) -> None:
    assert {result.status for result in found[kind].results.values()} == {"loaded"}


def test_plain_tables_arrive_whole(found: dict[str, Found]) -> None:
    results, _, clean = found["retail"]
    for name in ("item", "sourcing", "open_order", "receipt", "event", "price_break", "policy", "calendar"):
        assert results[f"{name}.csv"].loaded_count == clean[name].height
