"""What is particular to the production company's books: weeks instead of days, and customers who order ahead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import polars as pl

from replenish.examples.days import AS_OF, SUNDAY
from replenish.examples.factory_company import WAREHOUSE
from replenish.examples.master_data import rows
from replenish.tables import inputs

_ORDERED_AHEAD = 24


def weekly(tables: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables with sales and true demand by week, dated by its Monday, and stock of each Sunday evening."""
    sales = _by_week(tables["sales"].drop("order_id"), "qty", pl.col("unit_price").mean().round(2))
    demand = _by_week(tables["truth.demand"], "demand_qty", pl.col("served_qty", "mean_qty").sum())
    stock = tables["stock"].filter(pl.col("date").dt.weekday() == SUNDAY + 1)
    return {**tables, "sales": sales, "stock": stock, "truth.demand": demand}


def ordered_ahead(tables: Mapping[str, pl.DataFrame], rng: np.random.Generator) -> pl.DataFrame:
    """Open orders with those of business customers added: some due in the coming weeks, two already late."""
    sold = tables["sales"].filter(pl.col("location_id") == WAREHOUSE)["item_id"].unique().sort().to_list()
    lines = []
    for place in range(_ORDERED_AHEAD):
        due = AS_OF + timedelta(days=int(rng.integers(2, 42)) if place >= 2 else -4)
        qty = float(rng.integers(1, 9))
        lines.append(
            {"order_id": f"SO-{place // 2 + 1:04d}", "line_id": str(place % 2 + 1), "kind": "sales",
             "item_id": sold[int(rng.integers(len(sold)))], "location_id": WAREHOUSE, "qty": qty, "open_qty": qty,
             "due_date": due, "order_date": AS_OF - timedelta(days=int(rng.integers(5, 20))), "status": "firm"}
        )  # fmt: skip
    return pl.concat([tables["open_order"], rows(inputs.OpenOrder, lines)])


def _by_week(frame: pl.DataFrame, qty: str, *others: pl.Expr) -> pl.DataFrame:
    week = frame.with_columns(pl.col("date").dt.truncate("1w"))
    return (
        week.group_by("date", "item_id", "location_id")
        .agg(pl.col(qty).sum(), *others)
        .sort("date", "location_id", "item_id")
    )
