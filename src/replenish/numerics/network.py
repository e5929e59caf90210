"""The node graph: levels, days to buckets, the deterministic pass, and who gets scarce stock."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from replenish.numerics.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def days_to_buckets(days: ArrayLike, bucket_days: int, least: int = 0) -> Ints:
    """Whole buckets that hold these days: ceil(days / bucket_days), at least `least` (1 for review times)."""
    if bucket_days < 1:
        raise ValueError("a bucket has at least one day")
    raw = np.ceil(np.asarray(days, dtype=np.float64) / bucket_days - 1e-9)
    return np.maximum(raw, least).astype(np.int64)


def protection_buckets(lead_time_buckets: ArrayLike, review_buckets: ArrayLike) -> Ints:
    """Lead plus review time; raises ValueError where a review time is below one bucket."""
    review = np.asarray(review_buckets, dtype=np.int64)
    if (review < 1).any():
        raise ValueError("review time must be at least one bucket")
    return np.asarray(lead_time_buckets, dtype=np.int64) + review


def levels(node_count: int, dependant: Ints, supplier: Ints) -> tuple[Ints, Flags]:
    """Level of each node (longest path from nodes without dependants) and whether it lies on a cycle.

    One arc an entry: `dependant[a]` is supplied by `supplier[a]`. Kahn's order on the reversed arcs. Nodes on a cycle
    have level -1; nodes outside are planned, those upstream of a cycle by their other dependants.
    """
    cyclic = _on_cycle(node_count, dependant, supplier)
    keep = ~(cyclic[dependant] | cyclic[supplier])
    level = _longest_paths(node_count, dependant[keep], supplier[keep])
    return np.where(cyclic, -1, level), cyclic


def _longest_paths(node_count: int, dependant: Ints, supplier: Ints) -> Ints:
    """Longest path lengths of an acyclic graph, one sweep a level."""
    level = np.zeros(node_count, dtype=np.int64)
    waiting = np.bincount(supplier, minlength=node_count)
    ready = np.flatnonzero(waiting == 0)
    order, start = np.argsort(dependant, kind="stable"), np.bincount(dependant, minlength=node_count)
    first = np.concatenate([[0], np.cumsum(start)])
    while len(ready):
        arcs = np.concatenate([order[first[node] : first[node + 1]] for node in ready])
        if not len(arcs):
            break
        np.maximum.at(level, supplier[arcs], level[dependant[arcs]] + 1)
        np.subtract.at(waiting, supplier[arcs], 1)
        touched = np.unique(supplier[arcs])
        ready = touched[waiting[touched] == 0]
    return level


def _on_cycle(node_count: int, dependant: Ints, supplier: Ints) -> Flags:
    """Members of strongly connected components with more than one node, and nodes that supply themselves."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(dependant)), (supplier, dependant)), shape=(node_count, node_count)).tocsr()
    _, component = connected_components(graph, directed=True, connection="strong")
    cyclic = np.bincount(component)[component] > 1
    cyclic[dependant[dependant == supplier]] = True
    return cyclic


@kernel
def arrivals_to_target(
    on_hand: Floats, receipt: Floats, demand: Floats, target: Floats, pack: Floats
) -> tuple[Floats, Floats]:
    """Planned arrivals, in packs, that keep closing stock at or above the target, and that closing stock.

    Nodes x buckets; the deterministic form of distribution planning.
    """
    nodes, buckets = demand.shape
    arrival, closing = np.zeros((nodes, buckets)), np.zeros((nodes, buckets))
    for i in range(nodes):
        stock = on_hand[i]
        for t in range(buckets):
            stock += receipt[i, t] - demand[i, t]
            if stock < target[i] - 1e-9:
                arrival[i, t] = np.ceil((target[i] - stock) / pack[i] - 1e-9) * pack[i]
                stock += arrival[i, t]
            closing[i, t] = stock
    return arrival, closing


@kernel
def releases(arrival: Floats, lead_time_buckets: Ints) -> tuple[Floats, Floats]:
    """Orders released one lead time before each arrival, not before bucket 0, and how much of bucket 0 is past due."""
    nodes, buckets = arrival.shape
    release, past_due = np.zeros((nodes, buckets)), np.zeros(nodes)
    for i in range(nodes):
        for t in range(buckets):
            release[i, max(0, t - lead_time_buckets[i])] += arrival[i, t]
            if t < lead_time_buckets[i]:
                past_due[i] += arrival[i, t]
    return release, past_due


_NO_DEMAND = 1e-9  # units a day that are no demand at all


