"""What do forecasts add up to, at any level an analyst may read?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.levels import levels_of
from replenish.steps.panel import KEY, Floats, panel
from replenish.steps.weeks import week_sums
from replenish.tables.core import Bucket, Node
from replenish.tables.plan import Forecast, Total


def hierarchy(
    forecast: dy.DataFrame[Forecast], node: dy.DataFrame[Node], bucket: dy.DataFrame[Bucket]
) -> dy.DataFrame[Total]:
    """Add forecasts up, week by week, for every category, its parents and all, at every location and at all.

    The sums are of the nodes' own forecasts, so that every level agrees with every other and with what is ordered.
    Money counts the nodes whose price or cost is known.
    """
    nodes = forecast.select(KEY).unique(maintain_order=True)
    nodes = nodes.join(node.select(*KEY, "category", "unit_price", "has_money"), on=KEY, maintain_order="left")
    levels = levels_of(nodes)
    cells = panel(forecast, nodes)
    future = bucket.filter(pl.col("bucket_index").is_between(cells.first, cells.first + cells.width - 1))
    weeks = future.group_by("week_index").agg(week_start=pl.col("bucket_start").min()).sort("week_index")
    week = future.sort("bucket_index")["week_index"].cast(pl.Int64).to_numpy()
    price = np.where(nodes["has_money"].to_numpy(), nodes["unit_price"].to_numpy(), 0.0)
    qty, event = (week_sums(week, cells.grid(forecast[name], empty=0.0)) for name in ("forecast_qty", "event_qty"))
    sums = {"forecast_qty": qty, "event_qty": event, "forecast_value": qty * price[:, None]}
    out = levels.frame.join(weeks, how="cross", maintain_order="left_right")
    out = out.with_columns(pl.Series(name, _flat(levels.summing @ grid)) for name, grid in sums.items())
    return Total.cast(out.select(Total.column_names()))


def _flat(grid: Floats) -> Floats:
    return np.ascontiguousarray(grid).ravel()
