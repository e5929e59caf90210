"""The UCI Online Retail set: every one of its rows is accounted for, and a night comes out of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from replenish.night.run import run_folder
from tests.examples.ingesting import ingested
from tests.examples.real_data import data_file, script

ROWS = 541_909
LAST_WHOLE_DAY = date(2011, 12, 8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("online_retail")
    script("online_retail/prepare.py").prepare(data_file("online_retail/transactions.parquet"), made)
    return made


def test_every_row_is_a_sale_or_kept_with_its_reason(folder: Path) -> None:
    with ingested(folder) as (warehouse, results):
        found = results["transactions.parquet"]
        reasons = dict(warehouse.query("select rule, count(*) from raw.reject group by rule", []).iter_rows())
        sold = warehouse.query("select sum(qty), min(qty) from raw.sales", []).row(0)
    lines = pl.read_parquet(folder / "inputs" / "transactions.parquet")
    assert (lines.height, found.row_count) == (ROWS, ROWS)
    assert found.loaded_count + found.rejected_count == ROWS
    assert found.rejected_count == found.set_aside_count == sum(reasons.values())
    assert reasons["duplicate"] == 5_268
    assert set(reasons) == {
        "duplicate",
        "postage, fees, vouchers and manual lines",
        "cancelled",
        "cancellation or return",
        "stock correction",
    }
    assert sold[0] == script("online_retail/prepare.py").planned_sales(lines)["Quantity"].sum()
    assert sold[1] > 0


def test_simulated_stock_is_named_so_and_never_negative(folder: Path) -> None:
    stock = pl.read_parquet(folder / "inputs" / "stock_simulated.parquet")
    assert stock["on_hand_qty"].min() >= 0
    assert LAST_WHOLE_DAY in set(stock["date"])
    assert stock.filter(pl.col("date") == LAST_WHOLE_DAY)["item_id"].is_unique().all()


@pytest.mark.slow
def test_the_night_of_the_last_whole_day(folder: Path) -> None:
    finished = run_folder(folder, as_of=LAST_WHOLE_DAY)
    lines = pl.read_parquet(finished.folder / "plan" / "proposal.parquet")
    orders = lines.filter(pl.col("action") == "NEW")
    assert orders.height > 100
    assert (orders["qty"] > 0).all()
    assert set(orders["source_id"]) == {"SIMULATED-SUPPLIER"}
    assert not set(lines["item_id"]) & {"POST", "DOT", "M", "BANK CHARGES"}


# ---------------------------------------------------------------- the script, on a few lines of its own


def _lines(*rows: tuple[str, str, int, int, float, str | None]) -> pl.DataFrame:
    """Invoice, item, quantity, day of December 2010, price, customer."""
    return pl.DataFrame(
        {
            "InvoiceNo": [row[0] for row in rows],
            "StockCode": [row[1] for row in rows],
            "Description": ["THING"] * len(rows),
            "Quantity": [row[2] for row in rows],
            "InvoiceDate": pl.Series([date(2010, 12, row[3]) for row in rows]).cast(pl.Datetime("ms")),
            "UnitPrice": [row[4] for row in rows],
            "CustomerID": [row[5] for row in rows],
            "Country": ["France"] * len(rows),
        }
    )


@pytest.fixture
def small(tmp_path: Path) -> pl.DataFrame:
    lines = _lines(
        ("1", "22423", 6, 1, 2.0, "17"),
        ("2", "22423", 6, 2, 2.0, "17"),
        ("C3", "22423", -6, 3, 2.0, "17"),  # takes line 2 back, not line 1
        ("4", "22423", 4, 3, 2.0, None),
        ("C5", "22423", -4, 4, 2.0, None),  # nobody knows whose
        ("6", "POST", 1, 4, 18.0, "17"),
        ("7", "22423", 1, 5, 0.0, "17"),
        ("8", "22423", 2, 5, 2.0, "18"),
        ("8", "22423", 2, 5, 2.0, "18"),
        ("9", "22423", -3, 6, 0.0, None),
    )
    lines.write_parquet(tmp_path / "few.parquet")
    script("online_retail/prepare.py").prepare(tmp_path / "few.parquet", tmp_path / "company")
    return pl.read_parquet(tmp_path / "company" / "inputs" / "transactions.parquet")


def test_a_cancellation_takes_back_the_latest_line_like_it(small: pl.DataFrame) -> None:
    assert small.filter(pl.col("IsCancelled"))["InvoiceNo"].to_list() == ["2"]


def test_rows_stay_as_they_are(small: pl.DataFrame) -> None:
    assert small.height == 10
    assert small["Quantity"].to_list() == [6, 6, -6, 4, -4, 1, 1, 2, 2, -3]


def test_small_file_reasons(small: pl.DataFrame, tmp_path: Path) -> None:
    with ingested(tmp_path / "company") as (warehouse, _):
        reasons = dict(warehouse.query("select rule, count(*) from raw.reject group by rule", []).iter_rows())
        sold = warehouse.query("select sum(qty) from raw.sales", []).item()
    assert small.height == 10
    assert sold == 6 + 4 + 2
    assert reasons == {
        "duplicate": 1,
        "cancelled": 1,
        "cancellation or return": 2,
        "postage, fees, vouchers and manual lines": 1,
        "stock correction": 2,
    }


def test_the_simulated_policy_orders_on_mondays_and_receives_after_the_lead_time() -> None:
    """Two units a day of one item, from a Monday on: order up to 70 at or below 42, 14 days to arrive."""
    module = script("online_retail/prepare.py")
    closing = module._walk(np.full((60, 1), 2.0), 0)[:, 0]
    # Mondays 0, 7, 14: 98 is the first level, 98 - 2 * 28 = 42 on Monday 28, whose order of 56 arrives on day 42
    assert closing[:3].tolist() == [96.0, 94.0, 92.0]
    jumps = [day for day in range(1, 60) if closing[day] > closing[day - 1]]
    assert jumps == [42]
    assert closing[42] == 98 - 2 * 43 + 56
