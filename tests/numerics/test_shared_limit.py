"""One price for a shared limit: worked answers, enumeration, and the laws of the price."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics.shared_limit import bisected_price, capped_ratio, share_out, until_enough
from replenish.numerics.supplier_order import top_up, worth_placing
from tests.golden_cases import assert_golden, golden


def laid_out(items: dict[str, dict[str, Any]]) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
    """Items as increments: whose, gain, the one before, and cost."""
    names, gain, after, use = [], [], [], []
    for name, one in items.items():
        for place, value in enumerate(one["marginal_value"]):
            after.append(len(gain) - 1 if place else -1)
            names.append(name)
            gain.append(float(value))
            use.append(float(one["unit_cost"]))
    return names, np.array(gain), np.array(after), np.array(use)


def spent_on(budget: float, gain: np.ndarray, after: np.ndarray, use: np.ndarray) -> tuple[np.ndarray, float]:
    """What one budget buys, and its price."""
    nothing = np.zeros((len(gain), 1), dtype=np.int64)
    chosen, price, _ = share_out(np.array([budget]), gain, after, nothing, use[:, None])
    return chosen, float(price[0])


def test_budgets() -> None:
    """Quantities, money, value and price at four budgets."""
    told, expected, tolerance = golden("constraints", "budget_greedy")
    names, gain, after, use = laid_out(told["items"])
    for k, budget in enumerate(told["budget"]):
        chosen, price = spent_on(budget, gain, after, use)
        found = {one: sum(taken and name == one for taken, name in zip(chosen, names, strict=True)) for one in "abc"}
        assert found == expected["order_qty"][k]
        assert_golden(use[chosen].sum(), expected["spent"][k], tolerance)
        assert_golden(gain[chosen].sum(), expected["value"][k], tolerance)
        assert_golden(price, expected["shadow_price"][k], tolerance)


def test_bisection_finds_the_same_prices() -> None:
    """40 halvings from above."""
    told, expected, tolerance = golden("constraints", "budget_bisection")
    _, gain, _, use = laid_out(told["items"])
    found = [bisected_price(budget, gain, use) for budget in told["budget"]]
    assert_golden(found, expected["shadow_price"], tolerance)


def test_supplier_minimum() -> None:
    """Wanted lines gain 30 for 70; packs for 30 more are added at the least loss, and waiting decides."""
    told, expected, tolerance = golden("constraints", "supplier_minimum")
    gain, money = np.array(told["candidates"], dtype=np.float64).T
    alone = np.full(len(gain), -1)
    missing = told["min_order_value"] - told["must_order_value"]
    added = top_up(gain, money, np.ones(len(gain)), alone, missing, 0.0)
    total = told["must_value_gain"] + gain[added].sum()
    assert_golden(total - told["order_cost"], expected["gain"], tolerance)
    assert_golden(told["must_order_value"] + money[added].sum(), expected["order_value"], tolerance)
    found = [worth_placing(total, told["order_cost"], waiting) for waiting in told["value_if_waiting"]]
    assert found == expected["order"]


nodes = st.lists(
    st.tuples(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(1, 5)),
    min_size=1,
    max_size=4,
)


def made(drawn: list[tuple[list[int], int]]) -> dict[str, dict[str, Any]]:
    """Nodes with falling gains."""
    return {
        f"n{k}": {"marginal_value": sorted(values, reverse=True), "unit_cost": cost}
        for k, (values, cost) in enumerate(drawn)
    }


@settings(max_examples=80, deadline=None)
@given(drawn=nodes, budget=st.integers(0, 40))
def test_within_one_increment_of_the_best(drawn: list[tuple[list[int], int]], budget: int) -> None:
    """Enumeration of all quantities of up to four nodes: the greedy answer misses at most one increment's gain."""
    items = made(drawn)
    _, gain, after, use = laid_out(items)
    chosen, price = spent_on(float(budget), gain, after, use)
    assert use[chosen].sum() <= budget + 1e-9
    best = 0.0
    for quantities in product(*(range(len(one["marginal_value"]) + 1) for one in items.values())):
        cost = sum(q * one["unit_cost"] for q, one in zip(quantities, items.values(), strict=True))
        if cost <= budget:
            worth = sum(sum(one["marginal_value"][:q]) for q, one in zip(quantities, items.values(), strict=True))
            best = max(best, worth)
    assert gain[chosen].sum() >= best - gain.max() - 1e-9
    if use.sum() <= budget:
        assert chosen.all()
        assert price == 0.0


