from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics.drift import median_interval, multiple_share, observed_pack, yearly_cost_of_protection


@given(st.integers(1, 60), st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_the_pack_divides_all_lines_and_is_no_smaller_than_the_true_one(pack, parts):
    qty = np.array(parts, dtype=np.int64) * pack
    found = observed_pack(qty, np.zeros(qty.size, np.int64), 1)[0]
    share = multiple_share(qty.astype(float), np.array([float(found)]), np.zeros(qty.size, np.int64), 1)[0]
    assert share > 0.95
    assert found >= pack


def test_five_lines_in_a_hundred_may_differ_but_not_six_and_groups_stand_alone():
    qty = np.array([12] * 60 + [24] * 36 + [7] * 4 + [12] * 60 + [24] * 33 + [7] * 7)
    group = np.repeat([0, 2], 100)
    assert observed_pack(qty, group, 3).tolist() == [12, 0, 1]
    assert observed_pack(np.zeros(0, np.int64), np.zeros(0, np.int64), 0).size == 0


def test_the_interval_of_a_median_covers_it_nine_times_in_ten_or_more():
    rng = np.random.default_rng(5)
    told = [median_interval(one) for one in rng.exponential(1.0, (4000, 25))]
    covered = np.mean([low <= np.log(2.0) <= high for _, low, high in told])
    assert covered > 0.9 - 4 * np.sqrt(0.09 / 4000)
    assert median_interval(np.array([7.0])) == (7.0, 7.0, 7.0)


def test_the_yearly_cost_is_that_of_drawn_demand():
    days = (np.array([14.0]), np.array([17.0]), np.array([7.0]))
    got = yearly_cost_of_protection(*days, *(np.array([x]) for x in (3.0, 2.0, 1.65, 0.01, 4.0)))[0]
    rng = np.random.default_rng(2)
    before = rng.normal(3.0 * 10, 2.0 * np.sqrt(10), 400_000)
    demand = before + rng.normal(3.0 * 7, 2.0 * np.sqrt(7), before.size)
    level = 3.0 * 14 + 1.65 * 2.0 * np.sqrt(14)
    lost = np.maximum(demand - level, 0) - np.maximum(before - level, 0)
    cost = 365 * (0.01 * np.maximum(level - demand, 0) + 4.0 * lost / 7.0)
    assert got == pytest.approx(cost.mean(), abs=4 * cost.std() / np.sqrt(demand.size))


def test_certain_demand_costs_what_is_over_or_short():
    none = np.array([0.0])
    days = (np.array([10.0, 20.0]), np.array([15.0, 15.0]), np.array([7.0, 7.0]))
    got = yearly_cost_of_protection(*days, np.array([2.0]), none, none, np.array([0.1]), np.array([3.0]))
    assert got.tolist() == pytest.approx([365 * 3 * 10 / 7, 365 * 0.1 * 10])
