"""From ordinary weeks to buckets: season, opening days, listing dates and events put back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.steps.calendar import SeasonIndex, bucket_days
from replenish.steps.events import (
    closed_share,
    events_on,
    learn_uplift,
    uplift_grid,
    uplift_variance,
    variance_grid,
)
from replenish.steps.forecast.weekdays import own_weekdays
from replenish.steps.panel import Bools, Floats, Ints, Panel

PROFILE_WEEKS, LEAST_DAYS = 13, 4  # weekdays shut in all of so many recent weeks are shut in the next


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
    cells: Panel,
    demand: pl.DataFrame,
    index: SeasonIndex,
    event_bucket: pl.DataFrame,
    bucket: pl.DataFrame,
) -> Spread:
    """Weekly levels [N, weeks] times the share of the week in each bucket, its index and the uplift of its events.

    `cells` lays out `demand` (history) on the same nodes; past events of it teach the uplift of those to come.
    """
    future = bucket.filter(pl.col("bucket_index") >= 0).sort("bucket_index")
    past = bucket.filter(pl.col("bucket_index").is_between(cells.first, -1)).sort("bucket_index")
    shape = (nodes.height, future.height)
    events = events_on(event_bucket, nodes)
    history = cells.grid(demand["demand_qty"])
    known = history, index.of_buckets(past), cells.first, 7 // bucket_days(bucket)
    uplift = learn_uplift(events, *known)
    variance = variance_grid(events, uplift_variance(events, uplift, *known), 0, shape)
    rate = index.of_buckets(future)
    if index.is_daily:
        own = own_weekdays(history / uplift_grid(events, uplift, cells.first, history.shape), known[1], _weekday(past))
        rate = np.where(_shut_weekdays(history, past, future), 0.0, rate * own[:, _weekday(future)])
    week = future["week_index"].cast(pl.Int64).to_numpy()
    part = future["week_share"].to_numpy()[None, :] * (1.0 - closed_share(events, 0, shape)) * _listed(nodes, future)
    baseline = weekly_qty[:, week] * rate * part
    lift = uplift_grid(events, uplift, 0, shape)
    return Spread(baseline, baseline * lift, rate, lift, variance)


def _listed(nodes: pl.DataFrame, future: pl.DataFrame) -> Floats:
    """Share of each bucket's days on which the node is on sale [N, H]."""
    start, end = (future[name].to_physical().to_numpy() for name in ("bucket_start", "bucket_end"))
    begin = nodes["listed_from"].to_physical().cast(pl.Float64).fill_null(-np.inf).to_numpy()
    stop = nodes["listed_to"].to_physical().cast(pl.Float64).fill_null(np.inf).to_numpy()
    days = np.minimum(end[None, :], stop[:, None]) - np.maximum(start[None, :], begin[:, None]) + 1.0
    return np.clip(days / (end - start + 1.0)[None, :], 0.0, 1.0)


def _weekday(bucket: pl.DataFrame) -> Ints:
    """0 for Monday."""
    return bucket["bucket_start"].dt.weekday().to_numpy().astype(np.int64) - 1


def _shut_weekdays(history: Floats, past: pl.DataFrame, future: pl.DataFrame) -> Bools:
    """Future days whose weekday never sold anything lately while the others could [N, H]."""
    recent = history[:, -PROFILE_WEEKS * 7 :]
    weekday = past["bucket_start"].dt.weekday().to_numpy()[-PROFILE_WEEKS * 7 :]
    alive = (~np.isnan(recent)).any(axis=1)
    out = np.zeros((history.shape[0], future.height), dtype=bool)
    for day in range(1, 8):
        same = recent[:, weekday == day]
        if same.shape[1] >= LEAST_DAYS:
            shut = np.logical_and(alive, (~np.isnan(same)).sum(axis=1) == 0)
            out[:, future["bucket_start"].dt.weekday().to_numpy() == day] |= shut[:, None]
    return out
