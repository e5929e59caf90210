"""How much wider must a law be for orders to run out as often as they did?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]

NARROWEST, WIDEST = 0.5, 2.0  # beyond these something else than the spread is wrong
_LEAST_CHANCE = 1e-3  # no sampled promise says less with weight
_HALVINGS = 50


def unmended_chance(promised: Floats, width: Floats) -> Floats:
    """Chance of running out [K] that the law would have promised without the factor `width` [K] on its variance.

    An order z standard deviations above the mean keeps its place when the spread changes: P(Z > z sqrt(width)).
    """
    out: Floats = np.where(width == 1.0, promised, ndtr(-_distance(promised, width)))
    return out


def fitted_width(promised: Floats, width: Floats, achieved_share: float) -> float:
    """Factor W on the law's variance by which promises [K], made with factors `width`, achieve this share.

    Solves mean P(Z > z sqrt(width / W)) = share by halving, over promises below one half, whose risk grows with W; the
    law is normal in its upper part. Between 0.5 and 2; 1 where there is no promise to fit.
    """
    told = promised < 0.5
    if not told.any() or not np.isfinite(achieved_share):
        return 1.0
    distance = _distance(promised[told], width[told])
    low, high = NARROWEST, WIDEST
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if float(ndtr(-distance / np.sqrt(middle)).mean()) < achieved_share:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _distance(promised: Floats, width: Floats) -> Floats:
    """Standard deviations of the unmended law between the mean and what was there to serve it."""
    out: Floats = -ndtri(np.clip(promised, _LEAST_CHANCE, 1.0 - _LEAST_CHANCE)) * np.sqrt(width)
    return out
