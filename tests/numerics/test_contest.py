from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics.contest import paired_gain


def test_a_better_forecaster_wins_and_an_equal_one_does_not():
    rng = np.random.default_rng(1)
    loss = rng.gamma(2.0, 1.0, (200, 13))
    better = paired_gain(loss, loss * 0.9 + rng.normal(0, 0.05, loss.shape))
    assert better.is_beyond_noise
    assert better.mean == pytest.approx(0.2, abs=0.02)
    assert not paired_gain(loss, loss).is_beyond_noise


def test_false_winners_are_as_rare_as_promised_when_weeks_are_shared():
    """Two equals whose losses move together week by week: one in twenty may look better, not one in three."""
    rng = np.random.default_rng(2)
    wins = 0
    for _ in range(400):
        week = rng.normal(0, 1, (1, 26))
        node = rng.normal(0, 1, (80, 1))
        wins += paired_gain(week + node + rng.normal(0, 1, (80, 26)), np.zeros((80, 26))).is_beyond_noise
    assert wins / 400 < 0.09


def test_nothing_to_compare():
    nothing = paired_gain(np.full((3, 4), np.nan), np.ones((3, 4)))
    assert (nothing.node_count, nothing.origin_count) == (0, 0)
    assert not nothing.is_beyond_noise


def test_missing_cells_leave_both_sides():
    loss = np.array([[2.0, np.nan], [3.0, 1.0]])
    got = paired_gain(loss, np.array([[1.0, 5.0], [np.nan, 1.0]]))
    assert got.mean == pytest.approx(0.5)
