"""Plants drawn at random with everything that books hold and should not: for whole nights that must end in a plan."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import polars as pl

import replenish as rp
from replenish.sections import ProductionSettings
from tests.night.small import LAST_DAY

Row = dict[str, Any]

NAMES = ("tea", "jam, red", 'the "best" soap', "Löß 茶", "a'b", "x;y", "-7", "café ☕", "null", "100%", "p/q", "r.s")
PLANTS = ("works", "works, two")
SHOP = "shop"
RULES = tuple(ProductionSettings.model_fields["lot_rule"].annotation.__args__)  # type: ignore[union-attr]


def settings(rng: random.Random) -> rp.Settings:
    """Fences, lots and horizons of any size; few paths and simple forecasts for speed."""
    fence = rng.choice([0, 0, 3, 7, 14, 28])
    return rp.Settings(
        forecast={"members": "light"},
        ingest={"max_reject_share": 1.0},
        order={"paths": 20, "method": rng.choice(["curve", "curve", "mrp", "simple", "min_max"])},
        calendar={"horizon_weeks": rng.choice([4, 6, 9])},
        production={
            "lot_rule": rng.choice(RULES),
            "planning_fence_days": fence,
            "demand_fence_days": rng.choice([0, 0, 7, 28]),
            "release_fence_days": rng.choice([0, 3]),
            "schedule_days": rng.choice([7, 14]),
            "work_limit": 0.2,
            "time_limit_seconds": 20.0,
        },
    )


def tables(rng: random.Random) -> dict[str, pl.DataFrame]:
    """Input tables of one plant: made items on one to four levels, bought parts, a shop, and what goes wrong."""
    is_daily = rng.random() < 0.4
    count = rng.randint(3, len(NAMES))
    items = list(NAMES[:count])
    made = items[: max(1, count * 2 // 3)]
    plants = PLANTS[: rng.randint(1, 2)]
    given = {
        "sales": _sales(rng, items, plants, is_daily=is_daily),
        "stock": _stock(rng, items, plants),
        "item": _items(rng, items),
        "location": _locations(rng, plants),
        "sourcing": _sourcing(rng, items, made, plants),
        "bom": _bills(rng, items, made, plants),
        "routing": _routings(rng, made, plants),
        "work_center": _centres(rng, plants),
        "calendar": _calendars(rng),
        "setup_change": [
            {"work_center_id": "mill", "from_family": a, "to_family": b, "hours": rng.choice([0.0, 0.5, 30.0])}
            for a in "AB"
            for b in "AB"
        ],
        "open_order": _orders(rng, items, made, plants),
        "receipt": [],
        "policy": _policies(rng, items),
    }
    for name in ("routing", "work_center", "calendar", "setup_change", "open_order", "policy", "bom"):
        if rng.random() < 0.08:
            given[name] = []
    return {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in given.items() if rows}


def _day(ahead: int) -> date:
    return LAST_DAY + timedelta(days=ahead)


def _maybe(rng: random.Random, value: Any, chance: float = 0.3) -> Any:
    return value if rng.random() < chance else None


def _size(rng: random.Random) -> float:
    """A quantity: usual, tiny or huge."""
    return rng.choice([1.0, 3.0, 12.0, 40.0, 0.001, 1e6]) if rng.random() < 0.15 else float(rng.randint(1, 60))


def _sales(rng: random.Random, items: list[str], plants: tuple[str, ...], *, is_daily: bool) -> list[Row]:
    """Finished goods sell in the shop; one or two sell at the plant too."""
    step, count = (1, 120) if is_daily else (7, 40)
    rows: list[Row] = []
    nodes = [(item, SHOP) for item in items[: 1 + len(items) // 3]]
    nodes += [(rng.choice(items), plants[0])]
    for item, place in nodes:
        mean = _size(rng) / (4 if is_daily else 1)
        for back in range(count):
            qty = max(0.0, rng.gauss(mean, mean / 2))
            rows.append(
                {
                    "date": LAST_DAY - timedelta(days=step * back + step - 1),
                    "item_id": item,
                    "location_id": place,
                    "qty": float(round(qty)) if mean < 1e5 and mean > 0.5 else qty,
                }
            )
    return rows


def _stock(rng: random.Random, items: list[str], plants: tuple[str, ...]) -> list[Row]:
    places = [(item, place) for item in items for place in (*plants, SHOP)]
    return [
        {"date": LAST_DAY, "item_id": item, "location_id": place, "on_hand_qty": rng.choice([0.0, _size(rng), -4.0])}
        for item, place in places
        if rng.random() < 0.6
    ] or [{"date": LAST_DAY, "item_id": items[0], "location_id": SHOP, "on_hand_qty": 5.0}]


def _items(rng: random.Random, items: list[str]) -> list[Row]:
    return [
        {
            "item_id": item,
            "category": rng.choice(["goods", "parts/small", None]),
            "uom": rng.choice(["ea", "kg", None]),
            "unit_cost": rng.choice([2.0, 0.0, 1e-6, 1e7, None, 5.0, 9.0]),
            "unit_price": rng.choice([20.0, 1.0, None, 30.0]),
            "shelf_life_days": _maybe(rng, rng.choice([0.0, 3.0, 30.0]), 0.15),
            "launch_date": _maybe(rng, _day(rng.choice([-90, 10])), 0.1),
            "end_date": _maybe(rng, _day(rng.choice([-3, 12, 20])), 0.15),
            "approval_date": _maybe(rng, _day(rng.choice([-5, 9, 20, 400])), 0.2),
            "successor_item_id": _maybe(rng, rng.choice([*items, "unheard of"]), 0.2),
        }
        for item in items
    ]


def _locations(rng: random.Random, plants: tuple[str, ...]) -> list[Row]:
    return [
        {"location_id": SHOP, "kind": "store", "volume_capacity": None},
        *({"location_id": plant, "kind": "plant", "volume_capacity": _maybe(rng, 50.0, 0.1)} for plant in plants),
    ]


def _arc(rng: random.Random, item: str, place: str, kind: str, source: str) -> Row:
    return {
        "item_id": item,
        "location_id": place,
        "kind": kind,
        "source_id": source,
        "lead_time_days": rng.choice([0.0, 1.0, 3.5, 7.0, 20.0, None]),
        "review_days": rng.choice([1.0, 7.0, None]),
        "min_qty": _maybe(rng, _size(rng), 0.2),
        "multiple_qty": _maybe(rng, rng.choice([1.0, 6.0, 0.25, 100.0]), 0.4),
        "max_qty": _maybe(rng, rng.choice([5.0, 500.0]), 0.1),
        "order_cost": _maybe(rng, rng.choice([0.0, 25.0])),
    }


def _sourcing(rng: random.Random, items: list[str], made: list[str], plants: tuple[str, ...]) -> list[Row]:
    rows = [_arc(rng, item, SHOP, "move", rng.choice(plants)) for item in items[: 1 + len(items) // 3]]
    for item in items:
        for plant in plants:
            if item in made and rng.random() < 0.9:
                rows.append(_arc(rng, item, plant, "make", plant))
            elif rng.random() < 0.8:
                rows.append(_arc(rng, item, plant, "buy", "grower"))
    if rng.random() < 0.3:  # made straight for the shop
        rows = [row for row in rows if (row["item_id"], row["location_id"]) != (items[0], SHOP)]
        rows.append(_arc(rng, items[0], SHOP, "make", plants[0]))
    return rows


def _bills(rng: random.Random, items: list[str], made: list[str], plants: tuple[str, ...]) -> list[Row]:
    rows: list[Row] = []
    for place, parent in enumerate(made):
        lower = items[place + 1 :] or ["unheard of"]
        for component in rng.sample(lower, min(len(lower), rng.randint(1, 4))):
            line: Row = {
                "parent_item_id": parent,
                "component_item_id": component,
                "qty_per": rng.choice([1.0, 2.0, 0.125, 0.5, 3.0]),
                "base_qty": _maybe(rng, rng.choice([1.0, 10.0]), 0.2),
                "location_id": _maybe(rng, rng.choice(plants), 0.2),
                "scrap_rate": _maybe(rng, rng.choice([0.0, 0.05, 0.5]), 0.3),
                "phantom": rng.random() < 0.15,
                "alternate_group": _maybe(rng, rng.choice(["g", "h"]), 0.2),
                "valid_from": _maybe(rng, _day(rng.choice([-30, 5, 15])), 0.1),
                "valid_to": _maybe(rng, _day(rng.choice([-2, 12, 16, 60])), 0.15),
            }
            rows.append(line | _wrong(rng, items, parent))
    return rows


def _wrong(rng: random.Random, items: list[str], parent: str) -> Row:
    """Now and then a line that cannot be right."""
    if rng.random() > 0.06:
        return {}
    return rng.choice(
        [
            {"qty_per": 0.0},
            {"qty_per": -1.0},
            {"qty_per": 1e12},
            {"qty_per": 1e-12},
            {"scrap_rate": 1.0},
            {"base_qty": 0.0},
            {"component_item_id": parent},
            {"component_item_id": items[0]},
            {"component_item_id": "unheard of"},
        ]
    )


def _routings(rng: random.Random, made: list[str], plants: tuple[str, ...]) -> list[Row]:
    return [
        _operation(rng, item, seq, plants)
        for item in made
        if rng.random() < 0.85
        for seq in range(10, 10 + 10 * rng.randint(1, 3), 10)
    ]


def _operation(rng: random.Random, item: str, seq: int, plants: tuple[str, ...]) -> Row:
    odd = [0.01, 0.05, 0.2, 0.5, 0.0, 1e-9, 500.0]
    return {
        "item_id": item,
        "location_id": rng.choice(plants),
        "operation_seq": seq,
        "work_center_id": rng.choice(["mill", "oven, big", "press", "nowhere"] if seq > 20 else ["mill", "press"]),
        "run_hours_per_unit": rng.choice(odd if rng.random() < 0.2 else [0.02, 0.1, 0.3]),
        "setup_hours": _maybe(rng, rng.choice([0.0, 0.5, 4.0, 60.0])),
        "setup_family": _maybe(rng, rng.choice(["A", "B"])),
        "yield_rate": _maybe(rng, rng.choice([0.9, 0.5, 1.0, 0.0, 0.01]), 0.3),
        "alternate_group": _maybe(rng, "alt", 0.2),
        "queue_hours": _maybe(rng, rng.choice([1.0, 48.0]), 0.2),
        "splittable": _maybe(rng, rng.random() < 0.5),
    }


def _centres(rng: random.Random, plants: tuple[str, ...]) -> list[Row]:
    return [
        {
            "work_center_id": name,
            "location_id": rng.choice(plants),
            "machine_count": rng.choice([1.0, 2.0, 0.0, None, 1.5, 1.0]),
            "calendar_id": rng.choice(["shift", "closed", "missing", None, "shift", "shift"]),
            "efficiency_rate": rng.choice([1.0, 0.8, None, 0.0, 2.0]),
            "cost_per_hour": _maybe(rng, 40.0, 0.6),
            "overtime_hours": _maybe(rng, rng.choice([0.0, 8.0, 1e5])),
            "overtime_cost_per_hour": _maybe(rng, rng.choice([0.0, 90.0, 1e6])),
        }
        for name in ("mill", "oven, big", "press")
        if rng.random() < 0.9
    ]


def _calendars(rng: random.Random) -> list[Row]:
    shift = [
        {
            "calendar_id": "shift",
            "date": None,
            "weekday": day,
            "hours": rng.choice([8.0, 1.0, 16.0, 24.0]) if day < 6 else 0.0,
        }
        for day in range(1, 8)
    ]
    closed = [{"calendar_id": "closed", "date": None, "weekday": day, "hours": 0.0} for day in range(1, 8)]
    holiday = [
        {"calendar_id": "shift", "date": _day(n), "weekday": None, "hours": 0.0} for n in range(1, rng.choice([2, 12]))
    ]
    return shift + closed + holiday


def _orders(rng: random.Random, items: list[str], made: list[str], plants: tuple[str, ...]) -> list[Row]:
    rows: list[Row] = []
    for number in range(rng.randint(0, 18)):
        kind = rng.choice(["production", "production", "purchase", "sales", "sales", "transfer"])
        item = rng.choice(made if kind == "production" else items)
        place = SHOP if kind in ("sales", "transfer") and rng.random() < 0.7 else rng.choice(plants)
        qty = _size(rng)
        rows.append(
            {
                "order_id": f"{kind}-{number % 7}" + rng.choice(["", ", x", '"']),
                "line_id": str(number),
                "kind": kind,
                "item_id": item,
                "location_id": place,
                "qty": qty,
                "due_date": _day(rng.choice([-400, -20, -1, 0, 1, 4, 9, 15, 30, 300])),
                "open_qty": _maybe(rng, rng.choice([0.0, qty / 2, qty, qty * 2])),
                "source_id": rng.choice(
                    {"production": [*plants, None], "purchase": ["grower", None], "transfer": [*plants, None]}.get(
                        kind, [None]
                    )
                ),
                "order_date": _maybe(rng, _day(rng.choice([-500, -30, -2]))),
                "status": rng.choice(["planned", "firm", "released", "hold", None]),
            }
        )
    return rows


def _policies(rng: random.Random, items: list[str]) -> list[Row]:
    return [
        {
            "item_id": item,
            "method": _maybe(rng, rng.choice(["curve", "mrp", "simple", "order_up_to"])),
            "lot_rule": _maybe(rng, rng.choice(RULES)),
            "lot_qty": _maybe(rng, rng.choice([0.0, 10.0, 1000.0])),
            "min_stock_qty": _maybe(rng, rng.choice([0.0, 5.0]), 0.1),
            "max_stock_qty": _maybe(rng, rng.choice([2.0, 50.0]), 0.1),
            "service_target": _maybe(rng, rng.choice([0.5, 0.95, 1.0])),
        }
        for item in items
        if rng.random() < 0.4
    ]
