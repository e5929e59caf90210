"""Chance without a generator: a number that depends on a seed and a counter alone, in any order, on any machine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_STEP, _FIRST, _SECOND = (np.uint64(one) for one in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def hashed_uniform(seed: NDArray[np.int64], counter: NDArray[np.int64]) -> NDArray[np.float64]:
    """Uniform numbers in (0, 1) of seeds (32 bits) and counters of one shape.

    Source: Steele, Lea & Flood (2014), Fast splittable pseudorandom number generators, OOPSLA (SplitMix64).
    """
    state = (seed.astype(np.uint64) << np.uint64(32)) ^ (counter.astype(np.uint64) * _STEP)
    mixed = _mixed(_mixed(state) + _STEP)
    out: NDArray[np.float64] = ((mixed >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return out


def _mixed(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))
