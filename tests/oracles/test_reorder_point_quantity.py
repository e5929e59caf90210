"""(r, Q) against textbook answers; the optimum beats its neighbours and the approximations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.golden_cases import assert_golden, case, cases
from tests.oracles import reorder_point_quantity as rq

FILE = "reorder_point_quantity"
RULES = {
    "eil_approximation": rq.expected_level_lot,
    "eoqb_approximation": rq.backorder_lot_policy,
    "eoq_plus_safety_stock": rq.economic_lot_with_safety_stock,
    "exact_optimum": rq.best_lot_policy,
}


def _costs(told: dict[str, float]) -> rq.Costs:
    return rq.Costs(told["holding_cost"], told["shortage_cost"], told["order_cost"])


def _demand(told: dict[str, float]) -> rq.LeadDemand:
    rate, lead = told["demand_mean_per_year"], told["lead_time_years"]
    return rq.LeadDemand(rate, rate * lead, told["demand_sd_per_sqrt_year"] * lead**0.5)


@pytest.mark.parametrize("known", cases(FILE, *RULES), ids=lambda c: c["name"])
def test_normal_demand(known: Any) -> None:
    rule = next(rule for name, rule in RULES.items() if known["name"].startswith(name))
    got, expected = rule(_costs(known["inputs"]), _demand(known["inputs"])), known["expected"]
    cost = expected.get("cost", expected.get("exact_cost"))
    assert_golden(got, (expected["reorder_point"], expected["order_qty"], cost), known["tolerance"])


def test_cost_of_a_given_pair() -> None:
    known = case(FILE, "exact_cost_example_5_1_at_126_8_328_5")
    told = known["inputs"]
    got = rq.lot_policy_cost(told["reorder_point"], told["order_qty"], _costs(told), _demand(told))
    assert_golden(got, known["expected"]["cost"], known["tolerance"])


@pytest.mark.parametrize("known", cases(FILE, "exact_poisson"), ids=lambda c: c["name"])
def test_poisson_demand(known: Any) -> None:
    told, expected = known["inputs"], known["expected"]
    got = rq.best_lot_policy_poisson(_costs(told), told["demand_mean"], told["lead_time"])
    assert_golden(got, (expected["reorder_point"], expected["order_qty"], expected["cost"]), known["tolerance"])


def test_every_case_of_the_file_is_asked_for() -> None:
    assert len(cases(FILE, *RULES, "exact_cost", "exact_poisson")) == len(cases(FILE))


@pytest.mark.parametrize("seed", range(8))
def test_nothing_beats_the_optimum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    costs = rq.Costs(rng.uniform(0.1, 5), rng.uniform(1, 50), rng.uniform(1, 100))
    demand = rq.LeadDemand(rng.uniform(10, 2000), rng.uniform(1, 300), rng.uniform(1, 80))
    best = rq.best_lot_policy(costs, demand)
    others = [rq.backorder_lot_policy(costs, demand), rq.economic_lot_with_safety_stock(costs, demand)]
    assert all(best.cost_rate <= other.cost_rate + 1e-9 for other in others)
    # Zheng (1992): the lot of the EOQ with backorders costs at most an eighth more
    assert others[0].cost_rate <= 1.125 * best.cost_rate
    for point, qty in rng.normal(1.0, 0.1, size=(20, 2)):
        assert rq.lot_policy_cost(best.reorder_point * point, best.order_qty * abs(qty), costs, demand) >= (
            best.cost_rate - 1e-9
        )