def fair_share(available_qty: float, stock: Floats, demand_per_day: Floats) -> tuple[float, Floats]:
    """Equal days of supply DS = (A + sum stock) / sum d over the children that get something, and each child's share.

    Child i gets DS d_i - stock_i; children above DS leave the pool (sorted by their own days of supply, one cumulative
    pass). Nothing available: nothing shared; a child without demand gets nothing.
    """
    share = np.zeros(len(stock))
    wanting = np.flatnonzero(demand_per_day > _NO_DEMAND)
    if available_qty <= 0 or not len(wanting):
        return 0.0, share
    own = stock[wanting] / demand_per_day[wanting]
    ranked = wanting[np.argsort(own, kind="stable")]
    common = (available_qty + np.cumsum(stock[ranked])) / np.cumsum(demand_per_day[ranked])
    # the last child whose own days of supply are still below the common level with it in the pool
    inside = int(np.flatnonzero(stock[ranked] / demand_per_day[ranked] < common).max(initial=0))
    pool = ranked[: inside + 1]
    share[pool] = np.maximum(common[inside] * demand_per_day[pool] - stock[pool], 0.0)
    return float(common[inside]), share


def fair_share_of_requests(
    available_qty: float, stock: Floats, demand_per_day: Floats, floor: Floats, request: Floats
) -> Floats:
    """Each child's share, none above its `request`: floors first, in proportion if short, then equal days of supply.

    What a child does not request goes to the others. A child without demand gets its floor only.
    """
    share = np.minimum(np.maximum(floor, 0.0), request)
    if share.sum() >= available_qty:
        out: Floats = share * (max(available_qty, 0.0) / max(share.sum(), 1e-300))
        return out
    wanting = (demand_per_day > _NO_DEMAND) & (share < request)
    while wanting.any() and available_qty - share.sum() > 1e-9:
        pool = np.flatnonzero(wanting)
        _, more = fair_share(available_qty - share.sum(), (stock + share)[pool], demand_per_day[pool])
        room = request[pool] - share[pool]
        share[pool] += np.minimum(more, room)
        if (more <= room).all():
            break
        wanting[pool] = more < room
    return share


def whole_units(share: Floats, unit: ArrayLike = 1.0) -> Floats:
    """Shares in whole units or packs, in total no more: floors, then one each by largest remainder, first on ties.

    `unit` is one for all or each child's own.
    """
    share = np.asarray(share, dtype=np.float64)
    size = np.broadcast_to(np.asarray(unit, dtype=np.float64), share.shape)
    units = share / size
    floor = np.floor(units + 1e-9)
    left = float(share.sum() - (floor * size).sum())
    for child in np.argsort(-np.round(units - floor, 9), kind="stable"):
        if units[child] - floor[child] > 1e-9 and size[child] <= left + 1e-9:
            floor[child] += 1.0
            left -= size[child]
    return floor * size


def allocate_by_value(available_qty: float, child: Ints, gain: Floats, qty: Floats) -> tuple[Floats, float]:
    """Scarce stock of one source to the increments worth most per unit, and its shadow price; see `allocate_scarce`."""
    children = int(child.max(initial=-1)) + 1
    one = np.zeros(len(child), dtype=np.int64)
    given, price = allocate_scarce(np.array([float(available_qty)]), one, child, children, gain, qty)
    return given, float(price[0])


def allocate_scarce(
    available_qty: Floats, source: Ints, child: Ints, child_count: int, gain: Floats, qty: Floats
) -> tuple[Floats, Floats]:
    """Units given to each child, and shadow price of each source.

    One increment an entry, each child's in falling order of value: its source, its `child` number (a child has one
    source), `gain` money and `qty` units. The shadow price is the value per unit of the first increment refused, 0 if
    none is. A child whose next increment does not fit is closed; smaller increments of others may use the rest. Ties go
    to the lower child, then to its earlier increment.
    """
    worth = gain / qty
    ranked = np.lexsort((np.arange(len(child)), child, -worth, source))
    chosen, price = _take(available_qty.copy(), source[ranked], child[ranked], worth[ranked], qty[ranked], child_count)
    given = np.zeros(child_count)
    np.add.at(given, child[ranked][chosen], qty[ranked][chosen])
    return given, price


@kernel
def _take(
    available: Floats, source: Ints, child: Ints, worth: Floats, qty: Floats, children: int
) -> tuple[Flags, Floats]:
    chosen, closed = np.zeros(len(child), dtype=np.bool_), np.zeros(children, dtype=np.bool_)
    price = np.zeros(len(available))
    for k in range(len(child)):
        if worth[k] <= 0.0 or closed[child[k]]:
            continue
        if qty[k] <= available[source[k]] + 1e-9:
            available[source[k]] -= qty[k]
            chosen[k] = True
        else:
            closed[child[k]] = True
            price[source[k]] = max(price[source[k]], worth[k])
    return chosen, price
