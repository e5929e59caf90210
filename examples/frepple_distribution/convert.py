"""Turn frePPLe's distribution demo (Django fixtures, gzipped JSON) into a company folder.

python examples/frepple_distribution/convert.py distribution_demo.json.gz FOLDER
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import shutil
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

SECONDS_A_DAY = 86_400
SUNDAY = 6
Row = dict[str, Any]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Make a company folder of frePPLe's distribution demo.")
    parser.add_argument("fixtures", type=Path, help="distribution_demo.json.gz")
    parser.add_argument("folder", type=Path, help="company folder to make")
    asked = parser.parse_args()
    convert(asked.fixtures, asked.folder)


def convert(fixtures: Path, folder: Path) -> date:
    """Write inputs/ and replenish.toml into the folder; the answer is the last closed day."""
    models = _read(fixtures)
    as_of = _as_of(models)
    shutil.copyfile(Path(__file__).with_name("replenish.toml"), _made(folder) / "replenish.toml")
    tables = {
        "item": _items(models),
        "location": _locations(models),
        "supplier": [{"supplier_id": row["name"], "name": row["description"]} for row in models["supplier"]],
        "sourcing": [*_purchases(models), *_transfers(models)],
        "stock": _stock(models, as_of),
        "sales": _sales(models),
    }
    for name, rows in tables.items():
        _write(_made(folder / "inputs") / f"{name}.csv", rows)
    return as_of


def _read(fixtures: Path) -> dict[str, list[Row]]:
    """Rows of each model, by its name without the application."""
    models: dict[str, list[Row]] = defaultdict(list)
    with gzip.open(fixtures, "rt", encoding="utf-8") as file:
        for one in json.load(file):
            models[one["model"].split(".")[-1]].append(one["fields"])
    return models


def _as_of(models: dict[str, list[Row]]) -> date:
    """The demo's current date is the morning it plans for; the day before is the last closed one."""
    today = next(row["value"] for row in models["parameter"] if row.get("name") == "currentdate")
    return datetime.fromisoformat(today).date() - timedelta(days=1)


def _items(models: dict[str, list[Row]]) -> list[Row]:
    """Items that are bought; the others only add up forecasts. The demo's item cost is a book value: left out."""
    costs = {row["item_id"]: row["cost"] for row in models["itemsupplier"]}
    return [
        {"item_id": row["name"], "name": row["description"], "category": row["category"],
         "unit_cost": costs[row["name"]], "volume": row["volume"], "weight": row["weight"]}
        for row in models["item"] if row["name"] in costs
    ]  # fmt: skip


def _locations(models: dict[str, list[Row]]) -> list[Row]:
    """Where stock lies; what ships to others is a warehouse."""
    with_stock = {row["location_id"] for row in models["buffer"]}
    origins = {row["origin_id"] for row in models["itemdistribution"]}
    return [
        {"location_id": row["name"], "name": row["description"],
         "kind": "warehouse" if row["name"] in origins else "store"}
        for row in models["location"] if row["name"] in with_stock
    ]  # fmt: skip


def _purchases(models: dict[str, list[Row]]) -> list[Row]:
    return [{**_lane(row, "buy", row["supplier_id"]), "unit_cost": row["cost"]} for row in models["itemsupplier"]]


def _transfers(models: dict[str, list[Row]]) -> list[Row]:
    return [{**_lane(row, "move", row["origin_id"]), "unit_cost": None} for row in models["itemdistribution"]]


def _lane(row: Row, kind: str, source: str) -> Row:
    """An arc with its lead time in days, least quantity and multiple."""
    return {"item_id": row["item_id"], "location_id": row["location_id"], "kind": kind, "source_id": source,
            "lead_time_days": float(row["leadtime"]) / SECONDS_A_DAY, "min_qty": row.get("sizeminimum"),
            "multiple_qty": row.get("sizemultiple"), "priority": row["priority"]}  # fmt: skip


def _stock(models: dict[str, list[Row]], as_of: date) -> list[Row]:
    return [
        {"date": as_of, "item_id": row["item_id"], "location_id": row["location_id"], "on_hand_qty": row["onhand"]}
        for row in models["buffer"]
    ]


def _sales(models: dict[str, list[Row]]) -> list[Row]:
    """Closed demand by week, dated by its Monday. Until early 2020 the demo dates it by the Sunday before."""
    rows = []
    for row in models["demand"]:
        due = datetime.fromisoformat(row["due"]).date()
        monday = due + timedelta(days=1) if due.weekday() == SUNDAY else due
        rows.append(
            {"date": monday, "item_id": row["item_id"], "location_id": row["location_id"], "qty": row["quantity"]}
        )
    return sorted(rows, key=lambda one: (one["date"], one["item_id"], one["location_id"]))


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(path: Path, rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
