"""Cost-based (s, S) under periodic review and backorders for one node: the optimum, and the power approximation.

What-if answers and oracles: tonight's orders follow the value curve. Order up to S when the position is at or below s;
money per bucket. Sources: Zheng & Federgruen (1991), Operations Research 39; Ehrhardt & Mosier (1984), Management
Science 30; Snyder & Shen (2e) section 4.4.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from replenish.numerics.loss import NORMAL, POISSON, loss
from replenish.numerics.newsvendor import newsvendor
from tests.oracles.reorder_point_quantity import Costs

Floats = NDArray[np.float64]

# Above this many buckets of demand the power approximation needs no cap.
_LARGE_LOT = 1.5


class LevelPolicy(NamedTuple):
    """Order up to `order_up_to` when the position is at or below `reorder_point`; cost per bucket."""

    reorder_point: float
    order_up_to: float
    cost_rate: float


def best_level_policy(costs: Costs, demand_mean: float) -> LevelPolicy:
    """The optimal pair for Poisson demand and no lead time, by the algorithm of Zheng & Federgruen."""
    renewal = _Renewal(costs, demand_mean)
    best = int(newsvendor(costs.holding_cost, costs.shortage_cost, demand_mean, demand_mean, POISSON).order_up_to)
    point, top = best - 1, best
    while renewal.cost(point, top) > renewal.period_cost(point):
        point -= 1
    cost, tried = renewal.cost(point, top), top + 1
    while renewal.period_cost(tried) <= cost:
        if renewal.cost(point, tried) < cost:
            top = tried
            while renewal.cost(point, top) <= renewal.period_cost(point + 1):
                point += 1
            cost = renewal.cost(point, top)
        tried += 1
    return LevelPolicy(float(point), float(top), cost)


class _Renewal:
    """Average cost of any pair: the renewal density of Poisson demand, grown as far as it is asked for."""

    def __init__(self, costs: Costs, mean: float) -> None:
        self._costs = costs
        self._law = stats.poisson(mean)
        self._density = np.array([1.0 / (1.0 - np.exp(-mean))])

    def period_cost(self, stock: int) -> float:
        hold, short, _ = self._costs
        mean = float(self._law.mean())
        missed = float(loss(float(stock), mean, mean, POISSON))
        return hold * (stock - mean) + (hold + short) * missed

    def cost(self, point: int, top: int) -> float:
        """(K + sum_{j < S - s} m(j) G(S - j)) / sum_{j < S - s} m(j)."""
        density = self._visits(top - point)
        periods = np.array([self.period_cost(top - step) for step in range(top - point)])
        return float((self._costs.order_cost + density @ periods) / density.sum())

    def _visits(self, length: int) -> Floats:
        """m(j): expected buckets spent j units below the level ordered up to."""
        known = self._density
        chance = self._law.pmf(np.arange(length + 1))
        for step in range(len(known), length):
            known = np.append(known, known[0] * (chance[1 : step + 1] @ known[step - 1 :: -1][:step]))
        self._density = known
        return known[:length]


def power_approximation(costs: Costs, demand_mean: float, demand_sd: float, *, capped: bool = True) -> LevelPolicy:
    """A near-optimal pair in closed form; `capped` takes the newsvendor level where lots are small (Q <= 1.5 mean).

    Q = 1.30 m^.494 (K / h)^.506 (1 + sd^2 / m^2)^.116, z = sqrt(Q h / (sd p)),
    s = .973 m + sd (.183 / z + 1.063 - 2.192 z), S = s + Q. It has no cost of its own: NaN.
    """
    hold, short, fixed = costs
    ratio = (demand_sd / demand_mean) ** 2
    qty = 1.30 * demand_mean**0.494 * (fixed / hold) ** 0.506 * (1.0 + ratio) ** 0.116
    z = np.sqrt(qty * hold / (demand_sd * short))
    point = 0.973 * demand_mean + demand_sd * (0.183 / z + 1.063 - 2.192 * z)
    top = point + qty
    if capped and qty / demand_mean <= _LARGE_LOT:
        most = float(newsvendor(hold, short, demand_mean, demand_sd**2, NORMAL).order_up_to)
        point, top = min(point, most), min(top, most)
    return LevelPolicy(float(point), float(top), float("nan"))
