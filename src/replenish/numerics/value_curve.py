"""What each further unit is worth: the marginal value curve of sampled needs, and the quantities it implies.

g(k) = p P(N_1 >= k) - sum_j c_j P(held_j < k): one order protects window 1, and pays holding for every window at whose
end a unit is still unsold. Sums of g over (low, high] come from sorted needs and their prefix sums, so that a quantity
in units or in kilograms is valued alike. Source: newsvendor marginal analysis; several windows by the same counting.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part
from replenish.numerics.reductions import put, rank_of

Floats = NDArray[np.float64]

# Gains below this share of the shortage cost are rounding, not value.
_NOTHING = 1e-12


class Curve(NamedTuple):
    """Sorted needs of one node: row 0 earns `price[0]` a unit served, rows 1.. pay `price[j]` a unit not yet needed."""

    needs: Floats
    prefix: Floats
    price: Floats


@kernel
def build_curve(earning: Floats, held: Floats, shortage_cost: float, held_cost: Floats) -> Curve:
    """Curve from unsorted needs: `earning` one entry a path, `held` one row a window (or terminal), with its cost."""
    rows, paths = held.shape[0] + 1, earning.shape[0]
    ordered, prefix, price = np.empty((rows, paths)), np.zeros((rows, paths + 1)), np.empty(rows)
    for j in range(rows):
        put(earning if j == 0 else held[j - 1], ordered[j])
        ordered[j].sort()
        price[j] = shortage_cost if j == 0 else held_cost[j - 1]
        for m in range(paths):
            prefix[j, m + 1] = prefix[j, m] + ordered[j, m]
    return Curve(ordered, prefix, price)


@part
def _served(ordered: Floats, prefix: Floats, low: float, high: float) -> float:
    """Mean over paths of the part of (low, high] that lies below the need."""
    paths = ordered.shape[0]
    first, last = rank_of(ordered, low), rank_of(ordered, high)
    inside = prefix[last] - prefix[first] - (last - first) * low if last > first else 0.0
    return (inside + (paths - last) * (high - low)) / paths


@kernel
def gain(curve: Curve, low: float, high: float) -> float:
    """Money of the units in (low, high]."""
    total = curve.price[0] * _served(curve.needs[0], curve.prefix[0], low, high)
    for j in range(1, curve.price.shape[0]):
        if curve.price[j] != 0.0:
            total -= curve.price[j] * (high - low - _served(curve.needs[j], curve.prefix[j], low, high))
    return total


@kernel
def best_quantity(curve: Curve, step: float, least_unit_gain: float) -> float:
    """Largest multiple of `step` whose last step gains more than `least_unit_gain` a unit (shadow price times cost).

    Gains do not rise with quantity, so bisection is exact; nothing beyond the largest need can gain, and nothing beyond
    the needs of all windows can lose less than it is allowed to (a negative least gain).
    """
    if curve.price[0] <= 0.0:
        return 0.0
    threshold = least_unit_gain * step + _NOTHING * curve.price[0]
    furthest = curve.needs[0, -1]
    if least_unit_gain < 0.0:
        for j in range(1, curve.needs.shape[0]):
            # What never ends never has a last need.
            if np.isfinite(curve.needs[j, -1]):
                furthest = max(furthest, curve.needs[j, -1])
    low, high = 0, int(np.ceil(furthest / step - 1e-9)) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if gain(curve, (middle - 1) * step, middle * step) > threshold:
            low = middle
        else:
            high = middle
    return low * step


@kernel
def pack_quantity(curve: Curve, best: float, pack: float, soft_cap: float, hard_cap: float) -> float:
    """Whole packs beside the best quantity, by value: the floor unless the ceiling is worth more.

    The soft cap (cover) gives way to a single pack that earns; the hard cap (shelf, maximum stock) never does.
    """
    wanted = min(best, soft_cap, hard_cap)
    if wanted <= 0.0:
        return 0.0
    floor = np.floor(wanted / pack + 1e-9) * pack
    above = floor + pack
    if floor >= wanted - 1e-9 or above > hard_cap + 1e-9 or (above > soft_cap + 1e-9 and floor > 0.0):
        return floor
    base = gain(curve, 0.0, floor) if floor > 0.0 else 0.0
    return above if base + gain(curve, floor, above) > max(base, 0.0) + _NOTHING else floor


@kernel
def order_now(value_now: float, value_next_review: float, order_cost: float) -> bool:
    """Is a binding minimum better ordered tonight than at the next review, or never?"""
    return value_now - order_cost > max(0.0, value_next_review - order_cost)


@kernel
def curve_steps(curve: Curve, step: float, last_unit: float, pack_gain: Floats, unit_gain: Floats) -> None:
    """Money of each pack step, and per unit of the last unit in it (`last_unit` base units long)."""
    for j in range(pack_gain.shape[0]):
        top = (j + 1) * step
        pack_gain[j] = gain(curve, j * step, top)
        unit_gain[j] = gain(curve, top - last_unit, top) / last_unit
