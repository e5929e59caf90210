"""Material planning: explosion, netting against stock and open orders, lots, forecast consumption.

Nodes x buckets arrays, one compiled loop over the nodes of a level. Sources: Orlicky, Material Requirements Planning;
Nahmias ch. 7.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from replenish.numerics.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class MaterialPlan(NamedTuple):
    """Planned orders of each node (nodes x buckets), and what should already have been released (one entry a node)."""

    net: Floats  # requirement before lot sizing
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
def lot_of(net: float, least: float, multiple: float, most: float) -> float:
    """Lot for a requirement: at least the minimum, up to a multiple; above the maximum the multiple below it."""
    if net <= 0.0:
        return 0.0
    lot = max(net, least)
    if multiple > 0.0:
        lot = np.ceil(lot / multiple - 1e-9) * multiple
    if lot > most:
        lot = np.floor(most / multiple + 1e-9) * multiple if multiple > 0.0 else most
    return lot


@kernel
def lots_of(net: float, least: float, multiple: float, most: float) -> float:
    """Total of as many lots as the requirement needs: what is above the maximum becomes further lots."""
    total = 0.0
    while net - total > 1e-9:
        lot = lot_of(net - total, least, multiple, most)
        if lot <= 0.0:
            return total
        total += lot
    return total


@kernel
def plan_materials(
    gross: Floats,
    on_hand: Floats,
    scheduled: Floats,
    safety_stock: Floats,
    min_qty: Floats,
    multiple_qty: Floats,
    max_qty: Floats,
    lead_time_buckets: Ints,
    review_buckets: Ints,
) -> MaterialPlan:
    """Net each node: PAB = PAB + receipts - gross; below the safety stock a lot arrives, released a lead time before.

    Safety stock is a floor of projected stock, netted once. Scheduled receipts come before planned ones and may be
    moved: one due after its need is used for it, so no duplicate is planned (elsewhere it is asked to come sooner).
    Orders are released every `review_buckets` from tonight on, each for all that is needed until the next one arrives.
    Needs before tonight's order could arrive go into it and are counted as past due; safety stock alone is rebuilt at
    the earliest arrival, never before.
    """
    nodes, buckets = gross.shape
    made = np.zeros((4, nodes, buckets))
    plan = MaterialPlan(made[0], made[1], made[2], made[3], np.zeros(nodes))
    for i in range(nodes):
        stock, later, lead = on_hand[i], scheduled[i].sum(), lead_time_buckets[i]
        for t in range(buckets):
            early = t < lead
            span = 1 if early else review_buckets[i]
            if early or (t - lead) % span == 0:
                floor = min(safety_stock[i], 0.0) if early else safety_stock[i]
                net = _shortage(stock, later, gross[i], scheduled[i], floor, t, min(t + span, buckets))
                plan.net[i, t] = net
                plan.planned_receipt[i, t] = lots_of(net, min_qty[i], multiple_qty[i], max_qty[i])
                plan.planned_release[i, max(0, t - lead)] += plan.planned_receipt[i, t]
                plan.past_due_release[i] += plan.planned_receipt[i, t] if early else 0.0
            stock += scheduled[i, t] + plan.planned_receipt[i, t] - gross[i, t]
            later -= scheduled[i, t]
            plan.closing[i, t] = stock
    return plan


@kernel
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
