from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics.distribution import error_of_sum_smoothed
from replenish.numerics.rolling import seasonal_naive_sums, window_sums
from replenish.numerics.smoothing import ses_levels


def test_sums_over_each_window():
    demand = np.array([[1.0, 2.0, 3.0, 4.0]])
    index = np.array([[1.0, 1.0, 2.0, 1.0]])
    levels = np.array([[np.nan, 1.0, 2.0, 3.0, 4.0]])
    got = window_sums(demand, np.full(demand.shape, 0.5), index, levels, np.array([0, 1, 2, 3]), np.array([2]))
    np.testing.assert_array_equal(got.actual_qty, [[np.nan, 5.0, 7.0, np.nan]])
    np.testing.assert_array_equal(got.forecast_qty, [[np.nan, 3.0, 6.0, np.nan]])
    np.testing.assert_array_equal(got.variance, [[np.nan, 1.0, 1.0, np.nan]])


def test_missing_buckets_leave_both_sums_and_too_many_drop_the_window():
    demand = np.array([[1.0, 2.0, np.nan, 4.0], [1.0, np.nan, np.nan, 4.0]])
    flat = np.ones(demand.shape)
    levels = np.full((2, 5), 2.0)
    got = window_sums(demand, np.zeros(demand.shape), flat, levels, np.array([1]), np.array([3, 3]))
    np.testing.assert_array_equal(got.actual_qty, [[6.0], [np.nan]])
    np.testing.assert_array_equal(got.forecast_qty, [[4.0], [np.nan]])


def test_the_error_of_the_sum_has_the_variance_theory_gives():
    rng = np.random.default_rng(8)
    alpha, buckets = 0.2, 4
    demand = rng.normal(100.0, 1.0, (400, 400))
    levels = ses_levels(demand, np.array([alpha]))
    origins = np.arange(60, 396, 4)
    flat = np.ones(demand.shape)
    got = window_sums(demand, np.zeros(demand.shape), flat, levels, origins, np.full(400, buckets))
    assert np.var(got.actual_qty - got.forecast_qty) == pytest.approx(error_of_sum_smoothed(alpha, buckets), rel=0.03)


def test_seasonal_naive_repeats_last_year():
    demand = np.array([[1.0, 2.0, 3.0, np.nan, 5.0, 6.0]])
    got = seasonal_naive_sums(demand, np.array([2, 4, 5]), np.array([2]), 4)
    np.testing.assert_array_equal(got, [[np.nan, 3.0, 5.0]])
    assert np.isnan(seasonal_naive_sums(demand, np.array([6]), np.array([2]), 4)[0, 0])


def test_a_window_is_at_least_one_bucket():
    one = np.ones((1, 2))
    with pytest.raises(ValueError, match="at least one bucket"):
        window_sums(one, one, one, np.ones((1, 3)), np.array([0]), np.array([0]))
