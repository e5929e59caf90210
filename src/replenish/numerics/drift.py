"""What receipts and orders tell of packs and review times, and what planning with a wrong value costs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.grouping import sums
from replenish.numerics.loss import standard_normal_loss

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MULTIPLE_SHARE = 0.95  # of the lines that are multiples of a pack
_MOST_PARTS = 1000  # packs are sought down to this part of the commonest line
_HALF_WIDTH = 1.6448536269514722  # 90 % interval


def observed_pack(qty: Ints, group: Ints, group_count: int) -> Ints:
    """Largest quantity of which more than 95 % of a group's lines are multiples, per group [G]; 0 where none is found.

    Sought among the whole parts of the group's commonest line (the smallest of equals). Lines [K] are positive.
    """
    pairs, lines = np.unique(np.column_stack([group, qty]), axis=0, return_counts=True)
    member, size, count = pairs[:, 0], pairs[:, 1], lines.astype(np.float64)
    total = sums(member, count, group_count)
    commonest, pack = np.zeros(group_count, dtype=np.int64), np.zeros(group_count, dtype=np.int64)
    rank = np.lexsort((size, -count, member))
    first = rank[np.unique(member[rank], return_index=True)[1]]
    commonest[member[first]] = size[first]
    for part in range(1, min(int(commonest.max(initial=0)), _MOST_PARTS) + 1):
        candidate = np.where((pack == 0) & (commonest % part == 0), commonest // part, 0)
        asked = candidate[member] > 0
        fits = size[asked] % candidate[member[asked]] == 0
        share = sums(member[asked], count[asked] * fits, group_count)
        pack = np.where((candidate > 0) & (share > MULTIPLE_SHARE * total), candidate, pack)
        open_still = pack[member] == 0
        member, size, count = member[open_still], size[open_still], count[open_still]
        if not member.size:
            break
    return pack


def multiple_share(qty: Floats, pack: Floats, group: Ints, group_count: int) -> Floats:
    """Share of a group's lines [K] that are multiples of its pack [G]; all are of a pack of 0."""
    size = pack[group]
    parts = qty / np.where(size > 0, size, 1.0)
    fits = (size <= 0) | (np.abs(parts - np.round(parts)) < 1e-6)
    total = sums(group, np.ones(qty.size), group_count)
    return sums(group, fits.astype(np.float64), group_count) / np.maximum(total, 1.0)


def median_interval(values: Floats) -> tuple[float, float, float]:
    """Median and its 90 % interval by order statistics of values [n >= 1]: ranks n/2 -+ 1.645 sqrt(n)/2.

    Conover (1999), Practical Nonparametric Statistics, section 3.2.
    """
    ordered, n = np.sort(values), values.size
    half = _HALF_WIDTH * np.sqrt(n) / 2
    low, high = max(int(np.floor(n / 2 - half)), 0), min(int(np.ceil(n / 2 + half)), n - 1)
    return float(np.median(ordered)), float(ordered[low]), float(ordered[high])


def yearly_cost_of_protection(
    planned_days: Floats, true_days: Floats, review_days: Floats, daily_qty: Floats, daily_sd_qty: Floats,
    safety_factor: Floats, holding_cost_per_day: Floats, shortage_cost: Floats,
) -> Floats:  # fmt: skip
    """Holding and shortage cost a year of an order-up-to level set for one protection time and lived by another.

    S = d P + z s sqrt(P) with the planned P; over the true P demand is normal with mean m, sd q: holding h (S - m + L),
    shortage p (L - L0) once a review, L = q G((S - m) / q) and L0 the same over the true lead time alone, what was
    short before the review began. Silver, Pyke & Thomas (4e) ch. 6 and 7.
    """
    level = daily_qty * planned_days + safety_factor * daily_sd_qty * np.sqrt(planned_days)
    lead = np.maximum(true_days - review_days, 0.0)
    short = _normal_loss(level, daily_qty * true_days, daily_sd_qty * np.sqrt(true_days))
    before = _normal_loss(level, daily_qty * lead, daily_sd_qty * np.sqrt(lead))
    held = holding_cost_per_day * (level - daily_qty * true_days + short)
    out: Floats = 365.0 * (held + shortage_cost * (short - before) / np.maximum(review_days, 1.0))
    return out


def _normal_loss(level: Floats, mean: Floats, sd: Floats) -> Floats:
    spread = np.where(sd > 1e-9, sd, 1.0)
    return np.where(sd > 1e-9, sd * standard_normal_loss((level - mean) / spread), np.maximum(mean - level, 0.0))
