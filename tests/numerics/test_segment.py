from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics.segment import abc_class, demand_class, interval_and_variation, xyz_class
from tests.golden_cases import assert_golden, golden, golden_names, numbers


@pytest.mark.parametrize("name", golden_names("segment", "class_"))
def test_class_of_demand(name):
    inputs, expected, tolerance = golden("segment", name)
    adi, cv2 = interval_and_variation(numbers([inputs["demand_qty"]]))
    assert_golden(adi, [expected["adi"]], tolerance)
    assert_golden(cv2, [expected["cv2"]], tolerance)
    assert demand_class(adi, cv2)[0] == expected["label"]


def test_missing_buckets_do_not_lengthen_the_interval():
    with_gap = interval_and_variation(np.array([[2.0, np.nan, 0.0, 2.0]]))
    without = interval_and_variation(np.array([[2.0, 0.0, 2.0]]))
    np.testing.assert_array_equal(with_gap, without)


def test_abc_by_value():
    inputs, expected, _ = golden("segment", "abc_by_value")
    assert abc_class(numbers(inputs["value"]), tuple(inputs["cut"])).tolist() == expected["label"]


def test_abc_without_value_is_c_and_ties_keep_their_order():
    assert abc_class(np.array([0.0, np.nan])).tolist() == ["C", "C"]
    assert abc_class(np.array([1.0, 8.0, 1.0])).tolist() == ["B", "A", "B"]
    assert abc_class(np.array([])).tolist() == []


def test_xyz_sees_through_the_season():
    season = np.tile([0.5, 1.5], (3, 6))
    demand = np.array([[5.0, 15.0] * 6, [5.0, 0.0] * 6, [0.0] * 12])
    cv, label = xyz_class(demand, season)
    assert label.tolist() == ["X", "Z", "Z"]
    assert cv[0] == pytest.approx(0)
    assert cv[1] == pytest.approx(1)
    assert np.isnan(cv[2])
