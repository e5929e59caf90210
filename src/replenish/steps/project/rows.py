"""Projections as rows of plan.projection, with their exact identity."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.network import Network
from replenish.steps.panel import KEY, Floats
from replenish.steps.project.outlook import Ahead
from replenish.tables.plan import Projection


def projection_rows(
    network: Network, ahead: Ahead, record: pl.DataFrame, rebalance: pl.DataFrame
) -> dy.DataFrame[Projection]:
    """One row a planned node and open bucket; every bucket opens with what the one before it closed with."""
    horizon, out = network.calendar.horizon, ahead.outlook
    order = network.nodes.select(*KEY, at=pl.int_range(pl.len())).sort(KEY)
    known = network.matched(record, "recorded_on_hand_qty", "on_hand_qty").fill_null(0.0)
    recorded = known["recorded_on_hand_qty"].to_numpy()
    correction = np.pad((known["on_hand_qty"].to_numpy() - recorded)[:, None], ((0, 0), (0, horizon - 1)))
    moved_in, moved_out = _moved(network, rebalance)
    least = np.where((network.nodes["shortage_rule"] == "lost_sales").to_numpy(), 0.0, -np.inf)[:, None]
    opening = np.concatenate([recorded[:, None], out.closing[:, : horizon - 1]], axis=1)
    parts = {
        "opening_qty": opening,
        "record_adjustment_qty": correction,
        "receipt_qty": np.maximum(out.receipt[:, :horizon] - moved_in, 0.0),
        "undelivered_qty": ahead.undelivered,
        "moved_in_qty": moved_in,
        "moved_out_qty": moved_out,
        "proposed_qty": out.proposed,
        "planned_qty": out.planned,
        "forecast_qty": ahead.forecast,
        "requirement_qty": ahead.requirement,
        "order_qty": ahead.orders,
        "demand_qty": ahead.forecast + ahead.requirement + ahead.orders,
        "lost_qty": out.lost,
        "expired_qty": out.expired,
        "closing_qty": out.closing,
        "closing_q10_qty": np.maximum(out.closing_q10, least),
        "closing_q50_qty": np.maximum(out.closing_q50, least),
        "closing_q90_qty": np.maximum(out.closing_q90, least),
        "closing_without_qty": out.closing_without,
        "lost_without_qty": out.short_without,
        "sure_qty": out.sure,
    }

    def column(grid: Floats) -> pl.Series:
        return pl.Series(np.ascontiguousarray(grid[order["at"].to_numpy(), :horizon]).ravel())

    days = pl.DataFrame({"bucket_index": np.arange(horizon, dtype=np.int32), "bucket_start": network.calendar.starts})
    frame = order.select(KEY).join(days, how="cross", maintain_order="left_right")
    frame = frame.with_columns(**{name: column(grid) for name, grid in parts.items()})
    return Projection.cast(frame.select(Projection.column_names()))


def _moved(network: Network, rebalance: pl.DataFrame) -> tuple[Floats, Floats]:
    """Units that lateral moves bring to each node, at their receipt, and take from it, at once: nodes x buckets."""
    coming, going = (np.zeros((network.count, network.calendar.horizon)) for _ in range(2))
    at, qty = network.rows_of(rebalance), rebalance["qty"].to_numpy()
    np.add.at(coming, (at, network.calendar.bucket_of(rebalance["receipt_date"])), qty)
    origin = network.rows_of(rebalance.select("item_id", location_id="source_id"))
    np.add.at(going[:, 0], origin, qty)
    return coming, going
