"""How wrong stock records grow between counts, and what a count is worth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from replenish.numerics.grouping import sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ERROR_VARIANCE_RATE = 0.002  # growth of a record's error variance a unit moved, until counts tell
PRIOR_COUNTS = 10.0  # counts that the company's rate weighs beside a group's own
HALF_UNIT = 0.5
TOLERANCE_SHARE = {"A": 0.002, "B": 0.01, "C": 0.05}  # of the books, by value class


def variance_rate(error_qty: Floats, moved_qty: Floats, group: Ints, group_count: int) -> Floats:
    """Growth of the error variance per unit moved since the last count, per group [G].

    Regression of (counted - book)^2 through the origin on movements, weighted by 1 / movements because the spread of
    a square grows with it: sum e^2 / sum m. A group is shrunk to all counts, all counts to the default, by ten counts.
    """
    squared, moved = sums(group, error_qty**2, group_count), sums(group, moved_qty, group_count)
    count = np.bincount(group, minlength=group_count).astype(np.float64)
    overall = _shrunk(squared.sum(), moved.sum(), count.sum(), ERROR_VARIANCE_RATE)
    return _shrunk(squared, moved, count, overall)


def shrinkage_rate(error_qty: Floats, moved_qty: Floats, group: Ints, group_count: int) -> Floats:
    """Units lost per unit moved, - sum e / sum m, per group [G]; shrunk as the variance is, all counts towards 0."""
    error, moved = -sums(group, error_qty, group_count), sums(group, moved_qty, group_count)
    count = np.bincount(group, minlength=group_count).astype(np.float64)
    overall = _shrunk(error.sum(), moved.sum(), count.sum(), 0.0)
    return _shrunk(error, moved, count, overall)


def _shrunk(total: Floats | float, moved: Floats | float, count: Floats | float, prior: Floats | float) -> Floats:
    rate = np.where(moved > 0, total / np.where(moved > 0, moved, 1.0), prior)
    out: Floats = (count * rate + PRIOR_COUNTS * prior) / (count + PRIOR_COUNTS)
    return out


def is_accurate(book_qty: Floats, counted_qty: Floats, tolerance_share: Floats | float) -> NDArray[np.bool_]:
    """|counted - book| <= max(tolerance * book, half a unit), half a unit only where a tolerance is granted at all."""
    allowed = np.maximum(tolerance_share * book_qty, np.where(np.asarray(tolerance_share) > 0, HALF_UNIT, 0.0))
    out: NDArray[np.bool_] = np.abs(counted_qty - book_qty) <= allowed + 1e-9
    return out


def error_probability(error_sd_qty: Floats, book_qty: Floats, tolerance_share: Floats) -> Floats:
    """P(|error| > max(tolerance * book, half a unit)) of a normal error with that standard deviation; 0 without one."""
    allowed = np.maximum(tolerance_share * np.abs(book_qty), HALF_UNIT)
    known = error_sd_qty > 0
    return np.where(known, 2.0 * ndtr(-allowed / np.where(known, error_sd_qty, 1.0)), 0.0)


def expected_size(error_sd_qty: Floats) -> Floats:
    """E|error| of a normal error: sd * sqrt(2 / pi)."""
    out: Floats = error_sd_qty * np.sqrt(2.0 / np.pi)
    return out


def count_value(
    ghost_value: Floats, error_probability: Floats, unit_cost: Floats, error_qty: Floats, count_cost: float
) -> Floats:
    """Money a count saves: of an empty shelf, plus P(error) * unit cost * E|error|, less what the count costs."""
    out: Floats = ghost_value + error_probability * unit_cost * error_qty - count_cost
    return out
