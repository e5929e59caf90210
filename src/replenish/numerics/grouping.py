"""Sums by group, added in the order of the rows so that results never depend on how the work was split."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sums(group: NDArray[np.int64], values: Floats, group_count: int) -> Floats:
    """Sum of values [K] per group 0..group_count-1; a group without rows is 0."""
    return np.bincount(group, weights=values, minlength=group_count).astype(np.float64, copy=False)
