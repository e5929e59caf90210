"""Lanes of lateral moves: ways between planned locations that are not the usual source of the destination."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.steps.network import Network
from replenish.steps.panel import KEY


def lanes_of(network: Network, arc: pl.DataFrame, graph_issue: pl.DataFrame) -> pl.DataFrame:
    """Move arcs of another rank than 1 (0 included), with `origin` and `destination` rows, `days` and `freight` a unit.

    No slower than an order of tonight from the usual source, inside the horizon, and between nodes whose network is
    sound.
    """
    lanes = arc.filter((pl.col("kind") == "move") & (pl.col("arc_rank") != 1)).sort(*KEY, "source_id")
    broken = graph_issue.select(KEY).unique()
    lanes = lanes.join(broken, on=KEY, how="anti", maintain_order="left").join(
        broken, left_on=["item_id", "source_id"], right_on=KEY, how="anti", maintain_order="left"
    )
    origin = network.rows_of(lanes.select("item_id", location_id="source_id"))
    lanes = lanes.with_columns(
        origin=pl.Series(origin, dtype=pl.Int64),
        destination=pl.Series(network.rows_of(lanes), dtype=pl.Int64),
        days=pl.col("lead_time_days").ceil(),
    ).filter((pl.col("origin") >= 0) & (pl.col("destination") >= 0) & (pl.col("origin") != pl.col("destination")))
    usual = network.column("lead_time_days") + network.column("wait_days", 0.0)
    own = np.nan_to_num(network.column("unit_cost"))
    at, here, days = (lanes[name].to_numpy() for name in ("destination", "origin", "days"))
    # What a unit costs over the lane beyond what it costs where it lies.
    freight = np.maximum(lanes["unit_cost"].to_numpy() - own[here], 0.0)
    in_time = (days <= np.ceil(usual[at])) & (network.calendar.bucket_after(days) < network.calendar.horizon)
    return lanes.with_columns(freight=pl.Series(freight, dtype=pl.Float64)).filter(pl.Series(in_time, dtype=pl.Boolean))
