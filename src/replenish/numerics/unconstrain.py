"""What would have sold, had it been there: availability states and EM for sold-out (right-censored) demand.

Arrays are nodes x buckets, float64; NaN means "no such cell". Sources: Agrawal & Smith (1996), Naval Research
Logistics 43; Dempster, Laird & Rubin (1977).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.censored_law import censored_moments, censored_moments_gamma, unseen_moments
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
    """Per-node sums over the observed cells, and exposure sums over all cells: all an M-step needs."""

    sold: Floats
    square: Floats
    cross: Floats
    exposure: Floats
    exposure_square: Floats

    def take(self, keep: Bools | NDArray[np.int64]) -> _Sums:
        return _Sums(*(part[keep] for part in vars(self).values()))


@dataclass(frozen=True)
class _Cells:
    """Cells whose demand was seen in part, packed: node, what sold, exposure, and share seen (1: sold out, >= sold)."""

    row: NDArray[np.int64]
    sold: Floats
    exposure: Floats
    share: Floats

    def moments(self, theta: Floats, size: Floats, counts: bool) -> tuple[Floats, Floats]:
        """E[D] and E[D^2] of each cell."""
        mean, size = theta[self.row] * self.exposure, size[self.row]
        if not counts:
            return censored_moments_gamma(self.sold, mean, mean**2 / size)
        first, second = np.empty(mean.size), np.empty(mean.size)
        for inside, law in ((self.share < 1, self._unseen), (self.share >= 1, self._censored)):
            first[inside], second[inside] = law(inside, mean[inside], size[inside])
        return first, second

    def _unseen(self, inside: Bools, mean: Floats, size: Floats) -> tuple[Floats, Floats]:
        return unseen_moments(self.sold[inside], self.share[inside], mean, size)

    def _censored(self, inside: Bools, mean: Floats, size: Floats) -> tuple[Floats, Floats]:
        first, factorial = censored_moments(self.sold[inside], mean, size)
        return first, factorial + first

    def of_nodes(self, keep: Bools) -> _Cells:
        """The cells of the nodes kept, nodes numbered anew."""
        stay = keep[self.row]
        number = np.cumsum(keep) - 1
        return _Cells(number[self.row[stay]], self.sold[stay], self.exposure[stay], self.share[stay])


def unconstrain(
    sold_qty: Floats,
    exposure: Floats,
    censored: Bools,
    pooled_size: Floats | None = None,
    counts: bool = True,
    iterations: int = 40,
    stop: float = 1e-4,
    share: Floats | None = None,
) -> Unconstrained:
    """Estimate mean and dispersion of demand when some cells were seen only in part, all nodes at once.

    `sold_qty` and `exposure` [N, T] (exposure = seasonal index * share of the bucket open; NaN or <= 0 = no cell),
    `censored` [N, T]: the cell says "at least this much"; `share` [N, T], counts only: what sold did so in this share
    of the bucket, the shelf being empty for the rest (1 = all of it). Demand is negative binomial (`counts`) or gamma,
    mean theta * exposure, size k. `pooled_size` [N] replaces k where fewer than five cells are uncensored. A node
    whose every cell is censored gets 1.5 times its raw mean and level_identified False; one without cells gets NaN.
    """
    cell = ~np.isnan(sold_qty) & (exposure > 0)
    seen = np.ones(sold_qty.shape) if share is None else np.where(censored, 1.0, share)
    hidden = cell & (censored | (seen < 1))
    known = _observed_sums(sold_qty, exposure, cell, hidden)
    theta, size = _start(known, sold_qty, exposure * seen, cell, counts)
    open_count = (cell & ~censored).sum(axis=1)
    fixed = open_count < LEAST_UNCENSORED
    if pooled_size is not None:
        size = np.where(fixed & ~np.isnan(pooled_size), pooled_size, size)
    identified = (open_count > 0) | ~cell.any(axis=1)
    theta = np.where(identified, theta, ALL_CENSORED_FACTOR * theta)
    row, column = np.nonzero(hidden & (theta > 0)[:, None])
    cells = _Cells(row, sold_qty[row, column], exposure[row, column], seen[row, column])
    _iterate(theta, size, known, cells, identified, fixed, counts, iterations, stop)
    first, second = cells.moments(theta, size, counts)
    demand, variance = np.where(cell, sold_qty, np.nan), np.where(cell, 0.0, np.nan)
    demand[row, column], variance[row, column] = first, np.maximum(second - first**2, 0.0)
    return Unconstrained(theta, np.where(np.isnan(theta), np.nan, size), demand, variance, identified)


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
    theta = _ratio(s.sum(axis=1), x.sum(axis=1))
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
    cells: _Cells,
    identified: Bools,
    fixed: Bools,
    counts: bool,
    iterations: int,
    stop: float,
) -> None:
    """EM on the packed hidden cells of the nodes still moving; updates theta and size in place."""
    moving = identified & (np.bincount(cells.row, minlength=theta.size) > 0)
    active = np.flatnonzero(moving)
    known, cells = known.take(active), cells.of_nodes(moving)
    for _ in range(iterations):
        if active.size == 0:
            return
        old_theta, old_size = theta[active], size[active]
        first, second = cells.moments(old_theta, old_size, counts)
        new_theta = (known.sold + sums(cells.row, first, active.size)) / known.exposure
        square = known.square + sums(cells.row, second, active.size)
        cross = known.cross + sums(cells.row, first * cells.exposure, active.size)
        new_size = np.where(fixed[active], old_size, _dispersion(new_theta, square, cross, known, counts))
        theta[active], size[active] = new_theta, new_size
        moving = (np.abs(new_theta - old_theta) >= stop * old_theta) | (np.abs(new_size - old_size) >= stop * old_size)
        if not moving.all():
            active, known, cells = active[moving], known.take(moving), cells.of_nodes(moving)
