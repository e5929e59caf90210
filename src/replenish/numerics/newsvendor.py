"""One order for the rest of a season: the stock that balances a unit left over against a unit short.

Overage cost h is lost on a unit left, underage cost p on a unit short; the best level is the demand quantile at
p / (p + h). Arrays over nodes broadcast. Sources: Snyder & Shen, Fundamentals of Supply Chain Theory (2e) section 4.3;
Porteus, Foundations of Stochastic Inventory Theory (2002) ch. 1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from replenish.numerics.loss import loss, quantile

Floats = NDArray[np.float64]


class Level(NamedTuple):
    """Stock to start a period with (base units), and the expected cost of the period (money)."""

    order_up_to: Floats
    cost: Floats


def critical_ratio(overage_cost: ArrayLike, underage_cost: ArrayLike) -> Floats:
    """Share of seasons that the stock should suffice for, p / (p + h): NaN where both are 0, within [0, 1]."""
    over, under = (np.maximum(np.asarray(each, dtype=np.float64), 0.0) for each in (overage_cost, underage_cost))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(under / (over + under))


def newsvendor(
    overage_cost: ArrayLike, underage_cost: ArrayLike, mean: ArrayLike, variance: ArrayLike, family: ArrayLike
) -> Level:
    """Best level under a law of `loss` (for base stock with lead time L: of the demand of L + 1 periods).

    Cost h E(S - D)+ + p E(D - S)+ = h (S - m) + (h + p) n1(S). A count is the smallest integer that reaches the ratio.
    """
    over, under = (np.asarray(each, dtype=np.float64) for each in (overage_cost, underage_cost))
    level = quantile(critical_ratio(over, under), mean, variance, family)
    short = loss(level, mean, variance, family)
    return Level(level, over * (level - np.asarray(mean, dtype=np.float64)) + (over + under) * short)
