"""A node's own weekdays beside those of its group: the shop by the station sells on Mondays."""

from __future__ import annotations

import numpy as np

from replenish.numerics.season import position_sums
from replenish.steps.calendar import WEEKDAYS
from replenish.steps.panel import Floats, Ints

PROFILE_DAYS = 364
PRIOR_UNITS = 500.0  # units of each weekday that the group's profile counts as


def own_weekdays(demand: Floats, index: Floats, weekday: Ints) -> Floats:
    """Factor of each node on each weekday of its group's index [N, 7], Monday first, mean 1.

    `demand` [N, T] (NaN = missing), `index` [N, T] and `weekday` [T] 0..6 of the last days. What a weekday sold over
    what the group's index gives it, both with 500 units of the group's own: a slow item keeps the profile of its group.
    """
    demand, index, weekday = demand[:, -PROFILE_DAYS:], index[:, -PROFILE_DAYS:], weekday[-PROFILE_DAYS:]
    there = ~np.isnan(demand) & (index > 0)
    sold, usual = np.where(there, demand, 0.0), np.where(there, index, 0.0)
    total = usual.sum(axis=1)
    rate = sold.sum(axis=1) / np.where(total > 0, total, 1.0)
    # added bucket by bucket, so that a node comes out alike to the last bit whatever nodes stand beside it
    (above, _), (below, _) = (position_sums(part, weekday, WEEKDAYS) for part in (sold, usual * rate[:, None]))
    factor = (above + PRIOR_UNITS) / (below + PRIOR_UNITS)
    return factor / factor.mean(axis=1, keepdims=True)
