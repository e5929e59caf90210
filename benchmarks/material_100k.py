"""A material plan of 100,000 items x 52 weeks x 6 levels, 167,000 bill lines: kernels 2 s, order step 10 s."""

from __future__ import annotations

import resource
import time
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from measure import cpu_of, row

from replenish import steps
from replenish.numerics.dependent_demand import add_releases
from replenish.numerics.lot_sizing import LOT_RULES, LotTerms, size_lots
from replenish.numerics.material_plan import plan_materials
from replenish.numerics.wagner_whitin import wagner_whitin
from replenish.tables import core, plan
from replenish.tables.table import Table

WEEKS, LINES, PATHS = 52, 167_000, 400
LEVELS = (10_000, 15_000, 20_000, 20_000, 20_000, 15_000)
ITEMS = sum(LEVELS)
AS_OF = date(2026, 3, 1)
NUMBERS = {pl.Float64: 0.0, pl.Int32: 0, pl.Boolean: False, pl.String: "-", pl.Date: AS_OF}
KERNELS = f"{ITEMS:,} items x {WEEKS} weeks"


def table(kind: type[Table], rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of a table; required columns that are not given are neutral, others empty."""
    frame = pl.DataFrame(rows, strict=False)
    rest = {
        name: pl.lit(None if column.nullable else NUMBERS[type(column.dtype)], dtype=column.dtype)
        for name, column in kind.columns().items()
        if name not in frame.columns
    }
    return kind.cast(frame.with_columns(**rest).select(kind.column_names()))


def bill(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parent, component and units of each line: every component has a parent one level up, the rest any above it."""
    first = np.concatenate([[0], np.cumsum(LEVELS)])
    below = np.arange(LEVELS[0], ITEMS)
    level = np.repeat(np.arange(len(LEVELS)), LEVELS)[below]
    parent = rng.integers(first[level - 1], first[level])
    more = rng.choice(below, LINES - len(below))
    upper = rng.integers(0, first[level[more - LEVELS[0]]])
    pairs = np.unique(np.stack([np.append(parent, upper), np.append(below, more)]), axis=1)
    return pairs[0], pairs[1], rng.integers(1, 5, pairs.shape[1]).astype(float)


def company() -> dict[str, pl.DataFrame]:
    """The tables of the order step: one plant, products sold by forecast, all else made or bought for them."""
    rng = np.random.default_rng(5)
    parent, component, units = bill(rng)
    ids, plant = [f"i{k:06d}" for k in range(ITEMS)], ["plant"] * ITEMS
    is_sold, key = np.arange(ITEMS) < LEVELS[0], {"item_id": ids, "location_id": plant}
    is_made, cost = np.isin(np.arange(ITEMS), parent), rng.lognormal(1.5, 1.0, ITEMS)
    node = key | {
        "level": np.repeat(np.arange(len(LEVELS)), LEVELS),
        "has_demand": is_sold,
        "is_component": ~is_sold,
        "unit_cost": cost,
        "unit_price": cost * 1.5,
        "shortage_cost": cost * 0.5,
        "holding_cost_per_day": cost * 0.25 / 365,
        "shortage_rule": ["backorder"] * ITEMS,
        "method": ["mrp"] * ITEMS,
        "lot_rule": ["silver_meal"] * ITEMS,
        "service_target": np.full(ITEMS, 0.95),
        "fill_target": np.full(ITEMS, 0.95),
    }
    arc = key | {
        "kind": np.where(is_made, "make", "buy"),
        "source_id": np.where(is_made, "plant", "supplier"),
        "arc_rank": np.ones(ITEMS, dtype=int),
        "lead_time_days": rng.choice([7.0, 14.0, 21.0], ITEMS),
        "review_days": np.full(ITEMS, 7.0),
        "order_cost": rng.choice([5.0, 25.0, 100.0], ITEMS),
        "multiple_qty": rng.choice([1.0, 1.0, 12.0], ITEMS),
        "unit_cost": cost,
    }
    stock = np.floor(rng.uniform(0.0, 60.0, ITEMS))
    safety = np.where(is_sold, 20.0, 0.0)
    return demand(rng, ids[: LEVELS[0]]) | {
        "node": table(core.Node, node),
        "arc": table(core.Arc, arc),
        "bom_line": lines(ids, parent, component, units),
        "record": table(plan.Record, key | {"recorded_on_hand_qty": stock, "on_hand_qty": stock}),
        "lead_time": table(plan.LeadTime, key | {"lead_time_days": arc["lead_time_days"], "never_share": 0.0}),
        "target": table(plan.Target, key | {"safety_stock_qty": safety}),
    }


def lines(ids: list[str], parent: np.ndarray, component: np.ndarray, units: np.ndarray) -> pl.DataFrame:
    """The bill as a table."""
    pairs = {"parent_item_id": [ids[k] for k in parent], "component_item_id": [ids[k] for k in component]}
    return table(core.BomLine, pairs | {"location_id": ["plant"] * len(parent), "first_date": AS_OF, "qty_per": units})


def demand(rng: np.random.Generator, ids: list[str]) -> dict[str, pl.DataFrame]:
    """Weeks ahead, and the forecast of the products."""
    starts = [AS_OF + timedelta(days=1 + 7 * k) for k in range(WEEKS)]
    week = {"bucket_index": range(WEEKS), "bucket_start": starts, "bucket_days": [7] * WEEKS}
    bucket = table(core.Bucket, week | {"bucket_end": [day + timedelta(days=6) for day in starts]})
    count = len(ids)
    mean = np.repeat(rng.lognormal(2.0, 1.0, count), WEEKS) * rng.uniform(0.5, 1.5, count * WEEKS)
    forecast = {
        "item_id": np.repeat(ids, WEEKS),
        "location_id": ["plant"] * count * WEEKS,
        "bucket_index": np.tile(np.arange(WEEKS), count),
        "bucket_start": starts * count,
        "forecast_qty": mean,
    }
    law = {"family": ["negative_binomial"] * count, "phi": [1.3] * count, "kappa": [0.1] * count, "rho": [0.3] * count}
    parameter = {"item_id": ids, "location_id": ["plant"] * count, "history_buckets": [150] * count, "window_count": 2}
    return {
        "bucket": bucket,
        "forecast": table(plan.Forecast, forecast),
        "parameter": table(plan.Parameter, parameter | law),
    }


def kernels() -> None:
    """Netting into lots, the exact lots, and the explosion of what is released, compiled code warm."""
    rng = np.random.default_rng(6)
    gross = rng.poisson(20.0, (ITEMS, WEEKS)) * (rng.random((ITEMS, WEEKS)) < 0.7)
    zero, one = np.zeros(ITEMS), np.ones(ITEMS, dtype=np.int64)
    rule, hold = one * LOT_RULES.index("silver_meal"), np.full(ITEMS, 1.0)
    terms = LotTerms(rule, zero * np.nan, hold * 150.0, hold, one * 13, zero, hold * 12.0, zero + np.inf)
    facts = (gross, rng.uniform(0.0, 90.0, ITEMS), gross * 0.0, zero + 5.0, rng.integers(0, 4, ITEMS), one, terms)
    parent, component, units = bill(rng)
    always = np.zeros(len(parent), dtype=np.int64)
    sums = (np.zeros((0, 0, 0), dtype=np.float32), np.zeros((ITEMS, WEEKS)))
    none, costs = np.zeros((ITEMS, 0, 0), dtype=np.float32), np.full(gross.shape, 150.0)
    for few in (slice(0, 1), slice(None)):
        some = LotTerms._make(each[few] for each in terms)
        begun = time.perf_counter()
        planned = plan_materials(*(each[few] for each in facts[:-1]), some)
        told = [("netting into lots", begun, time.perf_counter())]
        begun = time.perf_counter()
        size_lots(facts[0][few], some)
        told.append(("Silver-Meal alone", begun, time.perf_counter()))
        begun = time.perf_counter()
        wagner_whitin(facts[0][few], costs[few], hold[few], costs[few] * 0.0, one[few] * WEEKS)
        told.append(("Wagner-Whitin", begun, time.perf_counter()))
        edges = [each[: None if few.stop is None else 0] for each in (parent, component, units, always, always + WEEKS)]
        begun = time.perf_counter()
        add_releases(*edges, 0, none, planned.planned_release, one * 0, *sums)
        told.append((f"explosion of {len(parent):,} bill lines", begun, time.perf_counter()))
    for name, start, end in told:
        row(f"- {name}, {KERNELS}", f"{end - start:.2f} s")


def step(frames: dict[str, pl.DataFrame]) -> tuple[float, int]:
    """Seconds of the order step, frames in and frames out, and planned requirements."""
    empty = {
        name: kind.create_empty()
        for name, kind in (("rebalance", plan.Rebalance), ("open_supply", core.OpenSupply), ("lot", plan.AgedLot))
    }
    empty |= {"open_demand": core.OpenDemand.create_empty(), "supplier": core.Supplier.create_empty()}
    empty |= {"make_rate": core.MakeRate.create_empty()}
    begun = time.perf_counter()
    dials: dict[str, Any] = {"path_count": PATHS, "windows": 2, "decision_dispersion": 0.85, "max_cover_days": 90.0}
    found = steps.order(**frames, **empty, **dials, seed=1)
    return time.perf_counter() - begun, found[2].height


def warm(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The same company with its first product alone."""
    first = pl.col("item_id") == "i000000"
    return {name: frame.filter(first) if "item_id" in frame.columns else frame for name, frame in frames.items()}


if __name__ == "__main__":
    kernels()
    tables = company()
    step(warm(tables))
    cpu, (seconds, requirements) = cpu_of(lambda: step(tables))
    memory = f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:,.0f} MB"
    row(f"order step, {KERNELS} x {len(LEVELS)} levels, {requirements:,} requirements", f"{seconds:.1f} s", memory)
    row("- CPU", f"{cpu:.1f} s")
