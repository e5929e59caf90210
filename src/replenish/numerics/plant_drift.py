"""What the shop floor's log tells of yields and speeds: ratios of sums with their 90 % intervals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.grouping import sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HALF_WIDTH = 1.6448536269514722  # 90 % interval
_CLEARLY = 4.0


class Ratio(NamedTuple):
    """Ratio of sums of each group [G]; NaN where the lower sum is 0, the half width also where there is one row."""

    value: Floats
    half_width: Floats
    row_count: Ints


def ratio(part: Floats, whole: Floats, group: Ints, group_count: int) -> Ratio:
    """Sum of parts over sum of wholes [K], by group, with half its 90 % interval from how rows differ.

    s2(r) = n / (n - 1) * sum((part - r whole)^2) / sum(whole)^2. Cochran (1977), Sampling Techniques, eq. (6.13)
    without the finite population.
    """
    count = np.bincount(group, minlength=group_count).astype(np.int64)
    base = sums(group, whole, group_count)
    safe = np.where(base > 0, base, 1.0)
    value = np.where(base > 0, sums(group, part, group_count) / safe, np.nan)
    rest = part - np.nan_to_num(value)[group] * whole
    spread = np.where(count > 1, count / np.maximum(count - 1, 1), np.nan)
    half = HALF_WIDTH * np.sqrt(spread * sums(group, rest * rest, group_count)) / safe
    return Ratio(value, np.where(base > 0, half, np.nan), count)


def share(good: Floats, made: Floats, group: Ints, group_count: int) -> Ratio:
    """Good share of what was made; its interval is no narrower than that of independent units (binomial)."""
    told = ratio(good, made, group, group_count)
    units = np.maximum(sums(group, made, group_count), 1.0)
    binomial = HALF_WIDTH * np.sqrt(np.maximum(told.value * (1.0 - told.value), 0.0) / units)
    return told._replace(half_width=np.fmax(told.half_width, binomial))


def is_setup_counted(
    run: Floats, setup: Floats, standard: Floats, group: Ints, group_count: int, center_of_group: Ints,
    center_count: int,
) -> Bools:  # fmt: skip
    """Whether the hours run of each work centre [C] hold its set-ups: only where that clearly explains them better.

    Rows [K] belong to groups [G] of one work centre each. Read either way, hours run over standard hours should be one
    pace within a group; set-ups that are in the hours make small lots look slow. n log(S0 / S1) of the squares left
    must exceed 4: a likelihood ratio at about 95 %.
    """
    counts = standard > 0
    safe = np.where(counts, standard, 1.0)
    rows = sums(group, counts.astype(np.float64), group_count)
    left = []
    for counted in (0.0, 1.0):
        pace = np.where(counts, (run - counted * setup) / safe, 0.0)
        mean = sums(group, pace, group_count) / np.maximum(rows, 1.0)
        rest = np.where(counts, pace - mean[group], 0.0)
        left.append(np.maximum(sums(center_of_group[group], rest * rest, center_count), 1e-12))
    lines = sums(center_of_group, rows, center_count)
    out: Bools = lines * np.log(left[0] / left[1]) > _CLEARLY
    return out


def middle_pace(pace: Floats, weight: Floats, center: Ints, center_count: int) -> Floats:
    """Pace that half the weight of each centre's groups [G] keeps or beats [C]; NaN without weight.

    One slow item does not make its whole work centre slow.
    """
    order = np.lexsort((pace, center))
    run = np.cumsum(weight[order])
    total = sums(center, weight, center_count)
    before = np.concatenate([[0.0], np.cumsum(total)])[:-1]
    reached = run - before[center[order]] >= 0.5 * total[center[order]] - 1e-12
    out: Floats = np.full(center_count, np.nan)
    places, first = np.unique(center[order][reached], return_index=True)
    out[places] = pace[order][reached][first]
    return np.where(total > 0, out, np.nan)
