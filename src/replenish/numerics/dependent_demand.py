"""Orders of dependants become demand of their source, path by path and in the mean."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def add_releases(
    dependant: Ints,
    source_row: Ints,
    factor: Floats,
    first_bucket: Ints,
    last_bucket: Ints,
    first: int,
    release: NDArray[np.float32],
    release_mean: Floats,
    paths_of: NDArray[np.float32],
    mean_of: Floats,
) -> None:
    """Add order paths of nodes first, first + 1, .. to their sources, edge by edge in the given order.

    Edge e: `dependant[e]` takes `factor[e]` units of source `source_row[e]` for each unit it orders in the buckets from
    `first_bucket[e]` to before `last_bucket[e]`: a bill that changes uses both sides by date. `release` is
    [nodes of the block, paths, buckets], `release_mean` [nodes of the block, buckets], `paths_of` [sources, paths,
    buckets] and `mean_of` [sources, buckets]; sources that plan on means alone come last and have no paths. One fixed
    order of edges makes the sums the same for any block size.
    """
    buckets = min(release.shape[2], paths_of.shape[2])
    for e in range(dependant.shape[0]):
        i, row = dependant[e] - first, source_row[e]
        for t in range(first_bucket[e], min(last_bucket[e], mean_of.shape[1])):
            mean_of[row, t] += factor[e] * release_mean[i, t]
        for m in range(paths_of.shape[1] if row < paths_of.shape[0] else 0):
            for t in range(first_bucket[e], min(last_bucket[e], buckets)):
                paths_of[row, m, t] += np.float32(factor[e]) * release[i, m, t]


@kernel
def spread_mean(rows: Ints, mean: Floats, release: NDArray[np.float32]) -> None:
    """Order paths of the nodes `rows` of `release` that plan on means [rows, buckets]: the same on every path."""
    for k in range(rows.shape[0]):
        for m in range(release.shape[1]):
            for t in range(release.shape[2]):
                release[rows[k], m, t] = np.float32(mean[k, t])
