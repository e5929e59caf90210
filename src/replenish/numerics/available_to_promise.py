"""What can still be promised: the textbook master schedule, discrete and cumulative available-to-promise.

Nodes x buckets arrays. Source: Stevenson, Operations Management, ch. 11 (master scheduling).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel

Floats = NDArray[np.float64]


class MasterSchedule(NamedTuple):
    """Nodes x buckets."""

    lot: Floats
    closing: Floats  # projected available balance


class Promisable(NamedTuple):
    """Nodes x buckets."""

    discrete: Floats  # of each bucket's own supply, after look back and look ahead
    cumulative: Floats  # its running sum


@kernel
def master_schedule(on_hand: Floats, forecast: Floats, orders: Floats, lot: Floats) -> MasterSchedule:
    """The textbook form: demand is the larger of forecast and orders, a lot enters when the balance would go below 0.

    The line plans on orders plus the forecast they have not consumed (`material_plan.consume_forecast`); this form is
    what people check it against.
    """
    nodes, buckets = forecast.shape
    lots, closing = np.zeros((nodes, buckets)), np.zeros((nodes, buckets))
    for i in range(nodes):
        stock = on_hand[i]
        for t in range(buckets):
            stock -= max(forecast[i, t], orders[i, t])
            if stock < 0.0 < lot[i]:
                lots[i, t] = np.ceil(-stock / lot[i] - 1e-9) * lot[i]
                stock += lots[i, t]
            closing[i, t] = stock
    return MasterSchedule(lots, closing)


@kernel
def before_look_back(supply: Floats, orders: Floats) -> Floats:
    """Supply of each bucket less the orders until the next supply; NaN where a bucket has none (the first always has).

    What is on hand is supply of bucket 0. Negative where a lot cannot cover the orders that wait for it.
    """
    out = np.full(supply.shape, np.nan)
    for i in range(supply.shape[0]):
        last = 0
        for t in range(supply.shape[1]):
            if t == 0 or supply[i, t] > 0.0:
                last, out[i, t] = t, supply[i, t]
            out[i, last] -= orders[i, t]
    return out


@kernel
def looked_back(atp: Floats) -> Floats:
    """What a lot lacks for its own orders is taken from the lots before it, the latest first.

    What no earlier lot can give comes from the next ones: an order that is late is served before a new one is promised.
    None is negative then, unless the orders exceed all supply.
    """
    out = atp.copy()
    for i in range(atp.shape[0]):
        _look_back(out[i])
        owed = 0.0
        for t in range(out.shape[1]):
            if not np.isnan(out[i, t]):
                left = out[i, t] - owed
                owed = max(0.0, -left)
                out[i, t] = max(0.0, left)
        if owed > 0.0:
            out[i, 0] -= owed
    return out


@kernel
def _look_back(atp: Floats) -> None:
    for t in range(atp.shape[0] - 1, 0, -1):
        if np.isnan(atp[t]) or atp[t] >= 0.0:
            continue
        for s in range(t - 1, -1, -1):
            if atp[t] < 0.0 < atp[s]:
                taken = min(atp[s], -atp[t])
                atp[s] -= taken
                atp[t] += taken


def available_to_promise(supply: Floats, orders: Floats) -> Promisable:
    """Discrete and cumulative available-to-promise; 0 where a bucket has no supply, or where all of it is promised.

    The running sum is the most that one new order may ask for by then without taking from any order already given.
    Quantities that are not known (NaN) or below zero count as none.
    """
    clean = [np.maximum(np.nan_to_num(side, nan=0.0, posinf=0.0), 0.0) for side in (supply, orders)]
    discrete = np.maximum(np.nan_to_num(looked_back(before_look_back(*clean))), 0.0)
    return Promisable(discrete, np.cumsum(discrete, axis=1))
