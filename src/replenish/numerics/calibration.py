"""Do the promised levels hold? Randomised PIT and its only repair, a remap of the level.

Source: Czado, Gneiting & Held (2009), Biometrics 65; rank rule of conformal prediction (Vovk).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, chdtrc, gammainc, pdtr

from replenish.numerics.distribution import COUNT_FLOOR, size_and_probability
from replenish.numerics.loss import LARGEST_COUNT_MEAN

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def count_cdf(count: Floats, mean: Floats, variance: Floats) -> Floats:
    """P(D <= count) of demand with this mean and variance: NB, Poisson where variance <= mean; 0 below 0."""
    size, probability = size_and_probability(mean, variance)
    k = np.floor(count)
    at = np.maximum(k, 0.0)
    finite = np.isfinite(size) & (size > 0)
    wide = betainc(np.where(finite, size, 1.0), at + 1.0, np.where(finite, probability, 1.0))
    return np.where(k < 0, 0.0, np.where(mean <= 0, 1.0, np.where(finite, wide, pdtr(at, np.maximum(mean, 0.0)))))


def randomised_pit(actual: Floats, mean: Floats, variance: Floats, uniform: Floats) -> Floats:
    """F(y-1) + w (F(y) - F(y-1)) with w uniform: uniform on 0..1 if and only if the law is right, also for counts."""
    below, at = count_cdf(actual - 1, mean, variance), count_cdf(actual, mean, variance)
    out: Floats = below + uniform * (at - below)
    return out


def window_pit(actual: Floats, mean: Floats, variance: Floats, is_count: Bools, uniform: Floats) -> Floats:
    """Randomised PIT of counts (to the nearest unit) under NB, of other or large quantities under gamma; NaN passes."""
    usable = (mean > 0) & (variance > 0) & ~np.isnan(actual)
    m, v = np.where(usable, mean, 1.0), np.where(usable, variance, 1.0)
    few = np.logical_and(is_count, m <= LARGEST_COUNT_MEAN)
    y, mean_few = np.rint(np.where(few, np.nan_to_num(actual), 0.0)), np.where(few, m, 1.0)
    counted = randomised_pit(y, mean_few, np.where(few, np.maximum(v, COUNT_FLOOR * m), 1.0), uniform)
    weighed = gammainc(m * m / v, np.nan_to_num(actual) * m / v)
    return np.where(usable, np.where(few, counted, weighed), np.nan)


def censored_pit(sold_qty: Floats, mean: Floats, variance: Floats, uniform: Floats) -> Floats:
    """PIT of a bucket that only says demand >= sold: uniform on [F(s-1), 1]."""
    below = count_cdf(sold_qty - 1, mean, variance)
    out: Floats = below + uniform * (1.0 - below)
    return out


def recalibrated_level(pit: Floats, level: Floats) -> Floats:
    """Level that achieved `level` in the past: pooled PIT of rank ceil((n+1) level); NaN where n scores cannot say."""
    ordered = np.sort(pit[~np.isnan(pit)])
    rank = np.ceil(np.round((ordered.size + 1) * level, 9)).astype(np.int64)
    possible = (rank >= 1) & (rank <= ordered.size)
    return np.where(possible, ordered[np.where(possible, rank - 1, 0)] if ordered.size else np.nan, np.nan)


def largest_conformal_level(score_count: Floats) -> Floats:
    """Largest level n scores can certify: n/(n+1). 19 for 95 %, 49 for 98 %."""
    out: Floats = score_count / (score_count + 1.0)
    return out


def pit_histogram(pit: Floats, bins: int = 20) -> tuple[NDArray[np.int64], float, float]:
    """Counts of PIT values in equal bins, chi-square against uniform, and its p-value (bins - 1 degrees of freedom)."""
    values = pit[~np.isnan(pit)]
    count = np.bincount(np.minimum((values * bins).astype(np.int64), bins - 1), minlength=bins)
    expected = values.size / bins
    chi_square = float(((count - expected) ** 2).sum() / expected) if values.size else 0.0
    return count, chi_square, float(chdtrc(bins - 1, chi_square))
