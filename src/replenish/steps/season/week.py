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

LEAST_WEEKS = 104  # two of each week, or a season cannot be told from chance
SMALL_GROUP = 200  # nodes below which single weeks are smoothed


def week_index(nodes: pl.DataFrame, demand: Floats, when: pl.DataFrame) -> Pooled:
    """Index of every (category, cluster) by week of the year, 1 to 53.

    The index of all nodes, times what each finer pool adds to it: only what came back in other years, measured beside
    the pools above it. So a category with a season of its own has it, and one that had a long stock-out has not.
    """
    weekly, exposure, position = _weeks(demand, when)
    index = np.ones((nodes.height, YEAR_WEEKS))
    every = pools(nodes)
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


def _weeks(demand: Floats, when: pl.DataFrame) -> tuple[Floats, Floats, Ints]:
    """Demand and available buckets of every week [N, W], and the position of each week (negative: week 53)."""
    week = when["week_index"].cast(pl.Int64).to_numpy()
    starts = np.flatnonzero(np.concatenate([[True], week[1:] != week[:-1]])) if week.size else np.zeros(0, np.int64)
    if starts.size == 0:
        return np.zeros((demand.shape[0], 0)), np.zeros((demand.shape[0], 0)), starts
    weekly = np.add.reduceat(np.nan_to_num(demand), starts, axis=1)
    exposure = np.add.reduceat((~np.isnan(demand)).astype(np.float64), starts, axis=1)
    position = when["season_week"].cast(pl.Int64).to_numpy()[starts] - 1
    return weekly, exposure, np.where(position >= YEAR_WEEKS, -1, position)


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
