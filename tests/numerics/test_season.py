from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics.season import (
    position_sums,
    repeated_index,
    seasonal_index,
    settle_index,
    with_week_53,
    year_level,
)
from tests.golden_cases import assert_golden, golden, numbers


@pytest.mark.parametrize(("name", "scaled"), [("pooled_seasonal_index", False), ("pooled_seasonal_index_scaled", True)])
def test_pooled_index(name, scaled):
    inputs, expected, tolerance = golden("forecast", name)
    demand, length = numbers(inputs["demand_qty"]), inputs["season_length"]
    position = np.arange(demand.shape[1]) % length
    index = seasonal_index(*position_sums(demand, position, length), np.zeros(2, np.int64), 1, scaled)
    assert_golden(index, [expected["index"]], tolerance)


def test_groups_do_not_mix_and_a_group_without_demand_gets_one():
    rng = np.random.default_rng(4)
    demand = rng.poisson(5.0, (6, 24)).astype(float)
    demand[4:] = np.nan
    position = np.arange(24) % 12
    group = np.array([0, 1, 0, 1, 2, 2])
    together = seasonal_index(*position_sums(demand, position, 12), group, 3)
    for g in (0, 1):
        alone = seasonal_index(*position_sums(demand[group == g], position, 12), np.zeros(2, np.int64), 1)
        np.testing.assert_array_equal(together[g], alone[0])
    assert np.isnan(together[2]).all()
    np.testing.assert_array_equal(settle_index(together)[2], 1.0)


def test_edges():
    inputs, expected, tolerance = golden("forecast", "seasonal_index_edges")
    assert_golden(settle_index(numbers([inputs["raw_index"]])), [expected["index"]], tolerance)
    weeks = np.ones((1, 52))
    weeks[0, [0, 51]] = inputs["week_1"], inputs["week_52"]
    assert_golden(with_week_53(weeks)[:, 52], [expected["week_53"]], tolerance)


def test_a_run_of_empty_positions_is_filled_from_its_ends():
    settled = settle_index(np.array([[2.0, np.nan, 0.0, np.nan, 1.0, 1.0]]))
    assert (settled > 0).all()
    assert settled[0, 1] == 2.0
    assert settled[0, 3] == 1.0


def test_buckets_outside_the_season_are_left_out():
    demand = np.array([[1.0, 3.0, 100.0]])
    index = seasonal_index(*position_sums(demand, np.array([0, 1, -1]), 2), np.zeros(1, np.int64), 1)
    np.testing.assert_allclose(index, [[0.5, 1.5]])


def test_what_comes_back_every_year_is_the_season():
    """Three years of one wave and noise: the wave is found; noise alone leaves the index flat."""
    rng = np.random.default_rng(5)
    wave = 1.0 + 0.4 * np.sin(2 * np.pi * np.arange(52) / 52)
    expected = np.full((2, 3, 52), 400.0)
    had = rng.poisson(expected * np.stack([np.broadcast_to(wave, (3, 52)), np.ones((3, 52))])).astype(float)
    index = repeated_index(had, expected, np.array([False, False]))
    assert np.abs(index[0] - wave / wave.mean()).max() < 0.1
    assert np.abs(index[1] - 1.0).max() < 0.03
    np.testing.assert_allclose(index.mean(axis=1), 1.0)


def test_one_year_alone_and_one_odd_year_show_no_season():
    expected = np.full((2, 2, 52), 400.0)
    had = expected.copy()
    had[0, 0, 10:20] = 40.0  # out of stock for ten weeks of one year
    expected[1, 1] = had[1, 1] = 0.0  # the other group is a year old
    had[1, 0, :26] = 800.0
    index = repeated_index(had, expected, np.array([True, True]))
    np.testing.assert_allclose(index, 1.0, atol=0.02)


def test_the_level_of_a_week_is_that_of_a_whole_year_around_it():
    wave = 10.0 + 5.0 * np.sin(2 * np.pi * np.arange(156) / 52)
    level = year_level(wave[None, :], np.ones((1, 156)))
    np.testing.assert_allclose(level, 10.0)
    assert np.isnan(year_level(np.zeros((1, 60)), np.zeros((1, 60)))).all()
