"""Weeks of the year: what came back in other years."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.season import (
    YEAR_WEEKS,
    repeated_index,
    settle_index,
    with_week_53,
    year_level,
)
from replenish.steps.calendar import WEEKS
from replenish.steps.panel import Floats, Ints
from replenish.steps.season.pooled import FEW_NODES, LEAST_NODES, PLENTY_UNITS, Pool, Pooled, pools
from replenish.steps.season.seen import Seen, week_starts

LEAST_WEEKS = 104  # two of each week, or a season cannot be told from chance
SMALL_GROUP = 200  # nodes below which single weeks are smoothed


def week_index(seen: Seen, when: pl.DataFrame) -> Pooled:
    """Index of every (category, cluster) by week of the year, 1 to 53.

    The index of all nodes, times what each finer pool adds to it: only what came back in other years, measured beside
    the pools above it. So a category with a season of its own has it, and one that had a long stock-out has not.
    """
    weekly, exposure, position = seen.weekly, seen.exposure, _positions(when)
    index = np.ones((seen.nodes.height, YEAR_WEEKS))
    every = pools(seen.nodes)
    found = Pooled.flat(every[-1].count, WEEKS)
    wider = np.zeros(found.size.shape)  # nodes of the pool each group follows so far
    for pool in every:
        size, ready = _evidence(pool, weekly, exposure, position, wider)
        expected = exposure * np.where(position >= 0, index[:, position], 1.0)
        level = np.nan_to_num(year_level(weekly, expected))
        had, expected = (_by_year(part, position, pool) for part in (weekly, level * expected))
        added = np.where(ready[:, None], repeated_index(had, expected, size < SMALL_GROUP), 1.0)
        index = index * added[pool.of_node]
        index = index / index.mean(axis=1, keepdims=True)
        base = np.zeros((found.size.size, YEAR_WEEKS))
        base[every[-1].of_node] = index
        here = ready[pool.of_base]
        found.take(pool.source, with_week_53(settle_index(base)), size[pool.of_base], here)
        wider = np.where(here, size[pool.of_base], wider)
    return found


def _positions(when: pl.DataFrame) -> Ints:
    """Position of each week of history in its year (negative: week 53)."""
    position = when["season_week"].cast(pl.Int64).to_numpy()[week_starts(when)] - 1
    return np.where(position >= YEAR_WEEKS, -1, position)


def _evidence(pool: Pool, weekly: Floats, exposure: Floats, position: Ints, wider: Floats) -> tuple[Ints, np.ndarray]:
    """Nodes with demand to see in every group, and whether the group may speak for itself."""
    size = sums(pool.of_node, np.any(exposure > 0, axis=1) * 1.0, pool.count).astype(np.int64)
    seen = np.zeros((pool.count, exposure.shape[1]), dtype=bool)
    row, column = np.nonzero(exposure > 0)
    seen[pool.of_node[row], column] = True
    used = position >= 0
    cell = pool.of_node[:, None] * YEAR_WEEKS + position[used][None, :]
    units = sums(cell.ravel(), weekly[:, used].ravel(), pool.count * YEAR_WEEKS).reshape(pool.count, YEAR_WEEKS)
    sells = (size >= FEW_NODES) & (np.median(units, axis=1) >= PLENTY_UNITS)
    whole = np.zeros(pool.count, dtype=bool)
    whole[pool.of_base] = wider == size[pool.of_base]  # the same nodes as the pool above: nothing of its own to show
    enough = (size >= LEAST_NODES) | (sells & (pool.source == "category")) | whole | (pool.source == "all")
    return size, (seen.sum(axis=1) >= LEAST_WEEKS) & enough


def _by_year(weekly: Floats, position: Ints, pool: Pool) -> Floats:
    """Sums over the nodes of each group, by year counted back from tonight and position [G, Y, 52]."""
    years = max(weekly.shape[1] // YEAR_WEEKS, 1)
    year = (weekly.shape[1] - 1 - np.arange(weekly.shape[1])) // YEAR_WEEKS
    used = (position >= 0) & (year < years)
    cell = (pool.of_node[:, None] * years + year[used][None, :]) * YEAR_WEEKS + position[used][None, :]
    total = sums(cell.ravel(), weekly[:, used].ravel(), pool.count * years * YEAR_WEEKS)
    return total.reshape(pool.count, years, YEAR_WEEKS)
