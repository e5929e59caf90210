"""Material planning: explosion, netting against stock and open orders, lots, forecast consumption.

Nodes x buckets arrays, one compiled loop over the nodes of a level. Sources: Orlicky, Material Requirements Planning;
Nahmias ch. 7.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from replenish.numerics.compiled import kernel, part
from replenish.numerics.lot_sizing import LotTerms, lots_of_node

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class MaterialPlan(NamedTuple):
    """Planned orders of each node (nodes x buckets), and what should already have been released (one entry a node)."""

    net: Floats  # requirement before lot sizing, were all before it met exactly
    planned_receipt: Floats
    planned_release: Floats
    closing: Floats  # needed dates: receipts when they are wanted
    past_due_release: Floats


def start_quantity(net: ArrayLike, yield_rate: ArrayLike) -> Floats:
    """Units to start for `net` good ones."""
    return np.asarray(net, dtype=np.float64) / np.asarray(yield_rate, dtype=np.float64)


def component_gross(
    start: ArrayLike, qty_per: ArrayLike, scrap_rate: ArrayLike = 0.0, base_qty: ArrayLike = 1.0
) -> Floats:
    """Component units for `start` parent units: qty_per for base_qty parents, of which scrap_rate is wasted."""
    per_unit = np.asarray(qty_per, dtype=np.float64) / np.asarray(base_qty, dtype=np.float64)
    return np.asarray(start, dtype=np.float64) * per_unit / (1.0 - np.asarray(scrap_rate, dtype=np.float64))


@kernel
def plan_materials(
    gross: Floats,
    on_hand: Floats,
    scheduled: Floats,
    safety_stock: Floats,
    lead_time_buckets: Ints,
    review_buckets: Ints,
    terms: LotTerms,
) -> MaterialPlan:
    """Net each node: PAB = PAB + receipts - gross; what falls below the safety stock arrives in lots, released a lead
    time before.

    Safety stock is a floor of projected stock, netted once. Scheduled receipts come before planned ones and may be
    moved: one due after its need is used for it, so no duplicate is planned (elsewhere it is asked to come sooner).
    Orders are released every `review_buckets` from tonight on, each for all that is needed until the next one arrives,
    joined into lots as `terms` say. Needs before tonight's order could arrive go into it and are counted as past due;
    safety stock alone is rebuilt at the earliest arrival, never before.
    """
    nodes, buckets = gross.shape
    made = np.zeros((4, nodes, buckets))
    plan = MaterialPlan(made[0], made[1], made[2], made[3], np.zeros(nodes))
    needs, lots = np.empty(buckets + 1), np.empty(buckets + 1)
    for i in range(nodes):
        lead, review = min(lead_time_buckets[i], buckets), review_buckets[i]
        _net(gross[i], on_hand[i], scheduled[i], safety_stock[i], lead, review, plan.net[i])
        chances = 1 + max(0, buckets - lead - 1) // review
        mean = 0.0
        for t in range(buckets):
            mean += gross[i, t] / buckets
        needs[0] = 0.0
        for t in range(lead):
            needs[0] += plan.net[i, t]
        for k in range(chances):
            if lead + k * review < buckets:
                needs[k] = plan.net[i, lead + k * review] + (needs[0] if k == 0 else 0.0)
        lots_of_node(needs[:chances], terms, i, review, mean * review, lots[:chances])
        plan.past_due_release[i] = _place(lots[:chances], lead, review, i, plan)
        stock = on_hand[i]
        for t in range(buckets):
            stock += scheduled[i, t] + plan.planned_receipt[i, t] - gross[i, t]
            plan.closing[i, t] = stock
    return plan


@part
def _net(
    gross: Floats, on_hand: float, scheduled: Floats, safety_stock: float, lead: int, review: int, net: Floats
) -> None:
    """Net requirements of one node, each in the bucket of the chance that serves it, were every one before met exactly.

    Before `lead` every bucket is its own chance, to be served late.
    """
    stock, later, buckets = on_hand, scheduled.sum(), gross.shape[0]
    for t in range(buckets):
        early = t < lead
        if early or (t - lead) % review == 0:
            floor = min(safety_stock, 0.0) if early else safety_stock
            last = t + 1 if early else min(t + review, buckets)
            net[t] = _shortage(stock, later, gross, scheduled, floor, t, last)
        stock += scheduled[t] + net[t] - gross[t]
        later -= scheduled[t]


@part
def _place(lots: Floats, lead: int, review: int, i: int, plan: MaterialPlan) -> float:
    """Write lots as receipts and releases of node i: tonight's serves past needs at their date, the rest as it arrives.

    Gives what of it is past due.
    """
    left, buckets = lots[0], plan.net.shape[1]
    for t in range(lead):
        served = min(plan.net[i, t], left)
        plan.planned_receipt[i, t] = served
        left -= served
    past_due = lots[0] - left
    plan.planned_release[i, 0] = lots[0]
    # An order that arrives beyond the last bucket is kept in it.
    plan.planned_receipt[i, min(lead, buckets - 1)] += left
    for k in range(1, lots.shape[0]):
        plan.planned_receipt[i, lead + k * review] = lots[k]
        plan.planned_release[i, k * review] = lots[k]
    return past_due


@part
def _shortage(
    stock: float, later: float, gross: Floats, scheduled: Floats, floor: float, first: int, last: int
) -> float:
    """Largest shortfall of stock below the floor in buckets first..last-1, after all receipts still scheduled."""
    worst = 0.0
    for t in range(first, last):
        stock += scheduled[t] - gross[t]
        later -= scheduled[t]
        missing = floor - stock
        if missing > 1e-9:
            worst = max(worst, missing - later)
    return worst if worst > 1e-9 else 0.0


@kernel
def consume_forecast(forecast: Floats, orders: Floats, back: int, forward: int) -> tuple[Floats, Floats]:
    """Forecast not yet consumed by customer orders, and demand = orders + that.

    Orders, oldest bucket first, consume the forecast of their own bucket, then up to `back` buckets before it (nearest
    first), then up to `forward` after it.
    """
    nodes, buckets = forecast.shape
    left = forecast.copy()
    for i in range(nodes):
        for t in range(buckets):
            open_qty = orders[i, t]
            for shift in range(back + forward + 1):
                source = t - shift if shift <= back else t + shift - back
                if open_qty <= 0.0:
                    break
                if 0 <= source < buckets:
                    used = min(open_qty, left[i, source])
                    left[i, source] -= used
                    open_qty -= used
    return left, left + orders
