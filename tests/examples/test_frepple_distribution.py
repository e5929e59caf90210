"""frePPLe's distribution demo becomes a company folder, and its night keeps to the demo's lanes."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from replenish.night.run import run_folder
from tests.examples.ingesting import ingested
from tests.examples.real_data import data_file, script

AS_OF = date(2021, 1, 31)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tennis")
    assert (
        script("frepple_distribution/convert.py").convert(data_file("frepple/distribution_demo.json.gz"), made) == AS_OF
    )
    return made


def test_everything_arrives(folder: Path) -> None:
    with ingested(folder) as (_, results):
        found = {name: (one.loaded_count, one.rejected_count) for name, one in results.items()}
    assert found == {
        "item.csv": (11, 0),
        "location.csv": (3, 0),
        "sales.csv": (3294, 0),
        "sourcing.csv": (33, 0),
        "stock.csv": (33, 0),
        "supplier.csv": (2, 0),
    }


def test_nothing_sold_is_lost_or_moved_to_another_week(folder: Path) -> None:
    sales = pl.read_csv(folder / "inputs" / "sales.csv", try_parse_dates=True)
    with gzip.open(data_file("frepple/distribution_demo.json.gz"), "rt", encoding="utf-8") as file:
        told = [one["fields"]["quantity"] for one in json.load(file) if one["model"] == "input.demand"]
    assert sales["qty"].sum() == sum(told)
    assert set(sales["date"].dt.weekday()) == {1}
    steady = sales.filter(pl.col("item_id") == "Socks", pl.col("location_id") == "Tennis shop Paris").sort("date")
    assert set(steady["date"].diff().drop_nulls().dt.total_days()) == {7}
    assert not sales.select("date", "item_id", "location_id").is_duplicated().any()


def test_lead_times_are_days(folder: Path) -> None:
    sourcing = pl.read_csv(folder / "inputs" / "sourcing.csv")
    assert set(sourcing.filter(pl.col("kind") == "move")["lead_time_days"]) == {3.0}
    assert set(sourcing.filter(pl.col("kind") == "buy")["lead_time_days"]) == {7.0, 10.0, 15.0, 21.0}


def test_the_night_plans_shops_and_warehouse_within_lanes_and_minimums(folder: Path) -> None:
    finished = run_folder(folder, as_of=AS_OF)
    lines = pl.read_parquet(finished.folder / "plan" / "proposal.parquet").filter(pl.col("action") == "NEW")
    assert {"purchase", "transfer"} == set(lines["kind"])
    lanes = pl.read_csv(folder / "inputs" / "sourcing.csv").with_columns(
        pl.col("min_qty").fill_null(0), pl.col("multiple_qty").fill_null(1)
    )
    keys = ["item_id", "location_id", "source_id"]
    joined = lines.join(lanes, on=keys, how="left")
    assert joined["lead_time_days"].null_count() == 0, "every line follows a lane"
    assert (joined["qty"] >= joined["min_qty"]).all()
    assert (joined["qty"] % joined["multiple_qty"] == 0).all()
    assert (joined["order_date"] > AS_OF).all()
    bought = joined.filter(pl.col("kind") == "purchase")
    assert set(bought["location_id"]) == {"RDC"}
    moved = joined.filter(pl.col("kind") == "transfer")
    assert set(moved["source_id"]) == {"RDC"}
    at_warehouse = dict(pl.read_csv(folder / "inputs" / "stock.csv").filter(pl.col("location_id") == "RDC")
                        .select("item_id", "on_hand_qty").iter_rows())  # fmt: skip
    due_now = moved.group_by("item_id").agg(
        pl.col("qty").filter(pl.col("order_date") == AS_OF.replace(month=2, day=1)).sum()
    )
    assert all(qty <= at_warehouse[item] for item, qty in due_now.iter_rows()), "nothing ships that is not there"
