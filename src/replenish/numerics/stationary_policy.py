"""Classical stocking policies under stationary demand: service levels, fill rates and their inverses.

Buckets follow one order of events (receive, decide, demand, count), so the protection time of an order is lead time
plus review time. All functions take arrays over nodes; laws are (mean, variance, family) as in `loss`. Sources:
Hadley & Whitin (1963); Silver, Pyke & Thomas (4e) ch. 6 and 7; Axsater, Inventory Control (3e) ch. 5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from replenish.numerics.loss import GAMMA, NORMAL, cumulative, loss, quantile

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# No finite stock gives 100 %: the highest level that is planned for.
HIGHEST_LEVEL = 0.9995
# Order-up-to levels are searched up to mean + 12 standard deviations, continuous ones by this many halvings.
_SEARCH_DEVIATIONS = 12.0
_HALVINGS = 45
# Lots are summed unit by unit, large ones over so many of their units, in chunks of so many (node, unit) pairs.
_MOST_UNITS = 32
_CHUNK = 1_000_000


class Windows(NamedTuple):
    """Demand over the lead time (L buckets) and over the protection time (L + R): one entry a node, base units."""

    lead_mean: Floats
    lead_variance: Floats
    protection_mean: Floats
    protection_variance: Floats
    family: NDArray[np.int64]

    def at(self, rows: NDArray[np.int64] | Flags) -> Windows:
        """The same windows for some of the nodes."""
        return Windows(
            self.lead_mean[rows],
            self.lead_variance[rows],
            self.protection_mean[rows],
            self.protection_variance[rows],
            self.family[rows],
        )


class Mixture(NamedTuple):
    """Demand windows under a random lead time: nodes x possible lead times of chances, and the windows of each."""

    chance: Floats
    each: tuple[Windows, ...]

    def at(self, rows: NDArray[np.int64] | Flags) -> Mixture:
        """The same for some of the nodes."""
        return Mixture(self.chance[rows], tuple(one.at(rows) for one in self.each))

    @property
    def lead_mean(self) -> Floats:
        """Mean demand over the lead time, base units."""
        return (self.chance * np.column_stack([one.lead_mean for one in self.each])).sum(axis=1)

    @property
    def protection_mean(self) -> Floats:
        """Mean demand over the protection time, base units."""
        return (self.chance * np.column_stack([one.protection_mean for one in self.each])).sum(axis=1)


Law = Windows | Mixture


def windows(
    lead_mean: ArrayLike,
    lead_variance: ArrayLike,
    protection_mean: ArrayLike,
    protection_variance: ArrayLike,
    family: ArrayLike,
) -> Windows:
    """Windows from scalars or arrays, broadcast to one entry a node."""
    laws = (lead_mean, lead_variance, protection_mean, protection_variance)
    arrays = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in laws), np.asarray(family)
    )
    return Windows(arrays[0], arrays[1], arrays[2], arrays[3], arrays[4].astype(np.int64))


def usable_level(level: ArrayLike, default: float = 0.95) -> tuple[Floats, Flags]:
    """The level that is planned for, and whether it was clipped: <= 0 -> 0, >= 1 -> 0.9995, NaN -> `default`."""
    level = np.asarray(level, dtype=np.float64)
    clipped = level >= 1.0
    return np.where(np.isnan(level), default, np.where(clipped, HIGHEST_LEVEL, np.maximum(level, 0.0))), clipped


def safety_factor(cycle_service: ArrayLike) -> Floats:
    """Standard deviations of safety stock that give a cycle service level under normal demand."""
    return special.ndtri(np.asarray(cycle_service, dtype=np.float64))


def order_up_to_for_service(level: ArrayLike, mean: ArrayLike, variance: ArrayLike, family: ArrayLike) -> Floats:
    """Order-up-to level whose chance of no stock-out over the protection time is `level` (0 -> 0)."""
    level = np.asarray(level, dtype=np.float64)
    return np.where(level <= 0.0, 0.0, quantile(np.where(level <= 0.0, 0.5, level), mean, variance, family))


def order_up_to_for_service_mixture(
    level: Floats, chance: Floats, mean: Floats, variance: Floats, family: NDArray[np.int64]
) -> Floats:
    """As `order_up_to_for_service` when the lead time is random: the quantile of a mixture, not of added variances.

    `chance`, `mean`, `variance` and `family` are nodes x possible lead times: the probability of each lead time, and
    the law of demand over that lead time plus the review time.
    """
    rows = np.arange(len(level))
    likely = chance > 0
    each = order_up_to_for_service(level[:, None], mean, variance, family)
    low = np.where(likely, each, np.inf).min(axis=1)
    high = np.where(likely, each, -np.inf).max(axis=1)
    continuous = ((family == GAMMA) | (family == NORMAL)).any(axis=1)

    def enough(stock: Floats, at: NDArray[np.int64]) -> Flags:
        share = cumulative(stock[:, None], mean[at], variance[at], family[at])
        return np.nansum(chance[at] * share, axis=1) >= level[at]

    found = _smallest(
        enough, np.where(np.isfinite(low), low, np.nan) - 1.0, np.where(np.isfinite(high), high, np.nan), continuous
    )
    return np.where(level[rows] <= 0, 0.0, found)


def periodic_review_fill(order_up_to: ArrayLike, law: Law) -> Floats:
    """Fill rate of (R, S) with backorders: 1 - [n1_{L+R}(S) - n1_L(S)] / (demand of the R buckets after arrival).

    Under a random lead time both are means over its law.
    """
    sold_over, missed = law.protection_mean - law.lead_mean, _missed(order_up_to, law)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(sold_over > 0, 1.0 - missed / sold_over, np.where(np.isnan(sold_over), np.nan, 1.0))


def _missed(order_up_to: ArrayLike, law: Law) -> Floats:
    """Mean units not served from the shelf in the R buckets after arrival."""
    if isinstance(law, Mixture):
        level = np.broadcast_to(np.asarray(order_up_to, dtype=np.float64), law.chance.shape[:1])
        total = np.zeros(level.shape)
        for chance, one in zip(law.chance.T, law.each, strict=True):
            rows = np.flatnonzero(chance != 0.0)  # NaN stays
            total[rows] += chance[rows] * _missed(level[rows], one.at(rows))
        return total
    return loss(order_up_to, law.protection_mean, law.protection_variance, law.family) - loss(
        order_up_to, law.lead_mean, law.lead_variance, law.family
    )


def order_up_to_for_fill(fill_target: ArrayLike, law: Law) -> Floats:
    """Smallest order-up-to level whose fill rate reaches the target; an integer for counts."""
    target = np.broadcast_to(np.asarray(fill_target, dtype=np.float64), law.protection_mean.shape)
    limit = _search_limit(law)

    def enough(stock: Floats, at: NDArray[np.int64]) -> Flags:
        return periodic_review_fill(stock, law.at(at)) >= target[at]

    # Adding 0 times every argument carries a missing one into the answer.
    missing = 0.0 * (target + law.lead_mean + limit)
    return _smallest(enough, missing - 1.0, limit, is_smooth(law))


def reorder_point_fill(reorder_point: ArrayLike, pack: ArrayLike, law: Law) -> Floats:
    """Fill rate of (R, s, nQ) with backorders: the mean of the (R, S) fill over S = s + 1 .. s + Q.

    At each review with a position at or below s the fewest packs Q that lift it above s are ordered; the position after
    ordering is then uniform on that range; for continuous demand it is uniform on (s, s + Q].
    """
    point, lot = (
        np.broadcast_to(np.asarray(each, dtype=np.float64), law.lead_mean.shape) for each in (reorder_point, pack)
    )
    result = np.full(point.shape, np.nan)
    smooth = is_smooth(law)
    # Gauss-Legendre on (s, s + Q]: the fill rate is smooth in S, 16 points are exact far beyond 1e-9.
    at, weight = np.polynomial.legendre.leggauss(16)
    for row_block in np.array_split(np.flatnonzero(smooth), max(1, int(smooth.sum()) // 10_000)):
        level = point[row_block, None] + lot[row_block, None] * (at + 1.0) / 2.0
        nodes = np.repeat(row_block, len(at))
        result[row_block] = periodic_review_fill(level.ravel(), law.at(nodes)).reshape(level.shape) @ (weight / 2.0)
    counted = np.flatnonzero(~smooth & np.isfinite(lot))
    ends = np.cumsum(np.clip(lot[counted], 1.0, _MOST_UNITS).astype(np.int64)) // _CHUNK
    for rows in np.split(counted, np.flatnonzero(np.diff(ends)) + 1):
        if len(rows):
            result[rows] = _mean_fill_over_units(point[rows], np.maximum(lot[rows], 1.0), law.at(rows))
    return result


def reorder_point_for_fill(fill_target: ArrayLike, pack: ArrayLike, law: Law) -> Floats:
    """Smallest reorder point s whose (R, s, nQ) fill rate reaches the target; within a pack of the (R, S) level."""
    shape = law.lead_mean.shape
    target, lot = (np.broadcast_to(np.asarray(each, dtype=np.float64), shape) for each in (fill_target, pack))
    high = order_up_to_for_fill(target, law)

    def enough(point: Floats, at: NDArray[np.int64]) -> Flags:
        return reorder_point_fill(point, lot[at], law.at(at)) >= target[at]

    return _smallest(enough, high - lot - 1.0, high, is_smooth(law))


def shelf_floor(presentation_qty: ArrayLike, pack: ArrayLike, forecast_positive: ArrayLike) -> Floats:
    """Least stock a listed node shows: the presentation quantity, and one pack where anything is forecast."""
    shown = np.nan_to_num(np.asarray(presentation_qty, dtype=np.float64))
    one_pack = np.where(np.asarray(forecast_positive, dtype=bool), np.asarray(pack, dtype=np.float64), 0.0)
    return np.maximum(shown, one_pack)


def min_max_from_policy(
    reorder_point: ArrayLike, order_up_to: ArrayLike, presentation_qty: ArrayLike, floor_qty: ArrayLike
) -> tuple[Floats, Floats]:
    """Min and max an ERP can store: both rounded up, min at least the presentation quantity, max at least the floor."""
    shown = np.nan_to_num(np.asarray(presentation_qty, dtype=np.float64))
    least = np.maximum(np.ceil(np.asarray(reorder_point, dtype=np.float64)), shown)
    most = np.maximum(np.ceil(np.asarray(order_up_to, dtype=np.float64)), np.asarray(floor_qty, dtype=np.float64))
    return least, np.maximum(most, least)


def protection_days(slot_day: ArrayLike, lead_time_days: ArrayLike) -> Floats:
    """Days each order slot must protect: until the order of the *next* slot arrives (one entry fewer than slots)."""
    slot = np.asarray(slot_day, dtype=np.float64)
    arrival = slot + np.asarray(lead_time_days, dtype=np.float64)
    return arrival[1:] - slot[:-1]


def is_smooth(law: Law) -> Flags:
    """Nodes whose demand is not counted in whole units."""
    if isinstance(law, Mixture):
        return np.any([is_smooth(one) for one in law.each], axis=0)
    return (law.family == GAMMA) | (law.family == NORMAL)


def _search_limit(law: Law) -> Floats:
    if isinstance(law, Mixture):
        return np.max(
            [np.where(q > 0, _search_limit(one), 0.0) for q, one in zip(law.chance.T, law.each, strict=True)], axis=0
        )
    return np.ceil(law.protection_mean + _SEARCH_DEVIATIONS * np.sqrt(law.protection_variance) + 1.0)


def _mean_fill_over_units(point: Floats, lot: Floats, law: Law) -> Floats:
    """Mean of the (R, S) fill over S = s + 1 .. s + Q, all at once; large lots by units spread evenly."""
    count = np.minimum(lot, _MOST_UNITS).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(count)[:-1]])
    nodes = np.repeat(np.arange(len(lot)), count)
    place = np.arange(count.sum()) - start[nodes]
    unit = np.ceil((place + 0.5) * (np.floor(lot) / count)[nodes])
    return np.add.reduceat(periodic_review_fill(point[nodes] + unit, law.at(nodes)), start) / count


def _smallest(
    enough: Callable[[Floats, NDArray[np.int64]], Flags], low: Floats, high: Floats, continuous: Flags
) -> Floats:
    """Bisection for all nodes at once: the smallest x with `enough(x, rows)`, integer where not `continuous`.

    `low` is a value that may be too small, `high` one that is large enough. NaN bounds stay NaN.
    """
    low, high = low.astype(np.float64).copy(), high.astype(np.float64).copy()
    known = ~np.isnan(low + high)
    for _ in range(_HALVINGS):
        open_rows = np.flatnonzero(
            known & np.where(continuous, high - low > 1e-12 * np.maximum(1.0, high), high - low > 1.0)
        )
        if not len(open_rows):
            break
        middle = (low[open_rows] + high[open_rows]) / 2.0
        middle = np.where(continuous[open_rows], middle, np.floor(middle))
        good = enough(middle, open_rows)
        high[open_rows] = np.where(good, middle, high[open_rows])
        low[open_rows] = np.where(good, low[open_rows], middle)
    return np.where(known, high, np.nan)
