"""Open hours of a work centre put one after the other: from the clock to that axis and back, in minutes."""

from __future__ import annotations

from itertools import pairwise
from math import gcd

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import part

Ints = NDArray[np.int64]
Spans = tuple[tuple[int, int | None], ...]  # when it opens and closes; the last one never closes


def axis_of(spans: Spans) -> tuple[Ints, Ints]:
    """Open minutes before each span, and the minute at which it opens. Raises `ValueError` for spans out of order."""
    wall = np.array([opens for opens, _ in spans], dtype=np.int64)
    lengths = [closes - opens for opens, closes in spans[:-1] if closes is not None]
    if len(lengths) != len(spans) - 1 or min(lengths, default=1) <= 0 or spans[-1][1] is not None:
        raise ValueError("open hours: every span but the last closes after it opens, the last one never")
    if any(later[0] < (before[1] or 0) for before, later in pairwise(spans)):
        raise ValueError("open hours: one span begins before the one before it ends")
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64), wall


def position_at(open_at: Ints, wall_at: Ints, minute: int) -> int:
    """First open minute at or after a minute of the clock, as a place on the axis."""
    k = int(np.searchsorted(wall_at, minute, side="right")) - 1
    if k < 0:
        return 0
    position = int(open_at[k] + minute - wall_at[k])
    return position if k + 1 == len(open_at) else min(position, int(open_at[k + 1]))


def begin_minute(open_at: Ints, wall_at: Ints, position: int) -> int:
    """Minute of the clock at which work that begins at this place begins."""
    k = int(np.searchsorted(open_at, position, side="right")) - 1
    return int(wall_at[k] + position - open_at[k])


def end_minute(open_at: Ints, wall_at: Ints, position: int) -> int:
    """Minute of the clock at which work that ends at this place ends: the evening, not the next morning."""
    k = max(int(np.searchsorted(open_at, position, side="left")) - 1, 0)
    return int(wall_at[k] + position - open_at[k])


def common_step(*values: Ints) -> int:
    """Largest number of minutes that divides all of these; at least 1."""
    return max(gcd(*(int(np.gcd.reduce(np.abs(one), initial=0)) for one in values)), 1)


@part
def first_open(open_at: Ints, wall_at: Ints, low: int, high: int, minute: int) -> int:
    """`position_at` on the axis that lies between low and high."""
    k = low + np.searchsorted(wall_at[low:high], minute, side="right") - 1
    if k < low:
        return 0
    position = open_at[k] + minute - wall_at[k]
    if k + 1 < high:
        position = min(position, open_at[k + 1])
    return position


@part
def begins_at(open_at: Ints, wall_at: Ints, low: int, high: int, position: int) -> int:
    """`begin_minute` on the axis that lies between low and high."""
    k = low + np.searchsorted(open_at[low:high], position, side="right") - 1
    return wall_at[k] + position - open_at[k]


@part
def ends_at(open_at: Ints, wall_at: Ints, low: int, high: int, begin: int, end: int) -> int:
    """`end_minute` on the axis that lies between low and high; work that takes no time ends where it begins."""
    last = end if begin == end else end - 1
    k = low + np.searchsorted(open_at[low:high], last, side="right") - 1
    return wall_at[k] + end - open_at[k]


@part
def fits_from(open_at: Ints, low: int, high: int, position: int, size: int, splittable: int) -> int:
    """First place from which work of this size fits; one that must not be interrupted goes to a long enough span."""
    if splittable:
        return position
    k = low + np.searchsorted(open_at[low:high], position, side="right") - 1
    while k + 1 < high and position + size > open_at[k + 1]:
        k += 1
        position = open_at[k]
    return position
