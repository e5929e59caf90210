"""Did coverage windows of the past serve what their orders promised? And what did the user's own orders do?"""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from replenish.numerics.policy_simulator import Policy
from replenish.steps.panel import KEY
from replenish.steps.simulate.arena import Arena, aligned
from replenish.tables.backtest import Kept


def promised_rows(arena: Arena, wish: pl.DataFrame, epoch: int) -> pl.DataFrame:
    """What an epoch's orders promise: place of the node, first and last bucket of its window, demand and sales."""
    demand = aligned(arena.nodes, wish, "window_1_qty", np.nan)
    lost = aligned(arena.nodes, wish, "expected_lost_with_qty", np.nan)
    start = epoch * arena.step + arena.delay[:, epoch]
    rows = pl.DataFrame(
        {
            "place": np.arange(len(demand)),
            "first": start,
            "last": start + arena.review,
            "promised_qty": demand,
            "promised_served_qty": demand - lost,
        }
    )
    # What supplies others is promised orders, not demand; NaN: not planned then.
    decides = arena.is_open[:, epoch] & (demand > 0.0) & ~np.isin(np.arange(len(demand)), arena.parent)
    return rows.filter(pl.Series(decides))


def kept_windows(
    promised: pl.DataFrame, served_qty: NDArray[np.float32], demand_qty: NDArray[np.float32], first_bucket: int
) -> pl.DataFrame:
    """What each promise came to: units wanted and served in its window.

    `served_qty` [nodes, buckets] is what the very run served whose orders promised; windows that begin before
    `first_bucket` or end after the history are left out.
    """
    nodes, buckets = demand_qty.shape
    served, wanted = (
        np.hstack([np.zeros((nodes, 1)), qty.cumsum(axis=1, dtype=np.float64)]) for qty in (served_qty, demand_qty)
    )
    inside = promised.filter((pl.col("first") >= first_bucket) & (pl.col("last") <= buckets))
    place, first, last = (inside[name].to_numpy() for name in ("place", "first", "last"))
    return inside.with_columns(
        wanted=pl.Series(wanted[place, last] - wanted[place, first]),
        served=pl.Series(served[place, last] - served[place, first]),
        rate=pl.col("promised_served_qty") / pl.col("promised_qty"),
    )


def kept_rows(told: pl.DataFrame) -> pl.DataFrame:
    """Promised and achieved fill, all together (decile 0) and by decile of the promised fill."""
    ranked = told.with_columns(decile=(pl.col("rate").rank("ordinal") * 10 / (pl.len() + 1)).floor().cast(pl.Int32) + 1)
    both = pl.concat([told.with_columns(decile=pl.lit(0, dtype=pl.Int32)), ranked])
    rows = both.group_by("decile").agg(
        window_count=pl.len().cast(pl.Int32),
        promised_rate=(pl.col("promised_served_qty").sum() / pl.col("promised_qty").sum()).clip(0.0, 1.0),
        achieved_rate=(pl.col("served").sum() / pl.col("wanted").sum()).clip(0.0, 1.0).fill_nan(None),
    )
    return Kept.cast(rows.sort("decile").select(Kept.column_names()))


def own_orders(arena: Arena, receipts: pl.DataFrame, first_day: date) -> Policy | None:
    """The user's own orders as they came in, bucket by bucket; None where the books hold none.

    `receipts` has item_id, location_id, date and qty. They arrive when they really did, so there is no delay.
    """
    buckets = arena.demand.shape[1]
    days = (receipts["date"] - first_day).dt.total_days().to_numpy()
    numbered = arena.nodes.select(KEY).with_row_index("place")
    place = receipts.select(KEY).join(numbered, on=KEY, how="left", maintain_order="left")["place"]
    row, bucket = place.cast(pl.Int64).fill_null(-1).to_numpy(), days // arena.bucket_days
    inside = (row >= 0) & (bucket >= 0) & (bucket < buckets)
    if not inside.any():
        return None
    given = np.zeros((len(arena.lead), buckets))
    np.add.at(given, (row[inside], bucket[inside]), receipts["qty"].to_numpy()[inside])
    rest = arena.policy(1)
    return rest._replace(
        point=np.full(given.shape, -np.inf),
        level=np.zeros_like(given),
        given=given,
        delay=np.zeros(given.shape, dtype=np.int64),
    )


def own_levels(arena: Arena, epochs: int) -> Policy | None:
    """The user's own min/max levels; None where fewer than half of the nodes that sell have both."""
    least, most = (arena.nodes[name].cast(pl.Float64).to_numpy() for name in ("min_stock_qty", "max_stock_qty"))
    both = np.isfinite(most) & (least > 0)
    if both.mean() < 0.5:
        return None
    policy = arena.policy(epochs)
    policy.point[:] = np.where(both, least, -np.inf)[:, None]
    policy.level[:] = np.where(both, most, 0.0)[:, None]
    policy.point[~arena.is_open] = -np.inf
    return policy
