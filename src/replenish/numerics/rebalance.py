"""Moving stock to where its next unit is worth more than its last one is where it lies."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FREE, _GIVES, _TAKES = 0, 1, 2


class Moves(NamedTuple):
    """Units moved over each lane and the money they gain together, freight taken off."""

    units: Ints
    gain: Floats


def move_units(
    origin: Ints, destination: Ints, given_up: Floats, gained: Floats, freight: Floats, hysteresis: Floats
) -> Moves:
    """Unit by unit over the lane with the largest gain, as long as it exceeds freight and hysteresis.

    `origin` and `destination` number the nodes of each lane. `given_up[n, k]` is the value of the last unit but k at
    node n (infinite where it may not leave), `gained[n, k]` that of its next unit but k; both are read as if no later
    unit were cheaper to give or worth more to take. `freight` and `hysteresis` are money a unit, by lane. A node gives
    or takes, never both, so stock never runs both ways between two nodes. A lane without numbers (NaN) moves nothing.
    """
    last, following = np.maximum.accumulate(given_up, axis=1), np.minimum.accumulate(gained, axis=1)
    role, moved = np.zeros(len(last), np.int64), np.zeros(len(last), np.int64)
    units, gain = np.zeros(len(origin), np.int64), np.zeros(len(origin))

    def worth(lane: int) -> float:
        source, target = origin[lane], destination[lane]
        if role[source] == _TAKES or role[target] == _GIVES or max(moved[source], moved[target]) >= last.shape[1]:
            return -np.inf
        return float(following[target, moved[target]] - last[source, moved[source]] - freight[lane])

    waiting = [(-worth(lane), lane) for lane in range(len(origin)) if worth(lane) > hysteresis[lane]]
    heapq.heapify(waiting)
    while waiting:
        told, lane = heapq.heappop(waiting)
        now = worth(lane)
        # Values only fall: an entry that is still true is the best of all.
        if now == -told:
            source, target = origin[lane], destination[lane]
            role[source], role[target] = _GIVES, _TAKES
            units[lane] += 1
            gain[lane] += now
            moved[[source, target]] += 1
            now = worth(lane)
        if now > hysteresis[lane]:
            heapq.heappush(waiting, (-now, lane))
    return Moves(units, gain)
