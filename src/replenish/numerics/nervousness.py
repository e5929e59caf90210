"""How much does a plan change from one night to the next, without need?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Bools = NDArray[np.bool_]


def changed_rate(previous: ArrayLike, current: ArrayLike, weight: ArrayLike = 1.0) -> float:
    """sum w |q_now - q_before| / sum w q_before over lines [K] both nights could plan; NaN where nothing was planned.

    Quantities at least 0 (0: no line that night); `weight` is the cost of a unit for the form weighted by money.
    Blackburn, Kropp & Millen (1986), A comparison of strategies to dampen nervousness in MRP systems.
    """
    before, now, w = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in (previous, current, weight)))
    planned = float((w * before).sum())
    return float((w * np.abs(now - before)).sum()) / planned if planned > 0.0 else float("nan")


def flipped(previous: ArrayLike, current: ArrayLike) -> tuple[Bools, Bools]:
    """Which nodes [K] go from nothing to an order (appeared), and from an order to nothing (vanished)."""
    before, now = (np.asarray(each, dtype=np.float64) > 0.0 for each in (previous, current))
    return now & ~before, before & ~now
