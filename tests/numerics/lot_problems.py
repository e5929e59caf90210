"""Lot problems for tests, and what makes a plan of one right, told independently of how it was found."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.optimize import linprog

from replenish.numerics.lot_problem import Families, LotPlan, LotProblem
from replenish.numerics.rough_cut import Routing


def lot_problem(demand: Any, **given: Any) -> LotProblem:
    """One centre, an operation an item; everything that is not given costs one, takes no set-up, and has room."""
    demand = np.array(demand, dtype=float)
    items, buckets = demand.shape
    grid = np.ones(demand.shape)
    none = np.zeros(items, dtype=np.int64)
    one = {
        "stock": np.zeros(items),
        "setup_cost": 0.0,
        "holding_cost": 1.0,
        "backlog_cost": 30.0,
        "hours_per_unit": 1.0,
        "setup_hours": 0.0,
        "capacity_hours": np.full(buckets, 1e6),
        "overtime_hours_max": 0.0,
        "overtime_cost": 4.0,
        "family": np.full(items, -1),
        "family_hours": np.zeros(0),
        "delay": none,
    } | given
    wide = {k: np.broadcast_to(np.array(one[k], dtype=float), (items,)) for k in ("hours_per_unit", "setup_hours")}
    money = {k: np.array(one[k], dtype=float) for k in ("setup_cost", "holding_cost", "backlog_cost")}
    family_hours = np.array(one["family_hours"], dtype=float)
    families = np.zeros(len(family_hours), dtype=np.int64)
    return LotProblem(
        demand=demand,
        stock=np.array(one["stock"], dtype=float),
        **{name: value[:, None] * grid if value.ndim == 1 else value * grid for name, value in money.items()},
        routing=Routing(np.arange(items), none, wide["hours_per_unit"], wide["setup_hours"], np.array(one["delay"])),
        families=Families(np.array(one["family"]), families, family_hours, np.zeros(len(family_hours))),
        capacity=np.array([one["capacity_hours"]], dtype=float),
        overtime_limit=np.full((1, buckets), float(one["overtime_hours_max"])),
        overtime_cost=np.array([float(one["overtime_cost"])]),
    )


def busy_plant(items: int, buckets: int, utilisation: float) -> LotProblem:
    """Lots worth one to four buckets of demand, set-ups of half an hour, and hours used to this share on average.

    As in Trigeiro, Thomas & McClain (1989): normal demand, time between orders by set-up cost; opening stock for up to
    three buckets, so that not all items need a set-up at once.
    """
    rng = np.random.default_rng(1)
    demand = np.maximum(np.round(rng.normal(100.0, 35.0, (items, buckets))), 0.0)
    holding, between, covered = (
        rng.uniform(0.5, 1.5, items),
        rng.choice([1.0, 2.0, 4.0], items),
        rng.integers(0, 4, items),
    )
    setup = rng.uniform(10.0, 50.0, items)
    needed = demand.mean(axis=1).sum() + (setup / between).sum()
    return lot_problem(
        demand,
        stock=[demand[i, : covered[i]].sum() for i in range(items)],
        setup_cost=holding * between**2 * 50.0,
        holding_cost=holding,
        backlog_cost=20.0 * holding,
        setup_hours=setup,
        capacity_hours=np.full(buckets, needed / utilisation),
        overtime_hours_max=0.1 * needed,
        overtime_cost=5.0,
    )


def broken(problem: LotProblem, plan: LotPlan, tolerance: float = 1e-5) -> list[str]:
    """What a plan gets wrong: balances, set-ups, hours, overtime, components, cost. Empty where it is right."""
    buckets = problem.demand.shape[1]
    size = max(1.0, float(problem.demand.max(initial=0.0)))
    wrong, stock = [], np.maximum(problem.stock, 0.0).copy()
    held = behind = 0.0
    for t in range(buckets):
        stock = stock + plan.made[:, t] - problem.demand[:, t]
        held += float((np.maximum(stock, 0.0) * problem.holding_cost[:, t]).sum())
        behind += float((np.maximum(-stock, 0.0) * problem.backlog_cost[:, t]).sum())
        if (np.abs(np.maximum(-stock, 0.0) - plan.late[:, t]) > tolerance * size).any():
            wrong.append(f"lateness of bucket {t}")
    if (plan.made < 0).any() or (plan.made[~plan.is_set] > 0).any():
        wrong.append("made without a set-up")
    hours = np.zeros(problem.capacity.shape)
    shared: dict[tuple[int, int], float] = {}
    for o, (i, r) in enumerate(zip(problem.routing.item, problem.routing.centre, strict=True)):
        family = int(problem.families.of_operation[o])
        for t in range(buckets - int(problem.routing.delay[o])):
            at = t + int(problem.routing.delay[o])
            hours[r, at] += plan.made[i, t] * problem.routing.run_hours[o]
            hours[r, at] += plan.is_set[i, t] * problem.routing.setup_hours[o]
            if family >= 0 and plan.is_set[i, t]:
                shared[family, at] = problem.families.hours[family]
    for (family, at), more in shared.items():
        hours[problem.families.centre[family], at] += more
    if (hours > problem.capacity + problem.overtime_limit + tolerance * (1 + hours)).any():
        wrong.append("more hours than there are")
    overtime = np.maximum(hours - problem.capacity, 0.0)
    cost = held + behind + float((problem.setup_cost * plan.is_set).sum())
    cost += float((overtime * problem.overtime_cost[:, None]).sum())
    if abs(cost - plan.cost) > tolerance * max(1.0, abs(cost)):
        wrong.append(f"cost {plan.cost}, counted {cost}")
    return wrong


def enumerated(problem: LotProblem) -> float:
    """The least cost over all set-up patterns: in each the rest is a linear program of balances, written anew."""
    demand, (items, buckets) = problem.demand, problem.demand.shape
    routing, best = problem.routing, np.inf
    for flat in product((0, 1), repeat=items * buckets):
        on = np.array(flat).reshape(items, buckets)
        setup = (on * routing.setup_hours[:, None]).sum(axis=0)
        for family, hours in enumerate(problem.families.hours):
            setup = setup + on[problem.families.of_operation == family].any(axis=0) * hours
        room = problem.capacity[0] - setup
        if (room + problem.overtime_limit[0] < 0).any():
            continue
        # Variables by item and bucket: made, held, late; then overtime by bucket.
        cells = items * buckets
        balance = np.zeros((cells, 3 * cells + buckets))
        hours_row = np.zeros((buckets, 3 * cells + buckets))
        for i in range(items):
            for t in range(buckets):
                k = i * buckets + t
                balance[k, [k, cells + k, 2 * cells + k]] = 1.0, -1.0, 1.0
                if t:
                    balance[k, [cells + k - 1, 2 * cells + k - 1]] = 1.0, -1.0
                hours_row[t, k] = routing.run_hours[i]
                hours_row[t, 3 * cells + t] = -1.0
        need = demand.copy()
        need[:, 0] -= problem.stock
        cost = np.concatenate(
            [
                np.zeros(cells),
                problem.holding_cost.ravel(),
                problem.backlog_cost.ravel(),
                [problem.overtime_cost[0]] * buckets,
            ]
        )
        upper = np.concatenate(
            [np.where(on.ravel(), np.inf, 0.0), np.full(2 * cells, np.inf), problem.overtime_limit[0]]
        )
        bounds = np.column_stack([np.zeros(len(upper)), upper])
        found = linprog(cost, hours_row, room, balance, need.ravel(), bounds=bounds)
        if found.status == 0:
            best = min(best, float(found.fun + (problem.setup_cost * on).sum()))
    return best


@st.composite
def problems(draw: st.DrawFn, items: int = 4, buckets: int = 5) -> LotProblem:
    """Small plants of any kind: too little time, none at all, set-ups longer than the day, families, opening stock."""
    n, t = draw(st.integers(1, items)), draw(st.integers(1, buckets))
    whole = st.integers(0, 40).map(float)
    rows = st.lists(st.lists(whole, min_size=t, max_size=t), min_size=n, max_size=n)
    each = st.lists(st.integers(0, 9).map(float), min_size=n, max_size=n)
    shared = draw(st.booleans())
    return lot_problem(
        draw(rows),
        stock=draw(st.lists(whole, min_size=n, max_size=n)),
        setup_cost=np.array(draw(each)) * 10,
        holding_cost=draw(each),
        backlog_cost=np.array(draw(each)) + 1.0,
        hours_per_unit=np.array(draw(each)) / 4,
        setup_hours=draw(each),
        capacity_hours=draw(st.lists(st.integers(0, 60).map(float), min_size=t, max_size=t)),
        overtime_hours_max=draw(st.integers(0, 10)),
        family=np.where(np.arange(n) % 2 == 0, 0, -1) if shared else np.full(n, -1),
        family_hours=[draw(st.integers(0, 9))] if shared else [],
        delay=np.array(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))),
    )
