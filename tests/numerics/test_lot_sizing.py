"""Lot rules against worked answers, the exact answer against enumeration, and what must hold for any demand."""

from __future__ import annotations

from itertools import product
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray

from replenish.numerics.lot_sizing import LOT_RULES, LotTerms, size_lots
from replenish.numerics.order_lines import whole_lots
from replenish.numerics.wagner_whitin import wagner_whitin
from replenish.sections import LotRule
from tests.golden_cases import assert_golden, case, cases

Floats = NDArray[np.float64]
# Names of the worked answers where they are not those of the settings.
_NAMED = {"part_period_not_exceeding": "part_period", "period_order_qty": "period_quantity"}


def terms(rule: str, order_cost: float, holding_cost: float, **other: float) -> LotTerms:
    """One node's terms: any quantity, any cover, unless told."""
    told = {"fixed_qty": np.nan, "cover": 10**6, "min_qty": 0.0, "multiple_qty": 0.0, "max_qty": np.inf} | other
    each = {name: np.array([value], dtype=float) for name, value in told.items()}
    return LotTerms(
        np.array([LOT_RULES.index(rule)]),
        each["fixed_qty"],
        np.array([order_cost], dtype=float),
        np.array([holding_cost], dtype=float),
        each["cover"].astype(np.int64),
        each["min_qty"],
        each["multiple_qty"],
        each["max_qty"],
    )


def sized(rule: str, demand: ArrayLike, order_cost: float, holding_cost: float, **other: float) -> Floats:
    """Lots of one node by a rule."""
    return size_lots(np.array([demand], dtype=float), terms(rule, order_cost, holding_cost, **other))[0]


def cheapest(
    demand: ArrayLike, order_cost: ArrayLike, holding_cost: float, unit_cost: ArrayLike = 0.0, most: int = 10**6
) -> tuple[Floats, float]:
    """Wagner-Whitin lots and cost of one node."""
    wanted = np.array([demand], dtype=float)
    costs = (np.broadcast_to(np.asarray(each, dtype=float), wanted.shape).copy() for each in (order_cost, unit_cost))
    fixed, unit = costs
    lots, cost = wagner_whitin(wanted, fixed, np.array([float(holding_cost)]), unit, np.array([most]))
    return lots[0], float(cost[0])


def cost_of(lots: ArrayLike, demand: ArrayLike, order_cost: ArrayLike, holding: float, unit: ArrayLike = 0.0) -> float:
    """What a plan costs: a lot each period that has one, holding on closing stock."""
    made = np.asarray(lots, dtype=float)
    closing = np.cumsum(made - np.asarray(demand, dtype=float))
    assert (closing > -1e-6).all()
    return float((np.asarray(order_cost) * (made > 1e-9) + np.asarray(unit) * made).sum() + holding * closing.sum())


@pytest.mark.parametrize("known", cases("lot_sizing", "dynamic_lots"), ids=lambda c: c["name"])
@pytest.mark.parametrize("name", [name for name in LOT_RULES if name not in ("fixed_quantity", "wagner_whitin")])
def test_worked_answers(known: dict[str, Any], name: str) -> None:
    inputs, expected = known["inputs"], {_NAMED.get(n, n): found for n, found in known["expected"].items()}[name]
    costs = (inputs["order_cost"], inputs["holding_cost"])
    lots = sized(name, inputs["demand_qty"], *costs)
    assert_golden(lots, expected["lots"], known["tolerance"])
    assert_golden(cost_of(lots, inputs["demand_qty"], *costs), expected["cost"], known["tolerance"])


@pytest.mark.parametrize("known", cases("lot_sizing", "dynamic_lots", "wagner_whitin"), ids=lambda c: c["name"])
def test_worked_cheapest_answers(known: dict[str, Any]) -> None:
    inputs, expected = known["inputs"], known["expected"].get("wagner_whitin", known["expected"])
    lots, cost = cheapest(
        inputs["demand_qty"], inputs["order_cost"], inputs["holding_cost"], inputs.get("unit_cost", 0.0)
    )
    assert_golden(cost, expected["cost"], known["tolerance"])
    best = expected.get("optimal_lots", [expected.get("lots")])
    assert any(lots.tolist() == pytest.approx(one) for one in best)
    if np.ndim(inputs["order_cost"]) == 0 and "unit_cost" not in inputs:
        assert sized("wagner_whitin", inputs["demand_qty"], inputs["order_cost"], inputs["holding_cost"]).tolist() == (
            pytest.approx(lots.tolist())
        )


def test_fewest_multiples_of_a_fixed_quantity() -> None:
    known = case("lot_sizing", "fixed_order_qty")
    lots = sized("fixed_quantity", known["inputs"]["demand_qty"], 0.0, 0.0, fixed_qty=known["inputs"]["lot"])
    assert_golden(lots, known["expected"]["lots"], 0)
    economic = sized("fixed_quantity", [25.0] * 4, 100.0, 0.5)
    assert economic.tolist() == [100.0, 0.0, 0.0, 0.0]  # sqrt(2 100 25 / 0.5)
    assert sized("fixed_quantity", [25.0] * 4, 0.0, 0.5).tolist() == [25.0] * 4


def test_lot_modifiers() -> None:
    known = case("lot_sizing", "lot_modifiers")
    given, expected = known["inputs"], known["expected"]["lot"]
    limits = (float(given["min_qty"]), float(given["max_qty"]), float(given["multiple_qty"]))
    got = [whole_lots(float(net), *limits) for net in given["net_qty"]]
    assert got == [0.0, 24.0, 48.0, 96.0, 132.0]
    largest = np.floor(limits[1] / limits[2]) * limits[2]
    assert_golden([min(total, largest) for total in got], expected, 0)  # the first lot; the rest is a second


