"""Sums and copies as plain loops: numpy's own would each compile for a second, and add up in the same order anyway."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import part

Floats = NDArray[np.float64]


@part
def total(values: Floats) -> float:
    """Sum from left to right."""
    found = 0.0
    for t in range(values.shape[0]):
        found += values[t]
    return found


@part
def mean_of(values: Floats) -> float:
    """Mean of all values, added from left to right."""
    return total(values) / values.shape[0]


@part
def put(values: Floats, into: Floats) -> None:
    """Copy the values to the first places of `into`."""
    for t in range(values.shape[0]):
        into[t] = values[t]


@part
def rank_of(ordered: Floats, value: float) -> int:
    """How many of the ordered values lie below `value`."""
    low, high = 0, ordered.shape[0]
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low
