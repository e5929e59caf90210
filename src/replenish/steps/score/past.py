"""Closed weeks as they were seen: ordinary demand, its season, and what of it is an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from replenish.steps.calendar import bucket_days, season_index
from replenish.steps.forecast.gate import OWN_WEEKS
from replenish.steps.panel import KEY, Bools, Floats, Ints, panel
from replenish.steps.weeks import to_weeks, week_of_columns

ORIGIN_WEEKS = 52  # origins looked at, one a week, newest last


@dataclass(frozen=True)
class Past:
    """Closed weeks of every node [N, W]."""

    weekly: Floats  # ordinary demand, NaN = missing
    index: Floats  # season
    actual: Floats  # demand with its season, without events
    variance: Floats  # of estimated demand
    censored: Bools
    origins: Ints


def past_weeks(
    demand: pl.DataFrame, baseline: pl.DataFrame, season: pl.DataFrame, nodes: pl.DataFrame, bucket: pl.DataFrame
) -> Past:
    cells = panel(baseline, nodes, time="week_index", last=-1)
    weekly = cells.grid(baseline["baseline_qty"])
    index = season_index(season, nodes, bucket).of_weeks(bucket, cells.first, -1)
    variance, censored = _estimates(demand, nodes, bucket, weekly.shape[1])
    weeks = weekly.shape[1]
    origins = np.arange(max(weeks - ORIGIN_WEEKS, OWN_WEEKS), weeks)
    return Past(weekly, index, weekly * index, variance, censored, origins)


def _estimates(demand: pl.DataFrame, nodes: pl.DataFrame, bucket: pl.DataFrame, weeks: int) -> tuple[Floats, Bools]:
    """Variance of each week's estimated demand, and whether any of it is an estimate of sold-out demand."""
    cells = panel(demand, nodes, last=-1)
    week = week_of_columns(cells, bucket)
    buckets_a_week = 7 // bucket_days(bucket)
    variance = cells.grid(demand["estimate_variance_qty2"], empty=0.0)
    hidden = cells.grid((demand["state"] == "censored").cast(pl.Float64), empty=0.0)
    ones = np.ones(cells.shape)
    summed = [np.nan_to_num(to_weeks(week, part, ones, 0)) * buckets_a_week for part in (variance, hidden)]
    wide = [np.pad(part, ((0, 0), (max(weeks - part.shape[1], 0), 0)))[:, part.shape[1] - weeks :] for part in summed]
    return wide[0][:, -weeks:] if weeks else wide[0][:, :0], (wide[1] > 0)[:, -weeks:] if weeks else wide[1][:, :0] > 0


def stored_levels(past_member: pl.DataFrame, nodes: pl.DataFrame, weeks: int, as_of: date) -> dict[str, Floats]:
    """Level of every fitted member at the origins at which it was stored [N, weeks + 1]; NaN elsewhere.

    A forecast is held against the first whole week of tonight's calendar that begins after it was made.
    """
    age = (pl.lit(as_of) - pl.col("origin_date")).dt.total_days()
    rows = past_member.join(nodes.select(KEY).with_row_index("row"), on=KEY, how="inner", maintain_order="left")
    rows = rows.with_columns(column=weeks - age // 7).filter(pl.col("column").is_between(0, weeks))
    out: dict[str, Floats] = {}
    for (name,), mine in rows.group_by("member", maintain_order=True):
        level = np.full((nodes.height, weeks + 1), np.nan)
        level[mine["row"].to_numpy(), mine["column"].to_numpy()] = mine["level_qty"].to_numpy()
        out[str(name)] = level
    return out
