"""Stages in series with backorders and normal demand: optimal and heuristic echelon stock, as an oracle for tests.

Sources: Clark & Scarf (1960), Mgmt Sci 6; Chen & Zheng (1994), Oper Res 42; Shang & Song (2003), Mgmt Sci 49.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

_STEPS = 400  # a standard deviation of one period
_DEMANDS = 2001


def best_levels(
    holding: Sequence[float], shortage_cost: float, lead: Sequence[int], mean: float, sd: float
) -> tuple[list[float], float]:
    """Echelon order-up-to levels, customer end first, and the cost a period."""
    return _solved(holding, shortage_cost, lead, mean, sd, None)


def cost_of(
    levels: Sequence[float], holding: Sequence[float], shortage_cost: float, lead: Sequence[int], mean: float, sd: float
) -> float:
    """Cost a period of given levels."""
    return _solved(holding, shortage_cost, lead, mean, sd, levels)[1]


def heuristic_levels(
    holding: Sequence[float], shortage_cost: float, lead: Sequence[int], mean: float, sd: float
) -> list[float]:
    """Mean of two newsvendor levels over the echelon's lead time."""
    levels = []
    for j in range(len(holding)):
        total, above = sum(holding), sum(holding[j + 1 :])
        time = sum(lead[: j + 1])
        shares = [
            (shortage_cost + above) / (shortage_cost + total),
            (shortage_cost + above) / (shortage_cost + above + holding[j]),
        ]
        levels.append(mean * time + sd * np.sqrt(time) * float(np.mean(stats.norm.ppf(shares))))
    return levels


def _solved(
    holding: Sequence[float],
    shortage_cost: float,
    lead: Sequence[int],
    mean: float,
    sd: float,
    levels: Sequence[float] | None,
) -> tuple[list[float], float]:
    total = sum(lead)
    reach = 9.0 * sd * np.sqrt(total)
    grid = np.arange(-total * mean - 2 * reach, total * mean + reach, sd / _STEPS * np.sqrt(total))
    below = (shortage_cost + sum(holding)) * np.maximum(-grid, 0.0)
    found: list[float] = []
    cost = 0.0
    for j, h in enumerate(holding):
        z = np.linspace(-8.0, 8.0, _DEMANDS)
        weight = stats.norm.pdf(z)
        demand, chance = lead[j] * mean + sd * np.sqrt(lead[j]) * z, weight / weight.sum()
        slope = (below[1] - below[0]) / (grid[1] - grid[0])
        own = np.zeros_like(grid)
        for units, share in zip(demand, chance, strict=True):
            left = grid - units
            value = np.where(left < grid[0], below[0] + slope * (left - grid[0]), np.interp(left, grid, below))
            own += share * (h * left + value)
        level = float(grid[np.argmin(own)]) if levels is None else float(levels[j])
        found.append(level)
        cost = float(np.interp(level, grid, own))
        below = np.interp(np.minimum(grid, level), grid, own)
    return found, cost
