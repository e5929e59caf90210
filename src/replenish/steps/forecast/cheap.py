"""Members that cost nothing: one compiled pass gives their level at every past origin and tonight."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from replenish.numerics.combination import median_of_available
from replenish.numerics.smoothing import (
    SES_ALPHA_GRID,
    TSB_ALPHA,
    moving_average_levels,
    naive_levels,
    ses_levels,
    tsb_levels,
)
from replenish.steps.forecast.gate import OWN_WEEKS
from replenish.steps.panel import Floats

ANCHOR = "seasonal_sma"  # the simple seasonal benchmark: what every other member has to beat
SLOW_ALPHA, FAST_ALPHA = 0.1, 0.4

FAMILIES = (
    (ANCHOR,),
    ("ses", "ses_mix"),
    ("tsb", "tsb_mix"),
    ("ets", "ces", "theta", "auto_ets", "auto_ces", "auto_theta"),
    ("mstl",),
    ("ml",),
)
STEADY = frozenset(name for family in FAMILIES[3:5] for name in family)  # fitted to single nodes of steady demand
FITTED = frozenset(name for family in FAMILIES[3:] for name in family)


def cheap_levels(weekly: Floats, window_weeks: int) -> dict[str, Floats]:
    """Level of every cheap member at every origin [N, W + 1]; none before a node has eight weeks of its own.

    `weekly` [N, W] is ordinary demand, NaN = missing. `ses_mix` and `tsb_mix` are means of a slow and a fast smoothing:
    nobody knows which level shift lasts, and the mean is never far off. `naive` is a benchmark only.
    """
    seen = np.concatenate([np.zeros((weekly.shape[0], 1)), np.cumsum(~np.isnan(weekly), axis=1)], axis=1)
    members = {
        ANCHOR: moving_average_levels(weekly, window_weeks),
        "ses": ses_levels(weekly, SES_ALPHA_GRID),
        "ses_mix": sum(ses_levels(weekly, np.array([alpha])) for alpha in (SLOW_ALPHA, FAST_ALPHA)) / 2.0,
        "tsb": tsb_levels(weekly, TSB_ALPHA, TSB_ALPHA),
        "tsb_mix": sum(tsb_levels(weekly, TSB_ALPHA, beta) for beta in (SLOW_ALPHA, FAST_ALPHA)) / 2.0,
        "naive": naive_levels(weekly),
    }
    return {name: np.where(seen >= OWN_WEEKS, level, np.nan) for name, level in members.items()}


def blend(levels: Mapping[str, Floats], used: Iterable[str]) -> Floats:
    """One level from the members in use: the median within each family, the mean over families; NaN where none is.

    A family has one vote, however many members it has: near twins must not outvote the rest. Equal weights, because
    estimated ones cost more than they bring (Claeskens et al. 2016, IJF 32).
    """
    chosen = set(used) & set(levels)
    families = [[levels[name] for name in family if name in chosen] for family in FAMILIES]
    votes = np.stack([median_of_available(np.stack(family)) for family in families if family])
    there = ~np.isnan(votes)
    count = there.sum(axis=0)
    total = np.where(there, votes, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
