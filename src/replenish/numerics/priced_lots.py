"""Lots of every item by itself, once each hour of the plant has a price: a start for plants of any size.

With prices for hours the items have nothing to do with each other, and each is an uncapacitated lot-sizing problem. The
linear bound gives the prices; where lots so chosen crowd a bucket, its price rises, and they are chosen again.

Source: Trigeiro, Thomas & McClain (1989), Management Science 35(3), sec. 3 (Lagrangian relaxation of capacity);
Wagner & Whitin (1958).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from replenish.numerics.lot_model import most_made
from replenish.numerics.lot_problem import Flags, LotProblem
from replenish.numerics.rough_cut import Floats, load_hours

_ROUNDS = 6
_LEAST_SHARE = 0.05  # of the mean price: where a free bucket's price starts to rise from
_RISE = 0.5  # power of the load over the capacity by which a price changes


def priced_lots(problem: LotProblem, hour_price: Floats) -> Iterator[Flags]:
    """Set-ups [I, T] round by round, first at these prices [R, T], then at prices that follow the load."""
    price = np.maximum(hour_price, 0.0)
    least = max(float(price.mean()), 1e-9) * _LEAST_SHARE
    capacity = np.maximum(problem.capacity, 1e-9)
    for _ in range(_ROUNDS):
        set_up, made = lots_at_prices(problem, price)
        yield set_up
        load = load_hours(problem.routing, made, set_up.astype(np.float64), len(capacity))
        rise = np.clip((load / capacity) ** _RISE, 0.5, 2.0)
        price = np.maximum(price, np.where(load > capacity, least, 0.0)) * rise


def lots_at_prices(problem: LotProblem, price: Floats) -> tuple[Flags, Floats]:
    """Set-ups and units [I, T] that cost each item least where an hour of centre r in bucket t costs price[r, t].

    Dynamic programme over the last lot: best[u] = min over t of best[t] + set-up in t + units for t .. u-1. What cannot
    be made in time is left out.
    """
    demand, (items, buckets) = problem.net_demand, problem.demand.shape
    setup, unit = problem.setup_cost.copy(), np.zeros((items, buckets))
    routing = problem.routing
    for o in range(len(routing.item)):
        item, delay = routing.item[o], min(int(routing.delay[o]), buckets)
        paid = price[routing.centre[o], delay:]
        setup[item, : buckets - delay] += routing.setup_hours[o] * paid
        unit[item, : buckets - delay] += routing.run_hours[o] * paid
    unit[most_made(problem) <= 0] = np.inf
    held = np.cumsum(problem.holding_cost, axis=1) - problem.holding_cost
    reach = problem.reach if len(problem.reach) else np.full(items, buckets)
    best, last = np.full((items, buckets + 1), np.inf), np.full((items, buckets + 1), -1)
    best[:, 0] = 0.0
    for u in range(1, buckets + 1):
        best[:, u] = best[:, u - 1]  # nothing wanted: no lot; what is wanted and has none is dear
        best[:, u] += demand[:, u - 1] * problem.backlog_cost[:, u - 1 :].sum(axis=1)
        cost = np.zeros(items)
        for t in range(u - 1, -1, -1):
            # One lot in t for the demand of t .. u-1.
            wanted = demand[:, t:u]
            carried = wanted * np.minimum(unit[:, t : t + 1] + held[:, t:u] - held[:, t : t + 1], 1e18)
            far = (wanted > 0) & (np.arange(u - t) > reach[:, None])
            cost = np.where(far.any(axis=1), np.inf, carried.sum(axis=1) + setup[:, t])
            total = best[:, t] + np.where(wanted.any(axis=1), cost, np.inf)
            better = total < best[:, u]
            best[:, u] = np.where(better, total, best[:, u])
            last[:, u] = np.where(better, t, last[:, u])
    return _read_back(demand, last)


def _read_back(demand: Floats, last: Floats) -> tuple[Flags, Floats]:
    items, buckets = demand.shape
    set_up, made = np.zeros((items, buckets), dtype=np.bool_), np.zeros((items, buckets))
    for i in range(items):
        u = buckets
        while u > 0:
            t = int(last[i, u])
            if t < 0:
                u -= 1
                continue
            set_up[i, t], made[i, t] = True, demand[i, t:u].sum()
            u = t
    return set_up, made
