"""What past forecasts of a window got wrong: sums of demand and of forecast over the buckets after each origin."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_MISSING = 1.0 / 3.0


class WindowSums(NamedTuple):
    """Per node and origin [N, O], NaN where the window says nothing; variance is that of estimated demand."""

    actual_qty: Floats
    forecast_qty: Floats
    variance: Floats


def window_sums(
    demand_qty: Floats, demand_variance: Floats, index: Floats, levels: Floats, origins: Ints, window: Ints
) -> WindowSums:
    """Sum actual and forecast over the `window[n]` buckets from each origin on: their gap is the error of the sum.

    `demand_qty`, `demand_variance`, `index` [N, T] (index = season * uplift of the bucket), `levels` [N, T + 1] as from
    smoothing.py, `origins` [O] in 0..T, `window` [N] >= 1. Missing buckets leave both sums; a window with more than a
    third missing, or reaching beyond the history, is dropped. Raises ValueError for a window below one bucket.
    """
    if (window < 1).any():
        raise ValueError("a window must be at least one bucket")
    return WindowSums(*_window_sums(demand_qty, demand_variance, index, levels, origins, window, MOST_MISSING))


@numba.njit(cache=True, nogil=True)
def _window_sums(
    demand_qty: Floats,
    demand_variance: Floats,
    index: Floats,
    levels: Floats,
    origins: Ints,
    window: Ints,
    most_missing: float,
) -> tuple[Floats, Floats, Floats]:
    nodes, buckets = demand_qty.shape
    actual = np.full((nodes, origins.size), np.nan)
    forecast = np.full((nodes, origins.size), np.nan)
    variance = np.full((nodes, origins.size), np.nan)
    for n in range(nodes):
        length = window[n]
        for i in range(origins.size):
            start = origins[i]
            if start + length > buckets or np.isnan(levels[n, start]):
                continue
            total, expected, spread, gaps = 0.0, 0.0, 0.0, 0
            for t in range(start, start + length):
                y = demand_qty[n, t]
                if np.isnan(y) or np.isnan(index[n, t]):
                    gaps += 1
                else:
                    total += y
                    expected += levels[n, start] * index[n, t]
                    spread += demand_variance[n, t]
            if gaps <= most_missing * length:
                actual[n, i], forecast[n, i], variance[n, i] = total, expected, spread
    return actual, forecast, variance


def seasonal_naive_sums(demand_qty: Floats, origins: Ints, window: Ints, season_length: int) -> Floats:
    """Forecast of each window by the same buckets a season earlier [N, O]: mean of those available times the length."""
    return _seasonal_naive_sums(demand_qty, origins, window, season_length, MOST_MISSING)


@numba.njit(cache=True, nogil=True)
def _seasonal_naive_sums(
    demand_qty: Floats, origins: Ints, window: Ints, season_length: int, most_missing: float
) -> Floats:
    nodes = demand_qty.shape[0]
    out = np.full((nodes, origins.size), np.nan)
    for n in range(nodes):
        length = window[n]
        for i in range(origins.size):
            first = origins[i] - season_length
            if first < 0 or length > season_length:
                continue
            total, count = 0.0, 0
            for t in range(first, first + length):
                if not np.isnan(demand_qty[n, t]):
                    total += demand_qty[n, t]
                    count += 1
            if count > 0 and length - count <= most_missing * length:
                out[n, i] = total / count * length
    return out
