"""Is one forecaster better than another beyond noise? Paired losses over nodes and origins.

Losses of one node share its demand, losses of one origin share what happened to all that week; a test that takes them
for independent finds winners everywhere. Source: Cameron, Gelbach & Miller (2011), JBES 29, two-way clustering.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ONE_SIDED_95 = 1.6449


class Gain(NamedTuple):
    """Mean of the benchmark's loss less the rival's, and its standard error; NaN where nothing can be compared."""

    mean: float
    error: float
    node_count: int
    origin_count: int

    @property
    def is_beyond_noise(self) -> bool:
        """Better at 95 %, one-sided."""
        return bool(self.mean - ONE_SIDED_95 * self.error > 0)


def paired_gain(benchmark_loss: Floats, rival_loss: Floats) -> Gain:
    """Gain of a rival over the benchmark from losses [N, O]; cells that either lacks (NaN) are left out.

    Variance of the mean clustered both ways: that by nodes, plus that by origins, less that of single cells.
    """
    gap = benchmark_loss - rival_loss
    there = ~np.isnan(gap)
    count = there.sum()
    if count == 0:
        return Gain(np.nan, np.nan, 0, 0)
    mean = float(np.where(there, gap, 0.0).sum() / count)
    apart = np.where(there, gap - mean, 0.0)
    nodes, origins = there.any(axis=1), there.any(axis=0)
    by_node, by_origin = _scaled(apart.sum(axis=1)[nodes]), _scaled(apart.sum(axis=0)[origins])
    both = by_node + by_origin - _scaled(apart[there])
    error = float(np.sqrt(max(both, by_node, by_origin)) / count)
    return Gain(mean, error, int(nodes.sum()), int(origins.sum()))


def _scaled(totals: Floats) -> float:
    """Sum of squared cluster totals, with the small-sample factor G / (G - 1)."""
    groups = totals.size
    return float((totals**2).sum()) * groups / max(groups - 1, 1)
