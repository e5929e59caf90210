"""What a lot other than the economic one costs. Source: Harris (1913); Snyder & Shen (2e) section 3.2."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def lot_cost_rate(
    order_qty: ArrayLike, order_cost: ArrayLike, holding_cost: ArrayLike, demand_rate: ArrayLike
) -> Floats:
    """Cost per unit of time of a given lot, K d / Q + h Q / 2."""
    qty, fixed, hold, rate = (
        np.asarray(each, dtype=np.float64) for each in (order_qty, order_cost, holding_cost, demand_rate)
    )
    return fixed * rate / qty + hold * qty / 2.0


def lot_cost_ratio(ratio: ArrayLike) -> Floats:
    """Cost of a lot r times the EOQ, relative to the optimum: (r + 1/r) / 2."""
    r = np.asarray(ratio, dtype=np.float64)
    return (r + 1.0 / r) / 2.0
