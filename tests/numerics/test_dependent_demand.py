"""Orders become demand of their sources: on every path where the source is sampled, in the mean where it is netted."""

from __future__ import annotations

import numpy as np

from replenish.numerics.dependent_demand import add_releases, spread_mean


def test_sources_that_plan_on_means_get_no_paths() -> None:
    mean = np.array([[1.0, 4.0, 0.0], [2.0, 0.0, 6.0]])
    release = np.zeros((2, 4, 2), dtype=np.float32)
    spread_mean(np.array([0, 1]), mean, release)
    release[0, 0, 0] = 9.0
    paths, sums = np.zeros((1, 4, 2), dtype=np.float32), np.zeros((2, 3))
    dependant, row, factor = np.array([5, 5, 6]), np.array([0, 1, 1]), np.array([2.0, 3.0, 0.5])
    days = (np.zeros(3, dtype=np.int64), np.array([10, 10, 2]))
    add_releases(dependant, row, factor, *days, 5, release, mean, np.zeros(7, dtype=np.int64), paths, sums)
    assert sums.tolist() == [[2.0, 8.0, 0.0], [4.0, 12.0, 0.0]]  # the last bill ends with bucket 1
    assert paths[0].tolist() == [[18.0, 8.0], [2.0, 8.0], [2.0, 8.0], [2.0, 8.0]]