@settings(max_examples=60, deadline=None)
@given(drawn=nodes)
def test_the_price_falls_as_the_budget_grows(drawn: list[tuple[list[int], int]]) -> None:
    """Money is worth less the more there is; what was refused is worth no more than the price."""
    _, gain, after, use = laid_out(made(drawn))
    prices = []
    for budget in range(int(use.sum()) + 1):
        chosen, price = spent_on(float(budget), gain, after, use)
        refused = ~chosen
        assert not refused.any() or (gain[refused] / use[refused]).max() <= price + 1e-9
        prices.append(price)
    assert (np.diff(prices) <= 1e-9).all()


@pytest.mark.parametrize("seed", range(20))
def test_two_limits_stay_within_both_and_near_the_best(seed: int) -> None:
    """Money and space at once: nothing over, and at most two increments short of what enumeration finds."""
    rng = np.random.default_rng(seed)
    count = 8
    gain, use = rng.integers(1, 30, count).astype(float), rng.integers(1, 9, (count, 2)).astype(float)
    room = use.sum(axis=0) * rng.uniform(0.3, 0.7, 2)
    resource = np.tile(np.arange(2), (count, 1))
    chosen, price, _ = share_out(room, gain, np.full(count, -1), resource, use)
    assert (use[chosen].sum(axis=0) <= room + 1e-9).all()
    sets = np.array(list(product([False, True], repeat=count)))
    worth = np.where((sets @ use <= room + 1e-9).all(axis=1), sets @ gain, 0.0)
    assert gain[chosen].sum() >= worth.max() - 2 * gain.max()
    bound = np.maximum(gain - use @ price, 0.0).sum() + price @ room  # weak duality
    assert bound >= worth.max() - 1e-9


def test_enough_is_what_serves_the_missing_units_at_the_best_gain_for_money() -> None:
    """By gain for cost: 4, 2, 1, -0.5; what must be taken comes first, nothing is taken where nothing is missing."""
    gain, cost = np.array([4.0, 1.0, 4.0, -1.0]), np.array([1.0, 1.0, 2.0, 2.0])
    serves, after = np.array([3.0, 1.0, 2.0, 1.0]), np.array([-1, 0, -1, 2])
    must = np.zeros(4, dtype=bool)

    def found(missing: float, must: np.ndarray = must) -> tuple[list[bool], float]:
        chosen, price = until_enough(missing, gain, cost, serves, after, must)
        return chosen.tolist(), price

    assert found(0.0) == ([False] * 4, np.inf)
    assert found(3.0) == ([True, False, False, False], 4.0)
    assert found(3.1) == ([True, False, True, False], 2.0)
    assert found(6.0) == ([True, True, True, False], 1.0)
    assert found(6.5) == ([True] * 4, -0.5)
    assert found(99.0) == ([True] * 4, -0.5)
    assert found(2.0, np.array([False, False, True, True])) == ([False, False, True, True], np.inf)
    assert found(3.5, np.array([False, False, True, True])) == ([True, False, True, True], 4.0)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-5, 9), st.integers(1, 4), st.integers(0, 5), st.booleans()), min_size=1, max_size=9)
)
def test_a_higher_target_takes_no_less_and_its_price_parts_what_is_taken(
    packs: list[tuple[int, int, int, bool]],
) -> None:
    """Price falls as the target rises; every pack taken earns at least the price, every first pack left at most it."""
    gain, cost, serves = (np.array([pack[j] for pack in packs], dtype=float) for j in range(3))
    after = np.array([k - 1 if k and packs[k][3] else -1 for k in range(len(packs))])
    nobody = np.zeros(len(packs), dtype=bool)
    ratio = capped_ratio(gain, cost, after)
    last, count = np.inf, 0
    for missing in np.arange(0.5, serves.sum() + 1.0):
        chosen, price = until_enough(missing, gain, cost, serves, after, nobody)
        assert serves[chosen].sum() >= min(missing, serves.sum()) - 1e-9
        assert price <= last
        assert chosen.sum() >= count
        assert (ratio[chosen] >= price).all()
        assert (ratio[~chosen] <= price).all()
        assert all(after[k] < 0 or chosen[after[k]] for k in np.flatnonzero(chosen))
        last, count = price, chosen.sum()
