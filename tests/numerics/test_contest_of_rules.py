"""Paired differences, their intervals, and the dial to turn to."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit

from replenish.numerics.contest_of_rules import (
    flattest,
    paired_difference,
    paired_ratio,
    rolling_windows,
)
from tests.golden_cases import assert_golden, golden


def interval_of_mean(difference: np.ndarray) -> tuple[float, float]:
    """90 % t interval of the mean of a few windows' differences."""
    count = len(difference)
    reach = stdtrit(count - 1, 0.95) * difference.std(ddof=1) / np.sqrt(count)
    return float(difference.mean() - reach), float(difference.mean() + reach)


def test_paired_windows() -> None:
    """Mean difference and windows won, worked by hand."""
    told, expected, tolerance = golden("validation", "paired_windows")
    apart = np.array(told["cost_difference_by_window"])
    found = paired_difference(apart[:, None], np.zeros((8, 1)), np.random.default_rng(1))
    assert_golden(found.mean, expected["mean"], tolerance)
    assert found.windows_won == expected["windows_won"]


def test_t_interval_and_bootstrap_agree() -> None:
    """The 90 % t interval of eight windows, and the bootstrap of the same numbers beside it."""
    told, expected, tolerance = golden("validation", "paired_interval_t")
    apart = np.array(told["cost_difference_by_window"])
    low, high = interval_of_mean(apart)
    assert_golden(low, expected["low"], tolerance)
    assert_golden(high, expected["high"], tolerance)
    found = paired_difference(apart[:, None], np.zeros((8, 1)), np.random.default_rng(1))
    assert abs(found.low - low) < 0.8
    assert abs(found.high - high) < 0.8
    assert found.is_cheaper


def test_the_interval_covers_the_truth_nine_times_in_ten() -> None:
    """Costs whose true difference is known: the interval holds it in about 90 % of experiments (4 standard errors)."""
    rng = np.random.default_rng(7)
    inside = 0
    for _ in range(200):
        apart = rng.normal(-1.0, 5.0, (12, 60)) + rng.normal(0.0, 0.4, (12, 1))
        found = paired_difference(apart, np.zeros_like(apart), rng)
        inside += found.low <= -60.0 <= found.high
    assert inside / 200 > 0.9 - 4 * np.sqrt(0.09 / 200)


def test_no_difference_is_no_win() -> None:
    """A rule beside itself is neither cheaper nor dearer."""
    cost = np.random.default_rng(1).random((6, 30))
    found = paired_difference(cost, cost, np.random.default_rng(1))
    assert not found.is_cheaper
    assert found.mean == 0.0


def test_a_few_windows_in_a_row_prove_nothing() -> None:
    """Cheaper in three of three windows, but the interval holds zero: a draw. In eight of eight it is a win."""
    rng = np.random.default_rng(3)
    for windows, is_win in ((3, False), (8, True)):
        apart = np.zeros((windows, 4))
        apart[:, 0], apart[:, 1] = -11.0, 10.0
        found = paired_difference(apart, np.zeros_like(apart), rng)
        assert found.high > 0.0
        assert found.windows_won == windows
        assert found.is_cheaper is is_win
        assert not found.is_dearer


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        ([5.0, 3.0, 4.0], 1),
        ([10.0, 5.01, 5.0, 5.02, 9.0], 2),
        ([5.0, 5.0, 5.0, 5.0, 5.0], 2),
        ([1.0, 9.0, 1.0], 0),
    ],
)
def test_the_flattest_of_the_cheapest(cost: list[float], expected: int) -> None:
    """The middle of the stretch around the cheapest within half a per cent; a far dial as cheap is no neighbour."""
    assert flattest(np.array(cost)) == expected


def test_ratio_interval_holds_the_ratio() -> None:
    """Shares of sums lie within their interval, and nothing wanted gives none."""
    whole = np.random.default_rng(2).poisson(5.0, (6, 40)).astype(float) + 1.0
    low, high = paired_ratio(0.9 * whole, whole, np.random.default_rng(1))
    assert low == pytest.approx(0.9)
    assert high == pytest.approx(0.9)
    assert paired_ratio(np.zeros((2, 3)), np.zeros((2, 3)), np.random.default_rng(1)) == (None, None)


def test_rolling_windows() -> None:
    """Origins leave the warm-up behind them and a full window ahead."""
    told, expected, _ = golden("validation", "rolling_origin_windows")
    found = rolling_windows(told["buckets"], told["first_origin"], told["window"], told["step"])
    assert found == expected["origin"]
    assert len(found) == expected["windows"]
