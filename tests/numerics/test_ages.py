"""Stock by age: worked answers, nothing appears or vanishes, and the waste table of the literature by simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from replenish.numerics import ages
from replenish.numerics.simple_mode import simple_quantity, single_day_level
from tests.golden_cases import assert_golden, case, cases

_serve = ages.serve_ages


@njit(cache=True)
def _bucket(shelf: np.ndarray, life: int, stock: float, demand: float, lifo: float, lost: float) -> tuple:
    return _serve(shelf, 0, life, stock, demand, lifo, lost)


@pytest.mark.parametrize("one", cases("perishable", "age_step"), ids=lambda one: one["name"])
def test_one_bucket(one: dict[str, Any]) -> None:
    told, expected = one["inputs"], one["expected"]
    shelf = np.array(told["remaining_life_qty"], dtype=float)
    stock = shelf.sum()
    left, _, expired = _bucket(shelf, len(shelf), stock, float(told["demand_qty"]), float(told["lifo_share"]), 1.0)
    assert_golden([*shelf[1:], 0.0], expected["closing_remaining_life_qty"], one["tolerance"])
    assert_golden(expired, expected["waste_qty"], one["tolerance"])
    assert_golden(stock - left - expired, expected["sold_qty"], one["tolerance"])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.floats(0, 50), min_size=1, max_size=6),
    st.floats(-30, 400),
    st.floats(0, 400),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_what_comes_in_is_sold_wasted_or_still_there(
    there: list[float], stock: float, demand: float, lifo: float, lost_share: float
) -> None:
    shelf = np.array(there)
    left, lost, expired = _bucket(shelf, len(there), stock, demand, lifo, lost_share)
    assert left + expired == pytest.approx(stock - demand + lost, abs=1e-9)
    assert shelf.min() >= -1e-9
    assert shelf[1:].sum() == pytest.approx(max(0.0, left), abs=1e-9)  # the shelf is the stock, by age
    assert shelf[0] == 0.0
    assert 0.0 <= expired <= max(0.0, stock) + 1e-9


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(0, 50), min_size=2, max_size=6), st.floats(0, 100), st.floats(0, 0.9))
def test_taking_the_newest_wastes_no_less(there: list[float], demand: float, lifo: float) -> None:
    oldest, mixed = np.array(there), np.array(there)
    fewer = _bucket(oldest, len(there), sum(there), demand, 0.0, 1.0)[2]
    more = _bucket(mixed, len(there), sum(there), demand, lifo, 1.0)[2]
    assert more >= fewer - 1e-9


@pytest.mark.parametrize("one", cases("perishable", "estimated_withdrawal"), ids=lambda one: one["name"])
def test_estimated_withdrawal(one: dict[str, Any]) -> None:
    """A safety stock is a share of the second window here: the order is the same."""
    told, expected = one["inputs"], one["expected"]
    lead, review, mean = told["lead_time_buckets"], told["review_buckets"], told["forecast_per_bucket"]
    stock = np.array([told["remaining_life_qty"]], dtype=float)
    horizon, life = lead + review - 1, np.array([9])
    args = (stock, np.full((1, 9), mean), np.zeros((1, 9)), life)
    waste = [ages.outdating(*args, np.array([n]))[0] for n in range(horizon + 1)]
    assert_golden(np.diff(waste), expected["outdating"], one["tolerance"])
    share = told["safety_stock"] / (mean * review)
    known = (mean * review, mean * review, stock.sum() - mean * lead, 0.0, told["pack"], share)
    assert simple_quantity(*known) == expected["base_stock_order_qty"]
    assert simple_quantity(*known, outdating=waste[-1]) == expected["order_qty"]


def test_outdating_follows_receipts_and_each_nodes_horizon() -> None:
    """Node 0 gets 10 that live two buckets in bucket 1, and sells 2 a bucket: 6 are left at the end of bucket 2."""
    receipts, mean = np.zeros((2, 4)), np.full((2, 4), 2.0)
    receipts[:, 1] = 10.0
    args = (np.zeros((2, 4)), mean, receipts, np.array([2, 2]))
    assert ages.outdating(*args, np.array([3, 2])).tolist() == [6.0, 0.0]
    assert ages.outdating(*args, np.array([0, 0])).tolist() == [0.0, 0.0]


@njit(cache=True)
def _years(level: int, life: int, lifo: float, estimated: bool, demand: np.ndarray) -> tuple:
    """Base stock, or estimated withdrawal and aging, with review and lead time of one bucket: sold and wasted units."""
    shelf, stock, due, sold, wasted = np.zeros(demand.shape[0] + life + 1), 0.0, 0.0, 0.0, 0.0
    mean = demand.mean()
    for t in range(demand.shape[0]):
        stock += due
        position = stock
        if estimated:
            oldest = shelf[t] if life > 1 else stock
            position -= max(0.0, oldest - mean)
        due = max(0.0, level - position)
        before = stock
        # only the open part of the shelf: settle looks at every later bucket
        part = shelf[: t + life + 1]
        stock, _, expired = _serve(part, t, life, stock, demand[t], lifo, 1.0)
        wasted += expired
        sold += before - stock - expired
    return sold, wasted


def _waste_at_fill(fill: float, life: int, lifo: float, estimated: bool, demand: np.ndarray) -> float:
    """Waste as a share of demand, by linear interpolation between whole levels."""
    total, before = demand.sum(), (0.0, 0.0)
    for level in range(1, 60):
        sold, wasted = _years(level, life, lifo, estimated, demand)
        now = (sold / total, wasted / total)
        if now[0] >= fill:
            return float(np.interp(fill, [before[0], now[0]], [before[1], now[1]]))
        before = now
    raise AssertionError("no level reaches the fill rate")


def test_waste_table() -> None:
    one = case("perishable", "waste_at_95_percent_fill")
    told, expected = one["inputs"], one["expected"]
    size, mean = told["size"], told["demand_mean"]
    demand = np.random.default_rng(3).negative_binomial(size, size / (size + mean), 40_000).astype(float)
    for k, (life, lifo) in enumerate(zip(told["shelf_life_buckets"], told["lifo_share"], strict=True)):
        for name, estimated in (("base_stock_waste_share", False), ("ewa_waste_share", True)):
            got = _waste_at_fill(told["fill_target"], life, float(lifo), estimated, demand)
            assert got == pytest.approx(expected[name][k], abs=one["tolerance"]), (name, life, lifo)


def test_bread_level() -> None:
    known = case("newsvendor", "newsvendor_bread")
    told = known["inputs"]
    earned, wasted = told["price"] - told["cost"], told["cost"] - told["salvage_value"]
    mean = told["demand_mean"]
    level = single_day_level([mean] * 4, told["demand_variance"], False, [earned, 0.0, -1.0, np.nan], wasted)
    assert_golden(level[0], known["expected"]["order_up_to"], known["tolerance"])
    assert level[1:].tolist() == [0.0, 0.0, 0.0]  # a sale that earns nothing is not prepared for
    free = single_day_level(mean, told["demand_variance"], False, earned, [0.0, -5.0])
    assert np.isfinite(free).all()
    assert (free > level[0]).all()
    tiny = single_day_level([0.0, 1e-300, 1e-9, 1e-5, 1e9], [0.0, 1e-300, 1e-9, 2e-5, 1e12], False, earned, wasted)
    assert np.isfinite(tiny).all()
    assert tiny[:4].tolist() == [0.0] * 4
