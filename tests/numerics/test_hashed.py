from __future__ import annotations

import numpy as np
from scipy import stats

from replenish.numerics.hashed import hashed_uniform


def test_numbers_are_uniform_and_free_of_each_other():
    seed, counter = np.meshgrid(np.arange(300), np.arange(20_000, 20_700), indexing="ij")
    found = hashed_uniform(seed.ravel(), counter.ravel()).reshape(seed.shape)
    assert stats.kstest(found.ravel(), "uniform").pvalue > 1e-3
    assert abs(np.corrcoef(found[:, :-1].ravel(), found[:, 1:].ravel())[0, 1]) < 0.01
    assert abs(np.corrcoef(found[:-1].ravel(), found[1:].ravel())[0, 1]) < 0.01
    assert 0 < found.min() < found.max() < 1


def test_only_seed_and_counter_decide():
    seed, counter = np.array([7, 2**32 - 1, 7]), np.array([1, -5, 1])
    found = hashed_uniform(seed, counter)
    assert found[0] == found[2] != found[1]
    np.testing.assert_array_equal(found[::-1], hashed_uniform(seed[::-1], counter[::-1]))
