"""Rough-cut capacity: worked answers, lead offsets, and what levelling does at the edges."""

from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics.rough_cut import Routing, level_overload, load_hours, utilisation
from replenish.numerics.settled_hours import settled_hours
from tests.golden_cases import assert_golden, golden


def test_worked_load() -> None:
    inputs, expected, tolerance = golden("material_plan", "rough_cut_load")
    hours, qty = np.array(inputs["hours_per_unit"]), np.array(inputs["mps_qty"])
    item, centre = (part.ravel() for part in np.indices(hours.shape))
    none = np.zeros(len(item))
    routing = Routing(item, centre, hours.ravel(), none, none.astype(np.int64))
    load = load_hours(routing, qty, np.ones_like(qty), 2)
    assert_golden(load, expected["load_hours"], tolerance)
    assert_golden(utilisation(load, np.array(inputs["capacity_hours"])), expected["utilisation"], tolerance)


def test_worked_levelling() -> None:
    inputs, expected, tolerance = golden("material_plan", "level_overload")
    need = np.array(inputs["need_hours"])
    money = (inputs["holding_cost"], inputs["overtime_cost"], inputs["backlog_cost"])
    capacity, longer = np.full(3, inputs["capacity_hours"]), np.full(3, inputs["overtime_hours_max"])
    found = level_overload(need, capacity, longer, *money)
    assert_golden(found.cost, expected["cost"], tolerance)
    assert (found.worked <= capacity + found.overtime + 1e-9).all()
    assert np.cumsum(found.worked - need) == pytest.approx(found.ahead - found.behind)


def test_an_operation_takes_its_hours_after_the_start() -> None:
    one = np.zeros(2, dtype=np.int64)
    routing = Routing(one, one, np.array([1.0, 2.0]), np.array([0.5, 0.0]), np.array([0, 1]))
    qty = np.array([[10.0, 0.0, 4.0]])
    load = load_hours(routing, qty, (qty > 0).astype(float), 1)
    assert load.tolist() == [[10.5, 20.0, 4.5]]


def test_use_of_a_closed_centre() -> None:
    assert utilisation(np.array([0.0, 3.0, 3.0]), np.array([0.0, 0.0, 4.0])).tolist() == [0.0, np.inf, 0.75]


def test_a_price_of_an_hour_is_what_one_more_saves() -> None:
    args = (np.array([60.0, 95.0, 70.0]), np.full(3, 10.0), 1.0, 5.0, 50.0)
    need, longer, *money = args
    base = level_overload(need, np.full(3, 70.0), longer, *money)
    more = level_overload(need, np.array([70.0, 71.0, 70.0]), longer, *money)
    assert base.hour_value[1] == pytest.approx(base.cost - more.cost)


def test_without_any_hours_all_falls_behind() -> None:
    found = level_overload(np.array([5.0, 3.0]), np.zeros(2), np.zeros(2), 1.0, 5.0, 50.0)
    assert found.behind.tolist() == [5.0, 8.0]


def test_decided_hours_find_room_before_then_in_overtime_then_after() -> None:
    wanted = np.array([[2.0, 20.0, 1.0, 0.0]])
    capacity, longer = np.array([[5.0, 8.0, 4.0, 3.0]]), np.full((1, 4), 2.0)
    settled = settled_hours(wanted, capacity, longer)
    assert settled.tolist() == [[5.0, 10.0, 6.0, 2.0]]
    assert settled.sum() == wanted.sum()


def test_decided_hours_that_fit_nowhere_are_left_out() -> None:
    settled = settled_hours(np.array([[50.0, 0.0]]), np.array([[5.0, 5.0]]), np.ones((1, 2)))
    assert settled.tolist() == [[6.0, 6.0]]
