from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import nnls

from replenish.numerics.reconcile import nonnegative_parts, reconciled_parts, top_down
from tests.golden_cases import assert_golden, golden, numbers


def test_totals_and_parts_agree():
    inputs, expected, tolerance = golden("forecast", "reconcile_wls_variance")
    summing = numbers(inputs["summing_matrix"])
    totals = sparse.csr_matrix(summing[: -summing.shape[1]])
    got = reconciled_parts(totals, numbers(inputs["base_forecast"]), numbers(inputs["error_variance"]))
    assert_golden(got, expected["bottom"], tolerance)
    assert_golden(summing @ got, expected["all_levels"], tolerance)


def test_no_part_is_negative():
    inputs, expected, tolerance = golden("forecast", "reconcile_wls_variance_nonnegative")
    summing = numbers(inputs["summing_matrix"])
    totals = sparse.csr_matrix(summing[: -summing.shape[1]])
    got = nonnegative_parts(totals, numbers(inputs["base_forecast"])[:, None], numbers(inputs["error_variance"]))[:, 0]
    assert_golden(got, expected["bottom"], tolerance)
    assert_golden(summing @ got, expected["all_levels"], tolerance)


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(0, 5))
def test_nothing_negative_is_least_squares_with_that_condition(seed, parts, levels):
    rng = np.random.default_rng(seed)
    totals = rng.integers(0, 2, (levels, parts)).astype(float)
    base = rng.uniform(-4, 9, levels + parts)
    variance = rng.uniform(0.1, 5, levels + parts)
    weight = 1 / np.sqrt(variance)
    best, _ = nnls(np.vstack([totals, np.eye(parts)]) * weight[:, None], base * weight)
    got = nonnegative_parts(sparse.csr_matrix(totals), base[:, None], variance)[:, 0]
    np.testing.assert_allclose(got, best, atol=1e-7)


def test_parts_are_scaled_to_a_total():
    inputs, expected, tolerance = golden("forecast", "top_down_level_correction")
    assert_golden(top_down(numbers(inputs["bottom"]), numbers(inputs["total"])), expected["bottom"], tolerance)
    np.testing.assert_array_equal(top_down(np.zeros((2, 3)), np.ones(2)), np.zeros((2, 3)))


@given(st.integers(0, 2**32 - 1), st.integers(1, 8), st.integers(0, 5))
def test_the_short_way_is_the_long_way(seed, parts, levels):
    rng = np.random.default_rng(seed)
    totals = rng.integers(0, 2, (levels, parts)).astype(float)
    base = rng.uniform(0, 9, (levels + parts, 4))
    variance = rng.uniform(0.1, 5, levels + parts)
    summing, weight = np.vstack([totals, np.eye(parts)]), np.diag(1 / variance)
    long_way = np.linalg.solve(summing.T @ weight @ summing, summing.T @ weight @ base)
    np.testing.assert_allclose(reconciled_parts(sparse.csr_matrix(totals), base, variance), long_way, atol=1e-9)


def test_forecasts_that_agree_stay():
    totals = sparse.csr_matrix(np.ones((1, 3)))
    parts = np.array([1.0, 2.0, 3.0])
    assert reconciled_parts(totals, np.append(6.0, parts), np.ones(4)) == pytest.approx(parts)
