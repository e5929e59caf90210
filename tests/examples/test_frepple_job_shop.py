"""frePPLe's job shop, ten jobs on ten machines, as an ordinary night: the best possible schedule, and proven."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from replenish.night.run import run_folder
from tests.examples.real_data import data_file
from tests.golden_cases import golden
from tests.night.small import write_folder

PLANT, RAW, SECONDS_AN_HOUR = "The job shop", "raw part", 3600
SETTINGS = '[calendar]\nbucket = "day"\nsource_grain = "day"\n[forecast]\nmembers = "light"\n'
LEAD_DAYS = 38.0  # of every job, so that all are to be started tonight


def job_shop_tables(fixtures: Path) -> tuple[dict[str, pl.DataFrame], date]:
    """Input tables of the demo, and its last closed day: one of each item is ordered, none is there."""
    models: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(fixtures, "rt", encoding="utf-8") as file:
        for one in json.load(file):
            models[one["model"].split(".")[-1]].append({"pk": one.get("pk"), **one["fields"]})
    today = next(row["value"] for row in models["parameter"] if row["pk"] == "currentdate")
    as_of = datetime.fromisoformat(today).date() - timedelta(days=1)
    items = [row["pk"] for row in models["item"]]
    demands = [
        {"order_id": row["pk"], "line_id": "1", "kind": "sales", "item_id": row["item"], "location_id": PLANT,
         "qty": 1.0, "due_date": datetime.fromisoformat(row["due"]).date()}
        for row in models["demand"]
    ]  # fmt: skip
    made = [
        {"item_id": item, "location_id": PLANT, "kind": "make", "source_id": PLANT, "lead_time_days": LEAD_DAYS}
        for item in items
    ]
    bought = {"item_id": RAW, "location_id": PLANT, "kind": "buy", "source_id": "mine", "lead_time_days": 5.0}
    tables = {
        "sales": [{"date": as_of, "item_id": RAW, "location_id": PLANT, "qty": 0.0}],
        "stock": [{"date": as_of, "item_id": RAW, "location_id": PLANT, "on_hand_qty": 100.0}]
        + [{"date": as_of, "item_id": item, "location_id": PLANT, "on_hand_qty": 0.0} for item in items],
        "item": [{"item_id": item, "unit_cost": 1.0, "unit_price": 2.0} for item in [*items, RAW]],
        "location": [{"location_id": PLANT, "kind": "plant"}],
        "sourcing": [*made, bought],
        "bom": [{"parent_item_id": item, "component_item_id": RAW, "qty_per": 1.0} for item in items],
        "routing": _routing(models),
        "work_center": [{"work_center_id": row["pk"], "location_id": PLANT} for row in models["resource"]],
        "open_order": demands,
        "policy": [{"item_id": item, "location_id": PLANT, "method": "mrp"} for item in items],
    }
    return {name: pl.DataFrame(rows) for name, rows in tables.items()}, as_of


def _routing(models: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    item_of = {row["operation"]: row["item"] for row in models["demand"]}
    machine_of = {row["operation"]: row["resource"] for row in models["operationresource"]}
    return [
        {"item_id": item_of[row["owner"]], "location_id": PLANT, "operation_seq": 10 * int(row["priority"]),
         "work_center_id": machine_of[row["pk"]], "run_hours_per_unit": float(row["duration"]) / SECONDS_AN_HOUR}
        for row in models["operation"] if row.get("owner")
    ]  # fmt: skip


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables, as_of = job_shop_tables(data_file("frepple/jobshop.json.gz"))
    folder = write_folder(tmp_path_factory.mktemp("shop") / "company", tables, SETTINGS)
    return run_folder(folder, as_of=as_of).folder


def test_one_of_each_is_made_in_the_shortest_time_there_is(night: Path) -> None:
    orders = pl.read_parquet(night / "plan" / "job_order.parquet")
    assert orders.select("kind", "qty").rows() == [("proposal", 1.0)] * 10
    hours = (orders["finish_at"].max() - orders["start_at"].min()).total_seconds() / SECONDS_AN_HOUR
    assert hours == golden("schedule", "job_shop_ft10")[1]["makespan"]
    assert set(orders["search"]) == {"proven"}
    assert orders["tardy_days"].sum() == 0
    assert pl.read_parquet(night / "plan" / "job.parquet").height == 100


def test_the_schedule_travels_as_a_file_with_its_hours(night: Path) -> None:
    lines = (night / "proposals" / "schedule.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 101
    first = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    begun = datetime.fromisoformat(first["start_at"])
    assert begun.date() == date(2014, 1, 1)
    assert str(begun) == first["start_at"], "day and time of day, to the second"
    manifest = json.loads((night / "manifest.json").read_text(encoding="utf-8"))
    told = next(one for one in manifest["resources"] if one["path"] == "proposals/schedule.csv")
    start = next(field for field in told["schema"]["fields"] if field["name"] == "start_at")
    assert (start["type"], start["format"]) == ("datetime", "%Y-%m-%d %H:%M:%S")
