"""Zeros that are no demand: a run of empty buckets a node's own rate cannot explain, with sales before and after."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

LEAST_WEEKS = 8
LEAST_CHANCE = 1e-6  # of a run as long at the node's own rate
AROUND_WEEKS = 13  # on either side, to tell the rate
LEAST_SOLD = 5  # buckets with sales on either side, or the rate is not known
YEAR_WEEKS = 52


def listing_gaps(sales_qty: Floats, exposure: Floats, is_full: Bools, buckets_a_week: int) -> Bools:
    """Cells of a node that was not on sale although nothing says so, all [N, T] (NaN sales = no such bucket).

    A gap is a run of buckets without sales, of eight weeks or more, between sales. At the lower of the rates of the
    quarter before and after it (units per unit of exposure, negative binomial about it) the run has a chance below
    one in a million, and the same weeks a year earlier or later did sell, as far as they are known: a season is no gap.
    The end of a history is never a gap. Only cells that claim a full shelf (`is_full`) belong to a gap,
    and they must be half of it.
    """
    out = np.zeros(sales_qty.shape, dtype=bool)
    quiet = ~(sales_qty > 0)
    runs = _runs(quiet, LEAST_WEEKS * buckets_a_week)
    likely = _enough_expected(sales_qty, exposure, *runs, AROUND_WEEKS * buckets_a_week)
    for row, start, end in zip(*(part[likely] for part in runs), strict=True):
        claimed = is_full[row] & quiet[row]
        claimed[:start], claimed[end:] = False, False
        if _is_gap(sales_qty[row], exposure[row], claimed, (start, end), buckets_a_week):
            out[row] |= claimed
    return out


def _runs(quiet: Bools, least: int) -> tuple[Ints, Ints, Ints]:
    """Row, start and end (not included) of runs of at least `least` quiet cells with a sale on both sides."""
    edge = np.zeros((quiet.shape[0], 1), dtype=np.int8)
    step = np.diff(np.concatenate([edge, quiet.astype(np.int8), edge], axis=1), axis=1)
    row, start = np.nonzero(step == 1)
    end = np.nonzero(step == -1)[1]
    inner = (end - start >= least) & (start > 0) & (end < quiet.shape[1])
    return row[inner], start[inner], end[inner]


def _enough_expected(sales: Floats, exposure: Floats, row: Ints, start: Ints, end: Ints, around: int) -> Bools:
    """Runs long enough for their chance if demand were Poisson, the law with the fewest zeros: slow items have many."""
    rows, place = np.unique(row, return_inverse=True)
    known = ~np.isnan(sales[rows]) & (exposure[rows] > 0)
    sold, weight = (_running(np.where(known, part[rows], 0.0)) for part in (sales, exposure))
    low, high = np.maximum(start - around, 0), np.minimum(end + around, sales.shape[1])
    length = weight[place, end] - weight[place, start]
    enough = np.ones(row.size, dtype=bool)
    for first, last in ((low, start), (end, high)):
        units, beside = (part[place, last] - part[place, first] for part in (sold, weight))
        enough &= units * length >= -np.log(LEAST_CHANCE) * beside
    return enough


def _running(values: Floats) -> Floats:
    return np.pad(np.cumsum(values, axis=1), ((0, 0), (1, 0)))


def _is_gap(sales: Floats, exposure: Floats, claimed: Bools, run: tuple[int, int], buckets_a_week: int) -> bool:
    around, year = AROUND_WEEKS * buckets_a_week, YEAR_WEEKS * buckets_a_week
    start, end = run
    sides = (slice(max(0, start - around), start), slice(end, min(sales.size, end + around)))
    laws = [_law(sales[side], exposure[side]) for side in sides]
    if 2 * claimed.sum() < end - start or any(law is None for law in laws):
        return False
    log_chance = max(_log_silence(exposure[claimed], *law) for law in laws if law is not None)
    return bool(log_chance < np.log(LEAST_CHANCE)) and not any(
        _was_quiet(sales, start + shift, end + shift) for shift in (-year, year)
    )


def _law(sales: Floats, exposure: Floats) -> tuple[float, float] | None:
    """Rate per unit of exposure and dispersion 1/k of the buckets beside a run; None where too little is known."""
    known = ~np.isnan(sales) & (exposure > 0)
    sold, weight = sales[known], exposure[known]
    if np.count_nonzero(sold > 0) < LEAST_SOLD:
        return None
    mean = sold.sum() / weight.sum() * weight
    return float(sold.sum() / weight.sum()), float(max(0.0, ((sold - mean) ** 2 - mean).sum() / (mean**2).sum()))


def _log_silence(exposure: Floats, rate: float, dispersion: float) -> float:
    """Logarithm of the chance of no sale: -k log(1 + m/k) a bucket, -m without dispersion."""
    mean = rate * exposure
    if dispersion < 1e-9:
        return -float(mean.sum())
    return -float(np.log1p(mean * dispersion).sum() / dispersion)


def _was_quiet(sales: Floats, start: int, end: int) -> bool:
    """Whether nothing sold in those buckets, half of them known at least."""
    there = sales[max(0, start) : max(0, end)]
    there = there[~np.isnan(there)]
    return bool(2 * there.size >= end - start and not (there > 0).any())
