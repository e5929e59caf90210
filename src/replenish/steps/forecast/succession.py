"""Items that take over from others: what they inherit, and from when on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.steps.panel import KEY, Bools, Floats, Ints

LEVEL_WEEKS = 13  # newest available weeks of a predecessor that tell its level
LEAST_WEEKS = 4  # fewer say too little to be inherited
LONGEST_CHAIN = 5  # items that took over from one another, each before it had a history


@dataclass(frozen=True)
class Succession:
    """Level that each node inherits (0: none), and the column of the weekly history from which it is its own."""

    level: Floats
    from_column: Ints


def succession(nodes: pl.DataFrame, weekly: Floats, launch: Ints) -> Succession:
    """Current level of the predecessors of every node, from the changeover on.

    `nodes`: item_id, location_id, successor_item_id, handover_week (null = open or long past); `launch` [N] columns of
    `weekly` [N, W]. The changeover is the end of the predecessor, and not before the launch; without an end it is the
    launch. Several predecessors add up.
    """
    old, new = _pairs(nodes)
    level = _levels(weekly)
    unknown = np.isnan(level)
    for _ in range(LONGEST_CHAIN):
        inherited = np.zeros(level.size)
        np.add.at(inherited, new, np.nan_to_num(level[old]))
        level = np.where(unknown & (inherited > 0), inherited, level)
    inherited = np.zeros(level.size)
    np.add.at(inherited, new, np.nan_to_num(level[old]))
    end = nodes["handover_week"].cast(pl.Float64).fill_null(-np.inf).to_numpy() + weekly.shape[1]
    start = launch.astype(np.float64)
    np.maximum.at(start, new, end[old])
    return Succession(inherited, start.astype(np.int64))


def fade(nodes: pl.DataFrame, weekly: Floats, launch: Ints) -> Floats:
    """Most an item still sells just after its successor's launch [N]: its mean of the weeks since.

    Infinite without a successor, and once the launch is as long ago as the weeks that tell a level.
    """
    old, new = _pairs(nodes)
    taken = np.full(nodes.height, weekly.shape[1], dtype=np.int64)
    np.minimum.at(taken, old, launch[new])
    since = ~np.isnan(weekly) & (np.arange(weekly.shape[1])[None, :] >= taken[:, None])
    count = since.sum(axis=1)
    mean = np.where(since, np.nan_to_num(weekly), 0.0).sum(axis=1) / np.maximum(count, 1)
    fresh = weekly.shape[1] - taken <= LEVEL_WEEKS
    return np.where((count > 0) & fresh, mean, np.inf)


def _pairs(nodes: pl.DataFrame) -> tuple[Ints, Ints]:
    """Rows of predecessors and of their successors at the same location."""
    numbered = nodes.select(*KEY, "successor_item_id").with_row_index("row")
    heirs = numbered.select(pl.col("item_id").alias("successor_item_id"), "location_id", pl.col("row").alias("heir"))
    pairs = numbered.join(heirs, on=["successor_item_id", "location_id"], how="inner", maintain_order="left")
    pairs = pairs.filter(pl.col("row") != pl.col("heir"))
    return pairs["row"].cast(pl.Int64).to_numpy(), pairs["heir"].cast(pl.Int64).to_numpy()


def _levels(weekly: Floats) -> Floats:
    """Mean of the newest thirteen available weeks, of the first ones where it no longer sells; NaN below four."""
    there = ~np.isnan(weekly)
    count = there.sum(axis=1)
    from_end = np.cumsum(there[:, ::-1], axis=1)[:, ::-1]
    newest, first = (_mean(weekly, there & (age <= LEVEL_WEEKS)) for age in (from_end, np.cumsum(there, axis=1)))
    return np.where(count >= LEAST_WEEKS, np.where(newest > 0, newest, first), np.nan)


def _mean(weekly: Floats, chosen: Bools) -> Floats:
    return np.where(chosen, np.nan_to_num(weekly), 0.0).sum(axis=1) / np.maximum(chosen.sum(axis=1), 1)
