"""What would have sold, had it been there: availability states and EM for sold-out (right-censored) demand.

Arrays are nodes x buckets, float64; NaN means "no such cell". Sources: Agrawal & Smith (1996), Naval Research
Logistics 43; Dempster, Laird & Rubin (1977).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaincc

from replenish.numerics.grouping import sums

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Codes = NDArray[np.int8]

STATE_NAMES = ("missing", "censored", "partial", "full")
MISSING, CENSORED, PARTIAL, FULL = range(4)

SIZE_MIN, SIZE_MAX = 0.01, 10_000.0  # at the upper end the negative binomial is the Poisson law
LEAST_SHARE = 1.0 / 3.0  # below this share in stock a bucket says nothing (and 1/x stays <= 3)
LEAST_UNCENSORED = 5  # with fewer uncensored cells a node's own dispersion is noise
ALL_CENSORED_FACTOR = 1.5
_FLOOR = 1e-12


def availability_state(
    opening_qty: Floats,
    receipt_qty: Floats,
    sales_qty: Floats,
    closing_qty: Floats,
    in_stock_share: Floats | None = None,
) -> tuple[Codes, Bools]:
    """Say of every bucket whether the shelf could sell (code into STATE_NAMES) and whether its record is in error.

    Quantities in base units, any common shape. A bucket without stock record (opening and closing NaN) is full;
    a known `in_stock_share` (0..1, NaN = unknown) wins over the ledger. Record errors: stock that vanished
    without a sale, and sales without recorded stock.
    """
    supply = opening_qty + np.nan_to_num(receipt_qty)
    sold = np.nan_to_num(sales_qty) > 0
    empty = supply <= 0
    out = closing_qty <= 0
    state = np.full(np.shape(supply), FULL, dtype=np.int8)
    state[sold & (out | empty)] = CENSORED
    state[~sold & (out | empty)] = MISSING
    record_error = np.asarray((sold & empty) | (~sold & out & (supply > 0)))
    if in_stock_share is not None:
        known = ~np.isnan(in_stock_share)
        by_share = np.where(in_stock_share < LEAST_SHARE, MISSING, np.where(in_stock_share < 1, PARTIAL, FULL))
        state = np.where(known, by_share, state).astype(np.int8)
        record_error &= ~known
    return state, record_error


def censored_moments(sold_qty: Floats, mean: Floats, size: Floats) -> tuple[Floats, Floats]:
    """E[D | D >= c] and E[D(D-1) | D >= c] of negative binomial demand (mean m, size k), c = sold_qty.

    m SF(c-2; k+1, p) / SF(c-1; k, p) and m^2 (k+1)/k SF(c-3; k+2, p) / SF(c-1; k, p), p = k/(k+m).
    Example: c=1, m=2, k=1 gives 3 and 12.
    """
    c = np.ceil(sold_qty)
    share = mean / (size + mean)
    reach = np.maximum(_survival(c, size, share), _FLOOR)
    first = mean * _survival(c - 1, size + 1, share) / reach
    second = mean**2 * (size + 1) / size * _survival(c - 2, size + 2, share) / reach
    first = np.maximum(first, c)
    return first, np.maximum(second, first * (first - 1))


def _survival(count: Floats, size: Floats, share: Floats) -> Floats:
    """P(D >= count) of NB(size, 1 - share): the regularised incomplete beta function, exact in the tail."""
    return np.where(count <= 0, 1.0, betainc(np.maximum(count, 1.0), size, share))


def censored_moments_gamma(sold_qty: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """E[D | D >= c] and E[D^2 | D >= c] of gamma demand (weight or volume items), c = sold_qty."""
    shape, scale = mean**2 / variance, variance / mean
    x = sold_qty / scale
    reach = np.maximum(gammaincc(shape, x), _FLOOR)
    first = np.maximum(mean * gammaincc(shape + 1, x) / reach, sold_qty)
    second = shape * (shape + 1) * scale**2 * gammaincc(shape + 2, x) / reach
    return first, np.maximum(second, first**2)


def truncated_quantile(sold_qty: Floats, mean: Floats, size: Floats, level: Floats) -> Floats:
    """Quantile of negative binomial demand known to be at least sold_qty: smallest d with P(D <= d | D >= c) >= level.

    With a uniform random level this samples sold-out demand; with 0.05 and 0.95 it is the interval of lost sales.
    """
    c, share = np.ceil(sold_qty), mean / (size + mean)
    tail = (1.0 - level) * _survival(c, size, share)
    low, high = c - 1, c + 1.0
    while np.any(short := _survival(high + 1, size, share) > tail):
        low, high = np.where(short, high, low), np.where(short, 2 * high + 1, high)
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        reached = _survival(middle + 1, size, share) <= tail
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return np.where(np.isnan(mean), np.nan, high)


@dataclass(frozen=True)
class Unconstrained:
    """Result per node (theta, size, level_identified) and per cell (conditional mean and variance of demand)."""

    theta: Floats  # mean demand per unit of exposure
    size: Floats  # dispersion k: variance = m + m^2/k (counts) or m^2/k (gamma)
    demand_qty: Floats
    demand_variance: Floats  # 0 where demand was observed
    level_identified: Bools


@dataclass
class _Sums:
    """Per-node sums over the observed (uncensored) cells, and exposure sums over all cells: all an M-step needs."""

    sold: Floats
    square: Floats
    cross: Floats
    exposure: Floats
    exposure_square: Floats

    def take(self, keep: Bools | NDArray[np.int64]) -> _Sums:
        return _Sums(*(part[keep] for part in vars(self).values()))


def unconstrain(
    sold_qty: Floats,
    exposure: Floats,
    censored: Bools,
    pooled_size: Floats | None = None,
    counts: bool = True,
    iterations: int = 40,
    stop: float = 1e-4,
) -> Unconstrained:
    """Estimate mean and dispersion of demand when some cells only say "at least this much", all nodes at once.

    `sold_qty` and `exposure` [N, T] (exposure = seasonal index * share of the bucket in stock; NaN or <= 0 = no cell),
    `censored` [N, T]. Demand is negative binomial (`counts`) or gamma with mean theta * exposure and size k.
    `pooled_size` [N] replaces k where fewer than five cells are uncensored. A node whose every cell is censored gets
    1.5 times its raw mean and level_identified False; a node without cells gets NaN.
    """
    cell = ~np.isnan(sold_qty) & (exposure > 0)
    hidden = cell & censored
    known = _observed_sums(sold_qty, exposure, cell, hidden)
    theta, size = _start(known, sold_qty, exposure, cell, counts)
    open_count = (cell & ~hidden).sum(axis=1)
    fixed = open_count < LEAST_UNCENSORED
    if pooled_size is not None:
        size = np.where(fixed & ~np.isnan(pooled_size), pooled_size, size)
    identified = (open_count > 0) | ~cell.any(axis=1)
    theta = np.where(identified, theta, ALL_CENSORED_FACTOR * theta)
    _iterate(theta, size, known, sold_qty, exposure, hidden, identified, fixed, counts, iterations, stop)
    return _result(theta, size, sold_qty, exposure, cell, hidden, identified, counts)


def size_moments(sold_qty: Floats, exposure: Floats, censored: Bools, counts: bool = True) -> tuple[Floats, Floats]:
    """Excess variance and squared mean of each node's uncensored cells about its own mean, summed over cells [N].

    Arrays as `unconstrain` takes them.
    """
    cell = ~np.isnan(sold_qty) & (exposure > 0) & ~censored
    s, x = np.where(cell, sold_qty, 0.0), np.where(cell, exposure, 0.0)
    mean = _ratio(s.sum(axis=1), x.sum(axis=1))[:, None] * x
    mean = np.nan_to_num(mean)
    return ((s - mean) ** 2 - (mean if counts else 0.0)).sum(axis=1), (mean**2).sum(axis=1)


def pooled_size(excess: Floats, mean_square: Floats, group: NDArray[np.int64], group_count: int) -> Floats:
    """Dispersion k per group from the moments of its nodes, added in the order of the nodes [group_count]."""
    return _size(sums(group, excess, group_count), sums(group, mean_square, group_count))


def _observed_sums(sold: Floats, exposure: Floats, cell: Bools, hidden: Bools) -> _Sums:
    s = np.where(cell & ~hidden, sold, 0.0)
    x = np.where(cell, exposure, 0.0)
    return _Sums(s.sum(axis=1), (s * s).sum(axis=1), (s * x).sum(axis=1), x.sum(axis=1), (x * x).sum(axis=1))


def _start(known: _Sums, sold: Floats, exposure: Floats, cell: Bools, counts: bool) -> tuple[Floats, Floats]:
    s, x = np.where(cell, sold, 0.0), np.where(cell, exposure, 0.0)
    theta = _ratio(s.sum(axis=1), known.exposure)
    return theta, _dispersion(theta, (s * s).sum(axis=1), (s * x).sum(axis=1), known, counts)


def _dispersion(theta: Floats, square: Floats, cross: Floats, known: _Sums, counts: bool) -> Floats:
    """1/k = max(0, sum(E[D^2] - 2 m E[D] + m^2 - m)) / sum m^2; the last m only for counts."""
    excess = square - 2 * theta * cross + theta**2 * known.exposure_square
    if counts:
        excess = excess - theta * known.exposure
    return _size(excess, theta**2 * known.exposure_square)


def _size(excess: Floats, mean_square: Floats) -> Floats:
    return np.clip(1.0 / np.maximum(np.nan_to_num(_ratio(excess, mean_square)), 1.0 / SIZE_MAX), SIZE_MIN, SIZE_MAX)


def _ratio(above: Floats, below: Floats) -> Floats:
    out: Floats = np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)
    return out


def _iterate(
    theta: Floats,
    size: Floats,
    known: _Sums,
    sold: Floats,
    exposure: Floats,
    hidden: Bools,
    identified: Bools,
    fixed: Bools,
    counts: bool,
    iterations: int,
    stop: float,
) -> None:
    """EM on the packed censored cells of the nodes still moving; updates theta and size in place."""
    active = np.flatnonzero(hidden.any(axis=1) & identified & (theta > 0))
    known = known.take(active)
    row, column = np.nonzero(hidden[active])
    c, x = sold[active][row, column], exposure[active][row, column]
    for _ in range(iterations):
        if active.size == 0:
            return
        old_theta, old_size = theta[active], size[active]
        first, second = _moments(c, old_theta[row] * x, old_size[row], counts)
        demand = known.sold + sums(row, first, active.size)
        new_theta = demand / known.exposure
        square = known.square + sums(row, second, active.size)
        cross = known.cross + sums(row, first * x, active.size)
        new_size = np.where(fixed[active], old_size, _dispersion(new_theta, square, cross, known, counts))
        theta[active], size[active] = new_theta, new_size
        moving = (np.abs(new_theta - old_theta) >= stop * old_theta) | (np.abs(new_size - old_size) >= stop * old_size)
        if not moving.all():
            stay = moving[row]
            row, c, x = (np.cumsum(moving) - 1)[row[stay]], c[stay], x[stay]
            active, known = active[moving], known.take(moving)


def _moments(sold: Floats, mean: Floats, size: Floats, counts: bool) -> tuple[Floats, Floats]:
    """E[D | D >= c] and E[D^2 | D >= c]."""
    if counts:
        first, factorial = censored_moments(sold, mean, size)
        return first, factorial + first
    return censored_moments_gamma(sold, mean, mean**2 / size)


def _result(
    theta: Floats,
    size: Floats,
    sold: Floats,
    exposure: Floats,
    cell: Bools,
    hidden: Bools,
    identified: Bools,
    counts: bool,
) -> Unconstrained:
    demand, variance = np.where(cell, sold, np.nan), np.where(cell, 0.0, np.nan)
    row, column = np.nonzero(hidden & (theta > 0)[:, None])
    mean = theta[row] * exposure[row, column]
    first, second = _moments(sold[row, column], mean, size[row], counts)
    demand[row, column], variance[row, column] = first, np.maximum(second - first**2, 0.0)
    return Unconstrained(theta, np.where(np.isnan(theta), np.nan, size), demand, variance, identified)
