"""Days of the week: shares of a group's week."""

from __future__ import annotations

import numpy as np

from replenish.numerics.grouping import sums
from replenish.numerics.season import by_group, seasonal_index
from replenish.steps.calendar import WEEKDAYS
from replenish.steps.panel import Bools, Ints
from replenish.steps.season.pooled import Pool, Pooled, pools
from replenish.steps.season.seen import Seen

LEAST_PROFILE_DAYS = 28
NOISE_UNITS = 50.0  # units sold on a weekday at which its share is trusted half: below, it is mostly chance


def weekday_index(seen: Seen) -> Pooled:
    """Index of every (category, cluster) by weekday, Monday first, sum 7: of the finest pool with four weeks to show.

    A pool's shares are trusted as far as its units go; what is left comes from the pool above.
    """
    every = pools(seen.nodes)
    found = Pooled.flat(every[-1].count, WEEKDAYS)
    above = np.ones((found.size.size, WEEKDAYS))
    for pool in every:
        size = sums(pool.of_node, np.any(seen.days, axis=1) * 1.0, pool.count).astype(np.int64)
        raw = seasonal_index(seen.day_units, seen.day_count, pool.of_node, pool.count)[pool.of_base]
        units = by_group(seen.day_units, pool.of_node, pool.count)[pool.of_base]
        trust = units / (units + NOISE_UNITS)
        index = np.where(np.isnan(raw), 0.0, above + (raw - above) * trust)
        total = index.sum(axis=1, keepdims=True)
        index = index / np.where(total > 0, total, 1.0) * WEEKDAYS
        ready = (_days_seen(seen.days, pool) >= LEAST_PROFILE_DAYS)[pool.of_base] & (total[:, 0] > 0)
        found.take(pool.source, index, size[pool.of_base], ready)
        above = np.where(ready[:, None], index, above)
    return found


def _days_seen(there: Bools, pool: Pool) -> Ints:
    """Distinct days on which a group had anything available."""
    row, column = np.nonzero(there)
    seen = np.zeros((pool.count, there.shape[1]), dtype=bool)
    seen[pool.of_node[row], column] = True
    return seen.sum(axis=1)
