"""Days of the week: shares of a group's week."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.season import seasonal_index
from replenish.steps.calendar import WEEKDAYS
from replenish.steps.panel import Floats, Ints
from replenish.steps.season.pooled import Pool, Pooled, pools

PROFILE_DAYS, LEAST_PROFILE_DAYS = 364, 28
NOISE_UNITS = 50.0  # units sold on a weekday at which its share is trusted half: below, it is mostly chance


def weekday_index(nodes: pl.DataFrame, demand: Floats, when: pl.DataFrame) -> Pooled:
    """Index of every (category, cluster) by weekday, Monday first, sum 7: of the finest pool with four weeks to show.

    A pool's shares are trusted as far as its units go; what is left comes from the pool above.
    """
    demand = demand[:, -PROFILE_DAYS:]
    weekday = when["bucket_start"].dt.weekday().to_numpy().astype(np.int64)[-PROFILE_DAYS:] - 1
    there = ~np.isnan(demand)
    found = Pooled.flat(pools(nodes)[-1].count, WEEKDAYS)
    above = np.ones((found.size.size, WEEKDAYS))
    for pool in pools(nodes):
        size = sums(pool.of_node, np.any(there, axis=1) * 1.0, pool.count).astype(np.int64)
        raw = seasonal_index(demand, weekday, pool.of_node, pool.count, WEEKDAYS)[pool.of_base]
        units = _units(demand, weekday, pool)[pool.of_base]
        trust = units / (units + NOISE_UNITS)
        index = np.where(np.isnan(raw), 0.0, above + (raw - above) * trust)
        total = index.sum(axis=1, keepdims=True)
        index = index / np.where(total > 0, total, 1.0) * WEEKDAYS
        ready = (_days_seen(there, pool) >= LEAST_PROFILE_DAYS)[pool.of_base] & (total[:, 0] > 0)
        found.take(pool.source, index, size[pool.of_base], ready)
        above = np.where(ready[:, None], index, above)
    return found


def _days_seen(there: np.ndarray, pool: Pool) -> Ints:
    """Distinct days on which a group had anything available."""
    row, column = np.nonzero(there)
    seen = np.zeros((pool.count, there.shape[1]), dtype=bool)
    seen[pool.of_node[row], column] = True
    return seen.sum(axis=1)


def _units(demand: Floats, weekday: Ints, pool: Pool) -> Floats:
    """Units sold on each weekday [G, 7]."""
    there = ~np.isnan(demand)
    cell = np.broadcast_to(pool.of_node[:, None] * WEEKDAYS + weekday[None, :], demand.shape)
    return sums(cell[there], demand[there], pool.count * WEEKDAYS).reshape(pool.count, WEEKDAYS)
