"""When supply arrives: lead-time laws from receipts and from orders still open.

A law is a pmf over whole periods 0..S-1 (days for lanes). Sources: Kaplan & Meier (1958); Silver, Pyke & Thomas (4e)
ch. 7.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.grouping import sums

_ORDER_CELLS = 2_000_000  # numbers held at a time while arrivals are put in order

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LANE_PRIOR = 10.0  # a lane's law counts as this many deliveries of the item
HALF_LIFE_DAYS = 180.0
COMPLETE_PRIOR = 20.0  # lines that count as come complete before any was seen
CROSSING_ABOVE, LEAST_PAIRS = 0.05, 20  # share of pairs of orders that overtook each other, and pairs that show it
LOST_AFTER = 3.0  # an order older than this many mean lead times is not coming


def half_life_weight(age_days: Floats) -> Floats:
    """Weight of an observation this many days old: 0.5 after 180 days."""
    out: Floats = 0.5 ** (np.maximum(age_days, 0.0) / HALF_LIFE_DAYS)
    return out


def counts_by_group(time: Ints, weight: Floats, group: Ints, group_count: int, support: int) -> Floats:
    """Weighted number of observations per group and period [group_count, support]."""
    cell = group * support + np.minimum(time, support - 1)
    return sums(cell, weight, group_count * support).reshape(group_count, support)


def kaplan_meier_pmf(received: Floats, still_open: Floats) -> Floats:
    """Lead-time pmf per lane from weighted receipts and still open orders by delay or age so far [G, S].

    At equal times receipts come first; mass beyond the largest observed delay goes to it. A lane without receipts is
    NaN.
    """
    at_risk = np.cumsum((received + still_open)[:, ::-1], axis=1)[:, ::-1]
    hazard = np.where(at_risk > 0, received / np.where(at_risk > 0, at_risk, 1.0), 0.0)
    after = np.cumprod(1.0 - hazard, axis=1)
    before = np.concatenate([np.ones((after.shape[0], 1)), after[:, :-1]], axis=1)
    pmf = before * hazard
    known = (received > 0).any(axis=1)
    last = pmf.shape[1] - 1 - np.argmax((received > 0)[:, ::-1], axis=1)
    rows = np.flatnonzero(known)
    pmf[rows, last[rows]] += 1.0 - pmf[rows].sum(axis=1)
    pmf[~known] = np.nan
    return pmf


def shrunk_pmf(item_counts: Floats, lane_pmf: Floats, prior_weight: float = LANE_PRIOR) -> Floats:
    """Item law shrunk to its lane, last axis periods: (counts + 10 lane pmf) / (n + 10)."""
    out: Floats = (item_counts + prior_weight * lane_pmf) / (item_counts.sum(axis=-1, keepdims=True) + prior_weight)
    return out


def shrunk_share(
    event_weight: Floats, total_weight: Floats, pooled_share: Floats | float, prior_weight: float
) -> Floats:
    """A share (orders never delivered, say) shrunk towards a pooled one that counts as `prior_weight` observations."""
    out: Floats = (event_weight + prior_weight * pooled_share) / (total_weight + prior_weight)
    return out


def delivered_share(received_share: Floats, weight: Floats, group: Ints, group_count: int) -> Floats:
    """Share of an order that comes when it comes, per supplier: received over ordered of closed lines [K].

    As if twenty lines had come complete before; more than was ordered counts as complete.
    """
    got = sums(group, weight * np.clip(received_share, 0.0, 1.0), group_count)
    return (COMPLETE_PRIOR + got) / (COMPLETE_PRIOR + sums(group, weight, group_count))


def residual_pmf(pmf: Floats, age: Ints) -> tuple[Floats, Bools]:
    """P(L = l | L > age) per open order, pmf [K, S] and age [K]; second result: lost, no law is left (row NaN)."""
    later = np.arange(pmf.shape[1])[None, :] > age[:, None]
    rest = np.where(later, pmf, 0.0)
    total = rest.sum(axis=1, keepdims=True)
    lost = ~(total[:, 0] > 1e-12)
    return np.where(lost[:, None], np.nan, rest / np.where(lost[:, None], 1.0, total)), lost


def moments(pmf: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of the lead time per row of pmf [K, S]."""
    period = np.arange(pmf.shape[-1])
    mean = (pmf * period).sum(axis=-1)
    return mean, np.maximum((pmf * period**2).sum(axis=-1) - mean**2, 0.0)


