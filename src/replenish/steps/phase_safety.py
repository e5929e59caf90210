"""What safety stock will be wanted on later days? As many days of demand as tonight's."""

from __future__ import annotations

from datetime import timedelta

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.panel import KEY
from replenish.tables.core import Bucket
from replenish.tables.plan import Projection, SafetyPhase, Target

_FIGURES = 3  # of a level: a step that shows in none of them is none


def phase_safety(
    target: dy.DataFrame[Target],
    projection: dy.DataFrame[Projection],
    bucket: dy.DataFrame[Bucket],
    *,
    dialects: tuple[str, ...],
) -> dy.DataFrame[SafetyPhase]:
    """Safety stock week by week, for planners that hold it by date; equal weeks are one row, up to the horizon.

    Its spread goes with demand: the level of a week is tonight's times the demand of the protection time from then on
    over that from tonight on. Weeks whose protection time ends beyond the horizon keep the last level. Nodes without
    safety stock, or without demand in tonight's protection time, have no rows.
    """
    weeks = bucket.filter(pl.col("bucket_index") >= 0).sort("bucket_index")
    if "frepple" not in dialects or weeks.is_empty():
        return SafetyPhase.create_empty()
    firsts = weeks.group_by("week_index", maintain_order=True).agg(pl.col("bucket_index", "bucket_start").first())
    end = weeks["bucket_end"].max()
    levels = target.filter(pl.col("safety_stock_qty") > 0).select(*KEY, "safety_stock_qty", "protection_buckets")
    demand = projection.sort(*KEY, "bucket_index").group_by(KEY, maintain_order=True).agg("demand_qty")
    nodes = levels.join(demand, on=KEY, how="inner", maintain_order="left")
    starts, days = firsts["bucket_index"].to_numpy(), firsts["bucket_start"].to_list()
    asked = nodes.select("safety_stock_qty", "protection_buckets", "demand_qty").iter_rows()
    found = [_levels(level, span, demand, starts) for level, span, demand in asked]
    rows = nodes.with_columns(
        safety_stock_qty=pl.Series(found, dtype=pl.List(pl.Float64)),
        start_date=pl.Series([days] * nodes.height, dtype=pl.List(pl.Date)),
    )
    rows = rows.select(*KEY, "start_date", "safety_stock_qty").explode("start_date", "safety_stock_qty").drop_nulls()
    is_step = (pl.col("safety_stock_qty") != pl.col("safety_stock_qty").shift(1)).over(KEY).fill_null(True)
    steps = rows.filter(is_step)
    after = pl.col("start_date").shift(-1).over(KEY).fill_null(pl.lit(end) + timedelta(days=1))
    return SafetyPhase.cast(
        steps.with_columns(end_date=after).select(SafetyPhase.column_names()).sort(*KEY, "start_date")
    )


def _levels(tonight: float, span: int, demand: list[float], starts: np.ndarray) -> list[float | None]:
    """The level at each start; nothing where tonight's span has no demand."""
    total = np.concatenate([[0.0], np.cumsum(demand)])
    span = min(max(span, 1), len(demand))
    inside = np.minimum(starts, len(demand) - span)
    windows = total[inside + span] - total[inside]
    if windows[0] <= 0:
        return [None] * len(starts)
    return [float(f"{level:.{_FIGURES}g}") for level in tonight * windows / windows[0]]
