"""The challenger of every backtest: a projected order-up-to with one tuned number, without sampling."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

COVER_SHARE = 0.25


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
