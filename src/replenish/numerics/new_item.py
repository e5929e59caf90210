"""Demand of an item nobody has sold yet: a gamma prior from analogues, sharpened by every sale (gamma-Poisson)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CURVE_VARIANCE, LEAST_LAUNCHES = 0.1, 3  # of launch indices between kinds of items, and items that show a curve
LEAST_CV2 = 0.1  # analogues are never more alike than this


def gamma_prior(analogue_rate: Floats, weight: Floats, buckets_per_rate: Floats) -> tuple[Floats, Floats]:
    """Gamma(a, b) prior of the demand rate per bucket, by moments of analogue rates [N, A] (NaN or weight 0: not used).

    `buckets_per_rate` [N] is the exposure behind each rate: its Poisson noise m/n0 is taken off the variance, which
    never falls below 0.1 m^2. b = m / variance, a = m b. Without analogues, or with mean 0, NaN.
    """
    w = np.where(np.isnan(analogue_rate), 0.0, weight)
    rate = np.nan_to_num(analogue_rate)
    total = w.sum(axis=1)
    norm = np.where(total > 0, total, 1.0)
    mean = (w * rate).sum(axis=1) / norm
    spread = (w * (rate - mean[:, None]) ** 2).sum(axis=1) / norm
    freedom = 1.0 - (w * w).sum(axis=1) / norm**2
    variance = np.where(freedom > 1e-12, spread / np.where(freedom > 1e-12, freedom, 1.0), 0.0)
    between = np.maximum(variance - mean / buckets_per_rate, LEAST_CV2 * mean**2)
    usable = (total > 0) & (mean > 0)
    b = np.where(usable, mean / np.where(usable, between, 1.0), np.nan)
    return mean * b, b


def gamma_posterior(a: Floats, b: Floats, sales_qty: Floats, exposure_buckets: Floats) -> tuple[Floats, Floats]:
    """Prior after y units in n buckets of exposure: Gamma(a + y, b + n)."""
    return a + sales_qty, b + exposure_buckets


def window_law(a: Floats, b: Floats, window_exposure: Floats) -> tuple[Floats, Floats, Floats]:
    """Demand over a window is NB: size a, probability b/(b+P), and its mean a P/b; P in buckets of exposure."""
    return a, b / (b + window_exposure), a * window_exposure / b


def launch_profile(launch_qty: Floats, item: Ints) -> Floats:
    """Index of each period since launch, mean 1 [P], from the first periods of launched items [A, P] (NaN = missing).

    `item` [A] numbers the items: the same item launched in many places is one launch. The index is a ratio of sums,
    demand of a period over what the same launches sell in their mean period, shrunk to 1 by its standard error over
    items (Cochran 1977, Sampling Techniques, eq. 6.13): trust = 0.1 / (0.1 + error^2), none below three items.
    """
    there = ~np.isnan(launch_qty)
    units = np.where(there, launch_qty, 0.0)
    own_mean = np.where(there, (units.sum(axis=1) / np.maximum(there.sum(axis=1), 1))[:, None], 0.0)
    count = int(item.max(initial=-1)) + 1
    sold, usual = np.zeros((count, launch_qty.shape[1])), np.zeros((count, launch_qty.shape[1]))
    np.add.at(sold, item, units)
    np.add.at(usual, item, own_mean)
    total = np.where(usual.sum(axis=0) > 0, usual.sum(axis=0), 1.0)
    raw = np.where(usual.sum(axis=0) > 0, sold.sum(axis=0) / total, 1.0)
    seen = (usual > 0).sum(axis=0)
    square = ((sold - raw * usual) ** 2).sum(axis=0) * seen / np.maximum(seen - 1, 1) / total**2
    trust = np.where(seen >= LEAST_LAUNCHES, CURVE_VARIANCE / (CURVE_VARIANCE + square), 0.0)
    index = 1.0 + (raw - 1.0) * trust
    out: Floats = index / index.mean()
    return out
