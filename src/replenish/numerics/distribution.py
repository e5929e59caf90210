"""How sure: the variance of the error of total demand over a window, and the law around its mean.

The variance an order must survive is that of the error of the *sum*, not sqrt(P) times a one-step error. Sources:
Hyndman, Koehler, Ord & Snyder (2008) ch. 6; Saoud, Kourentzes & Boylan (2022).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.grouping import sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WINDOW_LENGTHS = (1, 2, 4, 8, 13)  # buckets at which the variance function is fitted
FACTOR_PRIOR = 20.0  # a node's factor starts as if it had this many average errors
LARGEST_Z2 = 25.0  # one accident must not set a factor for a year
SETTLED_Z2, ROUNDS = 16.0, 4  # nor the law of a category
COUNT_FLOOR = 1.01  # counts never vary less than this times their mean
KAPPA_MIN = 1e-9  # below this a bucket's level does not vary


def error_of_sum_local_level(alpha: float, buckets: int) -> float:
    """Variance of the error of the sum over P buckets, local level smoothed with alpha, per unit of one-step variance.

    P [1 + alpha (P-1) + alpha^2 (P-1)(2P-1)/6]; Hyndman et al. (2008) ch. 6. Example: alpha 0.2, P 4: 6.96 (not 4).
    """
    return buckets * (1 + alpha * (buckets - 1) + alpha**2 * (buckets - 1) * (2 * buckets - 1) / 6)


def error_of_sum_smoothed(alpha: float, buckets: int) -> float:
    """The same for independent demand forecast by exponential smoothing: P + P^2 alpha/(2-alpha); 0.2, 4: 5.78."""
    return buckets + buckets**2 * alpha / (2 - alpha)


def fit_variance(forecast_qty: Floats, squared_error: Floats, group: Ints, group_count: int) -> tuple[Floats, Floats]:
    """Variance of the error as a function of the forecast, Var(f) = a f + b f^2 with a, b >= 0, one fit per group.

    Non-negative least squares of squared errors on (f, f^2), each row multiplied by 1/(f + 0.5), in closed form (two
    unknowns). Flat arrays of rows; rows with NaN are left out; a group without rows gets a = b = 0.
    """
    used = ~(np.isnan(forecast_qty) | np.isnan(squared_error))
    f, y, g = forecast_qty[used], squared_error[used], group[used]
    w = 1.0 / (f + 0.5) ** 2
    f2, f3, f4, y1, y2 = (sums(g, w * part, group_count) for part in (f * f, f**3, f**4, f * y, f * f * y))
    determinant = f2 * f4 - f3 * f3
    solvable = determinant > 1e-12 * f2 * f4
    divisor = np.where(solvable, determinant, 1.0)
    a = np.where(solvable, (y1 * f4 - y2 * f3) / divisor, -1.0)
    b = np.where(solvable, (y2 * f2 - y1 * f3) / divisor, -1.0)
    only_a = _nonnegative_ratio(y1, f2)
    only_b = _nonnegative_ratio(y2, f4)
    inside = (a >= 0) & (b >= 0)
    # on the border: the one-parameter fit that takes more off the sum of squares
    keep_a = only_a * y1 >= only_b * y2
    return np.where(inside, a, np.where(keep_a, only_a, 0.0)), np.where(inside, b, np.where(keep_a, 0.0, only_b))


def settled_variance(
    forecast_qty: Floats, squared_error: Floats, group: Ints, group_count: int
) -> tuple[Floats, Floats]:
    """The same fit with squared errors cut at 16 times the variance fitted before, four times over.

    Demand that stayed away for a season, a wrong booking, a sold-out month nobody recorded: a few such errors would set
    the width of a whole category. Winsorised as in Huber (1981), Robust Statistics, ch. 7.
    """
    cut = squared_error
    a, b = fit_variance(forecast_qty, cut, group, group_count)
    for _ in range(ROUNDS):
        limit = SETTLED_Z2 * (a[group] * forecast_qty + b[group] * forecast_qty**2)
        cut = np.where(limit > 0, np.minimum(squared_error, limit), squared_error)
        a, b = fit_variance(forecast_qty, cut, group, group_count)
    return a, b


def _nonnegative_ratio(above: Floats, below: Floats) -> Floats:
    return np.where(below > 0, np.maximum(above, 0.0) / np.where(below > 0, below, 1.0), 0.0)


def between_lengths(coefficient: Floats, lengths: tuple[int, ...], window: Floats) -> Floats:
    """Variance coefficients [G, K], fitted at `lengths` (K), at other lengths [G, H]: linear, flat at the ends."""
    out = np.empty((coefficient.shape[0], window.size))
    for g, fitted in enumerate(coefficient):
        out[g] = np.interp(window, lengths, fitted)
    return out


def node_factor(
    squared_error: Floats, fitted_variance: Floats, spacing_buckets: float, window: Ints, prior: float = FACTOR_PRIOR
) -> Floats:
    """Factor s of each node on the pooled variance, from squared errors and fitted variances [N, O] (NaN left out).

    s = (n_eff mean(z^2) + 20) / (n_eff + 20), z^2 = E^2 / Var(f) capped at 25, n_eff = origins * spacing / window and
    at most the number of origins, because windows overlap. Without origins 1.
    """
    usable = ~np.isnan(squared_error) & (fitted_variance > 0)
    z2 = np.where(usable, squared_error, 0.0) / np.where(usable, fitted_variance, 1.0)
    z2 = np.where(usable, np.minimum(z2, LARGEST_Z2), 0.0)
    origins = usable.sum(axis=1)
    effective = np.minimum(origins * spacing_buckets / window, origins)
    mean_z2 = z2.sum(axis=1) / np.maximum(origins, 1)
    out: Floats = (effective * mean_z2 + prior) / (effective + prior)
    return out


def window_variance(forecast_qty: Floats, a: Floats, b: Floats, factor: Floats, counts: NDArray[np.bool_]) -> Floats:
    """v = s (a f + b f^2); for counts at least 1.01 f. A forecast of 0 has variance 0."""
    variance = factor * (a * forecast_qty + b * forecast_qty**2)
    return floor_variance(variance, forecast_qty, counts)


def floor_variance(variance: Floats, forecast_qty: Floats, counts: NDArray[np.bool_]) -> Floats:
    """Raise the variance of count demand to 1.01 f where it is below."""
    return np.where(counts, np.maximum(variance, COUNT_FLOOR * forecast_qty), variance)


def size_and_probability(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Negative binomial size r = f^2/(v-f) and probability p = f/v; r infinite and p 1 where v <= f (Poisson)."""
    wide = variance > mean
    size = np.where(wide, mean**2 / np.where(wide, variance - mean, 1.0), np.inf)
    return size, np.where(wide, mean / np.where(wide, variance, 1.0), 1.0)


