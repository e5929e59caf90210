"""Master schedule and available-to-promise against the textbook, and their laws on random plans."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics.available_to_promise import (
    available_to_promise,
    before_look_back,
    looked_back,
    master_schedule,
)
from tests.golden_cases import assert_golden, golden

UNITS = st.lists(st.integers(0, 40), min_size=6, max_size=6)


def rows(values: list[float]) -> np.ndarray:
    return np.array([values], dtype=float)


def test_the_textbook_example_of_pumps() -> None:
    known, expected, tolerance = golden("material_plan", "mps_atp_pumps")
    forecast, orders = rows(known["forecast_qty"]), rows(known["order_qty"])
    on_hand = np.array([float(known["on_hand_qty"])])
    plan = master_schedule(on_hand, forecast, orders, np.array([float(known["lot"])]))
    assert_golden(plan.closing[0], expected["projected_qty"], tolerance)
    assert_golden(plan.lot[0], expected["mps_qty"], tolerance)
    supply = plan.lot.copy()
    supply[:, 0] += on_hand
    assert_golden(looked_back(before_look_back(supply, orders))[0], expected["atp_qty"], tolerance)
    assert_golden(available_to_promise(supply, orders).cumulative[0], expected["cumulative_atp_qty"], tolerance)


def test_a_lot_that_lacks_takes_from_the_lots_before_it() -> None:
    known, expected, tolerance = golden("material_plan", "atp_look_back")
    supply = rows(known["mps_qty"])
    supply[0, 0] += known["on_hand_qty"]
    before = before_look_back(supply, rows(known["order_qty"]))
    assert_golden(before[0], expected["atp_before_look_back"], tolerance)
    assert_golden(looked_back(before)[0], expected["atp_qty"], tolerance)


def test_late_orders_are_served_before_new_ones_are_promised() -> None:
    got = available_to_promise(rows([5, 0, 40]), rows([15, 0, 0]))
    assert got.discrete.tolist() == [[0, 0, 30]]


@given(UNITS, UNITS)
def test_what_is_promised_and_ordered_is_supplied(supply: list[int], orders: list[int]) -> None:
    """Cumulative ATP is what is left of the worst running balance still to come; with orders it is all supply."""
    got = available_to_promise(rows(supply), rows(orders))
    balance = np.cumsum(np.array(supply) - np.array(orders))
    left = [max(0, balance[t:].min()) for t in range(6)]
    assert got.cumulative[0].tolist() == left
    if balance[-1] >= 0:
        assert got.discrete.sum() + sum(orders) == sum(supply)


@given(UNITS, UNITS, st.integers(0, 5))
def test_a_new_order_up_to_the_cumulative_atp_takes_from_nobody(
    supply: list[int], orders: list[int], bucket: int
) -> None:
    """Played day by day, old and new orders are served no later than the old ones were alone."""
    most = available_to_promise(rows(supply), rows(orders)).cumulative[0, bucket]
    asked = np.array(orders, dtype=float)
    asked[bucket] += most

    def owed(wanted: np.ndarray) -> np.ndarray:
        return np.maximum.accumulate(np.maximum(0, np.cumsum(wanted) - np.cumsum(supply)))

    late_before = np.maximum(0, np.cumsum(orders) - np.cumsum(supply))
    late_after = np.maximum(0, np.cumsum(asked) - np.cumsum(supply))
    if most > 0:
        assert (late_after[bucket:] <= late_before[bucket:]).all()
    more = asked.copy()
    more[bucket] += 1
    short = np.cumsum(more) - np.cumsum(supply)
    assert (short[bucket:] > late_before[bucket:]).any() or most == 0


def test_unknown_and_absurd_quantities_promise_nothing() -> None:
    got = available_to_promise(rows([np.nan, -5, np.inf]), rows([np.nan, np.inf, -1]))
    assert got.discrete.tolist() == [[0, 0, 0]]
    assert available_to_promise(np.zeros((0, 4)), np.zeros((0, 4))).cumulative.shape == (0, 4)
