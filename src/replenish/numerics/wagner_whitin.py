"""The cheapest lots for known demand: exact, by dynamic programming from the last period back.

Without capacity some cheapest plan orders only when nothing is left, so that a lot covers whole periods (Wagner &
Whitin, 1958, theorem 2, also with costs that differ by period; where a lot may not last as long as one likes, with
costs that do not). Going back, the best lot of every start is known,
whatever was ordered before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Costs closer than this share of each other are a tie: the shorter lot stays.
_TIE = 1e-12


@part
def best_ends(
    demand: Floats, order_cost: Floats, holding_cost: float, unit_cost: Floats, most_periods: int, ends: Ints
) -> float:
    """Cost of the cheapest plan; `ends` [T] takes the period after the last that a lot of each period covers.

    `order_cost` and `unit_cost` [T] are those of a lot in each period, `holding_cost` of a unit and period; no lot
    covers more than `most_periods` periods. Where a period without demand orders nothing, its end is itself.
    Costs that do not fall by buying early let each lot end no later than the next one does (planning horizons, theorem
    3), which leaves about as many steps as lots are long.
    """
    periods, last = demand.shape[0], demand.shape[0]
    ahead = np.zeros(periods + 1)  # cheapest cost from each period on, nothing left over before it
    for i in range(periods - 1, -1, -1):
        if i + 1 < periods and unit_cost[i] + holding_cost < unit_cost[i + 1]:
            last = periods  # buying early pays: only without that no lot ends later than one that starts later
        best, bound, end = np.inf, np.inf, i + 1
        held, qty = 0.0, 0.0
        for j in range(i, min(last, i + most_periods)):
            qty += demand[j]
            held += holding_cost * (j - i) * demand[j]
            cost = order_cost[i] + unit_cost[i] * qty + held + ahead[j + 1]
            if cost < bound:
                best, bound, end = cost, cost - _TIE * abs(cost), j + 1
        last, ends[i] = end, end
        if demand[i] <= 0.0 and ahead[i + 1] <= best:
            best, ends[i] = ahead[i + 1], i
        ahead[i] = best
    return float(ahead[0])


@kernel
def wagner_whitin(
    demand: Floats, order_cost: Floats, holding_cost: Floats, unit_cost: Floats, most_periods: Ints
) -> tuple[Floats, Floats]:
    """Cheapest lots [nodes, T] and their cost [nodes] for demand, order and unit costs [nodes, T]; NaN in, NaN out."""
    nodes, periods = demand.shape
    lots, costs = np.zeros((nodes, periods)), np.zeros(nodes)
    ends = np.zeros(periods, dtype=np.int64)
    for i in range(nodes):
        costs[i] = best_ends(demand[i], order_cost[i], holding_cost[i], unit_cost[i], max(1, most_periods[i]), ends)
        known = holding_cost[i]
        for t in range(periods):
            known += demand[i, t] + order_cost[i, t] + unit_cost[i, t]
        if np.isnan(known):
            lots[i], costs[i] = np.nan, np.nan
            continue
        t = 0
        while t < periods:
            for covered in range(t, ends[t]):
                lots[i, t] += demand[i, covered]
            t = max(t + 1, ends[t])
    return lots, costs
