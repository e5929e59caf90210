"""The smallest company that uses every kind of arc: two shops, a warehouse, a plant, made in memory."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

LAST_DAY = date(2026, 11, 15)
SHOPS = ("north", "south")


ITEMS = ("tea", "jam", "soap")


def frames(weeks: int = 60, *, items: tuple[str, ...] = ITEMS, scale: float = 1.0) -> dict[str, pl.DataFrame]:
    """Input tables: weekly sales at both shops, moves from a warehouse, the first item made, the rest bought."""
    rng = np.random.default_rng(7)
    mondays = [LAST_DAY - timedelta(days=7 * back + 6) for back in range(weeks - 1, -1, -1)]
    nodes = [(item, shop) for item in items for shop in SHOPS]
    sold = [
        {"date": day, "item_id": item, "location_id": shop, "qty": float(rng.poisson(4 + 6 * place)) * scale}
        for place, (item, shop) in enumerate(nodes)
        for day in mondays
    ]
    lying = [(item, shop, 6.0 * scale) for item, shop in nodes] + [(item, "depot", 40.0 * scale) for item in items]
    lying.append(("leaf", "works", 200.0 * scale))
    stock = [
        {"date": LAST_DAY, "item_id": item, "location_id": place, "on_hand_qty": qty} for item, place, qty in lying
    ]
    return {
        "sales": pl.DataFrame(sold),
        "stock": pl.DataFrame(stock),
        "item": pl.DataFrame(
            {"item_id": items, "category": "goods", "unit_cost": [float(2 + n) for n in range(len(items))]}
        ).with_columns(unit_price=pl.col("unit_cost") * 1.6),
        "location": pl.DataFrame(
            {"location_id": [*SHOPS, "depot", "works"], "kind": ["store", "store", "warehouse", "plant"]}
        ),
        "sourcing": pl.DataFrame(_arcs(items)),
        "bom": pl.DataFrame({"parent_item_id": [items[0]], "component_item_id": ["leaf"], "qty_per": [2.0]}),
    }


def write_folder(folder: Path, tables: dict[str, pl.DataFrame], settings: str = "") -> Path:
    """A company folder with these tables as CSV files."""
    (folder / "inputs").mkdir(parents=True)
    for name, frame in tables.items():
        frame.write_csv(folder / "inputs" / f"{name}.csv")
    (folder / "replenish.toml").write_text(settings)
    return folder


def _arcs(items: tuple[str, ...]) -> list[dict[str, object]]:
    moves = [_arc(item, shop, "move", "depot", 2.0) for item in items for shop in SHOPS]
    made = [_arc(items[0], "depot", "move", "works", 1.0), _arc(items[0], "works", "make", "works", 7.0)]
    bought = [_arc(item, "depot", "buy", "grower", 10.0) for item in items[1:]]
    return [*moves, *made, *bought, _arc("leaf", "works", "buy", "grower", 14.0)]


def _arc(item: str, place: str, kind: str, source: str, days: float) -> dict[str, object]:
    return {
        "item_id": item,
        "location_id": place,
        "kind": kind,
        "source_id": source,
        "lead_time_days": days,
        "review_days": 7.0,
        "multiple_qty": 6.0 if kind == "move" else 1.0,
    }
