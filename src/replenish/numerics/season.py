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
Bools = NDArray[np.bool_]

INDEX_MIN, INDEX_MAX = 0.1, 10.0
YEAR_WEEKS = 52
NOISE_UNITS = 20.0  # units that stand beside a position's own, so that a handful says nothing


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


def year_level(demand_qty: Floats, exposure: Floats) -> Floats:
    """Demand per unit of exposure over the whole year around each week [N, W]; NaN where the year says nothing.

    A whole year, because a shorter window would take part of the season for the level: at both ends of history the
    window is the first or the last year. `demand_qty` 0 where missing, `exposure` 0 there.
    """
    weeks = demand_qty.shape[1]
    start = np.clip(np.arange(weeks) - YEAR_WEEKS // 2, 0, max(weeks - YEAR_WEEKS, 0))
    end = np.minimum(start + YEAR_WEEKS, weeks)
    above, below = (np.pad(np.cumsum(part, axis=1), ((0, 0), (1, 0))) for part in (demand_qty, exposure))
    return _ratio(above[:, end] - above[:, start], below[:, end] - below[:, start])


def repeated_index(demand_qty: Floats, expected_qty: Floats, smooth: Bools) -> Floats:
    """Index of groups by position [G, P], as far as it came back year after year; 1 where nothing did.

    `demand_qty` and `expected_qty` [G, Y, P]: sums over a group's nodes in each year, the latter without season. The
    log ratio of a year is season plus whatever else happened in it; only the season is there again in the next one.
    So its variance is the covariance between years, and the mean over years m is shrunk by covariance / var(m): the
    best linear predictor of the season (Searle, Casella & McCulloch 1992, Variance Components, ch. 7; one way).
    The covariance counts less its standard error, so that chance is not taken for a season. `smooth` [G]: groups too
    small to show single positions take centred three-position means first.
    """
    seen: Bools = np.any(expected_qty > 0, axis=2)
    years = seen.sum(axis=1).astype(np.float64)
    log = np.log((demand_qty + NOISE_UNITS) / (expected_qty + NOISE_UNITS))
    near = (np.roll(log, 1, axis=2) + log + np.roll(log, -1, axis=2)) / 3.0
    log = np.where(smooth[:, None, None], near, log)
    log = np.where(seen[:, :, None], log - log.mean(axis=2, keepdims=True), 0.0)
    mean = log.sum(axis=1) / np.maximum(years, 1.0)[:, None]
    trust = _shared_part(log, mean, seen, years, np.where(smooth, 2.0, 1.0))
    index = np.exp(trust[:, None] * mean)
    out: Floats = index / index.mean(axis=1, keepdims=True)
    return out


def _shared_part(log: Floats, mean: Floats, seen: Bools, years: Floats, overlap: Floats) -> Floats:
    """Covariance between years, less its standard error, over the variance of their mean [G]; 0 with a single year."""
    positions = log.shape[2]
    pairs = np.maximum(years * (years - 1.0), 1.0)
    apart = np.where(seen[:, :, None], (log - mean[:, None, :]) ** 2, 0.0).sum(axis=(1, 2))
    noise = apart / (np.maximum(years - 1.0, 1.0) * positions)
    shared = (log.sum(axis=1) ** 2 - (log**2).sum(axis=1)).sum(axis=1) / (pairs * positions)
    doubt = np.sqrt((noise**2 + 2.0 * noise * np.maximum(shared, 0.0)) * 2.0 * overlap / (pairs * positions))
    trust = np.clip(_ratio(shared - doubt, (mean**2).mean(axis=1)), 0.0, 1.0)
    return np.where(years > 1, np.nan_to_num(trust), 0.0)


def _neighbour_mean(index: Floats) -> Floats:
    left, right = np.roll(index, 1, axis=1), np.roll(index, -1, axis=1)
    both = (left > 0).astype(np.float64) + (right > 0)
    out: Floats = (left + right) / np.maximum(both, 1.0)
    return out


def with_week_53(index: Floats) -> Floats:
    """Append week 53 to indices of weeks 1..52 as the mean of weeks 52 and 1: it is too rare to be estimated."""
    return np.concatenate([index, (index[:, -1:] + index[:, :1]) / 2.0], axis=1)


def _ratio(above: Floats, below: Floats) -> Floats:
    shape = np.broadcast_shapes(above.shape, below.shape)
    out: Floats = np.divide(above, below, out=np.full(shape, np.nan), where=np.broadcast_to(below > 0, shape))
    return out
