"""Lateral moves: the worked answer, and the laws of what may move."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics.rebalance import move_units
from tests.golden_cases import golden


def test_worked_answer() -> None:
    inputs, expected, _ = golden("network", "rebalance_units")
    last, following = inputs["source_value_of_last_units"], inputs["destination_marginal_value"]
    nothing = [np.inf] * len(last)
    moves = move_units(
        np.array([0]),
        np.array([1]),
        np.array([last, nothing]),
        np.array([[-np.inf] * len(last), following]),
        np.array([inputs["freight_and_handling"]]),
        np.array([inputs["hysteresis_share"] * inputs["unit_cost"]]),
    )
    assert moves.units.tolist() == [expected["moved_qty"]]
    gain = sum(following[:3]) - sum(last[:3]) - 3 * inputs["freight_and_handling"]
    assert abs(moves.gain[0] - gain) < 1e-12


_VALUES = st.lists(st.lists(st.floats(-5, 20), min_size=4, max_size=4), min_size=3, max_size=3)


@given(given_up=_VALUES, gained=_VALUES, freight=st.floats(0, 5), hysteresis=st.floats(0, 2))
def test_nobody_gives_and_takes_and_every_lane_that_moves_gains_more_than_the_hysteresis(
    given_up: list[list[float]], gained: list[list[float]], freight: float, hysteresis: float
) -> None:
    origin, destination = np.array([0, 0, 1, 1, 2, 2]), np.array([1, 2, 0, 2, 0, 1])
    cost, least = np.full(6, freight), np.full(6, hysteresis)
    up, down = np.sort(np.array(given_up), axis=1), -np.sort(-np.array(gained), axis=1)
    moves = move_units(origin, destination, up, down, cost, least)
    moving = moves.units > 0
    assert not set(origin[moving]) & set(destination[moving])
    assert (moves.gain[moving] > hysteresis * moves.units[moving]).all()
    out = np.bincount(origin, moves.units, minlength=3)
    assert (out <= 4).all()


def test_what_may_not_leave_stays_and_missing_numbers_move_nothing() -> None:
    one, other = np.array([0]), np.array([1])
    free, zero = np.array([[0.0, np.inf], [0.0, 0.0]]), np.zeros(1)
    assert move_units(one, other, free, np.full((2, 2), 9.0), zero, zero).units.tolist() == [1]
    assert move_units(one, other, free, np.full((2, 2), np.nan), zero, zero).units.tolist() == [0]
