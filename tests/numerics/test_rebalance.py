"""Lateral moves: the worked answer, and the laws of what may move."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize

from replenish.numerics.rebalance import Floats, Ints, move_units
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


def _best(origin: Ints, destination: Ints, up: Floats, down: Floats, cost: Floats) -> float:
    """The most that any moves gain: every choice of givers and takers, each solved as a transport problem."""
    nodes, steps = up.shape
    lanes, most = len(origin), 0.0
    flow = np.zeros((2 * nodes, lanes + 2 * nodes * steps))
    flow[origin, np.arange(lanes)] = flow[nodes + destination, np.arange(lanes)] = 1.0
    for row in range(2 * nodes):
        flow[row, lanes + row * steps : lanes + (row + 1) * steps] = -1.0
    money = np.concatenate([cost, up.ravel(), -down.ravel()])
    for gives in itertools.product((False, True), repeat=nodes):
        role = np.array(gives)
        used = role[origin] & ~role[destination]
        upper = np.concatenate([np.where(used, np.inf, 0.0), np.ones(2 * nodes * steps)])
        bounds = np.column_stack([np.zeros_like(upper), upper])
        solved = optimize.linprog(money, A_eq=flow, b_eq=np.zeros(2 * nodes), bounds=bounds)
        most = max(most, -float(solved.fun))
    return most


def test_taking_the_best_unit_first_comes_close_to_the_best_moves_of_all() -> None:
    """Random nets of four nodes with most lanes between them: never better than the optimum, on average near it."""
    rng = np.random.default_rng(0)
    gained = possible = 0.0
    for _ in range(30):
        pairs = [pair for pair in itertools.permutations(range(4), 2) if rng.random() < 0.6]
        origin, destination = (np.array(side) for side in zip(*pairs, strict=True))
        freight, least = rng.uniform(0, 3, len(pairs)), np.full(len(pairs), 0.3)
        up, down = np.sort(rng.uniform(-1, 8, (4, 5)), axis=1), -np.sort(-rng.uniform(-1, 8, (4, 5)), axis=1)
        moves = move_units(origin, destination, up, down, freight, least)
        mine, best = (
            float((moves.gain - least * moves.units).sum()),
            _best(origin, destination, up, down, freight + least),
        )
        assert mine <= best + 1e-9
        gained, possible = gained + mine, possible + best
    assert gained > 0.9 * possible
