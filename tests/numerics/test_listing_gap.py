from __future__ import annotations

import time

import numpy as np
import pytest

from replenish.numerics.listing_gap import listing_gaps


def gaps(sales, exposure=None, weeks=1):
    sales = np.array([sales], dtype=float)
    exposure = np.ones(sales.shape) if exposure is None else np.array([exposure], dtype=float)
    return listing_gaps(sales, exposure, ~np.isnan(sales), weeks)[0]


def test_the_chance_of_the_run_decides():
    """Twelve weeks at 1.2 a week without dispersion: e^-14.4 is below a millionth; at 1.1, e^-13.2 is not."""
    steady = [1.0, 1.0, 1.0, 1.0, 2.0]
    assert gaps(steady * 4 + [0.0] * 12 + steady * 4)[20:32].all()
    fewer = [1.0] * 9 + [2.0]
    assert not gaps(fewer * 2 + [0.0] * 12 + fewer * 2).any()


def test_a_season_that_expects_nothing_explains_the_run():
    sales = [5.0] * 20 + [0.0] * 12 + [5.0] * 20
    assert gaps(sales).sum() == 12
    assert not gaps(sales, [1.0] * 20 + [0.001] * 12 + [1.0] * 20).any()


def test_closed_days_do_not_count_but_do_not_end_the_run():
    week = [2.0] * 6 + [np.nan]
    found = gaps(week * 14 + ([0.0] * 6 + [np.nan]) * 9 + week * 14, weeks=7)
    assert found.sum() == 9 * 6


def test_rows_are_told_apart():
    sales = np.array([[5.0] * 20 + [0.0] * 10 + [5.0] * 20, [5.0] * 50, [0.0] * 50])
    found = listing_gaps(sales, np.ones(sales.shape), np.ones(sales.shape, bool), 1)
    assert found.sum(axis=1).tolist() == [10, 0, 0]


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (3, 0), (2, 1)])
def test_hardly_any_history(shape):
    assert listing_gaps(np.ones(shape), np.ones(shape), np.ones(shape, bool), 1).sum() == 0


def test_thousands_of_slow_items_take_no_time():
    rng = np.random.default_rng(3)
    sales = rng.poisson(0.01, (2000, 728)).astype(float)
    start = time.process_time()
    found = listing_gaps(sales, np.ones(sales.shape), np.ones(sales.shape, bool), 7)
    assert time.process_time() - start < 1.0
    assert not found.any()
