from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics.combination import guard, median_of_available, spread_over_days
from tests.golden_cases import assert_golden, golden, numbers


def test_the_median_takes_what_is_there():
    members = np.array([[1.0, np.nan, np.nan], [3.0, 4.0, np.nan], [10.0, 8.0, np.nan]])
    np.testing.assert_array_equal(median_of_available(members), [3.0, 6.0, np.nan])


def test_guard_clips_below_zero_and_drops_the_wild():
    kept, clipped = guard(np.array([-2.0, 31.0, 30.0, 5.0, 5.0]), np.array([10.0, 10.0, 10.0, 0.0, np.nan]))
    np.testing.assert_array_equal(kept, [0.0, np.nan, 30.0, 5.0, 5.0])
    np.testing.assert_array_equal(clipped, [True, False, False, False, False])


def test_negative_forecast_is_clipped_and_said():
    inputs, expected, _ = golden("edge_cases", "forecast_negative")
    kept, clipped = guard(np.array([inputs["forecast"]]), np.array([np.nan]))
    assert kept[0] == expected["forecast_used"]
    assert clipped[0]


def test_spread_of_a_week():
    inputs, expected, tolerance = golden("forecast", "spread_week_to_days")
    got = spread_over_days(numbers([inputs["week_qty"]]), numbers([inputs["day_share"]]), ~np.array([inputs["closed"]]))
    assert_golden(got, [expected["day_qty"]], tolerance)


def test_open_days_without_a_share_are_flat():
    got = spread_over_days(np.array([6.0, 6.0]), np.zeros((2, 3)), np.array([[True, True, False], [False] * 3]))
    np.testing.assert_array_equal(got, [[3.0, 3.0, 0.0], [0.0, 0.0, 0.0]])


@given(st.lists(st.floats(0, 1), min_size=7, max_size=7), st.integers(1, 127), st.floats(0, 1e6))
def test_a_spread_keeps_the_week(share, open_bits, week):
    is_open = np.array([[bool(open_bits >> d & 1) for d in range(7)]])
    got = spread_over_days(np.array([week]), np.array([share]), is_open)
    np.testing.assert_allclose(got.sum(), week, rtol=1e-9)
    assert (got[~is_open] == 0).all()
