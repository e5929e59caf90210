"""The production company: 24 pumps from a plant with a bill of three levels, a warehouse and three customer depots."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from replenish.examples.company import Company, Lateness, Mishaps, Season, Shopfloor
from replenish.examples.master_data import closed_days, event, event_table, order_calendar, rows, weekday_hours
from replenish.tables import inputs

DEPOTS = {"DEPOT-EAST": 1.2, "DEPOT-WEST": 1.0, "DEPOT-SOUTH": 0.6}
WAREHOUSE, PLANT = "WH", "PLANT"
NEW, DYING = "P-14", "P-10"
LAUNCH, FAREWELL, FADES = date(2026, 10, 5), date(2026, 12, 31), date(2026, 3, 1)
_WEEKDAY = (1.5, 1.4, 1.4, 1.4, 1.3, 0.0, 0.0)
_WORKDAYS = (0, 1, 2, 3, 4)

# family, season, units a day of its best seller in an average depot, unit cost
_FAMILIES = (
    ("garden", Season(22, 0.5), 2.4, 62.0),
    ("heating", Season(48, 0.45), 1.6, 88.0),
    ("drainage", Season(10, 0.2), 1.0, 120.0),
    ("industry", Season(26, 0.0), 0.5, 240.0),
)
_VARIANTS = 6  # each sells 0.55 of the one before: a head, a body, an intermittent tail
_DECAY = 0.55

# item, name, uom, supplier, unit cost, pack
_RAW = (
    ("R-CAST-S", "Casting, small", "pc", "METALWORK", 9.0, 20),
    ("R-CAST-L", "Casting, large", "pc", "METALWORK", 21.0, 10),
    ("R-STEEL", "Shaft steel", "kg", "METALWORK", 2.4, 25), ("R-WIRE", "Copper wire", "kg", "ELECTRO", 9.5, 10),
    ("R-BEARING", "Bearing", "pc", "ELECTRO", 3.2, 50), ("R-SWITCH", "Switch", "pc", "ELECTRO", 4.1, 25),
    ("R-CABLE", "Cable", "m", "ELECTRO", 1.1, 100), ("R-SEAL", "Seal kit", "pc", "PACKCO", 1.8, 50),
    ("R-BOLT", "Bolt M8", "pc", "PACKCO", 0.12, 500), ("R-CARTON", "Carton", "pc", "PACKCO", 1.3, 50),
)  # fmt: skip
_SUPPLIERS: dict[str, tuple[str, float, tuple[int, ...], float, Lateness]] = {
    "METALWORK": ("Metalwork Brothers", 28, (0,), 1500.0, Lateness(0.5, 8.0, 0.12)),  # the notorious one
    "ELECTRO": ("Electro Parts", 14, (0, 2, 4), 400.0, Lateness(0.15, 3.0, 0.05)),
    "PACKCO": ("Packaging & Co", 5, (1, 3), 100.0, Lateness(0.08, 1.5, 0.02)),
}
_EVENTS: tuple[tuple[str, str, date, int, float | None, float, dict[str, str]], ...] = (
    ("P-25-SPRING", "promotion", date(2025, 4, 7), 14, 1.4, 1.5, {"category": "pumps/garden"}),
    ("P-25-TRADE", "promotion", date(2025, 9, 15), 7, 1.8, 2.0, {"item_id": "P-07"}),
    ("C-25-SHUT", "closure", date(2025, 12, 24), 8, 0.3, 0.3, {}),
    ("P-26-SPRING", "promotion", date(2026, 4, 6), 14, 1.4, 1.5, {"category": "pumps/garden"}),
    ("P-26-TRADE", "promotion", date(2026, 9, 14), 7, 1.8, 2.0, {"item_id": "P-07"}),
    ("P-26-WINTER", "promotion", date(2026, 11, 30), 14, 1.5, 1.4, {"category": "pumps/heating"}),
    ("C-26-SHUT", "closure", date(2026, 12, 24), 8, 0.3, 0.3, {}),
)


def company() -> Company:
    """Master data and true laws of the production company."""
    tables = {
        "item": rows(inputs.Item, [*_pumps(), *_halves(), *_raw()]),
        "location": _locations(),
        "supplier": _suppliers(),
        "sourcing": rows(inputs.Sourcing, [*_sold_arcs(), *_plant_arcs()]),
        "bom": rows(inputs.Bom, _bom()),
        "routing": rows(inputs.Routing, _routing()),
        "setup_change": _setup_changes(),
        "work_center": _work_centers(),
        "calendar": _calendar(),
        "event": event_table(event(one[0], one[1], one[2], one[3], one[4], **one[6]) for one in _EVENTS),
        "policy": _policy(),
    }
    return Company(
        tables=tables,
        profile=_profile(),
        weekday=_WEEKDAY,
        seasons={f"pumps/{family}": season for family, season, _, _ in _FAMILIES},
        uplifts={one[0]: one[5] for one in _EVENTS},
        lateness={
            **{key: one[4] for key, one in _SUPPLIERS.items()},
            WAREHOUSE: Lateness(0.1, 1.3),
            PLANT: Lateness(0.25, 2.5),
        },
        order_weekdays={**{key: one[2] for key, one in _SUPPLIERS.items()}, WAREHOUSE: (0, 2), PLANT: _WORKDAYS},
        mishaps=Mishaps(ghost=("P-01", "DEPOT-WEST"), ghost_from=date(2026, 8, 17), negative=("P-07", "DEPOT-SOUTH")),
        shopfloor=Shopfloor({("H-1", "MACHINING"): 1.15}, {("M-3", "WINDING"): 0.92}),
    )


def _pump_rows() -> list[tuple[str, str, int, float, float]]:
    """Item, family, variant, units a day in an average depot, unit cost."""
    return [
        (
            f"P-{place * _VARIANTS + variant + 1:02d}",
            family,
            variant,
            best * _DECAY**variant,
            cost * (1 + 0.12 * variant),
        )
        for place, (family, _, best, cost) in enumerate(_FAMILIES)
        for variant in range(_VARIANTS)
    ]


def _pumps() -> list[dict[str, Any]]:
    return [
        {"item_id": item, "name": f"{family.title()} pump {variant + 1}00", "category": f"pumps/{family}", "uom": "pc",
         "unit_cost": round(cost, 2), "unit_price": round(cost * 1.7, 2), "volume": 0.03, "weight": 6.5 + 2 * variant,
         "launch_date": LAUNCH if item == NEW else None, "end_date": FAREWELL if item == DYING else None}
        for item, family, variant, _, cost in _pump_rows()
    ]  # fmt: skip


def _halves() -> list[dict[str, Any]]:
    """Made at the plant for the plant: a motor and a housing for each family."""
    return [
        {"item_id": f"{letters}-{place + 1}", "name": f"{name} for {family} pumps",
         "category": f"halves/{name.lower()}", "uom": "pc", "unit_cost": round(share * cost, 2)}
        for letters, name, share in (("M", "Motor", 0.45), ("H", "Housing", 0.25))
        for place, (family, _, _, cost) in enumerate(_FAMILIES)
    ]  # fmt: skip


def _raw() -> list[dict[str, Any]]:
    return [
        {"item_id": item, "name": name, "category": "raw", "uom": uom, "unit_cost": cost}
        for item, name, uom, _, cost, _ in _RAW
    ]


def _bom() -> list[dict[str, Any]]:
    """Pump from motor; motor from housing; housing from casting: three levels, with bought parts at each."""
    lines: list[tuple[str, str, float, float]] = []
    for item, family, variant, _, _ in _pump_rows():
        motor = f"M-{[one[0] for one in _FAMILIES].index(family) + 1}"
        lines += [
            (item, motor, 1, 0.0),
            (item, "R-SEAL", 1, 0.02),
            (item, "R-CARTON", 1, 0.0),
            (item, "R-CABLE", 5 + variant, 0.01),
        ]
    for place in range(1, len(_FAMILIES) + 1):
        cast = "R-CAST-S" if place <= 2 else "R-CAST-L"
        lines += [(f"M-{place}", f"H-{place}", 1, 0.0), (f"M-{place}", "R-WIRE", 0.8 * place, 0.03)]
        lines += [(f"M-{place}", "R-BEARING", 2, 0.01), (f"M-{place}", "R-SWITCH", 1, 0.0)]
        lines += [
            (f"H-{place}", cast, 1, 0.04),
            (f"H-{place}", "R-STEEL", 0.6 * place, 0.05),
            (f"H-{place}", "R-BOLT", 8, 0.0),
        ]
    return [
        {
            "parent_item_id": parent,
            "component_item_id": part,
            "qty_per": float(per),
            "scrap_rate": scrap,
            "location_id": PLANT,
        }
        for parent, part, per, scrap in lines
    ]


def _locations() -> pl.DataFrame:
    depots = [
        {"location_id": one, "name": one.title().replace("-", " "), "kind": "vmi", "cluster": "depots",
         "calendar_id": "CAL-WORK", "shortage_rule": "lost_sales"}
        for one in DEPOTS
    ]  # fmt: skip
    rest = [
        {"location_id": WAREHOUSE, "name": "Finished goods", "kind": "warehouse", "cluster": "central",
         "calendar_id": "CAL-WORK", "shortage_rule": "backorder"},
        {"location_id": PLANT, "name": "Pump plant", "kind": "plant", "cluster": "central", "calendar_id": "CAL-WORK"},
    ]  # fmt: skip
    return rows(inputs.Location, [*depots, *rest])


def _suppliers() -> pl.DataFrame:
    return rows(inputs.Supplier, [
        {"supplier_id": key, "name": name, "calendar_id": "CAL-WORK", "order_calendar_id": f"ORD-{key}",
         "lead_time_days": lead, "order_cost": 12.0, "min_order_value": least}
        for key, (name, lead, _, least, _) in _SUPPLIERS.items()
    ])  # fmt: skip


def _sold_arcs() -> list[dict[str, Any]]:
    """Plant to warehouse to depots."""
    common: dict[str, Any] = {"kind": "move", "priority": 1}
    arcs = []
    for item, _, _, mean, _ in _pump_rows():
        pack = 5 if mean > 0.8 else 1
        arcs += [
            {**common, "item_id": item, "location_id": depot, "source_id": WAREHOUSE, "lead_time_days": 3,
             "review_days": 4, "multiple_qty": pack}
            for depot in DEPOTS
        ]  # fmt: skip
        arcs.append(
            {
                **common,
                "item_id": item,
                "location_id": WAREHOUSE,
                "source_id": PLANT,
                "lead_time_days": 1,
                "review_days": 1,
            }
        )
    return arcs


def _plant_arcs() -> list[dict[str, Any]]:
    made = [(item, 5, 4, 5 if mean > 0.3 else 1) for item, _, _, mean, _ in _pump_rows()]
    made += [(f"M-{place}", 4, 4, 10) for place in range(1, 5)] + [(f"H-{place}", 6, 5, 20) for place in range(1, 5)]
    arcs: list[dict[str, Any]] = [
        {"item_id": item, "location_id": PLANT, "kind": "make", "source_id": PLANT, "lead_time_days": lead,
         "priority": 1, "review_days": 1, "min_qty": least, "multiple_qty": pack}
        for item, lead, least, pack in made
    ]  # fmt: skip
    arcs += [
        {"item_id": item, "location_id": PLANT, "kind": "buy", "source_id": supplier, "priority": 1,
         "lead_time_days": _SUPPLIERS[supplier][1], "review_days": round(7 / len(_SUPPLIERS[supplier][2])),
         "min_qty": pack, "multiple_qty": pack, "unit_cost": cost}
        for item, _, _, supplier, cost, pack in _RAW
    ]  # fmt: skip
    return arcs


def _routing() -> list[dict[str, Any]]:
    steps = [(item, 10, "ASSEMBLY", 0.22, 0.3, family, 1.0) for item, family, _, _, _ in _pump_rows()]
    steps += [(item, 20, "TEST", 0.08, 0.0, "any", 0.995) for item, *_ in _pump_rows()]
    for place, (family, *_rest) in enumerate(_FAMILIES, start=1):
        steps += [(f"M-{place}", 10, "WINDING", 0.2, 0.6, family, 0.99)]
        steps += [(f"H-{place}", 10, "MACHINING", 0.25, 1.5, family, 0.98)]
    return [
        {"item_id": item, "location_id": PLANT, "operation_seq": seq, "work_center_id": center,
         "run_hours_per_unit": run, "setup_hours": setup, "setup_family": family,
         "yield_rate": good, "queue_hours": 2.0, "splittable": True}
        for item, seq, center, run, setup, family, good in steps
    ]  # fmt: skip


def _setup_changes() -> pl.DataFrame:
    families = [one[0] for one in _FAMILIES]
    return rows(inputs.SetupChange, [
        {"work_center_id": "MACHINING", "from_family": before, "to_family": after,
         "hours": 1.0 + 0.5 * abs(families.index(before) - families.index(after))}
        for before in families for after in families if before != after
    ])  # fmt: skip


def _work_centers() -> pl.DataFrame:
    centers = (("MACHINING", 1.0, 55.0), ("WINDING", 1.0, 45.0), ("ASSEMBLY", 1.0, 38.0), ("TEST", 1.0, 35.0))
    return rows(inputs.WorkCenter, [
        {"work_center_id": center, "location_id": PLANT, "machine_count": machines, "calendar_id": "CAL-PLANT",
         "efficiency_rate": 0.92, "cost_per_hour": cost, "overtime_hours": 8.0, "overtime_cost_per_hour": 1.5 * cost}
        for center, machines, cost in centers
    ])  # fmt: skip


def _calendar() -> pl.DataFrame:
    lines = [
        *weekday_hours("CAL-WORK", (8.0,) * 5 + (0.0, 0.0)),
        *weekday_hours("CAL-PLANT", (16.0,) * 4 + (8.0, 0.0, 0.0)),
    ]
    lines += closed_days(["CAL-WORK", "CAL-PLANT"])
    for key, one in _SUPPLIERS.items():
        lines += order_calendar(f"ORD-{key}", one[2])
    return rows(inputs.Calendar, lines)


def _policy() -> pl.DataFrame:
    return rows(inputs.Policy, [
        {"category": "pumps", "service_target": 0.96, "fill_target": 0.98},
        {"category": "pumps/industry", "service_target": 0.9, "fill_target": 0.95},
        {"item_id": "P-01", "location_id": WAREHOUSE, "min_stock_qty": 10.0},
    ])  # fmt: skip


def _profile() -> pl.DataFrame:
    """Nodes with demand: every pump at every depot, and the two best of each family from the warehouse itself."""
    lines = []
    for place, (item, _, variant, mean, _) in enumerate(_pump_rows()):
        sizes = DEPOTS | ({WAREHOUSE: 0.3} if variant < 2 else {})
        lines += [
            {"item_id": item, "location_id": where, "mean_per_day": mean * size,
             "dispersion": 3.0 if where == WAREHOUSE else 1.4, "growth_rate": (place % 5 - 1) * 0.03,
             "sold_from": LAUNCH if item == NEW else None,
             "fades_from": FADES if item == DYING else None}
            for where, size in sizes.items()
        ]  # fmt: skip
    types = {"item_id": pl.String, "location_id": pl.String, "mean_per_day": pl.Float64, "dispersion": pl.Float64,
             "growth_rate": pl.Float64, "sold_from": pl.Date, "fades_from": pl.Date}  # fmt: skip
    return pl.DataFrame(lines, schema=types)
