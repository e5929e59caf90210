from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics import forecast_metrics as metrics
from tests.golden_cases import assert_golden, golden, numbers

FILE = "forecast_metrics"


def series(inputs):
    return numbers(inputs["actual"]), numbers(inputs["forecast"])


def test_point_errors():
    inputs, expected, tolerance = golden(FILE, "mae_rmse_bias_wape")
    pair = series(inputs)
    assert_golden(metrics.mean_absolute_error(*pair), expected["mae"], tolerance)
    assert_golden(metrics.root_mean_squared_error(*pair), expected["rmse"], tolerance)
    assert_golden(metrics.bias(*pair), expected["bias"], tolerance)
    assert_golden(metrics.weighted_absolute_percentage_error(*pair), expected["wape"], tolerance)


def test_sold_out_buckets_do_not_enter():
    inputs, expected, tolerance = golden(FILE, "bias_uncensored_only")
    actual, forecast = series(inputs)
    actual = np.where(np.isin(inputs["state"], ["full", "partial"]), actual, np.nan)
    assert_golden(metrics.bias(actual, forecast), expected["bias"], tolerance)


def test_nothing_sold_has_no_relative_error():
    inputs, expected, tolerance = golden(FILE, "bias_zero_actual")
    assert_golden(metrics.bias(*series(inputs)), expected["bias"], tolerance)
    assert_golden(metrics.weighted_absolute_percentage_error(*series(inputs)), expected["wape"], tolerance)


def test_mase():
    inputs, expected, tolerance = golden(FILE, "mase")
    got = [metrics.mase(*series(inputs), numbers(inputs["train"]), season) for season in inputs["season"]]
    assert_golden(got, expected["mase"], tolerance)


@pytest.mark.parametrize("name", ["rmsse", "rmsse_leading_zeros"])
def test_rmsse(name):
    inputs, expected, tolerance = golden(FILE, name)
    assert_golden(metrics.rmsse(*series(inputs), numbers(inputs["train"])), expected["rmsse"], tolerance)


def test_a_constant_series_has_no_scale():
    inputs, expected, tolerance = golden(FILE, "scale_zero")
    train = numbers(inputs["train"])
    assert_golden(metrics.mase(*series(inputs), train), expected["mase"], tolerance)
    assert_golden(metrics.rmsse(*series(inputs), train), expected["rmsse"], tolerance)


def test_value_weighted_levels():
    inputs, expected, tolerance = golden(FILE, "wrmsse_one_level")
    got = metrics.value_weighted_mean(numbers(inputs["rmsse"]), numbers(inputs["sales_value"]))
    assert_golden(got, expected["wrmsse"], tolerance)
    inputs, expected, tolerance = golden(FILE, "wspl")
    got = metrics.value_weighted_mean(numbers(inputs["spl"]), numbers(inputs["sales_value"]))
    assert_golden(got, expected["wspl"], tolerance)
    with_null = metrics.value_weighted_mean(np.array([0.2, np.nan]), np.array([3.0, 100.0]))
    assert with_null == pytest.approx(0.2)


def test_wrmsse_over_two_levels():
    inputs, expected, tolerance = golden(FILE, "wrmsse_two_levels")
    train, actual, forecast = (numbers(inputs[k]) for k in ("train", "actual", "forecast"))
    item = metrics.rmsse(actual, forecast, train)
    assert_golden(item, expected["item_rmsse"], tolerance)
    total = metrics.rmsse(actual.sum(0), forecast.sum(0), train.sum(0))
    assert_golden(total, expected["total_rmsse"], tolerance)
    value = (train[:, -inputs["weight_window"] :] * numbers(inputs["unit_price"])[:, None]).sum(1)
    assert_golden((metrics.value_weighted_mean(item, value) + total) / 2, expected["wrmsse"], tolerance)


def test_pinball_and_coverage_by_level():
    inputs, expected, tolerance = golden(FILE, "pinball")
    actual, quantile = numbers(inputs["actual"]), numbers(inputs["quantile_forecast"])
    level = numbers(inputs["level"])[:, None]
    loss = metrics.pinball(actual, quantile, level)
    assert_golden(loss, expected["pinball_by_level"], tolerance)
    assert_golden(loss.mean(), expected["mean"], tolerance)
    _, expected, tolerance = golden(FILE, "coverage")
    assert_golden(metrics.coverage(actual, quantile), expected["coverage"], tolerance)


def test_scaled_pinball():
    inputs, expected, tolerance = golden(FILE, "scaled_pinball")
    level = numbers(inputs["level"])[:, None]
    parts = (numbers(inputs[k]) for k in ("actual", "quantile_forecast"))
    got = metrics.scaled_pinball(*parts, level, numbers(inputs["train"]))
    assert_golden(got, expected["spl_by_level"], tolerance)
    assert_golden(got.mean(), expected["spl"], tolerance)


def test_crps_of_a_sample():
    inputs, expected, tolerance = golden(FILE, "crps_sample")
    got = metrics.crps_sample(numbers(inputs["sample"]), np.float64(inputs["actual"]))
    assert_golden(got, expected["crps"], tolerance)
    rng = np.random.default_rng(1)
    sample, actual = rng.normal(size=(3, 9)), rng.normal(size=3)
    pairs = np.abs(sample[:, :, None] - sample[:, None, :]).mean(axis=(1, 2))
    np.testing.assert_allclose(
        metrics.crps_sample(sample, actual), np.abs(sample - actual[:, None]).mean(axis=1) - 0.5 * pairs
    )
