from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls

from replenish.numerics.distribution import (
    between_lengths,
    decision_dispersion,
    error_of_sum_local_level,
    error_of_sum_smoothed,
    fit_variance,
    floor_variance,
    node_factor,
    path_dispersion,
    path_sum_variance,
    size_and_probability,
    window_variance,
)
from tests.golden_cases import assert_golden, golden, golden_names, numbers

ONE_GROUP = np.zeros(7, np.int64)


@pytest.mark.parametrize("name", golden_names("distribution", "error_of_sum_local_level"))
def test_error_of_the_sum_of_a_local_level(name):
    inputs, expected, tolerance = golden("distribution", name)
    got = inputs["one_step_variance"] * error_of_sum_local_level(inputs["alpha"], inputs["horizon"])
    assert_golden(got, expected["variance"], tolerance)


@pytest.mark.parametrize("name", golden_names("distribution", "error_of_sum_iid_ses"))
def test_error_of_the_sum_of_smoothed_noise(name):
    inputs, expected, tolerance = golden("distribution", name)
    got = inputs["demand_variance"] * error_of_sum_smoothed(inputs["alpha"], inputs["horizon"])
    assert_golden(got, expected["variance"], tolerance)


def test_pooled_variance_fit():
    inputs, expected, tolerance = golden("distribution", "pooled_variance_fit")
    a, b = fit_variance(numbers(inputs["forecast_qty"]), numbers(inputs["squared_error"]), ONE_GROUP, 1)
    assert_golden(a, [expected["a"]], tolerance)
    assert_golden(b, [expected["b"]], tolerance)


@given(st.lists(st.tuples(st.floats(0.001, 500), st.floats(0, 1e5)), min_size=1, max_size=12))
def test_the_closed_form_is_lawson_and_hanson(rows):
    f, y = np.array(rows).T
    w = 1 / (f + 0.5)
    matrix = np.stack([w * f, w * f * f], axis=1)
    _, best = nnls(matrix, w * y)
    a, b = fit_variance(f, y, np.zeros(f.size, np.int64), 1)
    assert a[0] >= 0
    assert b[0] >= 0
    residual = np.linalg.norm(matrix @ [a[0], b[0]] - w * y)
    assert residual <= best + 1e-6 * max(1.0, best)


def test_groups_are_fitted_apart_and_missing_rows_left_out():
    f, y = np.array([1.0, 2.0, 4.0, 1.0, 2.0, 3.0, np.nan]), np.array([2.0, 4.0, 8.0, 1.0, 4.0, np.nan, 5.0])
    a, b = fit_variance(f, y, np.array([0, 0, 0, 1, 1, 1, 2]), 4)
    np.testing.assert_allclose(a, [2.0, 0.0, 0.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(b, [0.0, 1.0, 0.0, 0.0], atol=1e-9)


@pytest.mark.parametrize("name", ["item_factor_shrunk", "item_factor_no_history"])
def test_node_factor(name):
    inputs, expected, tolerance = golden("distribution", name)
    error, forecast = numbers(inputs["errors"]), numbers(inputs["forecast_qty"])
    a, b = inputs["a"], inputs["b"]
    fitted = a * forecast + b * forecast**2
    factor = node_factor(error[None] ** 2, fitted[None], 1.0, np.array([inputs["protection_buckets"]]))
    assert_golden(factor, [expected["factor"]], tolerance)
    one = (np.array([v]) for v in (5.0, a, b))
    variance = window_variance(*one, factor, np.array([True]))
    assert_golden(variance, [expected["variance_at_5"]], tolerance)


def test_one_accident_does_not_set_the_factor():
    fitted = np.ones((1, 20))
    wild = np.zeros((1, 20))
    wild[0, 0] = 1e9
    assert node_factor(wild, fitted, 1.0, np.array([1]))[0] == pytest.approx((25 + 20) / 40)


def test_variance_floor_of_counts():
    inputs, expected, tolerance = golden("distribution", "variance_floor_counts")
    variance, forecast = numbers([inputs["variance"]] * 2), numbers([inputs["forecast_qty"]] * 2)
    got = floor_variance(variance, forecast, np.array([True, False]))
    assert_golden(got, [expected["variance"], inputs["variance"]], tolerance)


def test_all_errors_zero_leave_the_floor():
    a, b = fit_variance(np.arange(7.0), np.zeros(7), ONE_GROUP, 1)
    got = window_variance(np.array([4.0]), a, b, np.ones(1), np.array([True]))
    assert got[0] == pytest.approx(1.01 * 4)


def test_coefficients_between_fitted_windows():
    coefficient = np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 8.0]])
    got = between_lengths(coefficient, (1, 2, 4), np.array([0.2, 1.5, 3.0, 9.0]))
    np.testing.assert_allclose(got, [[1.0, 1.5, 3.0, 4.0], [0.0, 0.0, 4.0, 8.0]])


