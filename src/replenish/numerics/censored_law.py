"""Laws of demand of which only a part was seen: at least so much, or what sold until a shelf ran empty.

Arrays of one shape, float64. Sources: Agrawal & Smith (1996), Naval Research Logistics 43, for demand known to be at
least c; the gamma-Poisson conjugacy (Gelman et al., Bayesian Data Analysis, section 2.6) for part of a bucket.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaincc, gammainccinv, ndtri

Floats = NDArray[np.float64]

_FLOOR = 1e-12
_LEAST_TAIL = 1e-300
_RELATIVE = 1e-9  # precision of counts beyond what a double can number


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
    spread = np.sqrt(mean + mean**2 / size)
    guess = np.maximum(np.floor(mean - spread * ndtri(np.clip(tail, _LEAST_TAIL, 1.0 - _LEAST_TAIL))), c - 1.0)
    low, high = _bracket(guess, c - 1.0, 1.0 + np.floor(spread / 8.0), tail, size, share)
    open_ = np.flatnonzero(high - low > np.maximum(1.0, high * _RELATIVE))
    while open_.size:
        middle = np.floor((low[open_] + high[open_]) / 2.0)
        reached = _survival(middle + 1.0, size[open_], share[open_]) <= tail[open_]
        high[open_], low[open_] = np.where(reached, middle, high[open_]), np.where(reached, low[open_], middle)
        open_ = open_[high[open_] - low[open_] > np.maximum(1.0, high[open_] * _RELATIVE)]
    return np.where(np.isnan(mean) | np.isnan(size), np.nan, high)


def _bracket(
    guess: Floats, least: Floats, step: Floats, tail: Floats, size: Floats, share: Floats
) -> tuple[Floats, Floats]:
    """Counts low < high of one dimension with P(D > low) > tail >= P(D > high), or low at `least`."""
    low, high = np.maximum(guess, least), np.maximum(guess, least)
    reached = _survival(high + 1.0, size, share) <= tail
    up, down = np.flatnonzero(~reached & ~np.isnan(tail)), np.flatnonzero(reached & (low > least))
    wide = step.copy()
    while up.size:
        low[up], high[up] = high[up], high[up] + wide[up]
        wide[up] *= 2.0
        up = up[_survival(high[up] + 1.0, size[up], share[up]) > tail[up]]
    wide = step.copy()
    while down.size:
        low[down], high[down] = np.maximum(low[down] - wide[down], least[down]), low[down]
        wide[down] *= 2.0
        short = _survival(low[down] + 1.0, size[down], share[down]) > tail[down]
        down = down[~short & (low[down] > least[down])]
    stuck = high <= least
    high[stuck] = least[stuck] + 1.0
    return low, high


def truncated_quantile_gamma(sold_qty: Floats, mean: Floats, variance: Floats, level: Floats) -> Floats:
    """Quantile of gamma demand (weight or volume items) known to be at least sold_qty."""
    shape, scale = mean**2 / variance, variance / mean
    found = scale * gammainccinv(shape, (1.0 - level) * gammaincc(shape, sold_qty / scale))
    return np.where(np.isfinite(found), np.maximum(found, sold_qty), sold_qty)


def unseen_law(sold_qty: Floats, share: Floats, mean: Floats, size: Floats) -> tuple[Floats, Floats]:
    """Mean and size of the negative binomial demand left after sold_qty sold in `share` (0..1) of a bucket.

    A bucket's rate is Gamma(size k, mean m), its customers Poisson: having seen s in a share x the rate is
    Gamma(k + s, k/m + x), whatever ended the sale, so the rest is NB with size k + s and mean (1-x)(k+s)/(k/m + x).
    """
    left_size = size + sold_qty
    return (1.0 - share) * left_size / (size / mean + share), left_size


def unseen_moments(sold_qty: Floats, share: Floats, mean: Floats, size: Floats) -> tuple[Floats, Floats]:
    """E[D] and E[D^2] of a bucket's demand when sold_qty sold in `share` of it (law of `unseen_law`)."""
    left, left_size = unseen_law(sold_qty, share, mean, size)
    first = sold_qty + left
    return first, first**2 + left + left**2 / left_size