def decision_dispersion(forecast_qty: Floats, variance: Floats, delta: float) -> Floats:
    """Variance for decisions only: f + delta (v - f) shrinks what exceeds Poisson noise. Promises use delta 1."""
    out: Floats = forecast_qty + delta * (variance - forecast_qty)
    return out


class PathDispersion(NamedTuple):
    """Parameters [N] of sampled demand paths whose sum over the window keeps the given variance."""

    rho: Floats  # share of kappa that is common to all buckets
    kappa: Floats  # relative variance of one bucket's level
    phi: Floats  # variance-to-mean ratio of one bucket beside it
    level_variance: Floats  # of the common factor G: rho kappa
    bucket_variance: Floats  # of the bucket factor: tau = (1-rho) kappa / (1 + rho kappa)


def path_dispersion(
    sum_forecast: Floats, sum_forecast2: Floats, variance: Floats, phi: Floats, kappa: Floats
) -> PathDispersion:
    """Split the window variance v_P between a factor common to the window and one of its own for every bucket.

    rho = (v_P - phi F1 - kappa F2) / (kappa (F1^2 - F2)), F1 = sum f, F2 = sum f^2 over the window. Above 1: rho 1 and
    kappa re-solved; below 0 or a single bucket: rho 0 and kappa re-solved, then phi if even that is too wide.
    """
    cross = sum_forecast**2 - sum_forecast2
    several = cross > 1e-9 * np.maximum(sum_forecast**2, 1e-300)
    divisor = np.where(kappa >= KAPPA_MIN, kappa * cross, 0.0)
    rho = (variance - phi * sum_forecast - kappa * sum_forecast2) / np.where(divisor > 0, divisor, 1.0)
    # kappa 0 leaves nothing to share: what is missing is common to the window, what is too much is not
    rho = np.where(divisor > 0, rho, np.where(variance > phi * sum_forecast, 2.0, -1.0))
    rho = np.where(several, rho, -1.0)
    square1 = np.where(sum_forecast > 0, sum_forecast**2, 1.0)
    square2 = np.where(sum_forecast2 > 0, sum_forecast2, 1.0)
    excess = variance - phi * sum_forecast
    kappa_common = np.maximum(excess, 0.0) / square1
    kappa_apart = np.maximum(excess, 0.0) / square2
    new_kappa = np.where(rho > 1, kappa_common, np.where(rho < 0, kappa_apart, kappa))
    linear = np.maximum(1.0, variance / np.where(sum_forecast > 0, sum_forecast, 1.0))
    new_phi = np.where((rho < 0) & (excess < 0), linear, phi)
    new_rho = np.clip(rho, 0.0, 1.0)
    empty = sum_forecast <= 0
    new_rho, new_kappa = np.where(empty, 0.0, new_rho), np.where(empty, 0.0, new_kappa)
    level = new_rho * new_kappa
    return PathDispersion(new_rho, new_kappa, new_phi, level, (1.0 - new_rho) * new_kappa / (1.0 + level))


def path_sum_variance(sum_forecast: Floats, sum_forecast2: Floats, paths: PathDispersion) -> Floats:
    """Variance of the sum of the sampled buckets: phi F1 + kappa F2 + rho kappa (F1^2 - F2)."""
    common = paths.level_variance * (sum_forecast**2 - sum_forecast2)
    out: Floats = paths.phi * sum_forecast + paths.kappa * sum_forecast2 + common
    return out
