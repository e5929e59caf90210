"""The fewest limits to relax: worked examples, everything enumerated on tiny plants, and what relaxing them allows."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog

from replenish.numerics.capacitated_lots import Effort, capacitated_lots
from replenish.numerics.limits_to_relax import Relaxed, limits_to_relax
from replenish.numerics.lot_problem import Flags, LotProblem
from replenish.numerics.rough_cut import Floats
from tests.numerics.lot_problems import lot_problem, problems


def relaxed(problem: LotProblem) -> Relaxed:
    return limits_to_relax(problem, capacitated_lots(problem))


def test_a_plan_that_fits_relaxes_nothing() -> None:
    assert relaxed(lot_problem([[5.0, 10.0]], capacity_hours=[8.0, 8.0])).count == 0


def test_overtime_comes_before_more_capacity() -> None:
    found = relaxed(lot_problem([[5.0, 20.0]], capacity_hours=[8.0, 8.0], overtime_hours_max=20.0))
    assert found.count == 1
    assert found.overtime.sum() == pytest.approx(9.0)
    assert not found.beyond.any()


def test_what_is_made_ahead_relaxes_nothing_and_one_limit_counts_less_than_many() -> None:
    plant = lot_problem([[0.0] * 4 + [60.0]], capacity_hours=[10.0] * 5, overtime_hours_max=1.0)
    found = relaxed(plant)
    # Five hours of overtime are there, but each in a bucket of its own.
    assert found.count == 1
    assert found.late[0, 4] == pytest.approx(10.0)


def test_overtime_once_counts_less_than_being_behind_for_long() -> None:
    plant = lot_problem([[20.0, 10.0, 10.0]], capacity_hours=[10.0] * 3, overtime_hours_max=10.0, overtime_cost=80.0)
    found = relaxed(plant)
    assert found.count == 1
    assert found.overtime[0, 0] == pytest.approx(10.0)


def test_of_two_single_limits_the_cheaper_is_named() -> None:
    dear = lot_problem([[20.0]], capacity_hours=[12.0], overtime_hours_max=20.0, overtime_cost=1.0, backlog_cost=5.0)
    assert relaxed(dear).overtime.sum() == pytest.approx(8.0)
    cheap = lot_problem([[20.0]], capacity_hours=[12.0], overtime_hours_max=20.0, overtime_cost=9.0, backlog_cost=5.0)
    assert relaxed(cheap).late.sum() == pytest.approx(8.0)


def test_a_closed_bucket_is_never_told_to_open() -> None:
    found = relaxed(lot_problem([[0.0, 40.0, 0.0]], capacity_hours=[30.0, 0.0, 30.0], backlog_cost=900.0))
    assert not found.beyond[0, 1]
    assert found.beyond[0, 0] == pytest.approx(10.0)
    assert found.count == 1


def test_a_plant_short_for_good_is_told_its_hours() -> None:
    plant = lot_problem(np.full((2, 30), 10.0), capacity_hours=[12.0] * 30)
    found = limits_to_relax(plant, capacitated_lots(plant, Effort(nodes=50)))
    assert found.beyond[0] == pytest.approx(np.full(30, 8.0))
    assert not found.late.any()
    closed = replace(plant, capacity=np.where(np.arange(30) == 0, 0.0, plant.capacity))
    plan = capacitated_lots(closed, Effort(nodes=50))
    assert limits_to_relax(closed, plan).late == pytest.approx(plan.late)


@settings(max_examples=20, deadline=None)
@given(problems(items=2, buckets=3))
def test_no_smaller_set_would_do_and_no_cheaper_of_its_size(problem: LotProblem) -> None:
    routing = replace(problem.routing, delay=np.zeros_like(problem.routing.delay))
    none = np.zeros_like(problem.overtime_limit)
    problem = replace(problem, routing=routing, overtime_limit=none, holding_cost=np.zeros_like(problem.demand))
    plan = capacitated_lots(problem)
    found = limits_to_relax(problem, plan)
    least, cost = _fewest(problem, plan.is_set)
    assert found.count == least
    told = (found.beyond * problem.overtime_cost[:, None]).sum() + (found.late * problem.backlog_cost).sum()
    assert told == pytest.approx(cost, rel=2e-3, abs=1e-3)
    # With these hours and these delays, and no others, the plan fits.
    assert _cost(problem, plan.is_set, found.beyond[0] + 1e-5, found.late + 1e-4) < np.inf


def _fewest(problem: LotProblem, on: Flags) -> tuple[int, float]:
    """Their number and least cost by trying all sets of hours of open buckets, and of items at the close of buckets."""
    items, buckets = problem.demand.shape
    limits = [(-1, t) for t in range(buckets) if problem.capacity[0, t] > 0]
    limits += [(i, t) for i in range(items) for t in range(buckets)]
    for count in range(len(limits) + 1):
        costs = []
        for chosen in combinations(limits, count):
            hours, late = np.zeros(buckets), np.zeros((items, buckets))
            for i, t in chosen:
                if i < 0:
                    hours[t] = np.inf
                else:
                    late[i, t] = np.inf
            costs.append(_cost(problem, on, hours, late))
        if min(costs) < np.inf:
            return count, min(costs)
    raise AssertionError("everything relaxed must fit")


def _cost(problem: LotProblem, on: Flags, hours: Floats, late: Floats) -> float:
    """Least cost of more hours and of units behind, at most these; infinite where they do not suffice."""
    demand, (items, buckets) = problem.net_demand, problem.demand.shape
    cells = items * buckets
    rows, right = [], []
    for t in range(buckets):
        row = np.zeros(2 * cells + buckets)
        row[np.arange(items) * buckets + t] = problem.routing.run_hours
        row[2 * cells + t] = -1.0
        setup = float((on[:, t] * problem.routing.setup_hours).sum())
        for family, shared in enumerate(problem.families.hours):
            setup += float(shared) * bool(on[problem.families.of_operation == family, t].any())
        rows.append(row)
        right.append(problem.capacity[0, t] - setup)
    for i in range(items):
        for t in range(buckets):
            row = np.zeros(2 * cells + buckets)
            row[i * buckets : i * buckets + t + 1] = -1.0
            row[cells + i * buckets + t] = -1.0
            rows.append(row)
            right.append(-float(demand[i, : t + 1].sum()))
    upper = np.concatenate([np.where(on, np.inf, 0.0).ravel(), late.ravel(), hours])
    cost = np.concatenate([np.zeros(cells), problem.backlog_cost.ravel(), np.full(buckets, problem.overtime_cost[0])])
    bounds = np.column_stack([np.zeros(len(upper)), upper])
    found = linprog(cost, np.array(rows), np.array(right) + 1e-7, bounds=bounds)
    return float(found.fun) if found.status == 0 else np.inf