def demand_moments(
    mean_per_bucket: Floats, variance_per_bucket: Floats, lead_time_mean: Floats, lead_time_variance: Floats
) -> tuple[Floats, Floats]:
    """Mean and variance of independent demand over a random lead time: mu E[L]; E[L] s2 + mu^2 Var(L).

    Example: mu 50, sd 10, E[L] 9, sd_L 2: sd 104.40. Silver, Pyke & Thomas (4e) ch. 7.
    """
    mean: Floats = mean_per_bucket * lead_time_mean
    variance: Floats = lead_time_mean * variance_per_bucket + mean_per_bucket**2 * lead_time_variance
    return mean, variance


def residual_share(never_share: Floats, still_to_come: Floats) -> Floats:
    """Chance that an order still arrives, from the share that never does and the part of its law that lies ahead.

    (1 - v) S / ((1 - v) S + v): the later it is, the more likely it is one of those that never come.
    """
    comes = (1.0 - never_share) * still_to_come
    total = comes + never_share
    return np.where(total > 0, comes / np.where(total > 0, total, 1.0), 0.0)


def in_order_laws(law: Floats, group: Ints) -> Floats:
    """Laws of orders that never overtake each other, from each order's own cumulative law [K, buckets].

    Rows of a group stand together, in the order in which they are to arrive: the k-th gets the law of the k-th arrival
    of them all, P(at least k have come) (Poisson binomial). The expected number that have come stays what it was in
    every bucket, and so does the mean delay. Sorting draws (`without_crossing`) gives the same laws.
    """
    out = law.copy()
    start = np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]])) if group.size else np.zeros(0, np.int64)
    size = np.diff(np.append(start, group.size))
    for length in np.unique(size[size > 1]):
        rows = start[size == length][:, None] + np.arange(length)[None, :]
        for some in np.array_split(rows, max(1, rows.shape[0] * int(length) * law.shape[1] // _ORDER_CELLS + 1)):
            out[some] = _arrivals(law[some])
    return out


def _arrivals(law: Floats) -> Floats:
    """P(at least k of the orders have come), k = 1..n, from their laws [groups, n, buckets]."""
    groups, length, buckets = law.shape
    come = np.zeros((groups, length + 1, buckets))  # chance that exactly k have come
    come[:, 0] = 1.0
    for k in range(length):
        chance = law[:, k : k + 1]
        come[:, 1 : k + 2] = come[:, 1 : k + 2] * (1.0 - chance) + come[:, : k + 1] * chance
        come[:, :1] *= 1.0 - chance
    return np.minimum(np.cumsum(come[:, ::-1], axis=1)[:, ::-1][:, 1:], 1.0)


def without_crossing(order_bucket: Ints, drawn_lead_time: Ints) -> Ints:
    """Arrival buckets of consecutive orders of one lane (last axis): order + draw, sorted; keeps the mean delay."""
    return np.sort(order_bucket + drawn_lead_time, axis=-1)


def crossing_share(order_day: Ints, arrival_day: Ints, lane: Ints, lane_count: int) -> Floats:
    """Share of consecutive orders of a lane that arrived before the order placed earlier [lane_count].

    NaN where no two can be compared. Orders must come sorted by (lane, order day); pairs ordered on the
    same day do not count.
    """
    pair = (lane[1:] == lane[:-1]) & (order_day[1:] > order_day[:-1])
    crossed = pair & (arrival_day[1:] < arrival_day[:-1])
    pairs = np.bincount(lane[1:][pair], minlength=lane_count)
    total = np.bincount(lane[1:][crossed], minlength=lane_count)
    return np.where(pairs > 0, total / np.maximum(pairs, 1), np.nan)
