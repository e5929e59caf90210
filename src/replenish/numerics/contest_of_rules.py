"""Is one rule really cheaper than another? Paired differences over nodes and windows, and the pick of a dial.

Windows differ several times in level, so only differences on the same nodes, windows and luck mean anything.
Source: Efron & Tibshirani (1993), An Introduction to the Bootstrap, ch. 8 (two-way resampling of paired differences).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS = 2_000
LEAST_WINDOWS = 6  # fewer windows won in a row may be chance: the interval alone decides
NEARLY_BEST = 0.005  # dials within this share of the least cost are as good


@dataclass(frozen=True)
class Difference:
    """A rule's cost less a rival's; negative is cheaper."""

    mean: float
    low: float  # 5 % and 95 % quantiles of the mean over resampled nodes and windows
    high: float
    windows_won: int
    windows_lost: int
    windows: int

    @property
    def is_cheaper(self) -> bool:
        """The 90 % interval excludes 0, or at least 7 of 8 windows are cheaper."""
        return self.high < 0.0 or self._is_nearly_all(self.windows_won)

    @property
    def is_dearer(self) -> bool:
        """The same the other way round."""
        return self.low > 0.0 or self._is_nearly_all(self.windows_lost)

    def _is_nearly_all(self, count: int) -> bool:
        return self.windows >= LEAST_WINDOWS and count >= 7 / 8 * self.windows


def paired_difference(cost: Floats, rival_cost: Floats, rng: np.random.Generator) -> Difference:
    """Compare costs [windows, nodes] of two rules on the same demand: mean difference of a window with its interval."""
    apart = np.asarray(cost, dtype=np.float64) - np.asarray(rival_cost, dtype=np.float64)
    windows, nodes = apart.shape
    of_window = apart.sum(axis=1)
    chosen_nodes = rng.multinomial(nodes, np.full(nodes, 1.0 / nodes), size=DRAWS)
    chosen_windows = rng.multinomial(windows, np.full(windows, 1.0 / windows), size=DRAWS) / windows
    means = np.einsum("dw,dw->d", chosen_nodes @ apart.T, chosen_windows)
    low, high = np.quantile(means, [0.05, 0.95])
    return Difference(
        float(of_window.mean()),
        float(low),
        float(high),
        int((of_window < 0).sum()),
        int((of_window > 0).sum()),
        windows,
    )


def paired_ratio(part: Floats, whole: Floats, rng: np.random.Generator) -> tuple[float | None, float | None]:
    """5 % and 95 % quantiles of sum(part) / sum(whole) over resampled nodes and windows; [windows, nodes]."""
    windows, nodes = whole.shape
    chosen_nodes = rng.multinomial(nodes, np.full(nodes, 1.0 / nodes), size=DRAWS)
    chosen_windows = rng.multinomial(windows, np.full(windows, 1.0 / windows), size=DRAWS)
    parts, wholes = (np.einsum("dw,dw->d", chosen_nodes @ each.T, chosen_windows) for each in (part, whole))
    if not (wholes > 0).all():
        return None, None
    low, high = np.quantile(parts / wholes, [0.05, 0.95])
    return float(min(1.0, low)), float(min(1.0, high))


def flattest(cost: Floats) -> int:
    """The dial to turn to: of those in a row around the cheapest within half a per cent of it, the middle one.

    `cost` has one entry a dial, in the order of the dials. Neighbours that cost the same say that the curve is flat
    there, and the middle of a flat stretch is the safest place.
    """
    best = int(np.argmin(cost))
    near = cost <= cost[best] * (1.0 + NEARLY_BEST)
    first = last = best
    while first > 0 and near[first - 1]:
        first -= 1
    while last + 1 < len(cost) and near[last + 1]:
        last += 1
    return (first + last) // 2


def rolling_windows(buckets: int, first_origin: int, window: int, step: int) -> list[int]:
    """Origins that leave the warm-up behind them and a full window ahead."""
    return list(range(first_origin, buckets - window + 1, step))
