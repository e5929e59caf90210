from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics.uplift import shrunk_uplift, telling_events, total_uplift
from tests.golden_cases import assert_golden, golden, numbers


def test_own_events_are_shrunk_to_the_group():
    inputs, expected, tolerance = golden("forecast", "event_uplift_shrunk")
    pooled = np.full(3, inputs["pooled_uplift"])
    got = shrunk_uplift(numbers(inputs["own_events"]), numbers(inputs["own_uplift"]), pooled)
    assert_golden(got, expected["uplift"], tolerance)


def test_events_are_divided_out_and_multiplied_back():
    inputs, expected, tolerance = golden("forecast", "event_divide_then_multiply")
    uplift = inputs["uplift"]
    history = numbers(inputs["demand_qty"]) / np.where(inputs["in_event"], uplift, 1.0)
    assert_golden(history, expected["baseline"], tolerance)
    future = inputs["baseline_future"] * np.where(inputs["future_in_event"], uplift, 1.0)
    assert_golden(future, expected["forecast"], tolerance)


def test_an_event_that_sold_nothing_counts_as_a_tenth():
    got = total_uplift(np.array([20.0, 0.0, 5.0]), np.array([10.0, 4.0, 0.0]), np.ones(3))
    np.testing.assert_allclose(got, [2.0, 0.025, np.nan])


def test_one_day_of_a_week_tells_the_whole_event():
    """Seven a day, and 28 on the day of the event: the week shows 70 for 49, the event was fourfold."""
    assert total_uplift(np.array([70.0]), np.array([49.0]), np.array([1 / 7]))[0] == pytest.approx(4.0)


def test_slow_items_tell_the_same_uplift_as_fast_ones():
    """Half a unit a day, doubled on 400 days: the mean of logarithms would say 0.5."""
    rng = np.random.default_rng(8)
    sold = rng.poisson(1.0, 400).astype(float)
    assert total_uplift(np.array([sold.sum()]), np.array([200.0]), np.ones(1))[0] == pytest.approx(2.0, abs=0.2)


def test_few_units_make_events_tell_little():
    worth = telling_events(np.array([10.0, 10.0, 0.0]), np.array([1e9, 100.0, 0.0]))
    np.testing.assert_allclose(worth, [10.0, 5.0, 0.0], rtol=1e-6)


@given(st.integers(0, 100), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_uplift_lies_between_own_and_pooled_and_inside_its_bounds(count, own, pooled):
    got = shrunk_uplift(np.array([float(count)]), np.array([own]), np.array([pooled]))[0]
    low, high = np.clip(min(own, pooled), 0.1, 20), np.clip(max(own, pooled), 0.1, 20)
    assert low * (1 - 1e-9) <= got <= high * (1 + 1e-9)
