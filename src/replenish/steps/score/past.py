"""Closed weeks as they were seen: ordinary demand, its season, and what of it is an estimate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from replenish.steps.calendar import season_index
from replenish.steps.forecast.gate import OWN_WEEKS
from replenish.steps.panel import KEY, Bools, Floats, Ints, panel

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


def past_weeks(baseline: pl.DataFrame, season: pl.DataFrame, nodes: pl.DataFrame, bucket: pl.DataFrame) -> Past:
    cells = panel(baseline, nodes, time="week_index", last=-1)
    weekly = cells.grid(baseline["baseline_qty"])
    index = season_index(season, nodes, bucket).of_weeks(bucket, cells.first, -1)
    variance = cells.grid(baseline["estimate_variance_qty2"], empty=0.0)
    censored = cells.grid(baseline["is_censored"], empty=0.0) > 0
    weeks = weekly.shape[1]
    origins = np.arange(max(weeks - ORIGIN_WEEKS, OWN_WEEKS), weeks)
    return Past(weekly, index, weekly * index, variance, censored, origins)


def stored_levels(past_member: pl.DataFrame, nodes: pl.DataFrame, weeks: int, last_day: date) -> dict[str, Floats]:
    """Level of every fitted member at the origins at which it was stored [N, weeks + 1]; NaN elsewhere.

    A forecast is held against the first whole week of tonight's calendar that begins after it was made; the newest of
    these weeks ends on `last_day`.
    """
    age = (pl.lit(last_day) - pl.col("origin_date")).dt.total_days()
    rows = past_member.join(nodes.select(KEY).with_row_index("row"), on=KEY, how="inner", maintain_order="left")
    rows = rows.with_columns(column=weeks - age // 7).filter(pl.col("column").is_between(0, weeks))
    out: dict[str, Floats] = {}
    for (name,), mine in rows.group_by("member", maintain_order=True):
        level = np.full((nodes.height, weeks + 1), np.nan)
        level[mine["row"].to_numpy(), mine["column"].to_numpy()] = mine["level_qty"].to_numpy()
        out[str(name)] = level
    return out
