"""One order, one season, of demand listed value by value or lognormal, of uncertain yield or an unreliable supplier.

Arrays over nodes broadcast. Sources: Snyder & Shen, Fundamentals of Supply Chain Theory (2e) sections 4.3 (newsvendor),
9.2 (disruptions) and 9.3 (yield).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from replenish.numerics.newsvendor import Level, critical_ratio

Floats = NDArray[np.float64]


def newsvendor_discrete(overage_cost: float, underage_cost: float, demand: Floats, chance: Floats) -> Level:
    """Best of the given demands (ascending) with their chances, for one node. Raises ValueError without any."""
    if not len(demand):
        raise ValueError("a discrete demand law needs at least one value")
    wanted = float(critical_ratio(overage_cost, underage_cost)) * chance.sum()
    at = min(int(np.searchsorted(np.cumsum(chance), wanted - 1e-12)), len(demand) - 1)
    level = float(demand[at])
    left, short = np.maximum(level - demand, 0.0) @ chance, np.maximum(demand - level, 0.0) @ chance
    return Level(np.asarray(level), np.asarray(overage_cost * left + underage_cost * short))


def newsvendor_lognormal(
    overage_cost: ArrayLike, underage_cost: ArrayLike, log_mean: ArrayLike, log_sd: ArrayLike
) -> Level:
    """Best level where the logarithm of demand is normal: S = exp(mu + sigma z)."""
    over, under, middle, spread = (
        np.asarray(each, dtype=np.float64) for each in (overage_cost, underage_cost, log_mean, log_sd)
    )
    z = special.ndtri(critical_ratio(over, under))
    level, mean = np.exp(middle + spread * z), np.exp(middle + spread * spread / 2.0)
    short = mean * special.ndtr(spread - z) - level * special.ndtr(-z)
    return Level(level, over * (level - mean) + (over + under) * short)


def newsvendor_additive_yield(
    overage_cost: ArrayLike, underage_cost: ArrayLike, demand: ArrayLike, yield_low: ArrayLike, yield_high: ArrayLike
) -> Floats:
    """Order for a known demand where order + Y arrives, Y uniform: demand less the h / (h + p) quantile of Y."""
    low, high = (np.asarray(each, dtype=np.float64) for each in (yield_low, yield_high))
    share = 1.0 - critical_ratio(overage_cost, underage_cost)
    return np.asarray(demand, dtype=np.float64) - (low + (high - low) * share)


def base_stock_with_disruptions(
    holding_cost: ArrayLike,
    shortage_cost: ArrayLike,
    demand: ArrayLike,
    disruption_probability: ArrayLike,
    recovery_probability: ArrayLike,
) -> Level:
    """Base stock for a known demand a period where the supplier fails (a) and recovers (b) by chance each period.

    S = (n + 1) d with the smallest n for which F(n) = 1 - a / (a + b) (1 - b)^n reaches p / (p + h); n counts the
    periods since the supplier went down.
    """
    hold, short, rate, fail, mend = (
        np.asarray(each, dtype=np.float64)
        for each in (holding_cost, shortage_cost, demand, disruption_probability, recovery_probability)
    )
    down, stay = fail / (fail + mend), 1.0 - mend
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = np.log((1.0 - critical_ratio(hold, short)) / down) / np.log(stay)
    periods = np.maximum(np.ceil(np.where(stay > 0, needed, 1.0) - 1e-12), 0.0)
    # Units short: sum over m > n of (m - n) d P(m) = d down stay^n / b; the mean of m is down / b.
    late = down * stay**periods / mend
    left = periods - down / mend + late
    return Level((periods + 1.0) * rate, rate * (hold * left + short * late))
