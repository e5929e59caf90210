from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics.smoothing import (
    SES_ALPHA_GRID,
    croston,
    moving_average_levels,
    naive_levels,
    ses_levels,
    tsb_levels,
)
from tests.golden_cases import assert_golden, golden, numbers

LEVELS = {
    "moving_average": lambda y: moving_average_levels(y, 13),
    "ses": lambda y: ses_levels(y, SES_ALPHA_GRID),
    "tsb": lambda y: tsb_levels(y, 0.1, 0.1),
    "naive": naive_levels,
}


def tonight(levels):
    return levels[:, -1]


def test_moving_average_windows():
    inputs, expected, tolerance = golden("forecast", "sma_window")
    demand = numbers([inputs["demand_qty"]])
    got = [tonight(moving_average_levels(demand, window))[0] for window in inputs["window"]]
    assert_golden(got, expected["forecast"], tolerance)


def test_missing_buckets_leave_the_window():
    inputs, expected, tolerance = golden("forecast", "sma_with_gaps")
    both = numbers([inputs["demand_qty"], inputs["demand_qty_all_missing"]])
    got = tonight(moving_average_levels(both, inputs["window"]))
    assert_golden(got, [expected["forecast"], expected["forecast_all_missing"]], tolerance)


def test_a_stockout_longer_than_the_window_does_not_erase_the_level():
    demand = np.array([[4.0, 6.0] + [np.nan] * 5])
    assert tonight(moving_average_levels(demand, 3))[0] == 5.0


def test_ses():
    inputs, expected, tolerance = golden("forecast", "ses")
    got = ses_levels(numbers([inputs["demand_qty"]]), np.array([inputs["alpha"]]))
    assert_golden(tonight(got), [expected["forecast"]], tolerance)


def test_ses_chooses_the_alpha_with_the_smallest_error():
    rng = np.random.default_rng(9)
    walk = np.abs(50 + np.cumsum(rng.normal(0, 3, 200)))
    noise = np.abs(50 + rng.normal(0, 10, 200))
    demand = np.stack([walk, noise])
    got = tonight(ses_levels(demand, SES_ALPHA_GRID))
    singles = np.stack([tonight(ses_levels(demand, np.array([a]))) for a in SES_ALPHA_GRID])
    chosen = [int(np.argmin(np.abs(singles[:, n] - got[n]))) for n in range(2)]
    assert SES_ALPHA_GRID[chosen[0]] > 0.5
    assert SES_ALPHA_GRID[chosen[1]] < 0.15


def test_tsb():
    inputs, expected, tolerance = golden("forecast", "tsb")
    got = tsb_levels(numbers([inputs["demand_qty"]]), inputs["alpha_size"], inputs["alpha_probability"])
    assert_golden(tonight(got), [expected["forecast"]], tolerance)


def test_tsb_decays_when_an_item_dies_and_sba_does_not():
    inputs, expected, tolerance = golden("forecast", "tsb_decays_when_item_dies")
    demand, alpha = numbers([inputs["demand_qty"]]), inputs["alpha"]
    assert_golden(tonight(tsb_levels(demand, alpha, alpha)), [expected["tsb"]], tolerance)
    size, interval = croston(demand, alpha)
    assert_golden((1 - alpha / 2) * size / interval, [expected["sba"]], tolerance)


def test_croston_and_its_bias_correction():
    inputs, expected, tolerance = golden("forecast", "croston")
    size, interval = croston(numbers([inputs["demand_qty"]]), inputs["alpha"])
    assert_golden(size, [expected["size"]], tolerance)
    assert_golden(interval, [expected["interval"]], tolerance)
    assert_golden(size / interval, [expected["forecast"]], tolerance)
    inputs, expected, tolerance = golden("forecast", "sba")
    assert_golden((1 - inputs["alpha"] / 2) * size / interval, [expected["forecast"]], tolerance)


def test_croston_without_demand_has_no_size():
    size, interval = croston(np.zeros((1, 4)), 0.1)
    assert np.isnan(size[0])
    assert np.isnan(interval[0])


@pytest.mark.parametrize("name", LEVELS)
def test_a_level_knows_nothing_after_its_origin(name):
    rng = np.random.default_rng(6)
    demand = rng.poisson(1.0, (5, 40)).astype(float)
    demand[rng.random(demand.shape) < 0.2] = np.nan
    full = LEVELS[name](demand)
    poisoned = demand.copy()
    poisoned[:, 25:] = 1e6
    np.testing.assert_array_equal(LEVELS[name](poisoned)[:, :26], full[:, :26])
    for origin in (1, 13, 40):
        np.testing.assert_array_equal(full[:, origin], tonight(LEVELS[name](demand[:, :origin])))
    assert np.isnan(full[:, 0]).all()
