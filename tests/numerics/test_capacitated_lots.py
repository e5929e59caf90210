"""Capacitated lot sizing: worked answers, everything enumerated on tiny plants, and laws of any plant."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from replenish.numerics.capacitated_lots import Effort, capacitated_lots, lowest_cost, with_setups
from replenish.numerics.lot_problem import LotProblem, Material
from tests.golden_cases import cases
from tests.numerics.lot_problems import broken, busy_plant, enumerated, lot_problem, problems

SMALL = Effort(nodes=2_000, seconds=60.0)


@pytest.mark.parametrize("name", ["capacitated_lot_sizing_small", "capacitated_lot_sizing_needs_backlog"])
def test_worked_answer(name: str) -> None:
    (case,) = cases("capacity", name)
    inputs = {key: value for key, value in case["inputs"].items() if key != "demand_qty"}
    problem = lot_problem(case["inputs"]["demand_qty"], **inputs)
    for effort in (SMALL, replace(SMALL, largest=0)):
        plan = capacitated_lots(problem, effort)
        assert plan.cost == pytest.approx(case["expected"]["cost"], rel=case["tolerance"])
        assert not broken(problem, plan)


@settings(max_examples=25, deadline=None)
@given(problems())
def test_every_plant_has_a_plan_that_keeps_its_limits(problem: LotProblem) -> None:
    plan = capacitated_lots(problem, SMALL)
    assert not broken(problem, plan)
    assert plan.cost >= lowest_cost(problem) - 1e-4 * max(1.0, abs(plan.cost))
    assert plan.cost >= plan.bound - 1e-4 * max(1.0, abs(plan.cost))


@settings(max_examples=12, deadline=None)
@given(problems(items=2, buckets=3))
def test_no_plan_of_a_tiny_plant_costs_less(problem: LotProblem) -> None:
    problem = replace(problem, routing=replace(problem.routing, delay=np.zeros_like(problem.routing.delay)))
    assert capacitated_lots(problem, SMALL).cost == pytest.approx(enumerated(problem), rel=1.1e-3, abs=1e-4)


@settings(max_examples=12, deadline=None)
@given(problems(items=3, buckets=4))
def test_more_capacity_never_costs_more(problem: LotProblem) -> None:
    more = replace(problem, capacity=problem.capacity + 7.0)
    tight = capacitated_lots(problem, SMALL).cost
    assert capacitated_lots(more, SMALL).cost <= tight * (1 + 1.1e-3) + 1e-4


@settings(max_examples=15, deadline=None)
@given(problems())
def test_a_search_that_finds_nothing_still_gives_a_plan(problem: LotProblem) -> None:
    plan = capacitated_lots(problem, Effort(nodes=1, seconds=0.0))
    assert not broken(problem, plan)


def test_a_search_without_time_says_so() -> None:
    rng = np.random.default_rng(1)
    crowded = lot_problem(
        rng.integers(1, 60, (12, 12)), setup_cost=900.0, setup_hours=20.0, capacity_hours=[480.0] * 12
    )
    assert capacitated_lots(crowded, Effort(nodes=1_000, seconds=0.0)).is_stopped


def test_an_hour_is_worth_what_it_saves() -> None:
    tight = lot_problem([[0.0, 30.0]], capacity_hours=[10.0, 15.0], backlog_cost=7.0)
    plan = capacitated_lots(tight, SMALL)
    roomier = capacitated_lots(replace(tight, capacity=tight.capacity + np.array([[0.0, 1.0]])), SMALL)
    assert plan.hour_value[0, 1] == pytest.approx(plan.cost - roomier.cost) == pytest.approx(7.0)


def test_windows_come_close_to_the_whole() -> None:
    rng = np.random.default_rng(7)
    demand = rng.integers(0, 60, (6, 12)) * (rng.random((6, 12)) < 0.7)
    plant = lot_problem(demand, setup_cost=120.0, setup_hours=8.0, capacity_hours=[170.0] * 12, overtime_hours_max=10)
    whole, windows = capacitated_lots(plant, SMALL), capacitated_lots(plant, replace(SMALL, largest=0))
    assert not broken(plant, windows)
    assert whole.bound <= whole.cost <= 1.001 * whole.bound
    assert windows.bound <= whole.cost
    assert windows.cost <= 1.02 * whole.cost


@pytest.mark.parametrize("utilisation", [0.9, 1.0])
def test_windows_of_a_busy_plant_end_close_to_the_bound(utilisation: float) -> None:
    plant = busy_plant(20, 12, utilisation)
    plan = capacitated_lots(plant, Effort(nodes=5, largest=0))
    assert not broken(plant, plan)
    assert plan.bound == pytest.approx(lowest_cost(plant))
    assert plan.cost <= 1.02 * plan.bound


def test_seconds_that_do_not_run_out_change_nothing() -> None:
    plant = busy_plant(5, 8, 1.0)
    for largest in (0, 100):
        few, many = (capacitated_lots(plant, Effort(nodes=20, seconds=s, largest=largest)) for s in (60.0, 6e5))
        assert not few.is_stopped
        assert few.made.tobytes() == many.made.tobytes()
        assert few.cost == many.cost


def test_an_absurd_item_hides_nothing_that_others_may_save() -> None:
    plant = lot_problem([[5.0, 0.0], [5.0, 5.0]], capacity_hours=[40.0, 40.0], hours_per_unit=[1.0, 1e12])
    plan = capacitated_lots(replace(plant, backlog_cost=np.array([[1.0, 1.0], [1e13, 1e13]])), SMALL)
    assert not plan.late[0].any()
    assert plan.late[1] == pytest.approx([5.0, 10.0])


def test_a_family_is_set_up_once_a_bucket() -> None:
    apart = lot_problem([[10.0], [10.0]], setup_hours=5.0, capacity_hours=[25.0])
    shared = lot_problem([[10.0], [10.0]], family=[0, 0], family_hours=[5.0], capacity_hours=[25.0])
    assert capacitated_lots(apart, SMALL).late.sum() > 0
    assert capacitated_lots(shared, SMALL).late.sum() == 0


def test_the_first_bucket_uses_no_more_components_than_there_are() -> None:
    plant = lot_problem([[0.0, 90.0]], capacity_hours=[60.0, 60.0])
    place = np.zeros(1, dtype=np.int64)
    scarce = replace(plant, material=Material(place, place, np.array([2.0]), np.array([20.0])))
    assert capacitated_lots(plant, SMALL).made[0] == pytest.approx([30.0, 60.0])
    plan = capacitated_lots(scarce, SMALL)
    assert plan.made[0] == pytest.approx([10.0, 60.0])
    assert plan.late[0, -1] == pytest.approx(20.0)


def test_nothing_is_made_further_ahead_than_it_keeps() -> None:
    plant = lot_problem([[0.0, 0.0, 90.0]], capacity_hours=[60.0, 0.0, 60.0])
    assert capacitated_lots(plant, SMALL).late.sum() == 0
    assert capacitated_lots(replace(plant, reach=np.array([1])), SMALL).late[0, -1] == pytest.approx(30.0)


def test_nothing_is_made_before_its_first_bucket() -> None:
    plant = lot_problem([[0.0, 30.0, 90.0]] * 2, capacity_hours=[60.0, 60.0, 60.0])
    later = replace(plant, start=np.array([1, 0]))
    plan = capacitated_lots(later, SMALL)
    assert plan.made[0, 0] == 0.0 < plan.made[1, 0]
    assert not broken(later, plan)
    assert capacitated_lots(replace(plant, start=np.array([3, 3])), SMALL).made.sum() == 0.0
    fixed = replace(later, fixed=np.array([7.0, 9.0]))
    kept = with_setups(fixed, np.ones((2, 3), dtype=np.bool_))
    assert (kept.made[0, 1], kept.made[1, 0]) == pytest.approx((7.0, 9.0))


def test_a_small_item_adds_up_beside_a_huge_one() -> None:
    plant = lot_problem([[9.5, 16.0], [1e8, 2e8]], capacity_hours=[0.0, 0.0])
    assert capacitated_lots(plant, SMALL).late.tolist() == [[9.5, 25.5], [1e8, 3e8]]


def test_a_solver_that_gives_up_is_asked_in_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """As HiGHS does with presolve where numbers lie eleven powers of ten apart."""
    from scipy import optimize

    def gives_up(*given: object, options: dict[str, bool], **named: object) -> object:
        return Nothing() if options["presolve"] else real(*given, options=options, **named)

    class Nothing:
        x = None

    real, plant = optimize.linprog, lot_problem([[20.0, 80.0]], capacity_hours=[60.0, 60.0])
    usual = capacitated_lots(plant, SMALL)
    monkeypatch.setattr(optimize, "linprog", gives_up)
    assert capacitated_lots(plant, SMALL).made.tolist() == usual.made.tolist()


def test_a_fixed_first_bucket_is_kept() -> None:
    plant = lot_problem([[20.0, 30.0]], capacity_hours=[60.0, 60.0])
    plan = with_setups(replace(plant, fixed=np.array([35.0])), np.ones((1, 2), dtype=np.bool_))
    assert plan.made[0] == pytest.approx([35.0, 15.0])


def test_a_closed_bucket_pushes_its_load_ahead_else_behind() -> None:
    plan = capacitated_lots(lot_problem([[0.0, 40.0]], capacity_hours=[30.0, 0.0]), SMALL)
    assert plan.made[0] == pytest.approx([30.0, 0.0])
    assert plan.late[0] == pytest.approx([0.0, 10.0])
