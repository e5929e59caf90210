"""From members to one forecast: their median, guards, and the spread of a week over its days.

A median, because the best single past model is mostly luck: Petropoulos & Svetunkov (2020), IJF 36.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

WILD_FACTOR = 3.0  # a member above this many times the largest recent demand is dropped for the node


def median_of_available(members: Floats) -> Floats:
    """Median over the first axis of those that are not NaN; NaN where none is."""
    ordered = np.sort(members, axis=0)  # NaN sorts last
    count = (~np.isnan(members)).sum(axis=0)
    low, high = np.maximum((count - 1) // 2, 0), count // 2
    high = np.minimum(high, members.shape[0] - 1)
    both = np.take_along_axis(ordered, np.stack([low, high]), axis=0)
    return np.where(count > 0, (both[0] + both[1]) / 2.0, np.nan)


def guard(member: Floats, largest_demand: Floats) -> tuple[Floats, Bools]:
    """Clip negative forecasts to 0 and drop (NaN) those above three times the largest demand of the last year.

    `largest_demand` broadcasts against `member`; NaN or 0 there drops nothing. Second result: what was clipped.
    """
    clipped = member < 0
    kept = np.where(clipped, 0.0, member)
    return np.where((largest_demand > 0) & (kept > WILD_FACTOR * largest_demand), np.nan, kept), clipped


def spread_over_days(week_qty: Floats, day_share: Floats, open_day: Bools) -> Floats:
    """Spread weekly quantities [N] over days [N, D] by share of the open days; flat where the open days have no share.

    A week without an open day keeps nothing. Example: 70 over .1 .1 .1 .1 .2 .3 (.1 closed): 7.78 ... 15.56 23.33 0.
    """
    share = np.where(open_day, day_share, 0.0)
    total = share.sum(axis=1, keepdims=True)
    flat = open_day / np.maximum(open_day.sum(axis=1, keepdims=True), 1)
    share = np.where(total > 0, share / np.where(total > 0, total, 1.0), flat)
    out: Floats = week_qty[:, None] * share
    return out
