"""Lot sizes and discounts against textbook answers, the order of the clamps and optimality by search."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replenish.numerics import economic_order as eo
from tests.golden_cases import assert_golden, case, cases


def _arguments(inputs: dict[str, Any], *names: str) -> list[Any]:
    return [inputs[name] for name in names]


@pytest.mark.parametrize("name", ["eoq_example_3_1", "eoq_problem_3_1", "eoq_hillier"])
def test_economic_order(name: str) -> None:
    known = case("economic_order", name)
    got = eo.economic_order(*_arguments(known["inputs"], "order_cost", "holding_cost", "demand_rate"))
    assert_golden(got.order_qty, known["expected"]["order_qty"], known["tolerance"])
    assert_golden(got.cost_rate, known["expected"]["cost_rate"], known["tolerance"])


def test_clamps_in_their_order() -> None:
    known = case("economic_order", "eoq_clamps")
    names = ("order_cost", "holding_cost_per_day", "demand_per_day", "review_days", "max_cover_days")
    qty, capped = eo.clamped_economic_order(*_arguments(known["inputs"], *names))
    assert_golden(qty, known["expected"]["order_qty"], known["tolerance"])
    assert capped.tolist() == [False, True, False, True]


def test_clamps_edge_cases() -> None:
    zero_holding = case("edge_cases", "holding_cost_zero")["inputs"]
    qty, capped = eo.clamped_economic_order(
        8.0, zero_holding["holding_cost"], zero_holding["demand_per_day"], 7, zero_holding["max_cover_days"]
    )
    assert (float(qty), bool(capped)) == (270.0, True)
    assert case("edge_cases", "order_cost_null")["expected"]["order_cost_used"] == 0
    assert float(eo.clamped_economic_order(np.nan, 0.01, 3.0, 7, 90)[0]) == 21.0
    # a shelf life of 4 days beats even one review of demand
    assert float(eo.clamped_economic_order(0.0, 0.01, 3.0, 7, 90, 4)[0]) == 12.0


@pytest.mark.parametrize("known", cases("economic_order", "epq"), ids=lambda c: c["name"])
def test_production_rate(known: Any) -> None:
    given = _arguments(known["inputs"], "order_cost", "holding_cost", "demand_rate", "production_rate")
    got, no_capacity = eo.economic_production(*given)
    assert bool(no_capacity) == (known["expected"].get("error") == "no_capacity")
    assert_golden(got.order_qty, known["expected"]["order_qty"], known["tolerance"])
    if not no_capacity:
        assert_golden(got.cost_rate, known["expected"]["cost_rate"], known["tolerance"])


@pytest.mark.parametrize("known", cases("economic_order", "eoqb"), ids=lambda c: c["name"])
def test_planned_backorders(known: Any) -> None:
    got = eo.economic_backorder(
        *_arguments(known["inputs"], "order_cost", "holding_cost", "backorder_cost", "demand_rate")
    )
    expected = known["expected"]
    wanted = (expected["order_qty"], expected["backorder_share"], expected["cost_rate"], expected["largest_backorder"])
    assert_golden(np.asarray(got), wanted, known["tolerance"])


@pytest.mark.parametrize("known", cases("economic_order", "all_units", "incremental"), ids=lambda c: c["name"])
def test_discounts(known: Any) -> None:
    rule = eo.all_units_discount if known["name"].startswith("all_units") else eo.incremental_discount
    got = rule(*_arguments(known["inputs"], "order_cost", "holding_rate", "demand_rate", "min_qty", "unit_cost"))
    assert int(got.bracket[0]) == known["expected"]["bracket"]
    assert_golden(got.order_qty[0], known["expected"]["order_qty"], known["tolerance"])
    assert_golden(got.cost_rate[0], known["expected"]["cost_rate"], known["tolerance"])


@pytest.mark.parametrize("incremental", [False, True])
def test_discount_beats_every_other_lot(incremental: bool) -> None:
    rng = np.random.default_rng(4)
    breaks, prices = np.array([0.0, 60.0, 150.0]), np.array([10.0, 9.4, 9.1])
    lots = np.arange(1.0, 2000.0)
    bracket = np.searchsorted(breaks, lots, side="right") - 1
    paid = prices[bracket] * lots
    if incremental:
        paid = np.array([10.0 * min(q, 60) + 9.4 * np.clip(q - 60, 0, 90) + 9.1 * max(q - 150, 0) for q in lots])
    for _ in range(30):
        fixed, interest, rate = rng.uniform(5, 200), rng.uniform(0.05, 0.5), rng.uniform(20, 3000)
        total = paid / lots * rate + fixed * rate / lots + interest * paid / 2
        got = (eo.incremental_discount if incremental else eo.all_units_discount)(fixed, interest, rate, breaks, prices)
        assert got.cost_rate[0] <= total.min() + 1e-9


def test_discount_table_may_be_ragged() -> None:
    ragged = eo.all_units_discount(
        [8, 8], [0.3, 0.3], [1300, 1300], [[0, 400, 800], [0, 400, np.nan]], [[0.75, 0.72, 0.68], [0.75, 0.72, np.nan]]
    )
    alone = eo.all_units_discount(8, 0.3, 1300, [0, 400], [0.75, 0.72])
    assert ragged.order_qty[0] == 800
    assert ragged.order_qty[1] == alone.order_qty[0]
