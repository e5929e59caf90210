"""Cost-based (r, Q) for one node: exact cost and optimum, and the approximations of the textbooks.

What-if answers and oracles: tonight's orders follow the value curve. Money and demand per unit of time; shortage cost
per unit short and unit of time, except in `expected_level_lot`. Sources: Snyder & Shen (2e) sections 5.2 to 5.5;
Zheng (1992), Management Science 38; Federgruen & Zheng (1992), Operations Research 40.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import optimize, special, stats

from replenish.numerics.economic_order import economic_backorder, economic_order
from replenish.numerics.loss import standard_normal_loss

_ROUNDS = 500


class Costs(NamedTuple):
    """Money: to hold a unit for a unit of time, to be short of one, and to place an order."""

    holding_cost: float
    shortage_cost: float
    order_cost: float


class LeadDemand(NamedTuple):
    """Demand per unit of time, and normal demand over the lead time."""

    rate: float
    mean: float
    sd: float


class LotPolicy(NamedTuple):
    """Order `order_qty` when the position falls to `reorder_point`; cost per unit of time."""

    reorder_point: float
    order_qty: float
    cost_rate: float


def lot_policy_cost(reorder_point: float, order_qty: float, costs: Costs, demand: LeadDemand) -> float:
    """Exact cost (K d + integral over r..r+Q of h E(y - D)+ + p E(D - y)+) / Q, the integral in closed form."""
    return (costs.order_cost * demand.rate + _area(reorder_point, order_qty, costs, demand)) / order_qty


def best_lot_policy(costs: Costs, demand: LeadDemand) -> LotPolicy:
    """Both numbers at their optimum: the one-period cost is equal at r and r + Q, and equal to the average cost."""

    def excess(qty: float) -> float:
        point = _equal_ends(qty, costs, demand)
        ends = qty * _period_cost(point, costs, demand)
        return ends - costs.order_cost * demand.rate - _area(point, qty, costs, demand)

    low = float(economic_backorder(costs.order_cost, costs.holding_cost, costs.shortage_cost, demand.rate).order_qty)
    qty = _root(excess, low / 2.0, 2.0 * low + 8.0 * demand.sd)
    return _told(_equal_ends(qty, costs, demand), qty, costs, demand)


def backorder_lot_policy(costs: Costs, demand: LeadDemand) -> LotPolicy:
    """Q of the EOQ with backorders, the best r for it: at most a few per cent above the optimum (Zheng 1992)."""
    qty = float(economic_backorder(costs.order_cost, costs.holding_cost, costs.shortage_cost, demand.rate).order_qty)
    return _told(_equal_ends(qty, costs, demand), qty, costs, demand)


def economic_lot_with_safety_stock(costs: Costs, demand: LeadDemand) -> LotPolicy:
    """Q of the EOQ, r the demand quantile at p / (p + h): simple, and dear where lots are large."""
    qty = float(economic_order(costs.order_cost, costs.holding_cost, demand.rate).order_qty)
    share = costs.shortage_cost / (costs.shortage_cost + costs.holding_cost)
    return _told(demand.mean + demand.sd * float(special.ndtri(share)), qty, costs, demand)


def expected_level_lot(costs: Costs, demand: LeadDemand) -> LotPolicy:
    """Expected-inventory-level approximation; the shortage cost is per unit short, whatever its time.

    Repeats P(D > r) = Q h / (p d) and Q = sqrt(2 d (K + p n(r)) / h); cost h (r - m + Q / 2) + K d / Q + p d n(r) / Q.
    No cost of its own exists where Q h >= p d: r is then NaN.
    """
    hold, short, fixed = costs
    qty = float(economic_order(fixed, hold, demand.rate).order_qty)
    for _ in range(_ROUNDS):
        z = -float(special.ndtri(qty * hold / (short * demand.rate)))
        missed = demand.sd * float(standard_normal_loss(z))
        before, qty = qty, float(np.sqrt(2.0 * demand.rate * (fixed + short * missed) / hold))
        if abs(qty - before) <= 1e-13 * qty or np.isnan(qty):
            break
    point = demand.mean + z * demand.sd
    cost = hold * (point - demand.mean + qty / 2.0) + (fixed + short * missed) * demand.rate / qty
    return LotPolicy(point, qty, cost)


def best_lot_policy_poisson(costs: Costs, demand_rate: float, lead_time: float) -> LotPolicy:
    """Exact optimum for Poisson demand: {r + 1 .. r + Q} grows by its cheaper neighbour while that pays."""
    law = stats.poisson(demand_rate * lead_time)

    def period_cost(stock: int) -> float:
        missed = float(law.mean() - np.sum(law.sf(np.arange(max(stock, 0))))) - min(stock, 0)
        return costs.holding_cost * (stock - law.mean()) + (costs.holding_cost + costs.shortage_cost) * missed

    low = high = int(law.ppf(costs.shortage_cost / (costs.shortage_cost + costs.holding_cost)))
    total = costs.order_cost * demand_rate + period_cost(low)
    while True:
        below, above = period_cost(low - 1), period_cost(high + 1)
        if min(below, above) >= total / (high - low + 1):
            return LotPolicy(float(low - 1), float(high - low + 1), total / (high - low + 1))
        total += min(below, above)
        low, high = (low - 1, high) if below < above else (low, high + 1)


def _told(point: float, qty: float, costs: Costs, demand: LeadDemand) -> LotPolicy:
    return LotPolicy(point, qty, lot_policy_cost(point, qty, costs, demand))


def _period_cost(stock: float, costs: Costs, demand: LeadDemand) -> float:
    """h E(y - D)+ + p E(D - y)+."""
    missed = demand.sd * float(standard_normal_loss((stock - demand.mean) / demand.sd))
    return costs.holding_cost * (stock - demand.mean) + (costs.holding_cost + costs.shortage_cost) * missed


def _area(point: float, qty: float, costs: Costs, demand: LeadDemand) -> float:
    """Integral of the one-period cost over r .. r + Q, by the second-order loss of the normal law."""
    ends = np.array([point, point + qty]) - demand.mean
    z = ends / demand.sd
    density = np.exp(-0.5 * z * z) / np.sqrt(2.0 * np.pi)
    second = 0.5 * demand.sd**2 * ((z * z + 1.0) * special.ndtr(-z) - z * density)
    held = costs.holding_cost * (ends[1] ** 2 - ends[0] ** 2) / 2.0
    return float(held + (costs.holding_cost + costs.shortage_cost) * (second[0] - second[1]))


def _equal_ends(qty: float, costs: Costs, demand: LeadDemand) -> float:
    """The r at which a lot of Q costs least: the one-period cost is the same at r and r + Q."""
    share = costs.shortage_cost / (costs.shortage_cost + costs.holding_cost)
    cheapest = demand.mean + demand.sd * float(special.ndtri(share))
    return _root(
        lambda point: _period_cost(point + qty, costs, demand) - _period_cost(point, costs, demand),
        cheapest - qty,
        cheapest,
    )


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Root of an increasing function; the upper end moves out until it brackets one."""
    while function(high) < 0.0:
        low, high = high, high + 2.0 * (high - low)
    while function(low) > 0.0:
        low, high = low - 2.0 * (high - low), low
    return float(optimize.brentq(function, low, high, xtol=1e-12, rtol=1e-14))
