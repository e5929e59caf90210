"""Explosion, netting, lots, consumption and pegging against worked answers, and conservation on random cases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics import material_plan as mp
from replenish.numerics.lot_sizing import LOT_RULES
from replenish.numerics.pegging import peg_first_in_first_out
from tests.golden_cases import assert_golden, case, cases
from tests.numerics.test_lot_sizing import sized, terms


def _plan(inputs: dict[str, Any], lead: int = 0) -> mp.MaterialPlan:
    gross = np.array([inputs["gross_qty"]], dtype=float)
    one = {
        name: np.array([inputs.get(name, default)], dtype=float)
        for name, default in (("on_hand_qty", 0.0), ("safety_stock", 0.0))
    }
    scheduled = np.array([inputs.get("scheduled_receipt_qty", np.zeros(gross.shape[1]))], dtype=float)
    lead = inputs.get("lead_time_buckets", lead)
    review = np.array([inputs.get("review_buckets", 1)])
    costs = (inputs.get("order_cost", 0.0), inputs.get("holding_cost", 1.0))
    lots = terms(inputs.get("lot_rule", "silver_meal"), *costs, multiple_qty=inputs.get("multiple_qty", 0.0))
    return mp.plan_materials(gross, one["on_hand_qty"], scheduled, one["safety_stock"], np.array([lead]), review, lots)


@pytest.mark.parametrize("known", cases("material_plan", "netting", "past_due"), ids=lambda c: c["name"])
def test_netting(known: dict[str, Any]) -> None:
    plan, expected = _plan(known["inputs"]), known["expected"]
    got = {
        "net_qty": plan.net[0],
        "planned_receipt_qty": plan.planned_receipt[0],
        "planned_release_qty": plan.planned_release[0],
        "projected_qty": plan.closing[0],
        "past_due_release_qty": plan.past_due_release[0],
    }
    for name, value in expected.items():
        assert_golden(got[name], value, known["tolerance"])


def test_safety_stock_is_netted_once() -> None:
    known = case("traps", "safety_stock_netted_once")
    plan = _plan(known["inputs"])
    assert_golden(plan.net[0], known["expected"]["net_qty"], 0)
    assert plan.net.sum() == known["expected"]["total"] != known["expected"]["wrong_total"]


def test_safety_stock_is_rebuilt_when_it_can_arrive() -> None:
    known = case("traps", "safety_stock_rebuilt_after_lead_time")
    given, expected = known["inputs"], known["expected"]
    lead = given["lead_time_days"]
    plan = _plan(
        {
            "gross_qty": [given["gross_qty_per_day"]] * 14,
            "on_hand_qty": given["on_hand_qty"],
            "safety_stock": given["safety_stock"],
            "lead_time_buckets": lead,
        }
    )
    assert plan.planned_receipt[0].tolist() == [
        expected["order_qty"] if t == expected["receipt_in_days"] else 0.0 for t in range(14)
    ]
    assert plan.past_due_release[0] == 0.0


def test_an_order_lasts_until_the_next_one_arrives() -> None:
    plan = _plan({"gross_qty": [2, 0, 5, 3, 1, 4, 0, 6], "on_hand_qty": 2, "lead_time_buckets": 2, "review_buckets": 3})
    assert plan.planned_release[0].tolist() == [9.0, 0.0, 0.0, 10.0, 0.0, 0.0, 0.0, 0.0]
    assert plan.planned_receipt[0].tolist() == [0.0, 0.0, 9.0, 0.0, 0.0, 10.0, 0.0, 0.0]
    assert plan.closing[0].min() == 0.0


def test_a_late_receipt_is_expedited_not_duplicated() -> None:
    plan = _plan({"gross_qty": [0, 30, 0, 30], "on_hand_qty": 0, "scheduled_receipt_qty": [0, 0, 50, 0]})
    assert plan.planned_receipt[0].tolist() == [0.0, 0.0, 0.0, 10.0]


def test_explosion() -> None:
    trumpet = case("material_plan", "explosion_trumpet")
    gross = mp.component_gross(trumpet["inputs"]["parent_release_qty"], trumpet["inputs"]["qty_per"])
    assert_golden(gross, trumpet["expected"]["child_gross_qty"], 0)
    scrap = case("material_plan", "explosion_scrap")
    given, expected = scrap["inputs"], scrap["expected"]
    start = mp.start_quantity(given["net_parent"], given["parent_yield_rate"])
    child = mp.component_gross(start, given["qty_per"], given["component_scrap_rate"])
    assert_golden(start, expected["parent_start"], scrap["tolerance"])
    assert_golden(child, expected["child_gross"], scrap["tolerance"])
    assert_golden(
        mp.component_gross(child, given["phantom_qty_per"]), expected["child_through_phantom_gross"], scrap["tolerance"]
    )
    base = case("traps", "bom_quantity_base")
    got = mp.component_gross(
        base["inputs"]["parent_release_qty"], base["inputs"]["component_qty"], 0.0, base["inputs"]["bom_base_qty"]
    )
    assert_golden(got, base["expected"]["component_gross_qty"], 0)


def test_three_levels() -> None:
    known = case("material_plan", "explosion_three_levels")
    expected, lead = known["expected"], known["inputs"]["lead_time_buckets"]
    a = _plan({"gross_qty": known["inputs"]["gross_A"]}, lead).planned_release[0]
    gross_b = mp.component_gross(a, 2)
    b = _plan({"gross_qty": gross_b}, lead).planned_release[0]
    gross_c = mp.component_gross(a, 1) + mp.component_gross(b, 3)
    c = _plan({"gross_qty": gross_c}, lead).planned_release[0]
    for name, value in {"gross_B": gross_b, "gross_C": gross_c, "release_A": a, "release_B": b, "release_C": c}.items():
        assert_golden(value, expected[name], known["tolerance"])


def test_lot_for_lot() -> None:
    for known in cases("lot_sizing", "dynamic_lots"):
        lots = _plan({"gross_qty": known["inputs"]["demand_qty"]}).planned_receipt[0]
        assert_golden(lots, known["expected"]["lot_for_lot"]["lots"], known["tolerance"])


@pytest.mark.parametrize("rule", LOT_RULES)
def test_netting_makes_the_lots_of_the_rule(rule: str) -> None:
    gross = [10, 62, 12, 130, 154, 129, 88, 52, 124, 160, 238, 41]
    costs = {"order_cost": 54, "holding_cost": 0.4, "lot_rule": rule}
    usual = np.mean([0, 0, *gross])
    lots = sized(rule, gross, 54, 0.4, fixed_qty=np.sqrt(2 * 54 * usual / 0.4) if rule == "fixed_quantity" else np.nan)
    plan = _plan({"gross_qty": [0, 0, *gross], "lead_time_buckets": 2, **costs})
    assert plan.planned_receipt[0, 2:] == pytest.approx(lots)
    assert plan.planned_release[0, :-2] == pytest.approx(lots)
    # What is needed before an order could arrive comes with it, at its own date on paper.
    late = _plan({"gross_qty": gross, "lead_time_buckets": 2, **costs, "lot_rule": "silver_meal"})
    assert late.planned_receipt[0, :3].tolist() == [10.0, 62.0, 142.0]
    assert late.planned_release[0, 0] == 214.0
    assert late.past_due_release[0] == 72.0


def test_reviews_are_the_periods_of_lots() -> None:
    gross = [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]
    # two buckets a period of 10 units: 2 a unit and period, so a third period is worth 20 + 40 > 50 more
    plan = _plan(
        {"gross_qty": gross, "review_buckets": 2, "order_cost": 50, "holding_cost": 1, "lot_rule": "part_period"}
    )
    assert plan.planned_receipt[0].tolist() == [20, 0, 0, 0, 20, 0, 0, 0, 20, 0, 0, 0]


@pytest.mark.parametrize(
    "name", ["forecast_consumption_back", "forecast_consumption_forward", "forecast_consumed_not_maximised"]
)
def test_orders_consume_forecast(name: str) -> None:
    known = case("traps" if name.endswith("maximised") else "material_plan", name)
    given, expected = known["inputs"], known["expected"]
    left, demand = mp.consume_forecast(
        np.array([given["forecast_qty"]], float), np.array([given["order_qty"]], float), given["back"], given["forward"]
    )
    assert_golden(demand[0], expected["demand_qty"], 0)
    if "unconsumed_qty" in expected:
        assert_golden(left[0], expected["unconsumed_qty"], 0)


def test_first_in_first_out_pegs() -> None:
    known = case("material_plan", "peg_fifo")
    supply, demand, expected = known["inputs"]["supply"], known["inputs"]["demand"], known["expected"]
    pegs, supply_left, _ = peg_first_in_first_out(
        np.array([0, 3]),
        np.array([s[2] for s in supply], float),
        np.array([0, 4]),
        np.array([d[2] for d in demand], float),
    )
    named = [[supply[s][0], demand[d][0], qty] for s, d, qty in zip(*pegs, strict=True)]
    assert named == expected["pegs"]
    assert [[supply[s][0], left] for s, left in enumerate(supply_left) if left > 0] == expected["unpegged_supply"]
    late = {demand[d][0] for s, d, _ in zip(*pegs, strict=True) if supply[s][1] > demand[d][1]}
    assert sorted(late) == expected["late"]


quantities = st.lists(st.integers(0, 30).map(float), min_size=0, max_size=5)


@given(st.lists(st.tuples(quantities, quantities), min_size=1, max_size=5))
def test_pegs_add_up_and_stay_inside_their_node(nodes: list[tuple[list[float], list[float]]]) -> None:
    starts = [np.concatenate([[0], np.cumsum([len(node[side]) for node in nodes])]) for side in (0, 1)]
    flat = [np.array([q for node in nodes for q in node[side]], dtype=float) for side in (0, 1)]
    pegs, supply_left, demand_left = peg_first_in_first_out(starts[0], flat[0], starts[1], flat[1])
    assert np.bincount(pegs.supply, pegs.qty, len(flat[0])) + supply_left == pytest.approx(flat[0])
    assert np.bincount(pegs.demand, pegs.qty, len(flat[1])) + demand_left == pytest.approx(flat[1])
    for k, (supply, demand) in enumerate(nodes):
        inside = (pegs.supply >= starts[0][k]) & (pegs.supply < starts[0][k + 1])
        assert pegs.qty[inside].sum() == pytest.approx(min(sum(supply), sum(demand)))


@given(st.lists(st.integers(0, 20), min_size=4, max_size=8), st.integers(0, 30), st.integers(0, 3), st.integers(1, 7))
def test_material_is_conserved(gross: list[int], on_hand: int, lead: int, multiple: int) -> None:
    plan = _plan({"gross_qty": gross, "on_hand_qty": on_hand, "multiple_qty": multiple, "lead_time_buckets": lead})
    assert plan.planned_release.sum() == plan.planned_receipt.sum()
    assert on_hand + plan.planned_receipt.sum() - sum(gross) == pytest.approx(plan.closing[0, -1])
    assert (plan.closing >= -1e-9).all()
