"""Generated companies of a wanted size: the same numbers on every machine, as frames or as Parquet files."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

AS_OF = date(2026, 3, 1)  # a Sunday
LOCATIONS = 20
LEAD_DAYS, REVIEW_DAYS = 6, 7


def company(nodes: int, days: int, seed: int = 1) -> dict[str, pl.DataFrame]:
    """Input frames of a warehouse and shops: `nodes` items at locations with `days` days of sales and stock.

    The last location is the warehouse; it sells too. Demand is negative binomial around a yearly wave and a weekly
    rhythm, a third of the nodes sell less than one unit a week, and shops run empty now and then.
    """
    items = -(-nodes // LOCATIONS)
    item, place = np.divmod(np.arange(nodes), LOCATIONS)
    names = pl.DataFrame({"item_id": [f"I{i:05d}" for i in item], "location_id": [f"L{p:02d}" for p in place]})
    sold, closing = _walk(nodes, days, seed)
    day_list = [AS_OF - timedelta(days=days - 1 - day) for day in range(days)]
    grid = names.join(pl.DataFrame({"date": day_list}), how="cross")
    sales = grid.with_columns(qty=pl.Series(sold.ravel())).filter(pl.col("qty") > 0)
    stock = grid.with_columns(on_hand_qty=pl.Series(closing.ravel()))
    return {"sales": sales, "stock": stock, "item": _items(items), "location": _locations(), **_supply(names)}


def weekly_company(nodes: int, weeks: int, seed: int = 1) -> dict[str, pl.DataFrame]:
    """The same company with its sales added up by week, and only the last stock."""
    frames = company(nodes, weeks * 7, seed)
    monday = pl.col("date").dt.truncate("1w")
    weekly = frames["sales"].group_by("item_id", "location_id", date=monday).agg(pl.col("qty").sum())
    last = frames["stock"].filter(pl.col("date") == AS_OF)
    return {**frames, "sales": weekly.sort("item_id", "location_id", "date"), "stock": last}


def write(folder: Path, frames: dict[str, pl.DataFrame], settings: str = "") -> Path:
    """The company as a folder a night can be run in."""
    (folder / "inputs").mkdir(parents=True)
    (folder / "replenish.toml").write_text(settings, encoding="utf-8")
    for name, frame in frames.items():
        frame.write_parquet(folder / "inputs" / f"{name}.parquet")
    return folder


def _walk(nodes: int, days: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Sales and closing stock, shape (nodes, days), under a plain order-up-to rule."""
    rng = np.random.default_rng(seed)
    day = np.arange(days)
    level = np.exp(rng.normal(-0.5, 1.3, nodes))[:, None]
    wave = 1 + 0.3 * np.sin(2 * np.pi * (day / 365 + rng.random((nodes, 1))))
    rhythm = np.array([0.8, 0.8, 0.9, 1.0, 1.3, 1.4, 0.8])[day % 7]
    demand = rng.poisson(rng.gamma(2.0, level * wave * rhythm / 2.0)).astype(float)
    up_to = np.ceil(
        level[:, 0] * (LEAD_DAYS + REVIEW_DAYS) + 1.2 * np.sqrt(level[:, 0] * (LEAD_DAYS + REVIEW_DAYS)) + 1
    )
    hand, coming = up_to.copy(), np.zeros((nodes, days + LEAD_DAYS + 1))
    sold, closing = np.zeros((nodes, days)), np.zeros((nodes, days))
    chance = rng.integers(0, REVIEW_DAYS, nodes)
    for now in day:
        hand += coming[:, now]
        sold[:, now] = np.minimum(demand[:, now], hand)
        hand -= sold[:, now]
        closing[:, now] = hand
        wanted = up_to - hand - coming[:, now + 1 :].sum(axis=1)
        coming[:, now + LEAD_DAYS] += np.where(now % REVIEW_DAYS == chance, np.maximum(wanted, 0.0), 0.0)
    return sold, closing


def _items(count: int) -> pl.DataFrame:
    number = np.arange(count)
    cost = 1.0 + number % 17
    return pl.DataFrame(
        {
            "item_id": [f"I{i:05d}" for i in number],
            "name": [f"Item {i}" for i in number],
            "category": [f"group {i % 12}" for i in number],
            "unit_cost": cost,
            "unit_price": cost * 1.6,
        }
    )


def _locations() -> pl.DataFrame:
    kinds = ["store"] * (LOCATIONS - 1) + ["warehouse"]
    return pl.DataFrame({"location_id": [f"L{p:02d}" for p in range(LOCATIONS)], "kind": kinds})


def _supply(names: pl.DataFrame) -> dict[str, pl.DataFrame]:
    hub = f"L{LOCATIONS - 1:02d}"
    is_hub = pl.col("location_id") == hub
    reached = names.filter(is_hub)["item_id"].implode()
    bought = is_hub | ~pl.col("item_id").is_in(reached)
    sourcing = names.with_columns(
        kind=pl.when(bought).then(pl.lit("buy")).otherwise(pl.lit("move")),
        source_id=pl.when(bought).then(pl.lit("S1")).otherwise(pl.lit(hub)),
        lead_time_days=pl.when(bought).then(pl.lit(14.0)).otherwise(pl.lit(float(LEAD_DAYS))),
        review_days=pl.lit(float(REVIEW_DAYS)),
        multiple_qty=pl.lit(6.0),
    )
    supplier = pl.DataFrame({"supplier_id": ["S1"], "name": ["Supplier"], "lead_time_days": [14.0]})
    return {"sourcing": sourcing, "supplier": supplier}
