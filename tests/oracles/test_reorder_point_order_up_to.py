"""(s, S) against published answers, and against a search of all pairs nearby."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.golden_cases import assert_golden, cases
from tests.oracles import reorder_point_order_up_to as levels
from tests.oracles.reorder_point_quantity import Costs

FILE = "reorder_point_order_up_to"


def _costs(told: dict[str, float]) -> Costs:
    return Costs(told["holding_cost"], told["shortage_cost"], told["order_cost"])


@pytest.mark.parametrize("known", cases(FILE, "exact", "zheng"), ids=lambda c: c["name"])
def test_the_optimum_under_poisson_demand(known: Any) -> None:
    got, expected = levels.best_level_policy(_costs(known["inputs"]), known["inputs"]["demand_mean"]), known["expected"]
    assert_golden(got, (expected["reorder_point"], expected["order_up_to"], expected["cost"]), known["tolerance"])


@pytest.mark.parametrize("known", cases(FILE, "power"), ids=lambda c: c["name"])
def test_power_approximation_with_and_without_its_cap(known: Any) -> None:
    told, expected = known["inputs"], known["expected"]
    for capped, end in ((False, ""), (True, "_capped")):
        got = levels.power_approximation(_costs(told), told["demand_mean"], told["demand_sd"], capped=capped)
        wanted = (expected[f"reorder_point{end}"], expected[f"order_up_to{end}"])
        assert_golden(got[:2], wanted, known["tolerance"])


def test_every_case_of_the_file_is_asked_for() -> None:
    assert len(cases(FILE, "exact", "zheng", "power")) == len(cases(FILE))


def test_the_optimum_costs_what_a_simulation_says() -> None:
    costs, mean = Costs(1.0, 9.0, 64.0), 10.0
    best = levels.best_level_policy(costs, mean)
    rng = np.random.default_rng(7)
    runs, buckets = 400, 2_000
    position, total = np.full(runs, best.order_up_to), np.zeros(runs)
    for _ in range(buckets):
        orders = position <= best.reorder_point
        position = np.where(orders, best.order_up_to, position) - rng.poisson(mean, runs)
        total += costs.order_cost * orders + np.where(position > 0, position, -costs.shortage_cost * position)
    each = total / buckets
    assert abs(each.mean() - best.cost_rate) <= 4 * each.std() / np.sqrt(runs) + best.order_up_to / buckets
