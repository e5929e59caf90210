from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from replenish.numerics.lead_time import (
    counts_by_group,
    crossing_share,
    delivered_share,
    demand_moments,
    half_life_weight,
    in_order_laws,
    kaplan_meier_pmf,
    moments,
    residual_pmf,
    residual_share,
    shrunk_pmf,
    shrunk_share,
    without_crossing,
)
from tests.golden_cases import assert_golden, golden, numbers


def split(time, received, support):
    time, received = np.array(time), np.array(received)
    zero = np.zeros(time.size, np.int64)
    return (counts_by_group(time, part.astype(float), zero, 1, support) for part in (received, ~received))


def test_kaplan_meier():
    inputs, expected, tolerance = golden("distribution", "lead_time_kaplan_meier")
    pmf = kaplan_meier_pmf(*split(inputs["time"], inputs["received"], 9))
    assert_golden(pmf, [expected["pmf"]], tolerance)


@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=30))
def test_a_law_adds_up_to_one(rows):
    time, received = zip(*rows, strict=True)
    pmf = kaplan_meier_pmf(*split(time, received, 13))
    if any(received):
        assert pmf.sum() == pytest.approx(1)
        assert (pmf >= -1e-12).all()
        assert pmf[0, max(t for t, r in rows if r) + 1 :].sum() == 0
    else:
        assert np.isnan(pmf).all()


def test_open_orders_make_the_law_longer():
    rng = np.random.default_rng(12)
    delay = rng.integers(1, 21, 4000)
    age = rng.integers(1, 30, 4000)
    received = delay <= age
    pmf = kaplan_meier_pmf(*split(np.minimum(delay, age), received, 31))
    assert abs(moments(pmf)[0][0] - delay.mean()) < 0.5
    assert delay[received].mean() < delay.mean() - 1


def test_item_law_is_shrunk_to_its_lane():
    inputs, expected, tolerance = golden("distribution", "lead_time_pmf_shrunk")
    got = shrunk_pmf(numbers([inputs["item_counts"]]), numbers([inputs["lane_pmf"]]), inputs["prior_weight"])
    assert_golden(got, [expected["pmf"]], tolerance)
    assert shrunk_share(np.array([1.0]), np.array([10.0]), np.array([0.0]), 10.0)[0] == 0.05


def test_an_order_of_some_age_follows_what_is_left():
    inputs, expected, tolerance = golden("distribution", "lead_time_residual")
    pmf, lost = residual_pmf(numbers([inputs["pmf"]]), np.array([inputs["age"]]))
    assert_golden(pmf, [expected["pmf"]], tolerance)
    assert_golden(moments(pmf)[0] - inputs["age"], [expected["expected_remaining"]], tolerance)
    assert not lost[0]


def test_an_order_older_than_any_is_lost():
    inputs, expected, _ = golden("distribution", "lead_time_residual_beyond_support")
    pmf, lost = residual_pmf(numbers([inputs["pmf"]]), np.array([inputs["age"]]))
    assert np.isnan(pmf).all()
    assert lost[0] == expected["lost"]


@pytest.mark.parametrize("name", ["lead_time_demand_moments_50_10_9_2", "safety_stock_lead_time_variability"])
def test_demand_over_a_random_lead_time(name):
    inputs, expected, tolerance = golden("distribution", name)
    arguments = inputs["mean_per_period"], inputs["sd_per_period"] ** 2
    lead = inputs["lead_time_mean"], inputs["lead_time_sd"] ** 2
    _, variance = demand_moments(*(numbers([v]) for v in (*arguments, *lead)))
    assert_golden(np.sqrt(variance), [expected["sd"]], tolerance)
    assert_golden(ndtri(inputs["cycle_service"]) * np.sqrt(variance), [expected["safety_stock"]], tolerance)


