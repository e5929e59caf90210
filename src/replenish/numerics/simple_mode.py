"""The challenger of every backtest: a projected order-up-to with one tuned number, without sampling."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from replenish.numerics import loss as law

Floats = NDArray[np.float64]

COVER_SHARE = 0.25
# A sale that costs nothing to prepare for is still not asked for with certainty.
_SUREST = 0.9995
# Less demand than this is none: laws of so little lose their numbers.
_NO_DEMAND = 1e-6


def simple_quantity(
    window_1: ArrayLike,
    window_2: ArrayLike,
    stock_at_arrival: ArrayLike,
    due_in_window_1: ArrayLike,
    pack: ArrayLike,
    cover_share: float = COVER_SHARE,
    outdating: ArrayLike = 0.0,
) -> Floats:
    """f(window 1) + c f(window 2) - projected stock - receipts due in window 1, to the nearest pack (ties to even).

    `outdating` units will expire before the next order arrives, and are ordered on top: estimated withdrawal and aging
    (Broekmeulen & van Donselaar 2009).
    """
    first, second, stock, due, lot, gone = (
        np.asarray(each, dtype=np.float64)
        for each in (window_1, window_2, stock_at_arrival, due_in_window_1, pack, outdating)
    )
    raw = np.maximum(0.0, first + cover_share * second - stock - due + gone)
    out: Floats = np.round(raw / lot) * lot
    return out


def single_day_level(
    mean: ArrayLike, variance: ArrayLike, continuous: ArrayLike, shortage_cost: ArrayLike, waste_cost: ArrayLike
) -> Floats:
    """Stock that pays where nothing is left over: the demand quantile at (price - cost) / (price - salvage).

    For bread, whose life is no longer than the review time; shortage_cost is price - cost and waste_cost is cost -
    salvage, of a unit; units as the mean. Nothing where a sale earns nothing. Source: the newsvendor, Silver, Pyke &
    Thomas (2017) Inventory and Production Management in Supply Chains, section 9.2.
    """
    mean, variance, lost, wasted = (
        np.asarray(each, dtype=np.float64) for each in (mean, variance, shortage_cost, waste_cost)
    )
    mean = np.where(mean > _NO_DEMAND, mean, 0.0)
    earns = np.maximum(lost, 0.0)
    ratio = earns / np.maximum(earns + np.maximum(wasted, 0.0), 1e-12)
    level = law.quantile(np.clip(ratio, 1e-6, _SUREST), mean, variance, law.choose_family(mean, variance, continuous))
    return np.where(earns > 0.0, np.maximum(np.nan_to_num(level), 0.0), 0.0)
