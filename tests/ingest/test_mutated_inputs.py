"""A thousand broken files: each ends in accepted rows plus rejects, or in one clear error, and nothing is lost."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from replenish.ingest import InputError
from replenish.warehouse import Warehouse
from tests.ingest.company import Company
from tests.ingest.mutations import MUTATIONS, Broken, Rows

SALES: Rows = [["date", "item_id", "location_id", "qty", "unit_price"]] + [
    [f"2026-01-{day:02}", f"item {day % 4}", "shop", str(day % 5), "1.25"] for day in range(1, 25)
]
STOCK: Rows = [["date", "item_id", "location_id", "on_hand_qty"]] + [
    [f"2026-01-{day:02}", f"item {day % 4}", "shop", str(day)] for day in range(1, 25)
]


@pytest.mark.parametrize(
    "count", [pytest.param(4, id="a few"), pytest.param(84, id="a thousand", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("name", MUTATIONS)
def test_broken_files_end_in_rows_and_rejects_or_in_one_clear_error(name: str, count: int, tmp_path: Path) -> None:
    for number in range(count):
        chance = random.Random(f"{name} {number}")
        table, rows = chance.choice([("sales", SALES), ("stock", STOCK)])
        broken = MUTATIONS[name](rows, chance)
        folder = tmp_path / str(number)
        folder.mkdir()
        with Warehouse() as warehouse:
            company = Company(folder, warehouse).required()
            company.load()
            _hand_in(company, table, broken)


def _hand_in(company: Company, table: str, broken: Broken) -> None:
    """Load the broken file beside the good ones; afterwards all rows are accounted for, or all is as it was."""
    file = f"{table}_broken{broken.ending}"
    company.put(file, broken.content)
    before = _state(company)
    try:
        result = company.load()[file, table]
    except InputError as error:
        text = str(error)
        assert file in text, text
        assert len(text) < 2000, text
        assert "Traceback" not in text
        assert _state(company) == before
        return
    assert result.row_count == result.loaded_count + result.rejected_count
    if broken.row_count is not None:
        assert result.row_count == broken.row_count
    where = "where _load_id = (select load_id from meta.load where file = ?)"
    loaded = company.warehouse.query(f"select count(*) as n from raw.{table} {where}", [f"inputs/{file}"]).item()
    rejected = company.warehouse.query("select count(*) as n from raw.reject where file = ?", [f"inputs/{file}"]).item()
    assert (loaded, rejected) == (result.loaded_count, result.rejected_count)
    others = "select count(*) as n from raw.sales full join raw.stock using (_load_id) where _load_id in ({})"
    good = "select load_id from meta.load where file in ('inputs/sales.csv', 'inputs/stock.csv')"
    assert company.warehouse.query(others.format(good)).item() == 2


def _state(company: Company) -> list[tuple[object, ...]]:
    tables = ("raw.sales", "raw.stock", "raw.reject", "meta.load")
    return [row for table in tables for row in company.warehouse.query(f"from {table} order by all").rows()]