def test_moments_of_a_law():
    inputs, expected, tolerance = golden("distribution", "lead_time_pmf_moments")
    pmf = np.zeros((1, 6))
    for period, weight in inputs["lead_time_pmf"].items():
        pmf[0, int(period)] = weight
    mean, variance = moments(pmf)
    assert_golden(mean, [expected["lead_time_mean"]], tolerance)
    assert_golden(variance, [expected["lead_time_variance"]], tolerance)
    got = demand_moments(numbers([inputs["mean_per_bucket"]]), numbers([inputs["variance_per_bucket"]]), mean, variance)
    assert_golden(np.array(got)[:, 0], [expected["demand_mean"], expected["demand_variance"]], tolerance)


def test_later_orders_never_arrive_earlier():
    inputs, expected, _ = golden("distribution", "no_crossing")
    order, draw = np.array(inputs["order_bucket"]), np.array(inputs["drawn_lead_time"])
    assert (order + draw).tolist() == expected["arrival_drawn"]
    assert without_crossing(order, draw).tolist() == expected["arrival"]


def test_crossing_is_counted_per_lane():
    lane = np.array([0, 0, 0, 0, 1, 2, 2])
    order = np.array([1, 2, 3, 3, 1, 1, 2])
    arrival = np.array([9, 5, 6, 2, 4, 3, 3])
    got = crossing_share(order, arrival, lane, 4)
    np.testing.assert_array_equal(got, [0.5, np.nan, 0.0, np.nan])


def test_old_observations_weigh_less():
    np.testing.assert_allclose(half_life_weight(np.array([0.0, 180.0, 360.0, -3.0])), [1.0, 0.5, 0.25, 1.0])


def laws(rng, count, buckets, complete=True):
    """Random cumulative laws [count, buckets]; incomplete ones lack mass at their end."""
    mass = rng.random((count, buckets)) * rng.integers(0, 2, (count, buckets))
    total = mass.sum(axis=1, keepdims=True) + (1e-12 if complete else rng.random((count, 1)))
    return np.cumsum(mass / np.maximum(total, 1e-12), axis=1)


def test_sorted_draws_follow_the_laws_of_orders_that_do_not_cross():
    rng = np.random.default_rng(7)
    law = laws(rng, 4, 12)
    law[:, -1] = 1.0
    draws = np.stack([np.searchsorted(one, rng.random(200_000), side="right") for one in law], axis=1)
    arrived = without_crossing(np.zeros(4, np.int64), np.minimum(draws, 11))
    seen = (arrived[:, :, None] <= np.arange(12)).mean(axis=0)
    np.testing.assert_allclose(in_order_laws(law, np.zeros(4, np.int64)), seen, atol=0.005)


@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 5), min_size=1, max_size=5))
def test_orders_that_keep_their_order_keep_their_mean_delay(seed, sizes):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    law = laws(rng, group.size, 9, complete=False)
    got = in_order_laws(law, group)
    assert ((got >= -1e-12) & (got <= 1)).all()
    for g, size in enumerate(sizes):
        mine = got[group == g]
        np.testing.assert_allclose(mine.sum(axis=0), law[group == g].sum(axis=0), atol=1e-9)
        assert (np.diff(mine, axis=0) <= 1e-12).all()
        assert (np.diff(mine, axis=1) >= -1e-9).all()
        assert size > 1 or (mine == law[group == g]).all()


def test_no_orders_have_no_laws_and_hundreds_take_no_time():
    assert in_order_laws(np.empty((0, 5)), np.empty(0, np.int64)).shape == (0, 5)
    same = in_order_laws(np.tile(np.linspace(0.1, 1, 10), (300, 1)), np.zeros(300, np.int64))
    assert same[0, 0] > 0.999
    assert same[-1, -2] < 1e-9


def test_what_is_late_may_never_come():
    got = residual_share(np.array([0.2, 0.2, 0.0, 0.2]), np.array([1.0, 0.5, 0.1, 0.0]))
    np.testing.assert_allclose(got, [0.8, 2 / 3, 1.0, 0.0])


def test_short_deliveries_are_believed_as_they_come():
    ratio, group = np.array([0.5] * 20 + [1.3] * 5), np.repeat([0, 1], [20, 5])
    np.testing.assert_allclose(delivered_share(ratio, np.ones(25), group, 3), [0.75, 1.0, 1.0])
