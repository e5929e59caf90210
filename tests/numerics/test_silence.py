from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics.silence import bucket_size, ghost_posterior, silence_per_bucket, silence_probability
from tests.golden_cases import assert_golden, golden, golden_names, numbers


@pytest.mark.parametrize("name", golden_names("records", "silent_days"))
def test_silent_buckets_until_a_record_is_doubted(name):
    inputs, expected, tolerance = golden("records", name)
    size = np.array([np.inf if inputs["size"] is None else inputs["size"]])
    forecast = np.full((1, 80), inputs["forecast_per_bucket"])
    one = silence_per_bucket(forecast[:, 0], size)
    assert_golden(one, [expected["silence_per_bucket"]], tolerance)
    assert_golden(np.log(inputs["threshold"]) / np.log(one), [expected["buckets_exact"]], tolerance)
    runs = [silence_probability(forecast, size[:, None], np.arange(80)[None, :] < n)[0] for n in range(80)]
    assert int(np.argmax(np.array(runs) < inputs["threshold"])) == expected["first_flagged_bucket"]


def test_posterior_of_an_empty_shelf():
    inputs, expected, tolerance = golden("records", "ghost_posterior")
    got = ghost_posterior(numbers([inputs["silence_probability"]]), numbers([inputs["prior"]]))
    assert_golden(got, [expected["posterior"]], tolerance)


def test_seasonal_forecast_and_buckets_that_expect_nothing():
    inputs, expected, tolerance = golden("records", "silence_probability_seasonal")
    forecast = numbers([inputs["forecast_qty"]])
    got = silence_probability(forecast, numbers([[inputs["size"]]]), np.ones(forecast.shape, bool))
    assert_golden(got, [expected["silence_probability"]], tolerance)


def test_size_of_one_bucket():
    got = bucket_size(np.array([2.0, 2.0, 0.0]), np.array([1.5, 1.0, 1.5]), np.array([0.25, 0.0, 0.0]))
    np.testing.assert_array_equal(got, [2.0, np.inf, 0.0])
    assert silence_per_bucket(np.array([0.0]), np.array([0.0]))[0] == 1.0
