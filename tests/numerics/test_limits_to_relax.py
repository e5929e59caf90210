"""The fewest limits to relax: worked examples, everything enumerated on tiny plants, and what relaxing them allows."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.optimize import linprog

from replenish.numerics.limits_to_relax import limits_to_relax
from replenish.numerics.lot_problem import LotProblem
from tests.numerics.lot_problems import lot_problem, problems


def test_a_plan_that_fits_relaxes_nothing() -> None:
    assert limits_to_relax(lot_problem([[5.0, 10.0]], capacity_hours=[8.0, 8.0])).count == 0


def test_overtime_comes_before_more_capacity() -> None:
    found = limits_to_relax(lot_problem([[5.0, 20.0]], capacity_hours=[8.0, 8.0], overtime_hours_max=20.0))
    assert found.count == 1
    assert found.overtime.sum() == pytest.approx(9.0)
    assert not found.beyond.any()


def test_one_bucket_beyond_overtime_counts_less_than_many_in_overtime() -> None:
    crowded = lot_problem([[0.0] * 4 + [60.0]], capacity_hours=[10.0] * 5, overtime_hours_max=1.0)
    crowded = replace(crowded, demand=np.array([[0.0, 0.0, 0.0, 0.0, 60.0]]))
    found = limits_to_relax(crowded)
    # Set-ups are those of the plan: only the last bucket makes the item. Its due date is a single limit.
    assert found.count == 1
    assert found.late[0, 4] == pytest.approx(50.0)


def test_of_two_single_limits_the_cheaper_is_named() -> None:
    dear = lot_problem([[20.0]], capacity_hours=[12.0], overtime_hours_max=20.0, overtime_cost=1.0, backlog_cost=5.0)
    assert limits_to_relax(dear).overtime.sum() == pytest.approx(8.0)
    cheap = lot_problem([[20.0]], capacity_hours=[12.0], overtime_hours_max=20.0, overtime_cost=9.0, backlog_cost=5.0)
    assert limits_to_relax(cheap).late.sum() == pytest.approx(8.0)


@settings(max_examples=25, deadline=None)
@given(problems(items=2, buckets=3))
def test_no_smaller_set_would_do(problem: LotProblem) -> None:
    routing = replace(problem.routing, delay=np.zeros_like(problem.routing.delay))
    problem = replace(problem, routing=routing, overtime_limit=np.zeros_like(problem.overtime_limit))
    found = limits_to_relax(problem)
    assert found.count == _fewest(problem)


def _fewest(problem: LotProblem) -> int:
    """The same by trying all sets of bucket capacities and items: with those lifted a linear program tells."""
    items, buckets = problem.demand.shape
    limits = [("hours", t) for t in range(buckets)] + [("due", i) for i in range(items)]
    for count in range(len(limits) + 1):
        if any(_fits(problem, set(chosen)) for chosen in combinations(limits, count)):
            return count
    raise AssertionError("everything relaxed must fit")


def _fits(problem: LotProblem, lifted: set[tuple[str, int]]) -> bool:
    demand, (items, buckets) = problem.net_demand, problem.demand.shape
    on = demand > 1e-9
    rows, right = [], []
    for t in range(buckets):
        if ("hours", t) not in lifted:
            row = np.zeros((items, buckets))
            row[:, t] = problem.routing.run_hours
            setup = float((on[:, t] * problem.routing.setup_hours).sum())
            for family, hours in enumerate(problem.families.hours):
                setup += float(hours) * bool(on[problem.families.of_operation == family, t].any())
            rows.append(row.ravel())
            right.append(problem.capacity[0, t] - setup)
    for i in range(items):
        for t in range(buckets):
            if ("due", i) not in lifted:
                row = np.zeros((items, buckets))
                row[i, : t + 1] = -1.0
                rows.append(row.ravel())
                right.append(-float(demand[i, : t + 1].sum()))
    if not rows:
        return True
    bounds = np.column_stack([np.zeros(items * buckets), np.where(on, np.inf, 0.0).ravel()])
    return linprog(np.zeros(items * buckets), np.array(rows), np.array(right) + 1e-7, bounds=bounds).status == 0
