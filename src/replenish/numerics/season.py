"""What the calendar does to a group of nodes: a pooled ratio-to-mean index.

Single items are too noisy to show a season; the group shows it. Source: Dekker, van Donselaar & Ouwehand (2004),
IJPE 90.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.grouping import sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

INDEX_MIN, INDEX_MAX = 0.1, 10.0


def position_sums(demand_qty: Floats, position: Ints, season_length: int) -> tuple[Floats, Floats]:
    """Units and number of available buckets of every node in each season position, both [N, season_length].

    `demand_qty` [N, T] (NaN = missing), `position` [T] in 0..season_length-1 (negative: the bucket is left out).
    A node's sums are added in the order of its buckets, so that they are the same whatever nodes stand beside it.
    """
    row, column = np.nonzero(~np.isnan(demand_qty) & (position >= 0))
    cell = row * season_length + position[column]
    shape = (demand_qty.shape[0], season_length)
    units = sums(cell, demand_qty[row, column], shape[0] * season_length).reshape(shape)
    return units, np.bincount(cell, minlength=shape[0] * season_length).reshape(shape).astype(np.float64)


def by_group(values: Floats, group: Ints, group_count: int) -> Floats:
    """Sums of the rows of each group [group_count, season_length], added in the order of the rows."""
    length = values.shape[1]
    cell = group[:, None] * length + np.arange(length)[None, :]
    return sums(cell.ravel(), values.ravel(), group_count * length).reshape(group_count, length)


def seasonal_index(units: Floats, count: Floats, group: Ints, group_count: int, scaled: bool = False) -> Floats:
    """Raw index per group and season position [group_count, season_length], mean 1 over the positions seen.

    `units` and `count` [N, season_length] as `position_sums` gives them, `group` [N]. `scaled` divides every node by
    its own available mean first: use it when availability differs between nodes. A position or a group without
    available demand is NaN.
    """
    if scaled:
        mean = _ratio(units.sum(axis=1), count.sum(axis=1))
        sells = (mean > 0)[:, None]
        units, count = np.where(sells, units / np.where(sells, mean[:, None], 1.0), 0.0), np.where(sells, count, 0.0)
    total, available = by_group(units, group, group_count), by_group(count, group, group_count)
    by_position = _ratio(total, available)
    raw = _ratio(by_position, _ratio(total.sum(axis=1), available.sum(axis=1))[:, None])
    seen = ~np.isnan(raw)
    return _ratio(raw, _ratio(np.where(seen, raw, 0.0).sum(axis=1), seen.sum(axis=1).astype(np.float64))[:, None])


def settle_index(raw_index: Floats) -> Floats:
    """Make raw indices [G, W] usable: an empty or all-zero position takes its neighbours' mean, then bounds [0.1, 10].

    Positions are cyclic. A group that is empty throughout gets index 1.
    """
    index = np.where(np.isnan(raw_index), 0.0, raw_index)
    index = np.where((index > 0).any(axis=1, keepdims=True), index, 1.0)
    for _ in range(index.shape[1]):
        hole = index <= 0
        if not hole.any():
            break
        index = np.where(hole, _neighbour_mean(index), index)
    return np.clip(index, INDEX_MIN, INDEX_MAX)


def _neighbour_mean(index: Floats) -> Floats:
    left, right = np.roll(index, 1, axis=1), np.roll(index, -1, axis=1)
    both = (left > 0).astype(np.float64) + (right > 0)
    out: Floats = (left + right) / np.maximum(both, 1.0)
    return out


def smooth_index(index: Floats) -> Floats:
    """Centred cyclic three-position mean, for groups too small to show single positions."""
    out: Floats = (np.roll(index, 1, axis=1) + index + np.roll(index, -1, axis=1)) / 3.0
    return out


def with_week_53(index: Floats) -> Floats:
    """Append week 53 to indices of weeks 1..52 as the mean of weeks 52 and 1: it is too rare to be estimated."""
    return np.concatenate([index, (index[:, -1:] + index[:, :1]) / 2.0], axis=1)


def _ratio(above: Floats, below: Floats) -> Floats:
    shape = np.broadcast_shapes(above.shape, below.shape)
    out: Floats = np.divide(above, below, out=np.full(shape, np.nan), where=np.broadcast_to(below > 0, shape))
    return out
