"""Is a promise broken by more than chance and rounding explain?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TOLERATED = 0.02
FEWEST = 2000


def alarm(promised_share: Floats, achieved_share: Floats, count: Floats) -> NDArray[np.bool_]:
    """Whether promised and achieved shares [G] differ by more than two points over more than 2,000 promises.

    At 2,000 independent promises two points are 1.8 standard errors of a share of a half, and 4.1 of one of 5 %. A
    share that is not a number raises no alarm.
    """
    out: NDArray[np.bool_] = (np.abs(achieved_share - promised_share) > TOLERATED) & (count > FEWEST)
    return out
