from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from replenish.numerics.tracking import LIMIT, tracking_rate

errors = arrays(np.float64, st.integers(0, 40), elements=st.floats(-1e9, 1e9))


@pytest.mark.parametrize("weeks", [30, 104])
@pytest.mark.parametrize("kind", ["normal", "counts"])
def test_errors_that_do_not_lean_pass_the_limit_one_time_in_a_hundred(weeks, kind):
    rng = np.random.default_rng(weeks)
    drawn = rng.normal(size=(5000, weeks)) if kind == "normal" else rng.poisson(4, (5000, weeks)) - 4.0
    alarms = np.mean([abs(tracking_rate(one)) > LIMIT for one in drawn])
    assert 0.004 < alarms < 0.02


def test_a_level_that_moves_by_one_standard_error_is_noticed_within_a_quarter():
    rng = np.random.default_rng(3)
    drawn = rng.normal(size=(500, 104))
    drawn[:, -13:] += 1.5
    assert np.mean([tracking_rate(one) > LIMIT for one in drawn]) > 0.6


def test_the_newest_errors_weigh_most():
    early, late = np.ones(40), np.ones(40)
    early[20:] = -1
    late[:20] = -1
    assert tracking_rate(early) < 0 < tracking_rate(late)
    # smoothed by hand: 0.1 (1 - 0.9 + 0.81) over 0.1 (1 + 0.9 + 0.81)
    assert tracking_rate(np.array([1.0, -1.0, 1.0])) == pytest.approx(0.91 / 2.71)


@given(errors, st.floats(1e-3, 1e3))
def test_it_lies_between_minus_one_and_one_whatever_the_unit(error, factor):
    rate = tracking_rate(error)
    assert -1 - 1e-12 <= rate <= 1 + 1e-12
    assert tracking_rate(error * factor) == pytest.approx(rate, abs=1e-6)
    assert tracking_rate(-error) == -rate


def test_nothing_to_judge_is_no_lean():
    assert tracking_rate(np.empty(0)) == 0
    assert tracking_rate(np.zeros(9)) == 0
    assert tracking_rate(np.array([np.nan, 2.0, np.inf])) == 1
