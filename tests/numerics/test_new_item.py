from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from replenish.numerics.new_item import gamma_posterior, gamma_prior, launch_profile, window_law
from tests.golden_cases import assert_golden, golden, numbers


def test_posterior_demand_over_a_window():
    inputs, expected, tolerance = golden("forecast", "new_item_posterior")
    a, b = gamma_posterior(*(numbers([inputs[k]]) for k in ("a", "b", "sales_seen", "buckets_seen")))
    size, probability, mean = window_law(a, b, numbers([inputs["protection_buckets"]]))
    assert_golden(size, [expected["size"]], tolerance)
    assert_golden(probability, [expected["probability"]], tolerance)
    assert_golden(mean, [expected["mean"]], tolerance)
    law = stats.nbinom(size[0], probability[0])
    assert law.var() == pytest.approx(expected["variance"])
    assert law.ppf([0.95, 0.5]).tolist() == [expected["quantile_95"], expected["quantile_50"]]


@pytest.mark.parametrize("name", ["new_item_prior_by_moments", "new_item_prior_weighted"])
def test_prior_from_analogues(name):
    inputs, expected, tolerance = golden("forecast", name)
    rate = numbers([inputs["analogue_rate"]])
    weight = numbers([inputs.get("weight", [1.0] * rate.size)])
    a, b = gamma_prior(rate, weight, numbers([inputs["buckets_per_rate"]]))
    assert_golden(a, [expected["a"]], tolerance)
    assert_golden(b, [expected["b"]], tolerance)


def test_equal_analogues_keep_a_spread_and_none_give_no_prior():
    rate = np.array([[2.0, 2.0, 2.0], [np.nan] * 3, [0.0, 0.0, 0.0], [3.0, np.nan, np.nan]])
    a, b = gamma_prior(rate, np.ones(rate.shape), np.full(4, 8.0))
    assert a[0] == pytest.approx(10)
    assert b[0] == pytest.approx(5)
    assert np.isnan(a[1])
    assert np.isnan(b[2])
    assert a[3] == pytest.approx(10)


def test_sales_pull_the_mean_from_the_prior_to_the_evidence():
    a, b = np.array([4.0]), np.array([2.0])
    for weeks, low, high in ((0, 2, 2), (4, 2, 5), (1000, 4.97, 5)):
        size, _, mean = window_law(*gamma_posterior(a, b, np.array([5.0 * weeks]), np.array([weeks])), np.array([1.0]))
        assert low <= mean[0] <= high
        assert size[0] == 4 + 5 * weeks


def test_a_launch_curve_is_found_whatever_the_size_of_the_items():
    rng = np.random.default_rng(5)
    shape = np.linspace(2.0, 0.5, 13)
    truth = shape / shape.mean()
    sold = rng.poisson(rng.gamma(2, 20, 60)[:, None] * truth).astype(float)
    sold[rng.random(sold.shape) < 0.2] = np.nan
    found = launch_profile(sold, np.arange(60))
    np.testing.assert_allclose(found, truth, atol=0.07)
    assert found.mean() == pytest.approx(1)


def test_few_items_are_no_curve_however_many_their_places():
    falling = np.tile(np.linspace(20.0, 2.0, 13), (40, 1))
    np.testing.assert_array_equal(launch_profile(falling, np.arange(40) % 2), np.ones(13))
    assert launch_profile(falling, np.arange(40) % 3)[0] > 1.7
    for nothing in (np.full((3, 13), np.nan), np.empty((0, 13)), np.zeros((3, 13))):
        np.testing.assert_array_equal(launch_profile(nothing, np.arange(len(nothing))), np.ones(13))


def test_launches_that_differ_shrink_the_curve():
    rng = np.random.default_rng(6)
    alike = np.tile(np.linspace(20.0, 2.0, 13), (5, 1))
    unlike = alike * np.exp(rng.normal(0, 1.0, alike.shape))
    first = [launch_profile(sold, np.arange(5))[0] for sold in (alike, unlike)]
    assert first[0] > 1.7
    assert 1.0 <= first[1] < first[0]
