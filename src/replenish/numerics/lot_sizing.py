"""How many periods of net requirements one lot covers: the rules of planners, and the exact answer.

A lot costs its order cost, and each unit the holding cost of every period in which it closes in stock. Ties keep the
shorter lot, except that the rules of least cost per period and per unit extend on a tie; a period without demand starts
no lot. Sources: Wagner & Whitin
(1958); Silver & Meal (1973); Silver, Pyke & Peterson, Inventory Management and Production Planning and Scheduling,
ch. 6; Nahmias, Production and Operations Analysis, ch. 7.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part
from replenish.numerics.order_lines import whole_lots
from replenish.numerics.wagner_whitin import best_ends

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LOT_RULES = (
    "lot_for_lot",
    "fixed_quantity",
    "period_quantity",
    "silver_meal",
    "least_unit_cost",
    "part_period",
    "part_period_closest",
    "wagner_whitin",
)
LOT_FOR_LOT, FIXED, PERIOD, SILVER_MEAL, UNIT_COST, PART_PERIOD, CLOSEST, WAGNER_WHITIN = range(len(LOT_RULES))

_NOTHING = 1e-9
# Costs closer than this share of each other are a tie.
_TIE = 1e-12


class LotTerms(NamedTuple):
    """What sizes the lots of each node: one entry a node, quantities in base units, costs in money."""

    rule: Ints  # index into LOT_RULES
    fixed_qty: Floats  # of the rule fixed_quantity; NaN: the economic order quantity
    order_cost: Floats  # of one lot, set-up included
    holding_cost: Floats  # of a unit and bucket
    cover_buckets: Ints  # most buckets that one lot may cover: the maximum cover, or the shelf life
    min_qty: Floats
    multiple_qty: Floats  # 0: any quantity
    max_qty: Floats  # of one line; more is several lines


@part
def _period_count(order_cost: float, holding_cost: float, mean: float, most: int) -> int:
    """Periods of demand in the economic order quantity, rounded half up, 1 at least: sqrt(2 K / (h d))."""
    if order_cost <= 0.0 or mean <= 0.0:
        return 1
    if holding_cost <= 0.0:
        return most
    count = np.sqrt(2.0 * order_cost / (holding_cost * mean))
    return most if count >= most else max(1, int(np.floor(count + 0.5 + _TIE)))


@part
def _fixed_qty(fixed: float, order_cost: float, holding_cost: float, mean: float, most: int) -> float:
    """The quantity asked for, else the economic one, no more than the longest cover; 0 is lot for lot."""
    if not np.isnan(fixed):
        return fixed
    if order_cost <= 0.0 or mean <= 0.0:
        return 0.0
    longest = mean * most
    return longest if holding_cost <= 0.0 else min(np.sqrt(2.0 * order_cost * mean / holding_cost), longest)


@part
def _extends(rule: int, order_cost: float, held: float, more: float, periods: int, qty: float, added: float) -> bool:
    """Whether a lot over `periods` periods (`qty` units, holding `held`) takes in one more (`added`, then `more`)."""
    if rule == SILVER_MEAL:
        return (order_cost + more) * periods <= (order_cost + held) * (periods + 1) * (1.0 + _TIE)
    if added <= 0.0:
        return True
    if rule == UNIT_COST:
        return (order_cost + more) * qty <= (order_cost + held) * (qty + added) * (1.0 + _TIE)
    if rule == PART_PERIOD or more <= order_cost:
        return more <= order_cost * (1.0 + _TIE)
    return more - order_cost < (order_cost - held) * (1.0 - _TIE)  # the other side of the order cost, but closer to it


@part
def _last_covered(
    rule: int, demand: Floats, need: float, first: int, end: int, order_cost: float, holding_cost: float
) -> int:
    """Last period that a lot for `need` units of period `first` covers, before `end`."""
    qty, held = need, 0.0
    for t in range(first + 1, end):
        more = held + holding_cost * (t - first) * demand[t]
        if not _extends(rule, order_cost, held, more, t - first, qty, demand[t]):
            return t - 1
        qty, held = qty + demand[t], more
    return end - 1


@part
def lots_of_node(demand: Floats, terms: LotTerms, i: int, review: int, mean: float, lots: Floats) -> None:
    """Fill the lots of node i [periods] for its net requirements [periods], each period `review` buckets long.

    `mean` is the usual demand of a period, on which economic quantities rest. What minimum and multiple add to a lot is
    taken off the next; what lines cannot hold waits for the next one.
    """
    periods, rule, cost = demand.shape[0], terms.rule[i], terms.order_cost[i]
    holding, most = terms.holding_cost[i] * review, max(1, terms.cover_buckets[i] // review)
    fixed = _fixed_qty(terms.fixed_qty[i], cost, holding, mean, most) if rule == FIXED else 0.0
    if (fixed if rule == FIXED else cost) <= 0.0:
        rule = LOT_FOR_LOT
    span = _period_count(cost, holding, mean, most) if rule == PERIOD else 1
    ends = np.zeros(periods if rule == WAGNER_WHITIN else 0, dtype=np.int64)
    if rule == WAGNER_WHITIN:
        best_ends(demand, np.full(periods, cost), holding, np.zeros(periods), most, ends)
    ahead = 0.0  # units of earlier lots beyond what was needed so far; below 0: still missing
    for t in range(periods):
        need = demand[t] - ahead
        ahead = -need
        lots[t] = 0.0
        if need <= _NOTHING:
            continue
        end = min(periods, t + most)
        if rule == FIXED:
            wanted = np.ceil(need / fixed - 1e-9) * fixed
        else:
            if rule == WAGNER_WHITIN:
                end = max(ends[t], t + 1)
            elif rule in (LOT_FOR_LOT, PERIOD):
                end = min(end, t + span)
            else:
                end = 1 + _last_covered(rule, demand, need, t, end, cost, holding)
            wanted = need
            for later in range(t + 1, end):
                wanted += demand[later]
        lots[t] = whole_lots(wanted, terms.min_qty[i], terms.max_qty[i], terms.multiple_qty[i])
        ahead += lots[t]


@kernel
def size_lots(demand: Floats, terms: LotTerms) -> Floats:
    """Lots of each node for its demand [nodes, periods], one bucket a period; NaN where its demand is not known."""
    lots = np.full(demand.shape, np.nan)
    for i in range(demand.shape[0]):
        total = 0.0
        for t in range(demand.shape[1]):
            total += demand[i, t]
        if not np.isnan(total):
            lots_of_node(demand[i], terms, i, 1, total / max(demand.shape[1], 1), lots[i])
    return lots
