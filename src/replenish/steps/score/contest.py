"""Which members have earned their place, by kind of demand: pinball at the node's critical ratio over past windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from replenish.numerics.contest import Gain, paired_gain
from replenish.numerics.distribution import settled_variance
from replenish.numerics.forecast_metrics import naive_absolute_scale
from replenish.numerics.loss import choose_family, quantile
from replenish.numerics.rolling import window_sums
from replenish.steps.forecast.cheap import ANCHOR, FITTED, STEADY
from replenish.steps.panel import Floats, Ints
from replenish.steps.pools import ALL
from replenish.steps.score.past import Past

LEAST_RATIO, MOST_RATIO, DEFAULT_RATIO = 0.5, 0.95, 0.95  # few past windows reach a higher one
MOST_NODES = 1500  # of a kind of demand that compete: enough to tell a member's worth to a per cent
EVERY_WEEKS = 4  # origins four weeks apart: nearer ones tell the same story again
ENOUGH_ORIGINS = 13  # stored ones beyond which no others are needed
LEAST_NODES, LEAST_ORIGINS = 20, 3  # with fewer nothing is beyond noise
SELDOM = ("intermittent", "lumpy")


@dataclass(frozen=True)
class Result:
    """How a member stood against the benchmark in one kind of demand."""

    pinball: float | None  # its mean loss, in units of the node's usual change from week to week
    gain: Gain
    benchmark: float  # the benchmark's mean loss on the same cells
    is_used: bool


def critical_ratio(nodes: pl.DataFrame, review_days: Floats) -> Floats:
    """Share of demand over the protection time worth covering: p / (p + h) [N].

    `nodes`: shortage_cost (money a lost unit) and holding_cost_per_day in the order of `review_days`; h is what a unit
    costs that waits for the next order (newsvendor; Silver, Pyke & Thomas 4e, ch. 9). Between 0.5 and 0.95.
    """
    short = nodes["shortage_cost"].to_numpy()
    held = nodes["holding_cost_per_day"].to_numpy() * review_days
    told = (short > 0) & (short + held > 0)
    ratio = np.where(told, short / np.where(told, short + held, 1.0), DEFAULT_RATIO)
    return np.clip(ratio, LEAST_RATIO, MOST_RATIO)


def contest(
    past: Past, levels: Mapping[str, Floats], classes: NDArray[np.object_], ratio: Floats, window: Ints
) -> dict[tuple[str, str], Result]:
    """Result of every member in every kind of demand and in all, by (member, kind).

    `levels` [N, W + 1] by member, `window` [N] weeks. A member is used in a kind where it beats the moving average
    beyond noise; where none does, the moving average stays alone, as it does in a kind with too little to tell.
    """
    kinds = kinds_of(classes)
    some = [_some(np.flatnonzero(classes == kind)) for kind in kinds]
    chosen = np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *some]))
    loss = _losses(past, levels, ratio, window, chosen)
    out: dict[tuple[str, str], Result] = {}
    for kind in [ALL, *kinds]:
        mine = (classes[chosen] == kind) | (kind == ALL)
        for name, own in loss.items():
            out[name, kind] = _result(loss[ANCHOR][mine], own[mine])
    return out


def used_members(
    results: Mapping[tuple[str, str], Result], kinds: list[str], fitted: tuple[str, ...]
) -> dict[str, list[str]]:
    """Members in use by kind of demand: the winners there, else of all kinds together, else the moving average.

    Members fitted to single nodes serve steady demand alone. Without evidence of any kind the routing of the books:
    half the moving average, half TSB where demand is seldom, half the fitted members elsewhere.
    """
    names = sorted({name for name, _ in results} - {"naive"})
    won = {kind: [name for name in names if results[name, kind].is_used] for kind in [ALL, *kinds]}
    out = {}
    for kind in kinds:
        judge = next((one for one in (kind, ALL) if _is_telling(results, one)), None)
        routed = [ANCHOR, "tsb"] if kind in SELDOM else [ANCHOR, *fitted]
        served = [name for name in won[judge or ALL] if kind not in SELDOM or name not in STEADY]
        out[kind] = routed if judge is None else served or [ANCHOR]
    return out


def _is_telling(results: Mapping[tuple[str, str], Result], kind: str) -> bool:
    gain = results["ses", kind].gain
    return gain.node_count >= LEAST_NODES and gain.origin_count >= LEAST_ORIGINS


def kinds_of(classes: NDArray[np.object_]) -> list[str]:
    return sorted(set(classes.tolist()))


def _some(rows: Ints) -> Ints:
    """At most so many of the rows, evenly spaced over them."""
    return rows[np.unique(np.linspace(0, max(rows.size - 1, 0), min(rows.size, MOST_NODES)).astype(np.int64))]


def _losses(past: Past, levels: Mapping[str, Floats], ratio: Floats, window: Ints, rows: Ints) -> dict[str, Floats]:
    """Pinball of every member [rows, origins] over its node's usual change; NaN where there is nothing to compare.

    Each under the law of its own errors: a member with small errors orders less for the same level.
    """
    observed = np.where(past.censored, np.nan, past.actual)[rows]
    index, length, none = past.index[rows], window[rows], np.zeros(observed.shape)
    origins = _origins(past, levels)
    sums = {name: window_sums(observed, none, index, level[rows], origins, length) for name, level in levels.items()}
    actual = sums[ANCHOR].actual_qty
    every = np.zeros(actual.size, dtype=np.int64)
    scale = (naive_absolute_scale(observed) * np.sqrt(length))[:, None]
    out = {}
    for name, one in sums.items():
        there = ~np.isnan(one.forecast_qty) & ~np.isnan(actual) & (scale > 0)
        f = np.where(there, one.forecast_qty, 0.0)
        a, b = settled_variance(one.forecast_qty.ravel(), ((actual - one.forecast_qty) ** 2).ravel(), every, 1)
        spread = np.maximum(a[0] * f + b[0] * f**2, 1.01 * f)
        level = np.broadcast_to(ratio[rows][:, None], f.shape)
        q = quantile(level, f, spread, choose_family(f, spread))
        gap = one.actual_qty - q
        pinball = np.where(gap >= 0, level * gap, (level - 1.0) * gap)
        out[name] = np.where(there, pinball / np.where(scale > 0, scale, 1.0), np.nan)
    return out


def _origins(past: Past, levels: Mapping[str, Floats]) -> Ints:
    """Every fourth origin, and every one at which fitted members were heard, thinned where there are many."""
    heard = np.zeros(past.weekly.shape[1] + 1, dtype=bool)
    for name in set(levels) & FITTED:
        heard |= (~np.isnan(levels[name])).any(axis=0)
    stored = past.origins[heard[past.origins]]
    if stored.size >= ENOUGH_ORIGINS:
        return stored[::-EVERY_WEEKS][::-1]
    return np.union1d(past.origins[::-EVERY_WEEKS], stored)


def _result(benchmark: Floats, own: Floats) -> Result:
    gain = paired_gain(benchmark, own)
    both = ~np.isnan(benchmark) & ~np.isnan(own)
    known = bool(both.any())
    enough = gain.node_count >= LEAST_NODES and gain.origin_count >= LEAST_ORIGINS
    return Result(
        pinball=float(own[both].mean()) if known else None,
        gain=gain,
        benchmark=float(benchmark[both].mean()) if known else 0.0,
        is_used=enough and gain.is_beyond_noise,
    )
