"""Stock along sampled paths: what is on the shelf when tonight's order arrives, and how much more would have sold.

Order of events in a bucket: receive, decide, demand, count. `lost_share` 1 loses what is not on the shelf, 0 keeps it
as backlog (negative stock), values between mix the two rules unit by unit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A window that does not exist on a path charges no holding: its need counts as never reached.
NOT_CHARGED = np.inf


@kernel
def after_demand(stock: float, demand: float, lost_share: float) -> tuple[float, float]:
    """Closing stock and units lost when `demand` meets `stock` (negative stock is backlog)."""
    left = stock - demand
    if left >= 0.0:
        return left, 0.0
    lost = lost_share * min(demand, -left)
    return left + lost, lost


@kernel
def stock_at(start: float, demand: Floats, supply: Floats, buckets: int, lost_share: float) -> tuple[float, float]:
    """Stock at the opening of bucket `buckets` (before its receipts) and the units short until then."""
    stock, short = start, 0.0
    for t in range(buckets):
        before = stock + supply[t]
        short += max(0.0, min(demand[t], demand[t] - before))
        stock, _ = after_demand(before, demand[t], lost_share)
    return stock, short


@kernel
def stocks_at_arrival(
    start: Floats, demand: Floats, supply: Floats, arrival: Ints, lost_share: float, stock: Floats, short: Floats
) -> None:
    """`stock_at` for every path, each with its own start and its own arrival bucket."""
    for m in range(demand.shape[0]):
        stock[m], short[m] = stock_at(start[m], demand[m], supply[m], arrival[m], lost_share)


@kernel
def path_needs(
    stock: float,
    demand: Floats,
    supply: Floats,
    opening: int,
    ends: Ints,
    lost_share: float,
    running: Floats,
    held: Floats,
) -> None:
    """Need of one path at the end of each window.

    running[h] = N_h = max(0, max over t up to the end of window h of A_t - X), A cumulative demand - receipts from the
    arrival on: the units lost by then without an order (lost sales), or the deepest backlog. held[h] is what decides
    whether a unit is still unsold at the end of window h: N_h under lost sales, max(0, A_end - X) under backorders.
    """
    ahead, peak, t = 0.0, -np.inf, opening
    for h in range(ends.shape[0]):
        while t < ends[h]:
            ahead += demand[t] - supply[t]
            peak = max(peak, ahead)
            t += 1
        running[h] = max(0.0, peak - stock)
        held[h] = lost_share * running[h] + (1.0 - lost_share) * max(0.0, ahead - stock)


@kernel
def window_ends(opening: int, review: Ints, end_bucket: int, horizon: int, ends: Ints) -> int:
    """First bucket after each window, cut at the end of sale and the horizon; how many windows have any bucket."""
    edge, active = opening, 0
    for h in range(ends.shape[0]):
        if edge < end_bucket:
            active = h + 1
        edge += review[h]
        ends[h] = max(opening, min(edge, end_bucket, horizon))
    return active


@kernel
def needs(
    stock: Floats,
    demand: Floats,
    supply: Floats,
    opening: Ints,
    review: Ints,
    end_bucket: int,
    horizon: int,
    lost_share: float,
    running: Floats,
    held: Floats,
) -> None:
    """Needs of all paths: running[window, path] and held[window or terminal, path].

    `held` has one row more than windows. Where the item ends inside the windows, the last window's row moves there:
    what is left then is not held but written off. A path's missing windows are `NOT_CHARGED`.
    """
    count = running.shape[0]
    ends = np.empty(count, dtype=np.int64)
    run, hold = np.empty(count), np.empty(count)
    span = 0
    for h in range(count):
        span += review[h]
    for m in range(stock.shape[0]):
        active = window_ends(opening[m], review, end_bucket, horizon, ends)
        path_needs(stock[m], demand[m], supply[m], opening[m], ends, lost_share, run, hold)
        final = opening[m] + span >= end_bucket
        for h in range(count):
            running[h, m] = run[h] if active > 0 else 0.0
            held[h, m] = hold[h] if h < active - (1 if final else 0) else NOT_CHARGED
        held[count, m] = NOT_CHARGED if not final else (hold[active - 1] if active > 0 else 0.0)


def mean_stock_at(
    on_hand: Floats, forecast: Floats, receipts: Floats, arrival: Ints, lost_share: Floats
) -> tuple[Floats, Floats]:
    """Mean projection of many nodes: stock at the opening of each node's arrival bucket, and units short until then.

    `forecast` and `receipts` are nodes x buckets; `on_hand` is net of backlog.
    """
    stock, short = np.asarray(on_hand, dtype=np.float64).copy(), np.zeros(len(on_hand))
    for t in range(int(arrival.max(initial=0))):
        before = stock + receipts[:, t]
        left = before - forecast[:, t]
        missed = np.clip(-left, 0.0, forecast[:, t])
        active = t < arrival
        stock = np.where(active, left + lost_share * missed, stock)
        short += np.where(active, missed, 0.0)
    return stock, short
