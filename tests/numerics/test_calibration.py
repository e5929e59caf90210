from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from replenish.numerics.calibration import (
    censored_pit,
    count_cdf,
    largest_conformal_level,
    pit_histogram,
    randomised_pit,
    recalibrated_level,
    window_pit,
)
from tests.golden_cases import assert_golden, golden, numbers


def test_randomised_pit():
    inputs, expected, tolerance = golden("distribution", "randomised_pit")
    mean, variance = (np.full(3, float(inputs[k])) for k in ("mean", "variance"))
    got = randomised_pit(numbers(inputs["actual"]), mean, variance, numbers(inputs["uniform"]))
    assert_golden(got, expected["pit"], tolerance)


def test_count_cdf_at_its_borders():
    got = count_cdf(np.array([-1.0, 3.0, 0.0]), np.array([4.0, 4.0, 0.0]), np.array([6.0, 4.0, 0.0]))
    np.testing.assert_allclose(got, [0.0, stats.poisson(4).cdf(3), 1.0])


def test_pit_is_uniform_when_the_law_is_right_even_with_sold_out_buckets():
    rng = np.random.default_rng(11)
    n = 40_000
    mean, variance = np.full(n, 3.0), np.full(n, 7.5)
    demand = rng.negative_binomial(2.0, 0.4, n).astype(float)
    shelf = rng.integers(1, 9, n).astype(float)
    out = demand >= shelf
    pit = np.where(
        out,
        censored_pit(shelf, mean, variance, rng.random(n)),
        randomised_pit(demand, mean, variance, rng.random(n)),
    )
    assert pit_histogram(pit)[2] > 0.01
    assert pit_histogram(randomised_pit(demand, mean, mean * 1.01, rng.random(n)))[2] < 1e-6
    assert pit_histogram(pit[~out])[2] < 1e-6


def test_level_is_remapped_by_rank():
    inputs, expected, tolerance = golden("distribution", "pit_recalibration")
    got = recalibrated_level(numbers(inputs["pit"]), numbers(inputs["level"]))
    assert_golden(got, expected["remapped"], tolerance)
    assert np.isnan(recalibrated_level(np.array([]), np.array([0.9]))).all()


def test_largest_level_n_scores_certify():
    inputs, expected, tolerance = golden("distribution", "largest_conformal_level")
    assert_golden(largest_conformal_level(numbers(inputs["n"])), expected["level"], tolerance)


def test_pit_histogram():
    values = np.array([0.05, 0.15, 0.22, 0.31, 0.48, 0.55, 0.61, 0.74, 0.83, 0.97])
    count, chi_square, p_value = pit_histogram(values, 5)
    assert count.tolist() == [2] * 5
    assert chi_square == 0.0
    assert p_value == pytest.approx(1.0)


def test_large_counts_are_weighed_and_cost_nothing():
    """At 1e15 units a count is a quantity: the law is uniform all the same, and at once."""
    rng = np.random.default_rng(3)
    mean, variance = np.full(4000, 1e15), np.full(4000, 1e29)
    pit = window_pit(rng.gamma(10.0, 1e14, 4000), mean, variance, np.ones(4000, dtype=bool), rng.random(4000))
    assert stats.kstest(pit, "uniform").pvalue > 0.01
