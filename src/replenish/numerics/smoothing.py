"""Level of demand at every origin, for all nodes in one compiled pass.

`demand_qty` [N, T] is deseasonalised and event-free, NaN = missing. Every function returns levels [N, T + 1]: column
o is the forecast made from buckets 0..o-1 alone, so column T is tonight's, and errors of any window at any past
origin follow without refitting. Columns before the first available bucket are NaN.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SES_ALPHA_GRID = np.arange(0.02, 0.605, 0.01)
TSB_ALPHA = 0.1  # of both size and probability


@numba.njit(cache=True, nogil=True)
def moving_average_levels(demand_qty: Floats, window: int) -> Floats:
    """Mean of the available buckets among the last `window`.

    Where none of them is available, the window ends at the newest available bucket instead: a long stock-out must
    not erase what was known before it.
    """
    nodes, buckets = demand_qty.shape
    out = np.full((nodes, buckets + 1), np.nan)
    for n in range(nodes):
        newest = np.nan
        for origin in range(1, buckets + 1):
            total, count = 0.0, 0
            for t in range(max(0, origin - window), origin):
                if not np.isnan(demand_qty[n, t]):
                    total += demand_qty[n, t]
                    count += 1
            level = total / count if count > 0 else newest
            if not np.isnan(demand_qty[n, origin - 1]):
                newest = level
            out[n, origin] = level
    return out


@numba.njit(cache=True, nogil=True)
def ses_levels(demand_qty: Floats, alphas: Floats) -> Floats:
    """Simple exponential smoothing (Brown 1959), start = first value.

    At each origin the alpha of `alphas` with the smallest squared one-step error so far is used (the smaller on a tie).
    """
    nodes, buckets = demand_qty.shape
    out = np.full((nodes, buckets + 1), np.nan)
    for n in range(nodes):
        level = np.full(alphas.size, np.nan)
        loss = np.zeros(alphas.size)
        best = 0
        for t in range(buckets):
            y = demand_qty[n, t]
            if not np.isnan(y):
                if np.isnan(level[0]):
                    level[:] = y
                else:
                    for k in range(alphas.size):
                        error = y - level[k]
                        loss[k] += error * error
                        level[k] += alphas[k] * error
                    best = int(np.argmin(loss))
            out[n, t + 1] = level[best]
    return out


@numba.njit(cache=True, nogil=True)
def tsb_levels(demand_qty: Floats, alpha_size: float, alpha_probability: float) -> Floats:
    """Teunter, Syntetos & Babai (2011): size smoothed on demands only, probability every bucket; level = product.

    Decays when an item dies. Start: probability 1 or 0 by the first bucket, size = first demand.
    """
    nodes, buckets = demand_qty.shape
    out = np.full((nodes, buckets + 1), np.nan)
    for n in range(nodes):
        size, probability = 0.0, np.nan
        for t in range(buckets):
            y = demand_qty[n, t]
            if not np.isnan(y):
                hit = 1.0 if y > 0 else 0.0
                if np.isnan(probability):
                    probability = hit
                else:
                    probability += alpha_probability * (hit - probability)
                if y > 0:
                    size = y if size == 0.0 else size + alpha_size * (y - size)
            out[n, t + 1] = size * probability
    return out


@numba.njit(cache=True, nogil=True)
def naive_levels(demand_qty: Floats) -> Floats:
    """The newest available value: the benchmark every member must beat."""
    nodes, buckets = demand_qty.shape
    out = np.full((nodes, buckets + 1), np.nan)
    for n in range(nodes):
        newest = np.nan
        for t in range(buckets):
            if not np.isnan(demand_qty[n, t]):
                newest = demand_qty[n, t]
            out[n, t + 1] = newest
    return out


@numba.njit(cache=True, nogil=True)
def croston(demand_qty: Floats, alpha: float) -> tuple[Floats, Floats]:
    """Croston (1972): smoothed demand size and interval [N]; the forecast is size / interval.

    The first demand starts both (interval = buckets up to and including it). Times 1 - alpha/2 it is the bias-corrected
    form of Syntetos & Boylan (2005). Reference only: it never decays. NaN without demand.
    """
    nodes, buckets = demand_qty.shape
    size, interval = np.full(nodes, np.nan), np.full(nodes, np.nan)
    for n in range(nodes):
        gap = 0
        for t in range(buckets):
            y = demand_qty[n, t]
            if np.isnan(y):
                continue
            gap += 1
            if y > 0:
                if np.isnan(size[n]):
                    size[n], interval[n] = y, gap
                else:
                    size[n] += alpha * (y - size[n])
                    interval[n] += alpha * (gap - interval[n])
                gap = 0
    return size, interval
