from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics.plant_drift import is_setup_counted, middle_pace, ratio, share

ONE = np.zeros


def test_the_interval_of_a_ratio_covers_the_truth_nine_times_in_ten():
    rng = np.random.Generator(np.random.PCG64(1))
    nights, lines = 2000, 30
    made = rng.integers(5, 60, (nights, lines)).astype(float)
    hours = made * 0.25 * rng.lognormal(-0.02, 0.2, made.shape)
    group = np.repeat(np.arange(nights), lines)
    told = ratio(hours.ravel(), made.ravel(), group, nights)
    covered = np.abs(told.value - 0.25) <= told.half_width
    assert 0.87 < covered.mean() < 0.92
    assert (told.row_count == lines).all()


@pytest.mark.parametrize("batch_spread", [0.0, 0.05])
def test_the_interval_of_a_yield_covers_the_truth_also_where_whole_batches_fail(batch_spread):
    rng = np.random.Generator(np.random.PCG64(2))
    nights, lines = 1000, 40
    true = np.clip(rng.normal(0.9, batch_spread, (nights, lines)), 0.0, 1.0)
    made = rng.integers(20, 80, true.shape)
    good = rng.binomial(made, true).astype(float)
    group = np.repeat(np.arange(nights), lines)
    told = share(good.ravel(), made.ravel().astype(float), group, nights)
    assert 0.86 < (np.abs(told.value - 0.9) <= told.half_width).mean() < 0.95


def test_a_yield_of_few_units_without_any_scrap_has_no_width_and_one_row_has_none_at_all():
    assert share(np.array([5.0, 5.0]), np.array([5.0, 5.0]), ONE(2, np.int64), 1).half_width == 0.0
    assert np.isnan(ratio(np.array([2.0]), np.array([4.0]), ONE(1, np.int64), 1).half_width)
    empty = ratio(np.array([2.0]), np.array([0.0]), ONE(1, np.int64), 2)
    assert np.isnan(empty.value).all()


@pytest.mark.parametrize("truth", [True, False])
def test_whether_set_ups_are_in_the_hours_is_read_from_lots_of_different_size(truth):
    rng = np.random.Generator(np.random.PCG64(3))
    standard = rng.uniform(1.0, 6.0, 60)
    setup = np.full(60, 1.5)
    run = (standard * 1.1 + truth * setup) * rng.uniform(0.95, 1.05, 60)
    group, one = np.arange(60) % 3, np.zeros(3, np.int64)
    assert is_setup_counted(run, setup, standard, group, 3, one, 1).tolist() == [truth]


def test_one_slow_item_does_not_slow_the_work_centre():
    pace = np.array([1.0, 1.3, 1.02, 2.0, 0.5])
    weight = np.array([30.0, 30.0, 40.0, 0.0, 1.0])
    center = np.array([1, 1, 1, 2, 0])
    assert middle_pace(pace, weight, center, 4).tolist()[:2] == [0.5, 1.02]
    assert np.isnan(middle_pace(pace, weight, center, 4)[2:]).all()
