"""Hours that are decided already find their place in the buckets: in their own, else before, else after."""

from __future__ import annotations

import numpy as np

from replenish.numerics.rough_cut import Floats


def settled_hours(wanted: Floats, capacity: Floats, overtime_limit: Floats) -> Floats:
    """Hours of open orders, [R, T], moved so that no bucket holds more than its capacity and overtime.

    What does not fit goes to the buckets before it, the nearest first, then into overtime of its own, then to the
    buckets after it; what fits nowhere is behind at the end and left out.
    """
    used = np.minimum(wanted, capacity)
    most = capacity + overtime_limit
    for centre, bucket in np.argwhere(wanted > capacity):
        rest = wanted[centre, bucket] - used[centre, bucket]
        earlier = [(at, capacity) for at in range(bucket - 1, -1, -1)]
        later = [(at, most) for at in range(bucket, wanted.shape[1])]
        for at, room in earlier + later:
            taken = min(rest, max(room[centre, at] - used[centre, at], 0.0))
            used[centre, at] += taken
            rest -= taken
            if rest <= 0:
                break
    return used
