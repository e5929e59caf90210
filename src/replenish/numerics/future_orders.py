"""Stock and orders along sampled paths beyond tonight: the rule for later orders, and mean projections from it.

Tonight's decision shows how much of the coming weeks' demand the node keeps in stock; at every later slot of a path the
node orders back up to that cover, in packs. A source then sees lumps as they would come, not averages. Beyond the
sampled buckets the same rule runs once, on means. Later orders take their expected lead time, so that they never cross
each other; tonight's order alone is drawn late or early, and what is drawn late may meet the next one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.ages import lay, serve_ages
from replenish.numerics.compiled import part
from replenish.numerics.projection import after_demand
from replenish.numerics.reductions import mean_of, put, total

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Later(NamedTuple):
    """A node as the rule for later orders sees it."""

    mean: Floats  # mean of all demand, bucket by bucket; 0 from the end of sale on
    receipt: Floats  # mean receipts of open orders, used beyond the sampled buckets
    lots: Floats  # cumulative stock whose last selling day falls in a bucket or before it
    ages: Floats  # stock on hand by last selling bucket, where stock is followed by age
    life: int  # selling buckets of what arrives; 0 where it is not
    lifo_share: float
    lead: int
    review: int
    cover_buckets: int  # long enough that weekdays and lumps of single orders do not show
    sampled: int
    pack: float
    min_qty: float
    lost_share: float
    ends: bool  # the item ends inside the horizon: nothing is expected beyond it
    may_order: bool


class Roll(NamedTuple):
    """Means over paths, bucket by bucket."""

    receipt: Floats  # open orders
    proposed: Floats  # tonight's order
    planned: Floats  # later orders
    lost: Floats
    short: Floats  # units not served in their bucket, lost or backlogged
    expired: Floats
    closing: Floats
    release: Floats  # orders placed, tonight's included
    closing_paths: Floats  # sampled buckets x paths


@part
def window_demand(later: Later, opening: int, buckets: int | np.int64) -> float:
    """Mean demand of `buckets` buckets from `opening`; beyond the horizon as on its average, nothing after the end."""
    horizon = later.mean.shape[0]
    first, last = min(opening, horizon), min(opening + buckets, horizon)
    inside = total(later.mean[first:last])
    beyond = opening + buckets - max(opening, horizon)
    return inside + (mean_of(later.mean) * beyond if beyond > 0 and not later.ends else 0.0)


@part
def cover_of(later: Later, expected: float, unrounded: float, level: float, by_value: bool) -> float:
    """What tonight's decision holds on arrival, as a share of the demand of `cover_buckets`.

    Quantities before packs: a pack bought ahead is not cover to keep. An overstocked node, and one that follows another
    rule, keep the classical level instead.
    """
    demand = window_demand(later, later.lead, later.cover_buckets)
    if demand <= 0.0 or not later.may_order:
        return 0.0
    held = expected + unrounded if by_value and unrounded > 0.0 else level
    return max(0.0, held) / demand


@part
def later_order(later: Later, cover: float, t: int, stock: float, incoming: Floats) -> float:
    """Order placed in bucket t with `stock` on the shelf: back up to the cover, projecting with mean demand."""
    horizon = incoming.shape[0]
    target = cover * window_demand(later, t + later.lead, later.cover_buckets)
    if target <= 0.0:
        return 0.0
    for s in range(t, t + later.lead):
        mean = later.mean[s] if s < horizon else window_demand(later, s, np.int64(1))
        stock, _ = after_demand(stock, mean, later.lost_share)
        stock += incoming[s + 1] if s + 1 < horizon else 0.0
    for s in range(t + later.lead + 1, min(t + later.lead + later.review, horizon)):
        stock += incoming[s]
    if stock >= target - 1e-9:
        return 0.0
    return max(np.ceil((target - stock) / later.pack - 1e-9) * later.pack, later.min_qty)


@part
def _serve(
    later: Later, t: int, stock: float, demand: float, gone: float, shelf: Floats
) -> tuple[float, float, float, float, float]:
    """Bucket t after its receipts: closing, lost, short, expired, and units gone so far (first expiry first).

    `shelf` is stock by age, empty where it is not followed.
    """
    short = max(0.0, min(demand, demand - stock))
    if shelf.shape[0] > 0:
        left, lost, expired = serve_ages(shelf, t, later.life, stock, demand, later.lifo_share, later.lost_share)
        return left, lost, short, expired, gone
    left, lost = after_demand(stock, demand, later.lost_share)
    gone += max(0.0, stock) - max(0.0, left)
    expired = min(max(0.0, later.lots[t] - gone), max(0.0, left))
    return left - expired, lost, short, expired, gone + expired


@part
def roll(
    later: Later,
    cover: float,
    qty: float,
    start: Floats,
    demand: Floats,
    supply: Floats,
    arrival: Ints,
    incoming: Floats,
    release: NDArray[np.float32],
) -> Roll:
    """Play every path with tonight's `qty` and the rule for later orders (cover 0: none).

    `incoming` is work space; `release` [paths, buckets] takes the order paths (no rows: not wanted). Sums run in path
    order, so results are the same on every machine.
    """
    paths, horizon = demand.shape[0], later.mean.shape[0]
    sums = np.zeros((8, horizon))
    out = Roll(sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6], sums[7], np.zeros((later.sampled, paths)))
    gone, shelf = 0.0, np.zeros(horizon + later.life if later.life > 0 else 0)
    mean_shelf = np.zeros(shelf.shape[0])
    for m in range(paths):
        put(supply[m, : later.sampled], incoming[m])
        put(later.receipt[later.sampled :], incoming[m, later.sampled :])
        if arrival[m] < horizon:
            incoming[m, arrival[m]] += qty
            out.proposed[arrival[m]] += qty
        for t in range(later.sampled):
            out.receipt[t] += supply[m, t]
        gone += _play_path(later, cover, start[m], demand[m], incoming[m, :horizon], m, release, shelf, out)
        for b in range(shelf.shape[0]):
            mean_shelf[b] += shelf[b] / paths
    # One division at the end: whole units then stay whole.
    for k in range(sums.shape[0]):
        for t in range(horizon):
            sums[k, t] /= paths
    put(later.receipt[later.sampled :], out.receipt[later.sampled :])
    out.release[0] += qty
    for m in range(release.shape[0]):
        release[m, 0] += np.float32(qty)
    _finish_on_means(later, cover, gone / paths, mean_shelf, out)
    return out


@part
def _play_path(
    later: Later,
    cover: float,
    stock: float,
    demand: Floats,
    incoming: Floats,
    m: int,
    release: NDArray[np.float32],
    shelf: Floats,
    out: Roll,
) -> float:
    """Add one path to the sums; what was sold or expired on it."""
    gone = 0.0
    lay(later.ages, shelf)
    for t in range(later.sampled):
        stock += incoming[t]
        if cover > 0.0 and t > 0 and t % later.review == 0:
            order = later_order(later, cover, t, stock, incoming)
            out.release[t] += order
            if release.shape[0] > 0 and t < release.shape[1]:
                release[m, t] += np.float32(order)
            if t + later.lead < incoming.shape[0]:
                incoming[t + later.lead] += order
                out.planned[t + later.lead] += order
            stock += order if later.lead == 0 else 0.0
        stock, lost, short, expired, gone = _serve(later, t, stock, demand[t], gone, shelf)
        out.short[t] += short
        out.lost[t] += lost
        out.expired[t] += expired
        out.closing[t] += stock
        out.closing_paths[t, m] = stock
    return gone


@part
def _finish_on_means(later: Later, cover: float, gone: float, shelf: Floats, out: Roll) -> None:
    """Beyond the sampled buckets: one path of means, from the mean closing stock and the mean pipeline."""
    horizon = later.mean.shape[0]
    pipeline = np.empty(horizon)
    for t in range(horizon):
        pipeline[t] = out.proposed[t] + out.planned[t] + out.receipt[t]
    stock = out.closing[later.sampled - 1]
    for t in range(later.sampled, horizon):
        stock += pipeline[t]
        if cover > 0.0 and t % later.review == 0:
            order = later_order(later, cover, t, stock, pipeline)
            out.release[t] += order
            if t + later.lead < horizon:
                pipeline[t + later.lead] += order
                out.planned[t + later.lead] += order
            stock += order if later.lead == 0 else 0.0
        served = _serve(later, t, stock, later.mean[t], gone, shelf)
        stock, out.lost[t], out.short[t], out.expired[t], gone = served
        out.closing[t] = stock
