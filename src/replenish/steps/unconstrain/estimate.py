"""The EM on a shelf's cells, year by year: level and dispersion, and the law of every cell seen in part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from replenish.numerics import unconstrain as em
from replenish.steps.panel import Floats, Ints
from replenish.steps.unconstrain.shelf import Shelf

BLOCK_WEEKS = 52  # the level is estimated year by year: demand of three years ago says little of today's


@dataclass(frozen=True)
class Estimate:
    """Mean and variance of the demand of every cell while open, and the law of the cells that were not seen whole."""

    demand: Floats  # [N, T]; NaN where missing
    variance: Floats
    row: Ints  # cells in part sold out, out of stock or closed, packed
    column: Ints
    mean: Floats  # of the demand of the opened time
    size: Floats


def estimate(shelf: Shelf, exposure: Floats, size: Floats) -> Estimate:
    """Demand given exposure [N, T] (season, opening, uplift) and each node's pooled dispersion `size` [N]."""
    sold, there = shelf.sold, shelf.there
    demand, variance = sold.copy(), np.where(there, 0.0, np.nan)
    part = there & (shelf.censored | (shelf.stocked < 1) | (shelf.opened < 1))
    mean, spread = np.full(sold.shape, np.nan), np.full(sold.shape, np.nan)
    weight = shelf.nodes["is_continuous"].to_numpy()
    for counts in (True, False):
        rows = np.flatnonzero((weight != counts) & part.any(axis=1))
        if rows.size:
            found = _by_year(shelf, rows, exposure[rows], size[rows], counts)
            demand[rows], variance[rows], mean[rows], spread[rows] = found
    row, column = np.nonzero(part)
    return Estimate(demand, variance, row, column, mean[row, column], spread[row, column])


def _by_year(
    shelf: Shelf, rows: Ints, exposure: Floats, size: Floats, counts: bool
) -> tuple[Floats, Floats, Floats, Floats]:
    """EM over each year of each node apart, years counted back from tonight: demand, variance, mean and size."""
    nodes, buckets = exposure.shape
    block = BLOCK_WEEKS * shelf.buckets_a_week
    pad = -buckets % block
    years = (buckets + pad) // block
    sold, stocked = shelf.sold[rows], shelf.stocked[rows]
    if not counts:  # a weight's rate is taken to hold all day: what is not there sells as what was there
        sold, stocked = sold / stocked, np.ones(stocked.shape)
    seen, share = _years(sold, np.nan, pad, block), _years(stocked, 1.0, pad, block)
    hidden = _years(shelf.censored[rows].astype(np.float64), 0.0, pad, block) > 0
    weight = _years(exposure, 0.0, pad, block)
    found = em.unconstrain(seen, weight, hidden, np.repeat(size, years), counts, share=share)
    # a cell whose exposure is 0 has no model: what was seen there stands
    demand = np.where(np.isnan(found.demand_qty), seen, found.demand_qty)
    variance = np.where(np.isnan(seen), np.nan, np.nan_to_num(found.demand_variance))
    mean = found.theta[:, None] * weight
    spread = np.broadcast_to(found.size[:, None], mean.shape)
    shape = (nodes, years * block)
    demand, variance, mean, spread = (part.reshape(shape)[:, pad:] for part in (demand, variance, mean, spread))
    return demand, variance, mean, spread


def _years(grid: NDArray[np.float64], fill: float, pad: int, block: int) -> Floats:
    """[N, T] as [N * years, block], the oldest year filled up in front."""
    return np.pad(grid, ((0, 0), (pad, 0)), constant_values=fill).reshape(-1, block)
