"""Laws of what was not seen, by simulation: demand kept only where it led to what was seen."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import stats

from replenish.numerics.censored_law import (
    truncated_quantile,
    truncated_quantile_gamma,
    unseen_law,
    unseen_moments,
)


@pytest.mark.parametrize(("mean", "size", "stock"), [(10.0, 3.0, 6), (4.0, 1.0, 2), (20.0, 200.0, 15)])
def test_unseen_moments_hold_whatever_ended_the_sale(mean, size, stock):
    """A bucket stops selling when its stock is gone: among buckets that stopped near a time, moments agree."""
    rng = np.random.default_rng(4)
    rate = rng.gamma(size, mean / size, 400_000)
    stop = rng.gamma(stock, 1.0 / rate)  # time of the last unit's sale
    rest = np.where(stop < 1, rng.poisson(rate * np.maximum(1.0 - stop, 0.0)), 0)
    for low, high in ((0.2, 0.25), (0.5, 0.55), (0.8, 0.85)):
        inside = (stop >= low) & (stop < high)
        demand = stock + rest[inside]
        seen = (
            np.full(inside.sum(), float(stock)),
            stop[inside],
            np.full(inside.sum(), mean),
            np.full(inside.sum(), size),
        )
        first, second = unseen_moments(*seen)
        for told, true in ((demand, first), (demand.astype(float) ** 2, second)):
            assert inside.sum() > 100
            assert abs(told.mean() - true.mean()) < 4 * told.std() / np.sqrt(told.size) + 0.01 * true.mean()


def test_nothing_is_left_of_a_whole_bucket():
    mean, size = unseen_law(np.array([3.0]), np.array([1.0]), np.array([5.0]), np.array([2.0]))
    assert (mean[0], size[0]) == (0.0, 5.0)
    assert unseen_moments(*(np.array([v]) for v in (3.0, 1.0, 5.0, 2.0)))[0][0] == 3.0


@pytest.mark.parametrize("level", [0.001, 0.05, 0.5, 0.95, 0.999])
def test_truncated_gamma_quantile(level):
    sold, mean, variance = np.array([0.5, 2.0, 9.0]), np.array([1.0, 2.0, 3.0]), np.array([0.5, 4.0, 2.0])
    found = truncated_quantile_gamma(sold, mean, variance, np.full(3, level))
    law = stats.gamma(mean**2 / variance, scale=variance / mean)
    np.testing.assert_allclose(law.sf(found) / law.sf(sold), 1 - level, rtol=1e-6)


def test_wild_numbers_come_to_an_end():
    sold = np.array([0.0, 1e12, 1e12, 3.0, 5.0, 1e15, 2.0])
    mean = np.array([1e12, 1e12, 1.0, np.nan, 1e-9, 1e15, 1e6])
    size = np.array([0.01, 1e4, 0.01, 1.0, 1.0, 5.0, 0.01])
    found = truncated_quantile(sold, mean, size, np.full(7, 0.95))
    assert np.isnan(found[3])
    known = np.delete(found, 3)
    assert (known >= np.delete(sold, 3)).all()
    assert np.isfinite(known).all()
    assert (truncated_quantile_gamma(sold, np.abs(mean), mean**2, np.full(7, 0.5))[[0, 1, 2, 4]] >= 0).all()


def test_a_million_cells_take_seconds():
    rng = np.random.default_rng(1)
    n = 200_000
    mean, size = rng.gamma(1.0, 5.0, n) + 0.01, rng.gamma(2.0, 2.0, n) + 0.05
    sold = np.floor(mean * rng.random(n) * 2)
    start = time.process_time()
    truncated_quantile(sold, mean, size, rng.random(n))
    assert time.process_time() - start < 2.0
