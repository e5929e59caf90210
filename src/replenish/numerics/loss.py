"""Expected shortage, distribution functions and quantiles of demand laws, vectorised over nodes.

A law is a mean, a variance and a family code; the first-order loss is `n1(S) = E(D - S)+`, in base units. Everything
is computed from survival functions, never from `1 - cdf`. NaN in, NaN out; nothing raises for one node.

Sources: Silver, Pyke & Thomas, Inventory and Production Management (4e), app. II; Snyder & Shen (2e), app. C.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

# Family codes. A variance the family cannot have falls back: NB with variance <= mean is Poisson, no variance a point.
POINT, POISSON, NEGATIVE_BINOMIAL, GAMMA, NORMAL = 0, 1, 2, 3, 4

# Above this mean a count is as good as continuous, and gamma is cheaper and as accurate.
LARGEST_COUNT_MEAN = 500.0
_SQRT_HALF_PI = np.sqrt(np.pi / 2.0)


def choose_family(mean: ArrayLike, variance: ArrayLike, continuous: ArrayLike = False) -> Codes:
    """Family of each node: point, Poisson, negative binomial for counts; gamma for weights and for large means."""
    mean, variance, continuous = np.broadcast_arrays(*map(np.asarray, (mean, variance, continuous)))
    family = np.where(variance <= mean, POISSON, NEGATIVE_BINOMIAL)
    family = np.where(continuous.astype(bool) | (mean > LARGEST_COUNT_MEAN), GAMMA, family)
    return np.where((mean <= 0) | (variance <= 0), POINT, family).astype(np.int64)


def standard_normal_loss(z: ArrayLike) -> Floats:
    """Units short per unit of standard deviation, G(z) = phi(z) - z (1 - Phi(z)), accurate in the far tail.

    For z > 0 it is phi(z) (1 - z R(z)) with the Mills ratio R by `erfcx`; for z < 0 the identity G(-z) = z + G(z).
    """
    z = np.asarray(z, dtype=np.float64)
    size = np.abs(z)
    mills = _SQRT_HALF_PI * special.erfcx(size / np.sqrt(2.0))
    tail = np.exp(-0.5 * size * size) / np.sqrt(2.0 * np.pi) * (1.0 - size * mills)
    return np.where(z < 0, size + tail, tail)


def loss(stock: ArrayLike, mean: ArrayLike, variance: ArrayLike, family: ArrayLike) -> Floats:
    """Expected units short n1(S) = E(D - S)+; for S < 0 it is mean - S. Arrays broadcast; units as the stock.

    NB(r, p): m SF(S-2; r+1, p) - S SF(S-1; r, p). Poisson: m SF(S-2) - S SF(S-1). Gamma(k, th): m Q(k+1, S/th)
    - S Q(k, S/th). Normal: sd G(z). A stock between two integers is allowed for counts.
    """
    stock, mean, variance, family = _law(stock, mean, variance, family)
    result = np.full(stock.shape, np.nan)
    for code, of in (
        (POINT, _point_loss),
        (POISSON, _poisson_loss),
        (NEGATIVE_BINOMIAL, _nb_loss),
        (GAMMA, _gamma_loss),
    ):
        chosen = (family == code) & (stock >= 0)
        result[chosen] = of(stock[chosen], mean[chosen], variance[chosen])
    below = (family != NORMAL) & (stock < 0)
    result[below] = mean[below] - stock[below]
    bell = family == NORMAL
    sd = np.sqrt(variance[bell])
    result[bell] = sd * standard_normal_loss((stock[bell] - mean[bell]) / sd)
    # A difference of two nearly equal tails may be a rounding error below zero.
    return np.maximum(result, 0.0)


def survival(stock: ArrayLike, mean: ArrayLike, variance: ArrayLike, family: ArrayLike) -> Floats:
    """P(D > S) for each node."""
    stock, mean, variance, family = _law(stock, mean, variance, family)
    result = np.full(stock.shape, np.nan)
    floor = np.floor(stock)
    for code, of in ((POISSON, _poisson_survival), (NEGATIVE_BINOMIAL, _nb_survival)):
        chosen = family == code
        result[chosen] = of(floor[chosen], mean[chosen], variance[chosen])
    smooth = family == GAMMA
    shape, scale = _gamma_parameters(mean[smooth], variance[smooth])
    result[smooth] = special.gammaincc(shape, np.maximum(stock[smooth], 0.0) / scale)
    bell = family == NORMAL
    result[bell] = special.ndtr((mean[bell] - stock[bell]) / np.sqrt(variance[bell]))
    point = family == POINT
    result[point] = np.where(np.isnan(mean[point] + stock[point]), np.nan, mean[point] > stock[point])
    return result


def cumulative(stock: ArrayLike, mean: ArrayLike, variance: ArrayLike, family: ArrayLike) -> Floats:
    """P(D <= S) for each node, from lower-tail functions."""
    stock, mean, variance, family = _law(stock, mean, variance, family)
    result = 1.0 - survival(stock, mean, variance, family)
    floor = np.floor(stock)
    counts = np.flatnonzero((family == POISSON) & (floor >= 0))
    result.flat[counts] = special.pdtr(floor.flat[counts], mean.flat[counts])
    counts = np.flatnonzero((family == NEGATIVE_BINOMIAL) & (floor >= 0))
    size, chance = _nb_parameters(mean.flat[counts], variance.flat[counts])
    result.flat[counts] = special.betainc(size, floor.flat[counts] + 1.0, chance)
    smooth = np.flatnonzero((family == GAMMA) & (stock >= 0))
    shape, scale = _gamma_parameters(mean.flat[smooth], variance.flat[smooth])
    result.flat[smooth] = special.gammainc(shape, stock.flat[smooth] / scale)
    return result


def quantile(level: ArrayLike, mean: ArrayLike, variance: ArrayLike, family: ArrayLike) -> Floats:
    """Demand not exceeded with probability `level`, in (0, 1); a count is the smallest integer with CDF >= level."""
    level, mean, variance, family = _law(level, mean, variance, family)
    result = np.full(level.shape, np.nan)
    point = family == POINT
    result[point] = mean[point] + 0.0 * level[point]
    poisson = family == POISSON
    result[poisson] = special.pdtrik(level[poisson], mean[poisson])
    nb = family == NEGATIVE_BINOMIAL
    result[nb] = special.nbdtrik(level[nb], *_nb_parameters(mean[nb], variance[nb]))
    counts = poisson | nb
    result[counts] = _smallest_count(result[counts], level[counts], mean[counts], variance[counts], family[counts])
    smooth = family == GAMMA
    shape, scale = _gamma_parameters(mean[smooth], variance[smooth])
    result[smooth] = scale * special.gammaincinv(shape, level[smooth])
    bell = family == NORMAL
    result[bell] = mean[bell] + np.sqrt(variance[bell]) * special.ndtri(level[bell])
    return result


def _smallest_count(guess: Floats, level: Floats, mean: Floats, variance: Floats, family: Codes) -> Floats:
    """The integer beside a continuous inverse: one step down where it already suffices, up where it does not yet."""
    # The inverse is NaN below the mass at zero: the answer there is zero. For means of next to nothing it is far off;
    # no quantile lies above the bound of Cantelli's inequality.
    bound = mean + np.sqrt(variance * level / np.maximum(1.0 - level, 1e-12))
    guess = np.minimum(np.nan_to_num(guess), np.nan_to_num(bound, nan=0.0))
    count = np.where(np.isnan(level + mean), np.nan, np.maximum(np.ceil(guess - 1e-9), 0.0))
    while True:
        too_high = (count > 0) & (cumulative(count - 1.0, mean, variance, family) >= level)
        too_low = cumulative(count, mean, variance, family) < level
        if not (too_high.any() or too_low.any()):
            return count
        count = count - too_high + (too_low & ~too_high)


def _law(
    stock: ArrayLike, mean: ArrayLike, variance: ArrayLike, family: ArrayLike
) -> tuple[Floats, Floats, Floats, Codes]:
    """Broadcast to one shape of at least one dimension-free array, and replace impossible laws by their limits."""
    arrays = np.broadcast_arrays(
        *(np.asarray(each, dtype=np.float64) for each in (stock, mean, variance)), np.asarray(family)
    )
    value, middle, spread, code = arrays
    bell = code == NORMAL
    middle = np.where((middle < 0) & ~bell, 0.0, middle)
    code = np.where((code == NEGATIVE_BINOMIAL) & (spread <= middle), POISSON, code)
    code = np.where((spread <= 0) | ((middle == 0) & ~bell), POINT, code)
    code = np.where(np.isnan(middle + spread + value), -1, code)
    return value, middle, spread, code.astype(np.int64)


def _nb_parameters(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    return mean * mean / (variance - mean), mean / variance


def _gamma_parameters(mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    return mean * mean / variance, variance / mean


def _poisson_survival(floor: Floats, mean: Floats, variance: Floats) -> Floats:
    return np.where(floor < 0, 1.0, special.pdtrc(np.maximum(floor, 0.0), mean))


def _nb_survival(floor: Floats, mean: Floats, variance: Floats) -> Floats:
    size, chance = _nb_parameters(mean, variance)
    return np.where(floor < 0, 1.0, special.betainc(np.maximum(floor, 0.0) + 1.0, size, 1.0 - chance))


def _point_loss(stock: Floats, mean: Floats, variance: Floats) -> Floats:
    return np.maximum(mean - stock, 0.0)


def _poisson_loss(stock: Floats, mean: Floats, variance: Floats) -> Floats:
    top = np.ceil(stock)
    return mean * _poisson_survival(top - 2.0, mean, variance) - stock * _poisson_survival(top - 1.0, mean, variance)


def _nb_loss(stock: Floats, mean: Floats, variance: Floats) -> Floats:
    top = np.ceil(stock)
    size, chance = _nb_parameters(mean, variance)
    # E[D; D >= S] = m P(D' >= S - 1) with D' of size r + 1 and the same p.
    share = np.where(top < 2.0, 1.0, special.betainc(np.maximum(top - 1.0, 1.0), size + 1.0, 1.0 - chance))
    return mean * share - stock * _nb_survival(top - 1.0, mean, variance)


def _gamma_loss(stock: Floats, mean: Floats, variance: Floats) -> Floats:
    shape, scale = _gamma_parameters(mean, variance)
    return mean * special.gammaincc(shape + 1.0, stock / scale) - stock * special.gammaincc(shape, stock / scale)
