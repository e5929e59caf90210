"""Promised against achieved shares: the worked answer, and what never rings."""

from __future__ import annotations

import numpy as np

from replenish.numerics.alarm import alarm
from tests.golden_cases import golden, numbers


def test_two_points_over_two_thousand_promises_ring() -> None:
    inputs, expected, _ = golden("validation", "promise_versus_achieved")
    got = alarm(numbers(inputs["promised"]), numbers(inputs["achieved"]), numbers(inputs["n"]))
    assert got.tolist() == expected["alarm"]


def test_both_directions_ring_and_exactly_two_thousand_do_not() -> None:
    promised, achieved = np.full(4, 0.5), np.array([0.53, 0.47, 0.53, np.nan])
    assert alarm(promised, achieved, np.array([2001.0, 2001.0, 2000.0, 9000.0])).tolist() == [True, True, False, False]
