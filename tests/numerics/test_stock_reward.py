"""An independent view of what stock is worth: the stock reward recursion, beside the curve the engine uses."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from replenish.numerics import value_curve as vc
from tests.golden_cases import case

Floats = NDArray[np.float64]


def stock_reward(pmf: Floats, periods: int, margin: float, stockout: float, carrying: float, keep: float) -> Floats:
    """R_t(k) = E[kM + (y-k)S if y >= k else yM + (k-y)C + a R_{t+1}(k-y)], R_T = 0 (Lokad, stock reward function)."""
    levels = 11
    reward = np.zeros(levels)
    for _ in range(periods):
        before, reward = reward, np.zeros(levels)
        for k in range(levels):
            for y, chance in enumerate(pmf):
                left = (k - y) * carrying + keep * before[k - y] if y < k else (y - k) * stockout
                reward[k] += chance * (min(k, y) * margin + left)
    return reward


def _given() -> tuple[dict[str, float], Floats]:
    inputs = case("order_engine", "stock_reward_recursion")["inputs"]
    money = {
        "margin": inputs["margin"],
        "stockout": inputs["stockout_value"],
        "carrying": inputs["carrying_value"],
        "keep": inputs["discount"],
    }
    return money, np.array(inputs["demand_pmf"])


def test_recursion() -> None:
    known = case("order_engine", "stock_reward_recursion")
    money, pmf = _given()
    reward = stock_reward(pmf, known["inputs"]["periods"], **money)
    assert reward == pytest.approx(known["expected"]["reward"], abs=1e-9)
    assert np.diff(reward) == pytest.approx(known["expected"]["marginal"], abs=1e-9)


def test_one_period_is_the_curve() -> None:
    money, pmf = _given()
    marginal = np.diff(stock_reward(pmf, 1, **money))
    needs = np.repeat(np.arange(len(pmf), dtype=float), np.rint(pmf * 1000).astype(int))
    # a unit served earns the margin and avoids the stock-out; unsold it is carried
    curve = vc.build_curve(needs, needs[None, :], money["margin"] - money["stockout"], np.array([-money["carrying"]]))
    assert [vc.gain(curve, k, k + 1.0) for k in range(10)] == pytest.approx(marginal, abs=1e-9)


def test_more_periods_want_no_less() -> None:
    money, pmf = _given()
    wanted = [int(np.argmax(stock_reward(pmf, periods, **money))) for periods in (1, 2, 3, 4)]
    assert wanted == sorted(wanted)
    assert wanted[0] < wanted[-1]
