"""Economic lots where supply is not sure: random yield, a supplier that fails and recovers, power-of-two intervals.

Demand, holding cost and rates use the same time unit. Sources: Snyder & Shen (2e) sections 9.2 and 9.3; Parlar & Berkin
(1991), Naval Research Logistics 38; Roundy (1985), Management Science 31.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from replenish.numerics.economic_order import LotCost

Floats = NDArray[np.float64]


def power_of_two_interval(interval: ArrayLike, base_interval: ArrayLike = 1.0) -> Floats:
    """The order interval of the form base * 2^k that costs least: at most 6.07 % above the optimum.

    It is the one within a factor sqrt(2) of the optimal interval.
    """
    best, base = (np.asarray(each, dtype=np.float64) for each in (interval, base_interval))
    return base * 2.0 ** np.ceil(np.log2(best / base) - 0.5)


def multiplicative_yield_lot(
    order_cost: ArrayLike, holding_cost: ArrayLike, demand_rate: ArrayLike, yield_mean: ArrayLike, yield_sd: ArrayLike
) -> LotCost:
    """Lot to order where Z Q of it arrives, Z of the given mean m and deviation s.

    Q = sqrt(2 K d / (h (m^2 + s^2))), cost sqrt(2 K d h (m^2 + s^2)) / m.
    """
    fixed, hold, rate, mean, sd = (
        np.asarray(each, dtype=np.float64) for each in (order_cost, holding_cost, demand_rate, yield_mean, yield_sd)
    )
    square = mean * mean + sd * sd
    return LotCost(np.sqrt(2.0 * fixed * rate / (hold * square)), np.sqrt(2.0 * fixed * rate * hold * square) / mean)


def additive_yield_lot(
    order_cost: ArrayLike, holding_cost: ArrayLike, demand_rate: ArrayLike, yield_mean: ArrayLike, yield_sd: ArrayLike
) -> LotCost:
    """Lot to order where Q + Y arrives: Q = sqrt(2 K d / h + s^2) - m, cost h sqrt(2 K d / h + s^2)."""
    fixed, hold, rate, mean, sd = (
        np.asarray(each, dtype=np.float64) for each in (order_cost, holding_cost, demand_rate, yield_mean, yield_sd)
    )
    root = np.sqrt(2.0 * fixed * rate / hold + sd * sd)
    return LotCost(root - mean, hold * root)


def disrupted_cost_rate(
    order_qty: float,
    order_cost: float,
    holding_cost: float,
    shortage_cost: float,
    demand_rate: float,
    disruption_rate: float,
    recovery_rate: float,
) -> float:
    """Cost per unit of time of a lot where the supplier goes down (rate l) and comes back (rate u), demand is lost.

    (K + h Q^2 / 2 d + d p psi / u) / (Q / d + psi / u), psi = l / (l + u) (1 - exp(-(l + u) Q / d)).
    """
    both, cycle = disruption_rate + recovery_rate, order_qty / demand_rate
    down = disruption_rate / both * -np.expm1(-both * cycle) / recovery_rate
    cost = order_cost + holding_cost * order_qty * cycle / 2.0 + demand_rate * shortage_cost * down
    return float(cost / (cycle + down))


def disrupted_lot(
    order_cost: float,
    holding_cost: float,
    shortage_cost: float,
    demand_rate: float,
    disruption_rate: float,
    recovery_rate: float,
) -> LotCost:
    """The lot with the least `disrupted_cost_rate`, found from `disrupted_lot_approximation`."""
    facts = (order_cost, holding_cost, shortage_cost, demand_rate, disruption_rate, recovery_rate)
    near = float(disrupted_lot_approximation(*facts).order_qty)
    found = optimize.minimize_scalar(
        lambda qty: disrupted_cost_rate(qty, *facts),
        bounds=(near / 100.0, near * 2.0),
        method="bounded",
        options={"xatol": 1e-10 * near},
    )
    return LotCost(np.asarray(found.x), np.asarray(found.fun))


def disrupted_lot_approximation(
    order_cost: float,
    holding_cost: float,
    shortage_cost: float,
    demand_rate: float,
    disruption_rate: float,
    recovery_rate: float,
) -> LotCost:
    """The lot in closed form, by dropping the exponential of psi; its cost rate is h Q, as that formula has it.

    Q = (sqrt((psi d h)^2 + 2 h u (K d u + d^2 p psi)) - psi d h) / (h u).
    """
    psi = disruption_rate / (disruption_rate + recovery_rate)
    idle = psi * demand_rate * holding_cost
    money = order_cost * demand_rate * recovery_rate + demand_rate**2 * shortage_cost * psi
    qty = (np.sqrt(idle**2 + 2.0 * holding_cost * recovery_rate * money) - idle) / (holding_cost * recovery_rate)
    return LotCost(np.asarray(qty), np.asarray(holding_cost * qty))
