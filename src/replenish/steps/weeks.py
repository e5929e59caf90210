"""From buckets to weeks: members are fitted to weeks, never to the days of a slow item."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from replenish.steps.panel import Floats, Ints, Panel

LEAST_COVER = 1.0 / 3.0  # of a week's buckets that must be available for the week to count


def last_closed_day(bucket: pl.DataFrame) -> date:
    """Last day of the last closed bucket: as-of, or the end of the week before where as-of lies inside a week."""
    closed = bucket.filter(pl.col("bucket_index") < 0).sort("bucket_index")["bucket_end"]
    first: date = bucket.sort("bucket_index")["bucket_start"][0]
    return closed[-1] if closed.len() else first - timedelta(days=1)


def week_of_columns(cells: Panel, bucket: pl.DataFrame) -> Ints:
    """Week index of every column of a panel of buckets."""
    when = bucket.filter(pl.col("bucket_index").is_between(cells.first, cells.first + cells.width - 1))
    return when.sort("bucket_index")["week_index"].cast(pl.Int64).to_numpy()


def week_sums(week: Ints, grid: Floats) -> Floats:
    """Sums of a grid [N, T] over the columns of each week [N, W]; `week` [T] rises."""
    if week.size == 0:
        return np.empty((grid.shape[0], 0))
    out: Floats = np.add.reduceat(grid, np.flatnonzero(np.concatenate([[True], week[1:] != week[:-1]])), axis=1)
    return out


def to_weeks(week: Ints, demand: Floats, weight: Floats, buckets_a_week: int) -> Floats:
    """Sum of available demand over sum of its weights, week by week [N, W]; W runs from the first to the last week.

    `weight` [N, T] is what a bucket is worth of an ordinary week (its index / buckets a week). NaN where less than a
    third of the week's buckets is available, or their weight is 0.
    """
    if week.size == 0:
        return np.empty((demand.shape[0], 0))
    starts = np.flatnonzero(np.concatenate([[True], week[1:] != week[:-1]]))
    there = ~np.isnan(demand)
    total = np.add.reduceat(np.where(there, demand, 0.0), starts, axis=1)
    part = np.add.reduceat(np.where(there, weight, 0.0), starts, axis=1)
    count = np.add.reduceat(there.astype(np.float64), starts, axis=1)
    enough = (count >= LEAST_COVER * buckets_a_week) & (part > 1e-9)
    return np.where(enough, total / np.where(enough, part, 1.0), np.nan)
