"""The same days lived twice: once with the line a machine proposed, once with the line a person ordered.

Nothing is decided in the replay: what arrives is given, demand is what came. After its last bucket, stock beyond one
more window's demand, which no smaller next order could have made up for, is held until it is sold at the usual pace.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.policy_simulator import CLOSING, COUNTED, DEMAND, NOBODY, SERVED, Policy, Shelf, play

Floats = NDArray[np.float64]

LONGEST_DAYS = 365.0  # that what is left over is held at most


class Lived(NamedTuple):
    """What a line's window came to; one entry a line, base units."""

    closing: Floats  # sum over buckets of stock at their end
    lost: Floats  # demand not served from the shelf
    left: Floats  # stock at the end


def live(opening: Floats, arriving: Floats, demand: Floats, lost_share: Floats) -> Lived:
    """Play each line's window of `arriving` and `demand` [lines, buckets] from its opening stock (below 0 counts as 0).

    `lost_share` 1 loses what is not on the shelf, 0 keeps it as backlog.
    """
    lines, buckets = demand.shape
    shelf = Shelf(np.maximum(opening, 0.0), np.ascontiguousarray(np.hstack([arriving, np.zeros((lines, 1))])))
    counted = np.zeros((1, lines, len(COUNTED)))
    never, each = np.full(buckets, -1, dtype=np.int64), np.ones(lines)
    policy = Policy(
        point=np.zeros((lines, 1)),
        level=np.zeros((lines, 1)),
        given=np.zeros((lines, 1)),
        delay=np.zeros((lines, 1), dtype=np.int64),
        pack=each,
        min_qty=each,
        lost_share=lost_share,
        parent=np.full(lines, NOBODY, dtype=np.int64),
        family=np.arange(lines + 1, dtype=np.int64),
    )
    window = np.zeros(buckets, dtype=np.int64)
    play(shelf, policy, demand.astype(np.float32), never, window, 0, buckets, counted)
    told = counted[0]
    return Lived(told[:, CLOSING], np.maximum(told[:, DEMAND] - told[:, SERVED], 0.0), np.maximum(shelf.on_hand, 0.0))


def left_over(left: Floats, window_demand: Floats, per_day: Floats, life_days: Floats) -> tuple[Floats, Floats]:
    """Unit-days that stock at the end is held beyond one more window's demand, and units of it that expire unsold.

    `per_day` is the usual demand a day; `life_days` is infinite for what lasts.
    """
    extra = np.maximum(left - np.maximum(window_demand, 0.0), 0.0)
    rate = np.maximum(per_day, 0.0)
    horizon = np.minimum(LONGEST_DAYS, life_days)
    with np.errstate(divide="ignore", invalid="ignore"):
        days = np.where(rate > 0.0, np.minimum(extra / rate, horizon), horizon)
    held = extra * days - rate * days**2 / 2.0
    wasted = np.where(life_days <= LONGEST_DAYS, np.maximum(extra - rate * days, 0.0), 0.0)
    return np.maximum(held, 0.0), wasted
