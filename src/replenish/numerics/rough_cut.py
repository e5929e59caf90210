"""Rough-cut capacity: hours that a plan takes of each work centre, and how an overload is best spread.

Source: Vollmann, Berry, Whybark & Jacobs, Manufacturing Planning and Control, ch. 10 (bill of resources, with lead
offset); Hax & Candea (1984), ch. 3, production planning by linear programming with overtime and backlog.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Routing:
    """Bill of resources as one row an operation: item, centre, hours a good unit, hours a set-up, buckets after start.

    Shapes [O].
    """

    item: Ints
    centre: Ints
    run_hours: Floats
    setup_hours: Floats
    delay: Ints


def load_hours(routing: Routing, qty: Floats, setups: Floats, centre_count: int) -> Floats:
    """Hours each centre needs for starting `qty` with `setups` set-ups, both [I, T]: [R, T].

    An operation takes its hours `delay` buckets after the start; hours after the last bucket are left out.
    """
    buckets = qty.shape[1]
    load = np.zeros((centre_count, buckets))
    hours = routing.run_hours[:, None] * qty[routing.item] + routing.setup_hours[:, None] * setups[routing.item]
    for delay in np.unique(routing.delay[routing.delay < buckets]):
        of_delay = routing.delay == delay
        np.add.at(load[:, delay:], routing.centre[of_delay], hours[of_delay, : buckets - delay])
    return load


def utilisation(load: Floats, capacity: Floats) -> Floats:
    """Hours needed over hours there are, any shape; nothing over nothing is 0, something over nothing infinite."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(load > 0, load / capacity, 0.0)


@dataclass(frozen=True)
class Levelled:
    """Hours of one centre, bucket by bucket [T]: worked, ahead and behind at the close, overtime; and their price."""

    worked: Floats
    ahead: Floats
    behind: Floats
    overtime: Floats
    hour_value: Floats  # what one more hour of capacity would save
    cost: float


def level_overload(
    need: Floats,
    capacity: Floats,
    overtime_limit: Floats,
    holding_cost: float,
    overtime_cost: float,
    backlog_cost: float,
) -> Levelled:
    """The cheapest way to do `need` hours [T] with the hours there are: work ahead, overtime, or fall behind.

    min sum h ahead_t + o overtime_t + b behind_t with ahead_t - behind_t = ahead_{t-1} - behind_{t-1} + worked_t -
    need_t and worked_t <= capacity_t + overtime_t. Always has an answer: everything can fall behind. A bucket without
    capacity is worked for before, else it falls behind.
    """
    from scipy.optimize import linprog

    buckets = len(need)
    one, step = sp.eye_array(buckets), sp.eye_array(buckets) - sp.eye_array(buckets, k=-1)
    # Variables: worked, ahead, behind, overtime.
    balance = sp.hstack([one, -step, step, 0 * one], format="csr")
    room = sp.hstack([one, 0 * one, 0 * one, -one], format="csr")
    cost = np.repeat([0.0, holding_cost, backlog_cost, overtime_cost], buckets)
    upper = np.concatenate([np.full(3 * buckets, np.inf), np.maximum(overtime_limit, 0.0)])
    bounds = np.column_stack([np.zeros(4 * buckets), upper])
    found = linprog(cost, room, np.maximum(capacity, 0.0), balance, need, bounds=bounds, method="highs-ds")
    worked, ahead, behind, overtime = found.x.reshape(4, buckets)
    price = np.maximum(-found.ineqlin.marginals, 0.0)
    return Levelled(worked, ahead, behind, overtime, price, float(found.fun))
