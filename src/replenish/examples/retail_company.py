"""The retail company: three shops fed by one warehouse, four suppliers for it, a dairy at the door, a small plant."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from replenish.examples import catalogue, master_data
from replenish.examples.company import Company, Lateness, Mishaps, Season
from replenish.examples.master_data import closed_days, event, order_calendar, rows, weekday_hours
from replenish.tables import inputs

SHOPS = {"SHOP-CENTER": 1.4, "SHOP-NORTH": 1.0, "SHOP-SOUTH": 0.7}
WAREHOUSE, PLANT = "WH", "PLANT"
_WEEKDAY = (0.93, 0.88, 0.95, 1.04, 1.40, 1.80, 0.0)  # Monday first; shops are closed on Sunday

_SEASONS = {
    "drink/cold": Season(28, 0.45),
    "drink/hot": Season(3, 0.35),
    "garden": Season(19, 0.7),
    "food/mixes": Season(50, 0.25),
    "household/kitchen": Season(48, 0.2),
}

# supplier: name, lead time, days it takes orders, least order value, lateness
_SUPPLIERS: dict[str, tuple[str, float, tuple[int, ...], float, Lateness]] = {
    "NORDFOOD": ("Nordfood Trading", 5, (1, 4), 400.0, Lateness(0.12, 2.0, 0.05)),
    "BEVCO": ("Bevco Drinks", 4, (0, 3), 500.0, Lateness(0.10, 1.5, 0.03)),
    "FARHOME": ("Far Home Imports", 28, (2,), 800.0, Lateness(0.55, 9.0, 0.10)),  # the notorious one
    "AGRAR": ("Agrar and Packaging Co-operative", 7, (0,), 150.0, Lateness(0.10, 2.0, 0.0)),
    "DAIRY": ("Valley Dairy", 1, (0, 1, 2, 3, 4), 0.0, Lateness(0.03, 1.0, 0.04)),
}
_TRANSFER_DAYS = (0, 1, 3)  # two days later is never a Sunday
_BOM = (
    ("A-010", "C-BASE", 0.5), ("A-010", "C-BAG", 1.0),
    ("A-011", "C-BASE", 0.05), ("A-011", "C-NUTS", 0.15), ("A-011", "C-BAG", 1.0),
    ("A-012", "C-BASE", 1.0), ("A-012", "C-NUTS", 0.2), ("A-012", "C-BOX", 1.0),
    ("A-013", "C-BASE", 1.0), ("A-013", "C-BAG", 2.0),
    ("C-BASE", "C-OATS", 0.75), ("C-BASE", "C-FRUIT", 0.25),
)  # fmt: skip

# event, kind, start, days, expected uplift, true uplift, where
_EVENTS: tuple[tuple[str, str, date, int, float | None, float, dict[str, str]], ...] = (
    ("E-24-XMAS", "holiday", date(2024, 12, 16), 8, 1.5, 1.6, {}),
    ("P-25-COFFEE", "promotion", date(2025, 2, 10), 13, 2.0, 2.4, {"item_id": "A-020"}),
    ("P-25-COLA", "promotion", date(2025, 3, 17), 6, 2.5, 2.9, {"item_id": "A-016"}),
    ("E-25-EASTER", "holiday", date(2025, 4, 14), 6, 1.3, 1.35, {}),
    ("P-25-GARDEN", "promotion", date(2025, 5, 5), 13, 1.5, 1.4, {"category": "garden"}),
    ("P-25-PASTA", "promotion", date(2025, 6, 16), 6, 2.0, 2.2, {"item_id": "A-004"}),
    ("P-25-JUICE", "promotion", date(2025, 9, 8), 13, 1.8, 1.7, {"item_id": "A-015"}),
    ("P-25-CLEAN", "promotion", date(2025, 10, 6), 13, None, 1.6, {"category": "household/cleaning"}),
    ("E-25-XMAS", "holiday", date(2025, 12, 15), 9, 1.5, 1.6, {}),
    ("P-26-COFFEE", "promotion", date(2026, 2, 9), 13, 2.0, 2.4, {"item_id": "A-020"}),
    ("P-26-COLA", "promotion", date(2026, 3, 16), 6, 2.5, 2.9, {"item_id": "A-016"}),
    ("E-26-EASTER", "holiday", date(2026, 3, 30), 6, 1.3, 1.35, {}),
    ("P-26-GARDEN", "promotion", date(2026, 5, 4), 13, 1.5, 1.4, {"category": "garden"}),
    ("P-26-PASTA", "promotion", date(2026, 6, 15), 6, 2.0, 2.2, {"item_id": "A-004"}),
    ("P-26-OPENING", "promotion", date(2026, 9, 7), 6, None, 1.8, {"location_id": "SHOP-SOUTH"}),
    ("L-26-OATDRINK", "launch", catalogue.LAUNCH, 6, None, 1.0, {"item_id": catalogue.NEW}),
    ("P-26-PASSATA", "promotion", date(2026, 11, 23), 6, 2.0, 2.1, {"item_id": "A-006"}),
    ("P-26-COFFEE-2", "promotion", date(2026, 11, 30), 6, 2.0, 2.4, {"item_id": "A-020"}),
    ("E-26-XMAS", "holiday", date(2026, 12, 14), 10, 1.5, 1.6, {}),
)  # fmt: skip


def company() -> Company:
    """Master data and true laws of the retail company."""
    tables = {
        "item": catalogue.item_table().pipe(_as_items),
        "location": _locations(),
        "supplier": _suppliers(),
        "sourcing": rows(inputs.Sourcing, [*_shop_arcs(), *_warehouse_arcs(), *_plant_arcs()]),
        "price_break": _price_breaks(),
        "bom": rows(inputs.Bom, [
            {"parent_item_id": parent, "component_item_id": part, "qty_per": per, "scrap_rate": 0.01}
            for parent, part, per in _BOM
        ]),
        "routing": _routing(),
        "work_center": rows(inputs.WorkCenter, [
            {"work_center_id": "MIXER", "location_id": PLANT, "machine_count": 1.0, "calendar_id": "CAL-WORK",
             "efficiency_rate": 0.95, "cost_per_hour": 40.0},
            {"work_center_id": "PACKING", "location_id": PLANT, "machine_count": 2.0, "calendar_id": "CAL-WORK",
             "efficiency_rate": 0.9, "cost_per_hour": 28.0, "overtime_hours": 8.0, "overtime_cost_per_hour": 42.0},
        ]),
        "calendar": _calendar(),
        "event": master_data.event_table(
            event(one[0], one[1], one[2], one[3], one[4], **one[6]) for one in _EVENTS
        ),
        "policy": _policy(),
    }  # fmt: skip
    lateness = {key: one[4] for key, one in _SUPPLIERS.items()}
    return Company(
        tables=tables,
        profile=catalogue.profile(SHOPS),
        weekday=_WEEKDAY,
        seasons=_SEASONS,
        uplifts={one[0]: one[5] for one in _EVENTS},
        lateness={**lateness, WAREHOUSE: Lateness(0.06, 1.2), PLANT: Lateness(0.15, 1.6)},
        order_weekdays={
            **{key: one[2] for key, one in _SUPPLIERS.items()},
            WAREHOUSE: _TRANSFER_DAYS,
            PLANT: (0, 1, 2, 3, 4),
        },
        mishaps=Mishaps(ghost=("A-006", "SHOP-NORTH"), ghost_from=date(2026, 9, 21), negative=("A-017", "SHOP-SOUTH")),
    )


def _as_items(frame: pl.DataFrame) -> pl.DataFrame:
    return rows(inputs.Item, frame.iter_rows(named=True))


def _locations() -> pl.DataFrame:
    shops: list[dict[str, Any]] = [
        {"location_id": one, "name": one.title().replace("-", " "), "kind": "store", "cluster": "shops",
         "calendar_id": "CAL-SHOP", "shortage_rule": "lost_sales"}
        for one in SHOPS
    ]  # fmt: skip
    rest: list[dict[str, Any]] = [
        {"location_id": WAREHOUSE, "name": "Central warehouse", "kind": "warehouse", "cluster": "central",
         "calendar_id": "CAL-WORK", "volume_capacity": 60.0},
        {"location_id": PLANT, "name": "Mixing plant", "kind": "plant", "cluster": "central",
         "calendar_id": "CAL-WORK"},
    ]  # fmt: skip
    return rows(inputs.Location, [*shops, *rest])


def _suppliers() -> pl.DataFrame:
    return rows(inputs.Supplier, [
        {"supplier_id": key, "name": name, "calendar_id": "CAL-SHOP" if key == "DAIRY" else "CAL-WORK",
         "order_calendar_id": f"ORD-{key}", "lead_time_days": lead, "order_cost": 6.0, "min_order_value": least}
        for key, (name, lead, _, least, _) in _SUPPLIERS.items()
    ])  # fmt: skip


def _shop_arcs() -> list[dict[str, Any]]:
    """Every shop is fed from the warehouse three times a week; fresh food comes from the dairy every morning."""
    arcs = []
    for row in catalogue.assortment().iter_rows(named=True):
        fresh = row["supplier"] == "DAIRY"
        kind, source, lead, review = ("buy", "DAIRY", 1, 1) if fresh else ("move", WAREHOUSE, 2, 3)
        pack = row["pack"] if row["mean_per_day"] >= 2.0 else 1.0
        arcs += [
            {"item_id": row["item_id"], "location_id": shop, "kind": kind, "source_id": source, "lead_time_days": lead,
             "review_days": review, "multiple_qty": pack, "priority": 1, "unit_cost": row["unit_cost"]}
            for shop in SHOPS
        ]  # fmt: skip
    return arcs


def _warehouse_arcs() -> list[dict[str, Any]]:
    arcs = []
    for row in catalogue.assortment().filter(pl.col("supplier") != "DAIRY").iter_rows(named=True):
        made = row["supplier"] == PLANT
        lead, days = (1, 5) if made else (_SUPPLIERS[row["supplier"]][1], len(_SUPPLIERS[row["supplier"]][2]))
        arcs.append(
            {"item_id": row["item_id"], "location_id": WAREHOUSE, "kind": "move" if made else "buy", "priority": 1,
             "source_id": row["supplier"], "lead_time_days": lead, "review_days": round(7 / days),
             "multiple_qty": row["pack"], "min_qty": 2 * row["pack"], "unit_cost": row["unit_cost"]}
        )  # fmt: skip
    second = {
        "kind": "buy",
        "source_id": "NORDFOOD",
        "priority": 2,
        "lead_time_days": 5,
        "review_days": 4,
        "multiple_qty": 8,
    }
    arcs += [{"item_id": one, "location_id": WAREHOUSE, "unit_cost": 0.95, **second} for one in ("A-025", "A-027")]
    return arcs


def _plant_arcs() -> list[dict[str, Any]]:
    made = [row for row in catalogue.assortment().iter_rows(named=True) if row["supplier"] == PLANT]
    arcs = [
        {"item_id": row["item_id"], "location_id": PLANT, "kind": "make", "source_id": PLANT, "lead_time_days": 3,
         "review_days": 1, "multiple_qty": row["pack"], "min_qty": 4 * row["pack"], "priority": 1}
        for row in made
    ]  # fmt: skip
    for row in catalogue.components().iter_rows(named=True):
        make = row["supplier"] == PLANT
        lead = 2.0 if make else _SUPPLIERS[row["supplier"]][1]
        pack = {"C-BASE": 10.0, "C-BAG": 250.0, "C-BOX": 25.0}.get(row["item_id"], 5.0)
        arcs.append(
            {"item_id": row["item_id"], "location_id": PLANT, "kind": "make" if make else "buy",
             "source_id": row["supplier"], "lead_time_days": lead, "review_days": 1 if make else 7,
             "multiple_qty": pack, "priority": 1,
             "unit_cost": row["unit_cost"]}
        )  # fmt: skip
    return arcs


def _price_breaks() -> pl.DataFrame:
    steps = (("A-007", 60.0, 5.0), ("A-007", 180.0, 4.8), ("A-020", 120.0, 3.95), ("A-026", 96.0, 4.55))
    supplier = dict(catalogue.assortment().select("item_id", "supplier").iter_rows())
    return rows(inputs.PriceBreak, [
        {"item_id": item, "supplier_id": supplier[item], "min_qty": least, "unit_cost": cost, "kind": "all_units"}
        for item, least, cost in steps
    ])  # fmt: skip


def _routing() -> pl.DataFrame:
    packing = {"A-010": 0.006, "A-011": 0.005, "A-012": 0.03, "A-013": 0.01}
    mixing = {"item_id": "C-BASE", "location_id": PLANT, "operation_seq": 10, "work_center_id": "MIXER",
              "run_hours_per_unit": 0.02, "setup_hours": 0.75, "setup_family": "mix", "yield_rate": 0.99}  # fmt: skip
    return rows(inputs.Routing, [mixing, *(
        {"item_id": item, "location_id": PLANT, "operation_seq": 10, "work_center_id": "PACKING",
         "run_hours_per_unit": hours, "setup_hours": 0.5, "setup_family": "box" if item == "A-012" else "bag",
         "yield_rate": 1.0, "queue_hours": 4.0, "splittable": True}
        for item, hours in packing.items()
    )])  # fmt: skip


def _calendar() -> pl.DataFrame:
    shop, work = (11.0, 11.0, 11.0, 11.0, 11.0, 10.0, 0.0), (8.0, 8.0, 8.0, 8.0, 8.0, 0.0, 0.0)
    lines = [*weekday_hours("CAL-SHOP", shop), *weekday_hours("CAL-WORK", work), *closed_days(["CAL-SHOP", "CAL-WORK"])]
    for key, one in _SUPPLIERS.items():
        lines += order_calendar(f"ORD-{key}", one[2])
    return rows(inputs.Calendar, lines)


def _policy() -> pl.DataFrame:
    return rows(inputs.Policy, [
        {"category": "food", "fill_target": 0.98, "service_target": 0.96},
        {"category": "food/fresh", "fill_target": 0.95, "service_target": 0.93},
        {"location_id": "SHOP-CENTER", "service_target": 0.97},
        {"item_id": "A-038", "location_id": "SHOP-CENTER", "min_stock_qty": 2.0},
        {"item_id": "A-033", "min_stock_qty": 1.0, "max_stock_qty": 40.0},
        {"item_id": "A-020", "shortage_cost": 4.5},
        {"item_id": "A-004", "location_id": "SHOP-SOUTH", "method": "order_up_to", "service_target": 0.95},
    ])  # fmt: skip
