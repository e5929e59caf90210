from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics.uplift import log_uplift, shrunk_uplift
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
    got = log_uplift(np.array([20.0, 0.0, 5.0]), np.array([10.0, 1.0, 0.0]))
    np.testing.assert_allclose(got, [np.log(2), np.log(0.1), np.nan])


@given(st.integers(0, 100), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_uplift_lies_between_own_and_pooled_and_inside_its_bounds(count, own, pooled):
    got = shrunk_uplift(np.array([float(count)]), np.array([own]), np.array([pooled]))[0]
    low, high = np.clip(min(own, pooled), 0.1, 20), np.clip(max(own, pooled), 0.1, 20)
    assert low * (1 - 1e-9) <= got <= high * (1 + 1e-9)
