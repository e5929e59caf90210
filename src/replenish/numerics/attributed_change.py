"""Why did a quantity change? One cause after the other is taken from its old state to its new one."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

State = Mapping[str, Hashable]


def attributed_change(
    previous: State, current: State, order: Sequence[str], quantity: Callable[[State], ArrayLike]
) -> dict[str, NDArray[np.float64]]:
    """Sequential replacement: the change of `quantity(state)` [K] as each cause in `order` is replaced for good.

    The parts add up to quantity(current) - quantity(previous), whatever the function; how much falls to one cause
    depends on the order, which is why it is fixed. A cause whose two states are equal changes nothing, and nothing is
    computed for it. previous 10 * 4 - 18 = 22, current 12 * 4 - 30 = 18: stock -12, forecast +8 (validation.md 8).
    """
    state = dict(previous)
    before = np.asarray(quantity(dict(state)), dtype=np.float64)
    parts: dict[str, NDArray[np.float64]] = {}
    for cause in order:
        if state[cause] == current[cause]:
            parts[cause] = np.zeros_like(before)
            continue
        state[cause] = current[cause]
        after = np.asarray(quantity(dict(state)), dtype=np.float64)
        parts[cause], before = after - before, after
    return parts
