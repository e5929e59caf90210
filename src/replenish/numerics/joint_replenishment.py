"""Items that share an order: how often to order from a supplier, and which items on every how manieth order.

Sources: Silver (1976), Management Science 22; Silver, Pyke & Peterson (1998) section 11.3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class JointPlan(NamedTuple):
    """Time between orders of a group, every how manieth order an item is on, its lot, and the group's cost rate.

    `base_cycle` and `cost_rate` have an entry a group; `multiple` (0 for an item left out) and `order_qty` an item.
    """

    base_cycle: Floats
    multiple: Ints
    order_qty: Floats
    cost_rate: Floats


def joint_replenishment(
    group: Ints,
    shared_order_cost: Floats,
    item_order_cost: Floats,
    holding_cost: Floats,
    demand_rate: Floats,
) -> JointPlan:
    """Silver's heuristic for many groups (suppliers) at once.

    `group` numbers the group of each item from 0; `shared_order_cost` has one entry a group. Demand and holding cost
    are per unit of time. Items without demand or holding cost are left out; an item without order cost of its own is on
    every order. m_j = round_half_up(sqrt(K_j / (d_j h_j) * d_1 h_1 / (K + K_1))), at least 1, with 1 the item of the
    smallest K_i / (d_i h_i); T = sqrt(2 (K + sum K_i / m_i) / sum h_i m_i d_i). A group without items has T NaN.
    """
    count = len(shared_order_cost)
    own, value = np.maximum(np.nan_to_num(item_order_cost), 0.0), np.nan_to_num(demand_rate * holding_cost)
    used = np.flatnonzero((value > 0) & (demand_rate > 0))
    at, own, value = group[used], own[used], value[used]
    ratio = own / value
    # The base item of each group; of equal ones the largest flow.
    order = np.lexsort((-value, ratio, at))
    present, first = np.unique(at[order], return_index=True)
    base_rate = np.zeros(count)
    base = order[first]
    whole = shared_order_cost[present] + own[base]
    base_rate[present] = np.divide(value[base], whole, out=np.zeros(len(base)), where=whole > 0)
    each = np.maximum(np.floor(np.sqrt(ratio * base_rate[at]) + 0.5), 1.0)
    fixed = shared_order_cost + np.bincount(at, own / each, count)
    weight = np.bincount(at, value * each, count)
    cycle = np.sqrt(np.divide(2.0 * fixed, weight, out=np.full(count, np.nan), where=weight > 0))
    multiple, lots = np.zeros(len(group), dtype=np.int64), np.zeros(len(group))
    multiple[used], lots[used] = each, demand_rate[used] * each * cycle[at]
    return JointPlan(cycle, multiple, lots, np.where(weight > 0, np.sqrt(2.0 * fixed * weight), 0.0))


def cost_of_cycle(
    cycle: Floats,
    group: Ints,
    shared_order_cost: Floats,
    item_order_cost: Floats,
    holding_cost: Floats,
    demand_rate: Floats,
) -> tuple[Ints, Floats]:
    """Best multiples [items] when groups order every `cycle` [groups], and the cost rate [groups] of doing so.

    Arguments as `joint_replenishment`. (K + sum K_i / m_i) / T + T / 2 sum h_i m_i d_i is least at the smallest m with
    m (m + 1) >= 2 K_i / (h_i d_i T^2). Items left out have multiple 0; a group without items costs 0.
    """
    count = len(shared_order_cost)
    own, value = np.maximum(np.nan_to_num(item_order_cost), 0.0), np.nan_to_num(demand_rate * holding_cost)
    used = np.flatnonzero((value > 0) & (demand_rate > 0) & (cycle[group] > 0))
    at, own, value = group[used], own[used], value[used]
    each = np.maximum(np.ceil((np.sqrt(1.0 + 8.0 * own / (value * cycle[at] ** 2)) - 1.0) / 2.0 - 1e-9), 1.0)
    multiple = np.zeros(len(group), dtype=np.int64)
    multiple[used] = each
    items = np.bincount(at, minlength=count)
    orders = shared_order_cost + np.bincount(at, own / each, count)
    cost = np.divide(orders, cycle, out=np.zeros(count), where=items > 0)
    return multiple, cost + np.where(items > 0, cycle, 0.0) / 2.0 * np.bincount(at, value * each, count)
