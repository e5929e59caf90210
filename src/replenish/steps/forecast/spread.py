"""From ordinary weeks to buckets: season, opening days, listing dates and events put back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.steps.calendar import WEEKDAYS, SeasonIndex
from replenish.steps.events import Events, closed_share, uplift_grid, variance_grid
from replenish.steps.panel import Floats


@dataclass(frozen=True)
class Spread:
    """Per node and bucket [N, H]."""

    baseline_qty: Floats
    forecast_qty: Floats
    index: Floats
    uplift: Floats
    event_variance_rate: Floats  # of the logarithm of the uplift; a factor of 1 + this on excess variance


def spread_levels(
    weekly_qty: Floats,
    nodes: pl.DataFrame,
    index: SeasonIndex,
    weekday_rates: pl.Series,
    events: Events,
    uplift: Floats,
    variance: Floats,
    future: pl.DataFrame,
) -> Spread:
    """Weekly levels [N, weeks] times the share of the week in each bucket, its index and the uplift of its events.

    `weekday_rates` [N] as plan.availability has them, `uplift` of every row of `events` and the `variance`
    of its logarithm, `future` the open buckets.
    """
    shape = (nodes.height, future.height)
    rate = index.of_buckets(future)
    if index.is_daily:
        rate = rate * _own_weekdays(weekday_rates, future)
    week = future["week_index"].cast(pl.Int64).to_numpy()
    part = future["week_share"].to_numpy()[None, :] * (1.0 - closed_share(events, 0, shape)) * _listed(nodes, future)
    baseline = weekly_qty[:, week] * rate * part
    lift = uplift_grid(events, uplift, 0, shape)
    return Spread(baseline, baseline * lift, rate, lift, variance_grid(events, variance, 0, shape))


def _listed(nodes: pl.DataFrame, future: pl.DataFrame) -> Floats:
    """Share of each bucket's days on which the node is on sale [N, H]."""
    start, end = (future[name].to_physical().to_numpy() for name in ("bucket_start", "bucket_end"))
    begin = nodes["listed_from"].to_physical().cast(pl.Float64).fill_null(-np.inf).to_numpy()
    stop = nodes["listed_to"].to_physical().cast(pl.Float64).fill_null(np.inf).to_numpy()
    days = np.minimum(end[None, :], stop[:, None]) - np.maximum(start[None, :], begin[:, None]) + 1.0
    return np.clip(days / (end - start + 1.0)[None, :], 0.0, 1.0)


def _own_weekdays(weekday_rates: pl.Series, future: pl.DataFrame) -> Floats:
    """Factor of each node on the weekday of each bucket [N, H]."""
    flat = weekday_rates.explode().to_numpy() if weekday_rates.len() else np.empty(0)
    return flat.reshape(-1, WEEKDAYS)[:, future["bucket_start"].dt.weekday().to_numpy().astype(np.int64) - 1]
