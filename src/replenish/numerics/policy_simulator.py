"""What a policy would have done: stock, orders and sales of many nodes, bucket by bucket, on given demand and delays.

Events of a bucket, always in this order: receive, decide, demand, count. One kernel serves targets, backtests and
what-if: a policy is either a level to order up to at or below a point, slot by slot, or quantities decided elsewhere.
Stock that expires is kept by age and leaves after its last bucket (order specification, section 8). A family is a node
with everything it is supplied through inside the company; families do not touch each other, so results do not depend on
which others are played. Two policies that are handed the same demand and delays meet the same luck.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.ages import serve_ages, settle
from replenish.numerics.compiled import kernel, part
from replenish.numerics.projection import after_demand

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NOBODY = -1  # no parent: supplied from outside
# What is counted, node by node and window by window.
COUNTED = (
    "demand", "served", "lost", "closing", "short_buckets", "received", "shipped", "ordered", "lines", "buckets",
    "expired",
)  # fmt: skip
DEMAND, SERVED, LOST, CLOSING, SHORT, RECEIVED, SHIPPED, ORDERED, LINES, BUCKETS, EXPIRED = range(len(COUNTED))
_EXACT = 1e-9


class Shelf(NamedTuple):
    """State of every node, changed in place."""

    on_hand: Floats  # negative: backlog
    pipeline: Floats  # nodes x ring: what arrives in a bucket stands at bucket % ring; longer than any delay


class Policy(NamedTuple):
    """How each node orders in each slot; quantities in base units."""

    point: Floats  # nodes x slots: orders at or below this position; infinite orders whenever below the level
    level: Floats  # nodes x slots: orders up to this
    given: Floats  # nodes x slots: quantity decided elsewhere, NaN where point and level decide
    delay: Ints  # nodes x slots: buckets until what is ordered in the slot arrives
    pack: Floats
    min_qty: Floats
    lost_share: Floats
    parent: Ints  # node that supplies it, NOBODY for suppliers; children stand before their parents
    family: Ints  # families + 1: first node of each


class Ages(NamedTuple):
    """Stock that expires, changed in place; apart from the rest, which is carried through the quick path."""

    row: Ints  # row of each node in the others, negative where its stock lasts; empty where all stock lasts
    stock: Floats  # rows x buckets: units by the buckets they can still be sold in, 0 the last
    life: Ints  # rows: selling buckets of what arrives, the bucket of its arrival included
    lifo_share: Floats  # rows: share of demand that takes the newest first


LASTING = Ages(np.zeros(0, dtype=np.int64), np.zeros((0, 1)), np.zeros(0, dtype=np.int64), np.zeros(0))


def families(parent: Ints) -> tuple[Ints, Ints]:
    """Order of the nodes by family, children before parents, and the first place of each family in that order.

    `parent` names each node's source by its row, NOBODY where it is supplied from outside. Raises ValueError where
    nodes supply each other in a circle.
    """
    depth, root, step = np.zeros(len(parent), dtype=np.int64), np.arange(len(parent)), parent.copy()
    while (step != NOBODY).any():
        if depth.max(initial=0) > len(parent):
            raise ValueError("nodes supply each other in a circle")
        inside = step != NOBODY
        depth[inside] += 1
        root[inside] = step[inside]
        step[inside] = parent[step[inside]]
    order = np.lexsort((np.arange(len(parent)), -depth, root))
    first = np.flatnonzero(np.diff(root[order], prepend=-1))
    return order, np.append(first, len(parent)).astype(np.int64)


@part
def _aged(ages: Ages, i: int) -> int:
    """Row of node i in the ages, negative where its stock lasts."""
    return ages.row[i] if ages.row.shape[0] > 0 else -1


@part
def _receive(shelf: Shelf, ages: Ages, i: int, now: int, counted: Floats) -> None:
    """What arrives joins the stock; before and after, the ages add up to it: what was shipped went oldest first."""
    row = _aged(ages, i)
    if row >= 0:
        settle(ages.stock[row], 0, ages.life[row], shelf.on_hand[i])
    shelf.on_hand[i] += shelf.pipeline[i, now]
    counted[i, RECEIVED] += shelf.pipeline[i, now]
    shelf.pipeline[i, now] = 0.0
    if row >= 0:
        settle(ages.stock[row], 0, ages.life[row], shelf.on_hand[i])


@part
def _wanted(shelf: Shelf, policy: Policy, i: int, s: int) -> float:
    """Quantity node i asks for in slot s."""
    if not np.isnan(policy.given[i, s]):
        return policy.given[i, s]
    position = shelf.on_hand[i]
    for k in range(shelf.pipeline.shape[1]):
        position += shelf.pipeline[i, k]
    missing = policy.level[i, s] - position
    if position > policy.point[i, s] or missing <= _EXACT:
        return 0.0
    return max(np.ceil(missing / policy.pack[i] - _EXACT) * policy.pack[i], policy.min_qty[i])


@part
def _decide(
    shelf: Shelf, policy: Policy, ages: Ages, first: int, last: int, t: int, s: int, qty: Floats, counted: Floats
) -> None:
    """Orders of a family in slot s: children ask first, a parent ships what it has, in equal shares where short."""
    ring = shelf.pipeline.shape[1]
    for i in range(first, last):
        asked = 0.0
        for child in range(first, i):
            if policy.parent[child] == i:
                asked += qty[child]
        share = 1.0 if asked <= shelf.on_hand[i] + _EXACT else max(0.0, shelf.on_hand[i]) / asked
        for child in range(first, i):
            if policy.parent[child] == i and qty[child] > 0.0:
                sent = qty[child]
                if share < 1.0:
                    sent = np.floor(share * sent / policy.pack[child] + _EXACT) * policy.pack[child]
                shelf.on_hand[i] -= sent
                counted[i, SHIPPED] += sent
                _place(shelf, policy, child, t, s, sent, counted)
        qty[i] = _wanted(shelf, policy, i, s)
        if policy.parent[i] == NOBODY:
            _place(shelf, policy, i, t, s, qty[i], counted)
    for i in range(first, last):
        _receive(shelf, ages, i, t % ring, counted)  # what is ordered and there in the same bucket


@part
def _place(shelf: Shelf, policy: Policy, i: int, t: int, s: int, qty: float, counted: Floats) -> None:
    if qty > 0.0:
        shelf.pipeline[i, (t + policy.delay[i, s]) % shelf.pipeline.shape[1]] += qty
        counted[i, ORDERED] += qty
        counted[i, LINES] += 1.0


@part
def _serve(ages: Ages, row: int, before: float, demand: float, lost_share: float) -> tuple[float, float, float]:
    """Closing stock, units lost and units expired of a shelf that then is a bucket older."""
    stock = ages.stock[row]
    closing, lost, expired = serve_ages(stock, 0, ages.life[row], before, demand, ages.lifo_share[row], lost_share)
    for k in range(stock.shape[0] - 1):
        stock[k] = stock[k + 1]
    stock[stock.shape[0] - 1] = 0.0
    return closing, lost, expired


@part
def _live(shelf: Shelf, policy: Policy, ages: Ages, i: int, demand: float, counted: Floats) -> None:
    """Demand meets the shelf, and the bucket is counted."""
    before = shelf.on_hand[i]
    row = _aged(ages, i)
    if row < 0:
        closing, lost = after_demand(before, demand, policy.lost_share[i])
    else:
        closing, lost, expired = _serve(ages, row, before, demand, policy.lost_share[i])
        counted[i, EXPIRED] += expired
    served = max(0.0, min(demand, before))
    shelf.on_hand[i] = closing
    counted[i, DEMAND] += demand
    counted[i, SERVED] += served
    counted[i, LOST] += lost
    counted[i, CLOSING] += max(0.0, closing)
    counted[i, SHORT] += demand > served + _EXACT
    counted[i, BUCKETS] += 1.0


@part
def _play_family(
    shelf: Shelf,
    policy: Policy,
    ages: Ages,
    demand: NDArray[np.float32],
    slot: Ints,
    window: Ints,
    low: int,
    high: int,
    first: int,
    last: int,
    qty: Floats,
    counted: Floats,
) -> None:
    ring = shelf.pipeline.shape[1]
    for t in range(first, last):
        row, now = counted[window[t]], t % ring
        for i in range(low, high):
            _receive(shelf, ages, i, now, row)
        if slot[t] >= 0:
            _decide(shelf, policy, ages, low, high, t, slot[t], qty, row)
        for i in range(low, high):
            _live(shelf, policy, ages, i, demand[i, t], row)


@part
def _play_alone(
    shelf: Shelf,
    policy: Policy,
    demand: NDArray[np.float32],
    slot: Ints,
    window: Ints,
    i: int,
    first: int,
    last: int,
    counted: Floats,
) -> None:
    """A node that nobody supplies inside and that supplies nobody: the same events, its sums kept at hand."""
    ring, share, on_hand = shelf.pipeline.shape[1], policy.lost_share[i], shelf.on_hand[i]
    wanted = served = lost = held = received = 0.0
    short, begun, now = 0, first, first % ring
    for t in range(first, last):
        if shelf.pipeline[i, now] != 0.0:
            on_hand += shelf.pipeline[i, now]
            received += shelf.pipeline[i, now]
            shelf.pipeline[i, now] = 0.0
        if slot[t] >= 0:
            shelf.on_hand[i] = on_hand
            _place(shelf, policy, i, t, slot[t], _wanted(shelf, policy, i, slot[t]), counted[window[t]])
            on_hand += shelf.pipeline[i, now]
            received += shelf.pipeline[i, now]
            shelf.pipeline[i, now] = 0.0
        asked = demand[i, t]
        left = on_hand - asked
        wanted += asked
        if left >= 0.0:
            served, on_hand = served + asked, left
        else:
            gone = share * min(asked, -left)
            served, lost, on_hand, short = served + max(0.0, on_hand), lost + gone, left + gone, short + 1
        held += max(0.0, on_hand)
        now = now + 1 if now + 1 < ring else 0
        if t + 1 == last or window[t + 1] != window[t]:
            row = counted[window[t], i]
            row[DEMAND] += wanted
            row[SERVED] += served
            row[LOST] += lost
            row[CLOSING] += held
            row[SHORT] += short
            row[RECEIVED] += received
            row[BUCKETS] += t + 1 - begun
            wanted = served = lost = held = received = 0.0
            short, begun = 0, t + 1
    shelf.on_hand[i] = on_hand


def play(
    shelf: Shelf,
    policy: Policy,
    demand: NDArray[np.float32],
    slot: Ints,
    window: Ints,
    first: int,
    last: int,
    counted: Floats,
    ages: Ages = LASTING,
) -> None:
    """Play buckets first..last-1 of `demand` [nodes, buckets] from the state in `shelf`, which is changed.

    `slot` says which order slot each bucket is (-1: none), `window` into which row of `counted` [windows, nodes,
    COUNTED] it counts. Opening stock + received = served + shipped + expired + closing for every node that loses its
    sales. What arrives where stock expires (`ages`, changed too) can be sold in `life` buckets, wherever it comes from.
    """
    _play(shelf, policy, demand, slot, window, first, last, counted, ages)


@kernel
def _play(
    shelf: Shelf,
    policy: Policy,
    demand: NDArray[np.float32],
    slot: Ints,
    window: Ints,
    first: int,
    last: int,
    counted: Floats,
    ages: Ages,
) -> None:
    qty = np.zeros(shelf.pipeline.shape[0])
    for f in range(policy.family.shape[0] - 1):
        low, high = policy.family[f], policy.family[f + 1]
        if high - low == 1 and _aged(ages, low) < 0:
            _play_alone(shelf, policy, demand, slot, window, low, first, last, counted)
        else:
            _play_family(shelf, policy, ages, demand, slot, window, low, high, first, last, qty, counted)