def test_size_and_probability_keep_mean_and_variance():
    size, probability = size_and_probability(np.array([4.0, 4.0, 0.0]), np.array([6.0, 4.0, 0.0]))
    np.testing.assert_allclose(size, [8.0, np.inf, np.inf])
    np.testing.assert_allclose(probability, [2 / 3, 1.0, 1.0])


def test_decision_dispersion():
    inputs, expected, tolerance = golden("distribution", "decision_dispersion")
    got = decision_dispersion(numbers([inputs["forecast_qty"]]), numbers([inputs["variance"]]), inputs["delta"])
    assert_golden(got, [expected["variance"]], tolerance)


@pytest.mark.parametrize("name", golden_names("distribution", "path_dispersion"))
def test_path_dispersion(name):
    inputs, expected, tolerance = golden("distribution", name)
    f = numbers(inputs["forecast_qty"])
    sums = np.array([f.sum()]), np.array([(f * f).sum()])
    paths = path_dispersion(*sums, *(numbers([inputs[k]]) for k in ("protection_variance", "phi", "kappa")))
    for key in ("rho", "kappa", "phi", "level_variance", "bucket_variance"):
        assert_golden(getattr(paths, key), [expected[key]], tolerance)
    assert_golden(path_sum_variance(*sums, paths), [expected["path_sum_variance"]], tolerance)


@given(st.lists(st.floats(0.01, 50), min_size=1, max_size=9), st.floats(1, 20), st.floats(1, 4), st.floats(0, 2))
def test_paths_always_keep_the_window_variance(forecast, ratio, phi, kappa):
    f = np.array(forecast)
    first, second = np.array([f.sum()]), np.array([(f * f).sum()])
    variance = ratio * first
    paths = path_dispersion(first, second, variance, np.array([phi]), np.array([kappa]))
    np.testing.assert_allclose(path_sum_variance(first, second, paths), variance, rtol=1e-7)
    assert 0 <= paths.rho[0] <= 1
    assert paths.bucket_variance[0] >= 0


def test_sampled_paths_have_the_promised_variance():
    f = np.array([4.0, 5.0, 6.0])
    paths = path_dispersion(np.array([15.0]), np.array([77.0]), np.array([30.0]), np.array([1.3]), np.array([0.1]))
    rng = np.random.default_rng(7)
    draws = 200_000

    def factor(variance):
        return rng.gamma(1 / variance, variance, draws)

    level, total, single = factor(paths.level_variance[0]), np.zeros(draws), None
    for mean in f:
        lam = mean * level * factor(paths.bucket_variance[0])
        demand = rng.poisson(rng.gamma(lam / 0.3, 0.3))
        total += demand
        single = demand
    assert total.var() == pytest.approx(30, rel=0.03)
    assert single.var() == pytest.approx(1.3 * 6 + 0.1 * 36, rel=0.03)


def test_no_forecast_no_dispersion():
    paths = path_dispersion(*(np.array([v]) for v in (0.0, 0.0, 0.0, 1.3, 0.1)))
    assert paths.kappa[0] == paths.rho[0] == paths.bucket_variance[0] == 0