def test_minimum_and_multiple_are_taken_off_the_next_lot() -> None:
    demand = [5.0, 5.0, 5.0, 5.0]
    assert sized("lot_for_lot", demand, 0.0, 1.0, min_qty=8.0).tolist() == [8.0, 8.0, 0.0, 8.0]
    assert sized("silver_meal", demand, 0.0, 1.0, multiple_qty=12.0).tolist() == [12.0, 0.0, 12.0, 0.0]
    assert sized("lot_for_lot", [50.0], 0.0, 1.0, max_qty=20.0).tolist() == [50.0]


quantities = st.lists(st.integers(0, 30).map(float), min_size=1, max_size=9)
money = st.sampled_from([0.0, 0.5, 3.0, 20.0, 75.0, 400.0])
EVERY = st.sampled_from(LOT_RULES)


@given(EVERY, quantities, money, st.sampled_from([0.0, 0.1, 1.0, 4.0]), st.integers(1, 9))
def test_lots_cover_demand_within_their_cover(
    rule: str, demand: list[float], fixed: float, hold: float, most: int
) -> None:
    lots = sized(rule, demand, fixed, hold, cover=most, fixed_qty=13.0)
    closing = np.cumsum(lots - np.array(demand))
    assert closing.min() >= -1e-9
    if rule == "fixed_quantity":
        assert (lots % 13.0 == 0.0).all()
        return
    assert closing[-1] == pytest.approx(0.0)
    assert ((lots > 0) <= (np.array(demand) > 0)).all()
    for t in np.flatnonzero(lots):
        covered = np.cumsum(demand[t:]) - 1e-9
        assert np.searchsorted(covered, lots[t]) < most or lots[t] == pytest.approx(sum(demand[t : t + most]))


@given(EVERY, quantities, money, st.sampled_from([0.0, 0.1, 1.0, 4.0]), st.integers(1, 9))
def test_no_rule_is_cheaper_than_the_exact_answer(
    rule: str, demand: list[float], fixed: float, hold: float, most: int
) -> None:
    most = 10**6 if rule == "fixed_quantity" else most  # whole multiples may last longer than they should
    _, least = cheapest(demand, fixed, hold, most=most)
    lots = sized(rule, demand, fixed, hold, cover=most)
    assert cost_of(lots, demand, fixed, hold) >= least - 1e-6
    if rule == "wagner_whitin":
        assert cost_of(lots, demand, fixed, hold) == pytest.approx(least)


varied = st.integers(1, 6).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 9).map(float), min_size=n, max_size=n),
        st.lists(st.integers(0, 40).map(float), min_size=n, max_size=n),
        st.lists(st.integers(0, 6).map(float), min_size=n, max_size=n),
    )
)


@given(varied, st.sampled_from([0.0, 0.5, 2.0]), st.integers(1, 7))
def test_the_exact_answer_is_that_of_enumeration(
    one: tuple[list[float], list[float], list[float]], hold: float, most: int
) -> None:
    demand, fixed, unit = one
    if most < len(demand):  # with a limit, lots of whole periods are only the cheapest where costs stay the same
        fixed, unit = fixed[:1] * len(demand), unit[:1] * len(demand)
    lots, cost = cheapest(demand, fixed, hold, unit, most)
    assert cost_of(lots, demand, fixed, hold, unit) == pytest.approx(cost)
    plans = []
    # every unit ordered in any period up to its own: whole periods suffice, so each period names its lot
    for source in product(*(range(t + 1) for t in range(len(demand)))):
        if any(wanted > 0 and t - at >= most for t, (at, wanted) in enumerate(zip(source, demand, strict=True))):
            continue
        made = np.bincount(source, demand, len(demand))
        plans.append(cost_of(made, demand, fixed, hold, unit))
    assert cost == pytest.approx(min(plans))


@given(EVERY, quantities)
def test_free_orders_are_lot_for_lot_and_free_holding_is_one_lot_a_cover(rule: str, demand: list[float]) -> None:
    assert sized(rule, demand, 0.0, 1.0).tolist() == demand
    if rule == "lot_for_lot" or not any(demand):
        return
    first = next(t for t, qty in enumerate(demand) if qty > 0)
    if rule != "fixed_quantity":
        assert sized(rule, demand, 10.0, 0.0)[first] == pytest.approx(sum(demand))
    # of a cover of two periods
    lots = sized(rule, demand, 10.0, 0.0, cover=2)
    if rule not in ("fixed_quantity", "wagner_whitin"):
        assert lots[first] == sum(demand[first : first + 2])


@given(EVERY, st.integers(1, 9), money, money)
def test_nothing_wanted_is_nothing_made(rule: str, periods: int, fixed: float, hold: float) -> None:
    assert sized(rule, [0.0] * periods, fixed, hold).tolist() == [0.0] * periods


def test_unknown_demand_stays_unknown_and_leaves_its_neighbours_alone() -> None:
    known = terms("silver_meal", 20.0, 1.0)
    two = LotTerms(*(np.repeat(each, 2) for each in known))
    lots = size_lots(np.array([[3.0, np.nan, 2.0], [4.0, 0.0, 2.0]]), two)
    assert np.isnan(lots[0]).all()
    assert lots[1].tolist() == [6.0, 0.0, 0.0]
    exact = wagner_whitin(np.array([[np.nan, 1.0]]), np.ones((1, 2)), np.ones(1), np.zeros((1, 2)), np.array([9]))
    assert np.isnan(exact[0]).all()
    assert np.isnan(exact[1]).all()


def test_settings_name_the_same_rules() -> None:
    assert get_args(LotRule) == LOT_RULES
