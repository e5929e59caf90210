"""The laws of what was not seen: samples for simulation, and the interval of what was lost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from replenish.numerics.censored_law import truncated_quantile, truncated_quantile_gamma, unseen_law
from replenish.numerics.hashed import hashed_uniform
from replenish.steps.panel import Bools, Floats, Ints
from replenish.steps.unconstrain.estimate import Estimate
from replenish.steps.unconstrain.shelf import Shelf

LOW, HIGH = 0.05, 0.95  # levels of the interval of lost sales
_WHILE_OPEN, _WHILE_CLOSED = 0, 1  # two draws a cell


@dataclass(frozen=True)
class _Law:
    """Cells seen in part, packed: what sold, of which law, and how much of it was seen."""

    sold: Floats
    mean: Floats
    size: Floats
    stocked: Floats
    opened: Floats
    censored: Bools
    weight: Bools

    def open_demand(self, level: Floats) -> Floats:
        """Quantile of the demand of the opened time; what is known stands."""
        out = self.sold / np.where(self.weight, self.stocked, 1.0)
        known = (self.mean > 0) & np.isfinite(self.size)
        counts, weights = known & self.censored & ~self.weight, known & self.censored & self.weight
        cut = known & ~self.censored & ~self.weight & (self.stocked < 1)
        out[counts] = truncated_quantile(self.sold[counts], self.mean[counts], self.size[counts], level[counts])
        variance = self.mean[weights] ** 2 / self.size[weights]
        out[weights] = truncated_quantile_gamma(self.sold[weights], self.mean[weights], variance, level[weights])
        out[cut] += self.rest(self.sold[cut], self.stocked[cut], self.mean[cut], self.size[cut], level[cut])
        return out

    def whole_demand(self, level: Floats, closed_level: Floats) -> Floats:
        """Quantile of the demand of a bucket opened all the time."""
        out = self.open_demand(level)
        out = np.where(self.weight, out / self.opened, out)
        some = (self.mean > 0) & np.isfinite(self.size) & ~self.weight & (self.opened < 1)
        mean = self.mean[some] / self.opened[some]
        out[some] += self.rest(out[some], self.opened[some], mean, self.size[some], closed_level[some])
        return out

    @staticmethod
    def rest(sold: Floats, share: Floats, mean: Floats, size: Floats, level: Floats) -> Floats:
        """Quantile of what comes in the rest of a bucket of which `share` is over."""
        left, left_size = unseen_law(sold, share, mean, size)
        return truncated_quantile(np.zeros(left.size), left, left_size, level)


@dataclass(frozen=True)
class Unseen:
    """A draw of every cell's demand, and what was lost while open at 5 % and at 95 % [N, T]."""

    sample: Floats
    lost_low: Floats
    lost_high: Floats


def unseen(shelf: Shelf, found: Estimate, seeds: Ints, days: Ints) -> Unseen:
    """Draw what was not seen. `seeds` [N] and `days` [T] (a number of each bucket) alone decide the chance."""
    row, column = found.row, found.column
    law = _Law(
        shelf.sold[row, column], found.mean, found.size, shelf.stocked[row, column], shelf.opened[row, column],
        shelf.censored[row, column], shelf.nodes["is_continuous"].to_numpy()[row],
    )  # fmt: skip
    sample, low, high = shelf.sold.copy(), np.zeros(shelf.cells.shape), np.zeros(shelf.cells.shape)
    draw = 2 * days[column]
    level, closed_level = (hashed_uniform(seeds[row], draw + which) for which in (_WHILE_OPEN, _WHILE_CLOSED))
    sample[row, column] = law.whole_demand(level, closed_level)
    for grid, fixed in ((low, LOW), (high, HIGH)):
        grid[row, column] = np.maximum(law.open_demand(np.full(row.size, fixed)) - law.sold, 0.0)
    return Unseen(sample, low, high)
