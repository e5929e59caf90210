"""Which member serves which node."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.segment import ADI_CUT
from replenish.steps.panel import Bools, Floats

TSB_WEEKS, ENSEMBLE_WEEKS, DEAD_WEEKS = 8, 26, 52
NEW_WEEKS, OWN_WEEKS = 13, 8  # a node is new below the first; below the second nothing of its own is fitted


def is_sparse(average_interval: pl.Series) -> Bools:
    """Demand so seldom (ADI at least 1.32 weeks) that TSB takes the place of ETS, CES and theta."""
    return average_interval.fill_null(np.inf).to_numpy() >= ADI_CUT


def is_dead(weekly: Floats) -> Bools:
    """Demand once, but none in the newest 52 available weeks."""
    there = ~np.isnan(weekly)
    age = np.cumsum(there[:, ::-1], axis=1)[:, ::-1]  # available weeks from here to tonight
    recent = there & (age <= DEAD_WEEKS)
    sold = np.where(recent, np.nan_to_num(weekly), 0.0).sum(axis=1) > 0
    return (there.sum(axis=1) >= DEAD_WEEKS) & ~sold


def wants_ensemble(weekly: Floats, average_interval: pl.Series) -> Bools:
    """Steady, alive, and long enough for fitted members."""
    long_enough = (~np.isnan(weekly)).sum(axis=1) >= ENSEMBLE_WEEKS
    return long_enough & ~is_sparse(average_interval) & ~is_dead(weekly)
