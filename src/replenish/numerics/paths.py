"""Sampled demand, supply and lead times of one node: the raw material of every decision and promise.

Model of a bucket: D_t | G, G_t ~ negative binomial with mean f_t G G_t and variance phi times that mean. The level
factor G ~ gamma(mean 1, variance rho kappa) is common to all buckets, the bucket factor G_t ~ gamma(mean 1, variance
tau) is not; tau = (1 - rho) kappa / (1 + rho kappa). One bucket then has variance phi f + kappa f^2. Weights and very
large means are gamma with the same moments. Paths m and m + M/2 are antithetic: mirrored level factors, and mirrored
uniforms wherever a bucket is drawn by inversion. Each node has its own seed: threads and other nodes change nothing.
"""

# ruff: noqa: NPY002 - inside compiled code the seeded functions of np.random are the one stream a node can own

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part

Floats = NDArray[np.float64]

# Dispersion below these has no visible effect and is not drawn.
NO_KAPPA = 1e-9
POISSON_PHI = 1.0 + 1e-6
# Counts with a mean up to this are drawn by inversion (one uniform), larger ones as Poisson(gamma).
INVERSION_MEAN = 15.0
_LARGEST_COUNT = 100_000


@kernel
def decision_dispersion(phi: float, kappa: float, is_count: bool, delta: float) -> tuple[float, float]:
    """phi and kappa that exceed their floor by delta times as much; the floor is Poisson for counts, else 0."""
    return (1.0 + (phi - 1.0) * delta if is_count and phi > 1.0 else phi * (1.0 if is_count else delta)), kappa * delta


@kernel
def gamma_pair(shape: float) -> tuple[float, float]:
    """Two mirrored draws of a gamma law with mean 1 and variance 1 / shape (Marsaglia & Tsang, 2000).

    Both run the same rejection rule, one on (z, u), the other on (-z, 1 - u): each alone is an exact draw.
    """
    boost_a = boost_b = 1.0
    alpha = shape
    if shape < 1.0:
        u = np.random.random()
        boost_a, boost_b = u ** (1.0 / shape), (1.0 - u) ** (1.0 / shape)
        alpha = shape + 1.0
    d = alpha - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    a = b = -1.0
    while a < 0.0 or b < 0.0:
        z, u = np.random.standard_normal(), np.random.random()
        if a < 0.0:
            a = _accept(d, c, z, u)
        if b < 0.0:
            b = _accept(d, c, -z, 1.0 - u)
    return a * boost_a / shape, b * boost_b / shape


@part
def _accept(d: float, c: float, z: float, u: float) -> float:
    v = (1.0 + c * z) ** 3
    if v <= 0.0 or (u > 0.0 and np.log(u) >= 0.5 * z * z + d - d * v + d * np.log(v)):
        return -1.0
    return d * v


@kernel
def _count_by_inversion(mean: float, phi: float, u: float) -> float:
    """Smallest count with CDF above u: negative binomial of that mean and variance phi mean, Poisson for phi = 1."""
    poisson = phi < POISSON_PHI
    size = 0.0 if poisson else mean / (phi - 1.0)
    ratio = mean if poisson else 1.0 - 1.0 / phi
    chance = np.exp(-mean) if poisson else np.exp(-size * np.log(phi))
    total, k = chance, 0
    while u > total and k < _LARGEST_COUNT:
        chance *= ratio / (k + 1.0) if poisson else ratio * (size + k) / (k + 1.0)
        total += chance
        k += 1
        # In the last bits of the uniform the tail adds nothing more.
        if chance < 1e-18 and k > mean:
            break
    return float(k)


@part
def _draw(mean: float, phi: float, is_count: bool) -> float:
    """One draw that is not by inversion: a weight, or a count with a large mean."""
    if not is_count:
        return np.random.standard_gamma(mean / phi) * phi
    rate = mean if phi < POISSON_PHI else np.random.standard_gamma(mean / (phi - 1.0)) * (phi - 1.0)
    return float(np.random.poisson(rate))


@kernel
def sample_demand(
    out: Floats, buckets: int, forecast: Floats, is_count: bool, phi: float, kappa: float, rho: float
) -> None:
    """Fill out[path, bucket] for the first `buckets` buckets. An even number of paths; phi 0 is a point mass."""
    half = out.shape[0] // 2
    if not forecast[:buckets].any():
        out[:, :buckets] = 0.0
        return
    level = rho * kappa
    tau = (1.0 - rho) * kappa / (1.0 + level)
    for m in range(half):
        a, b = gamma_pair(1.0 / level) if level > NO_KAPPA else (1.0, 1.0)
        for t in range(buckets):
            mean_a, mean_b = forecast[t] * a, forecast[t] * b
            if tau > NO_KAPPA and forecast[t] > 0.0:
                at, bt = gamma_pair(1.0 / tau)
                mean_a, mean_b = mean_a * at, mean_b * bt
            if phi <= 0.0:
                out[m, t], out[m + half, t] = mean_a, mean_b
                continue
            u = np.random.random()
            out[m, t] = _one(mean_a, phi, is_count, u)
            out[m + half, t] = _one(mean_b, phi, is_count, 1.0 - u)


@part
def _one(mean: float, phi: float, is_count: bool, u: float) -> float:
    if mean <= 0.0:
        return 0.0
    if is_count and mean <= INVERSION_MEAN:
        return _count_by_inversion(mean, phi, u)
    return _draw(mean, phi, is_count)


@kernel
def draw_bucket(cumulative: Floats, u: float) -> int:
    """Bucket of a cumulative law; its length (beyond every bucket) where u is above the total mass: never."""
    for bucket in range(cumulative.shape[0]):
        if u < cumulative[bucket]:
            return bucket
    return int(cumulative.shape[0])


@kernel
def sample_arrivals(arrival: NDArray[np.int64], cumulative: Floats) -> None:
    """Arrival bucket of tonight's order on each path, mirrored in pairs; a law without mass beyond its end."""
    half = arrival.shape[0] // 2
    last = cumulative.shape[0] - 1
    for m in range(half):
        u = np.random.random()
        arrival[m] = min(draw_bucket(cumulative, u), last)
        arrival[m + half] = min(draw_bucket(cumulative, 1.0 - u), last)


@kernel
def sample_supply(out: Floats, buckets: int, line_qty: Floats, line_cumulative: Floats) -> None:
    """Fill out[path, bucket] with open order lines, each by its own law; mass missing from a law never arrives."""
    paths = out.shape[0]
    for m in range(paths):
        for t in range(buckets):
            out[m, t] = 0.0
    for k in range(line_qty.shape[0]):
        law = line_cumulative[k]
        for m in range(paths // 2):
            u = np.random.random()
            for path, v in ((m, u), (m + paths // 2, 1.0 - u)):
                bucket = draw_bucket(law, v)
                if bucket < min(buckets, law.shape[0]):
                    out[path, bucket] += line_qty[k]
