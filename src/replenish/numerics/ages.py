"""Stock by age: what customers pick, what expires, and what that costs an order in simple mode.

A shelf is an array of units by their last selling bucket. In a bucket it receives, sells, and throws away what could be
sold in it for the last time. A share of demand takes the newest first (customers who reach to the back), the rest the
oldest first. Source: Haijema & Minner (2019) International Journal of Production Economics; Broekmeulen & van Donselaar
(2009) Computers & Operations Research 36.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import part
from replenish.numerics.projection import after_demand

Floats = NDArray[np.float64]


@part
def lay(ages: Floats, shelf: Floats) -> None:
    """Put stock by last selling bucket on an empty shelf, which may be shorter or longer."""
    for b in range(shelf.shape[0]):
        shelf[b] = ages[b] if b < ages.shape[0] else 0.0


@part
def settle(shelf: Floats, t: int, life: int, stock: float) -> None:
    """Make the shelf add up to `stock` (0 where negative): what it lacks has just come in, too much leaves by age."""
    there = 0.0
    for b in range(t, shelf.shape[0]):
        there += shelf[b]
    missing = max(0.0, stock) - there
    if missing > 0.0:
        shelf[min(t + life, shelf.shape[0]) - 1] += missing
    elif missing < 0.0:
        take_oldest(shelf, t, -missing)


@part
def take_oldest(shelf: Floats, t: int, qty: float) -> None:
    """Take `qty` units of what may be sold in bucket t or later, first expiring first."""
    b = t
    while qty > 0.0 and b < shelf.shape[0]:
        taken = min(qty, shelf[b])
        shelf[b] -= taken
        qty -= taken
        b += 1


@part
def pick(shelf: Floats, t: int, qty: float, lifo_share: float) -> None:
    """Customers of bucket t take `qty` units, at most what is there: a share the newest first, then the rest by age."""
    newest = lifo_share * qty
    b = shelf.shape[0] - 1
    while newest > 0.0 and b >= t:
        taken = min(newest, shelf[b])
        shelf[b] -= taken
        newest -= taken
        b -= 1
    take_oldest(shelf, t, (1.0 - lifo_share) * qty)


@part
def expire(shelf: Floats, t: int) -> float:
    """Units that could be sold in bucket t for the last time and are still there: they leave the shelf."""
    gone = shelf[t]
    shelf[t] = 0.0
    return gone


@part
def serve_ages(
    shelf: Floats, t: int, life: int, stock: float, demand: float, lifo_share: float, lost_share: float
) -> tuple[float, float, float]:
    """Bucket t with its receipts already in `stock`: closing stock (negative is backlog), units lost, units expired."""
    settle(shelf, t, life, stock)
    left, lost = after_demand(stock, demand, lost_share)
    pick(shelf, t, max(0.0, stock) - max(0.0, left), lifo_share)
    expired = expire(shelf, t)
    return left - expired, lost, expired


@part
def stock_by_age(
    shelf: Floats, start: float, demand: Floats, supply: Floats, buckets: int, life: int, lifo_share: float, lost: float
) -> tuple[float, float, float]:
    """`projection.stock_at` by age: stock at the opening of bucket `buckets`, units short and units expired until then.

    `shelf` holds the stock on hand and is left as it is at that opening; `lost` is the lost share.
    """
    stock, short, wasted = start, 0.0, 0.0
    for t in range(buckets):
        before = stock + supply[t]
        short += max(0.0, min(demand[t], demand[t] - before))
        stock, _, expired = serve_ages(shelf, t, life, before, demand[t], lifo_share, lost)
        wasted += expired
    settle(shelf, buckets, life, stock)
    return stock, short, wasted


def outdating(
    ages: Floats, mean: Floats, receipts: Floats, life: NDArray[np.int64], buckets: NDArray[np.int64]
) -> Floats:
    """Units of each node that expire in its first `buckets` buckets if demand is as its mean, oldest sold first.

    `ages` [nodes, buckets] is stock by last selling bucket, `receipts` what comes in bucket by bucket with `life`
    selling buckets. Source: Broekmeulen & van Donselaar (2009), estimated withdrawal and aging.
    """
    last = int(buckets.max(initial=0))
    shelf = np.zeros((len(ages), max(ages.shape[1], last) + int(life.max(initial=1))))
    shelf[:, : ages.shape[1]] = ages
    out, rows = np.zeros(len(ages)), np.arange(len(ages))
    for t in range(last):
        shelf[rows, t + np.maximum(life, 1) - 1] += receipts[:, t] if t < receipts.shape[1] else 0.0
        before = np.cumsum(shelf, axis=1) - shelf
        wanted = mean[:, min(t, mean.shape[1] - 1), None]
        shelf -= np.clip(wanted - before, 0.0, shelf)
        out += np.where(t < buckets, shelf[:, t], 0.0)
        shelf[:, t] = 0.0
    return out
