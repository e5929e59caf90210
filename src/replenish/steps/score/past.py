"""Closed weeks as they were seen: ordinary demand, its season, and what of it is an estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.combination import combine
from replenish.numerics.smoothing import (
    SES_ALPHA_GRID,
    TSB_ALPHA,
    moving_average_levels,
    naive_levels,
    ses_levels,
    tsb_levels,
)
from replenish.steps.calendar import season_index
from replenish.steps.forecast.gate import OWN_WEEKS
from replenish.steps.panel import Bools, Floats, Ints, panel

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


def cheap_levels(weekly: Floats, window_weeks: int) -> dict[str, Floats]:
    """Level of every cheap member at every origin; none before a node has eight weeks of its own."""
    seen = np.concatenate([np.zeros((weekly.shape[0], 1)), np.cumsum(~np.isnan(weekly), axis=1)], axis=1)
    sma = moving_average_levels(weekly, window_weeks)
    tsb = tsb_levels(weekly, TSB_ALPHA, TSB_ALPHA)
    members = {
        "seasonal_sma": sma,
        "ses": ses_levels(weekly, SES_ALPHA_GRID),
        "tsb": tsb,
        "combination": combine(sma, tsb),
        "naive": naive_levels(weekly),
    }
    return {name: np.where(seen >= OWN_WEEKS, level, np.nan) for name, level in members.items()}
