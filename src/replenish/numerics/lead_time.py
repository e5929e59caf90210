"""When supply arrives: lead-time laws from receipts and from orders still open.

A law is a pmf over whole periods 0..S-1 (days for lanes). Sources: Kaplan & Meier (1958); Silver, Pyke & Thomas (4e)
ch. 7.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.grouping import sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

LANE_PRIOR = 10.0  # a lane's law counts as this many deliveries of the item
HALF_LIFE_DAYS = 180.0
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
