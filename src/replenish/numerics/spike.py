"""Single values that dwarf everything else a node sold: they stay its demand, but nobody else may learn from them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

TIMES_NEXT = 20.0  # no promotion is held to do more (the largest uplift)
TIMES_FEW = 1000.0  # two or three alike must be wilder: large orders do come twice
LEAST_OTHERS = 4  # other values that tell what is usual
TIMES_ANYBODY = 1000.0  # else the largest of all other nodes must do
_LOOKED_AT = 4


def spikes(value: Floats, row_largest: Floats | None = None) -> Bools:
    """Cells of [N, T] (NaN = missing) that dwarf the others of their row.

    One is more than twenty times the next largest; two or three are more than a thousand times the next. A row with
    fewer than four other values above 0 is held against the largest value of all other rows instead, a thousand times
    of it; `row_largest` are the largest values of all rows there are, where these are only some.
    Example: 5, 4, 6, 5, 500 has one; 5, 4, 6, 5, 90 has none.
    """
    if 0 in value.shape:
        return np.zeros(value.shape, dtype=bool)
    known = np.nan_to_num(value, nan=0.0, posinf=np.inf)
    wide = np.pad(known, ((0, 0), (0, max(0, _LOOKED_AT - value.shape[1]))))
    largest = np.sort(np.partition(wide, -_LOOKED_AT, axis=1)[:, -_LOOKED_AT:], axis=1)[:, ::-1]
    sold = (known > 0).sum(axis=1)
    limit = np.where(
        sold > LEAST_OTHERS,
        np.inf,
        TIMES_ANYBODY * _elsewhere(largest[:, 0], largest[:, 0] if row_largest is None else row_largest),
    )
    for count, times in ((1, TIMES_NEXT), (2, TIMES_FEW), (3, TIMES_FEW)):
        beside = largest[:, count]
        wild = (largest[:, count - 1] > times * beside) & (sold - count >= LEAST_OTHERS)
        limit = np.where(wild, beside, limit)
    return known > limit[:, None]


def _elsewhere(largest: Floats, row_largest: Floats) -> Floats:
    """Largest value of all other rows; without any there is no limit."""
    in_order = np.sort(row_largest)
    first = in_order[-1] if in_order.size > 0 else np.inf
    second = in_order[-2] if in_order.size > 1 else np.inf
    return np.where(largest >= first, second, first)
