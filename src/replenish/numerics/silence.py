"""A positive stock record and no sale for long enough: how likely is it that the shelf is in truth empty?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

GHOST_THRESHOLD = 0.01
GHOST_PRIOR = 0.02


def bucket_size(forecast_qty: Floats, phi: Floats, kappa: Floats) -> Floats:
    """Negative binomial size of one bucket with variance phi f + kappa f^2: f / (phi - 1 + kappa f); inf = Poisson."""
    excess = phi - 1.0 + kappa * forecast_qty
    return np.where(excess > 1e-12, forecast_qty / np.where(excess > 1e-12, excess, 1.0), np.inf)


def silence_per_bucket(forecast_qty: Floats, size: Floats) -> Floats:
    """Probability of no demand in a bucket: (k/(k+f))^k, or exp(-f) where size is infinite.

    1 where nothing is expected. Example: f = 0.5, k = 0.5 gives 0.7071.
    """
    poisson = np.isinf(size)
    k = np.where(poisson | (size <= 0), 1.0, size)
    return np.where(forecast_qty > 0, np.exp(-np.where(poisson, forecast_qty, k * np.log1p(forecast_qty / k))), 1.0)


def silence_probability(forecast_qty: Floats, size: Floats, silent: NDArray[np.bool_]) -> Floats:
    """Probability of the whole silent run with stock on the shelf, per node of forecast [N, T] and silent [N, T]."""
    with_stock = np.where(silent, silence_per_bucket(forecast_qty, size), 1.0)
    out: Floats = with_stock.prod(axis=1)
    return out


def ghost_posterior(silence: Floats, prior: Floats | float) -> Floats:
    """Probability that the shelf is empty although the record is positive: prior / (prior + (1 - prior) P0)."""
    out: Floats = prior / (prior + (1.0 - prior) * silence)
    return out
