"""What to make in which bucket with the hours there are: lots, set-ups, overtime and backlog at least cost.

Small plants are solved as one program. Large ones are solved window by window (rolling fix-and-relax): set-ups of a few
buckets are decided at a time, later ones may be fractions, earlier ones stay. Whatever a search finds within its work
limit, a plan comes out: with set-ups given, the rest is a linear program that always has an answer.

Source: Trigeiro, Thomas & McClain (1989), Management Science 35(3); Pochet & Wolsey (2006), Production Planning by
Mixed Integer Programming, ch. 3.6 (relax-and-fix).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import scipy.sparse as sp

from replenish.numerics.lot_model import LotModel, lot_model, sunk_cost
from replenish.numerics.lot_problem import Flags, LotPlan, LotProblem, cost_of, hours_of
from replenish.numerics.priced_lots import priced_lots
from replenish.numerics.rough_cut import Floats, Ints

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

_GAP = 1e-3
_LARGEST = 2_600  # items x buckets solved at once
_WINDOW, _STRIDE = 4, 2
_PART_OF_GAP = 0.1  # of what is still open between the plan and its bound: what a window is searched to
_ALL = 10_000
_NOTHING = 1e-7
_SOME = 0.01  # of a bucket's demand: less than that behind is none
_CLEAR = 0.05  # of the linear bound: a backlog that costs less more than that is planned with at once
_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Effort:
    """How long the searches may take: work, the same on any machine, and seconds of each as the emergency stop.

    `largest`: items x buckets solved at once; `ahead`: buckets whose lots are searched in larger plants.
    """

    nodes: int = 20_000
    seconds: float = 120.0
    largest: int = _LARGEST
    ahead: int = _ALL


def capacitated_lots(problem: LotProblem, effort: Effort | None = None) -> LotPlan:
    """A plan within 0.1 % of the least cost, or the best that the effort finds; never none.

    The cheapest of a lot for every demand, lots at the prices of hours, the search of the whole program, and the search
    window by window; each only where what came before is not within 0.1 % of the bound, and the whole program only
    where it is small enough.
    """
    effort = effort or Effort()
    model = lot_model(problem)
    plan, bound = _start(problem, model)
    is_stopped = False
    if _may_cost_less(problem, plan, bound) and problem.demand.size <= effort.largest:
        set_up, proven, is_stopped = _at_once(problem, model, effort)
        plan, bound = _cheaper(plan, with_setups(problem, set_up, model)), max(bound, proven)
    if _may_cost_less(problem, plan, bound):
        still_open = (plan.cost - bound) / max(abs(plan.cost - sunk_cost(problem)), _NOTHING)
        gap = max(_GAP, _PART_OF_GAP * still_open)
        set_up, is_late = _window_by_window(problem, model, plan.is_set, effort, gap)
        plan, is_stopped = _cheaper(plan, with_setups(problem, set_up, model)), is_stopped or is_late
    return replace(plan, bound=bound, is_stopped=is_stopped)


def _start(problem: LotProblem, model: LotModel) -> tuple[LotPlan, float]:
    """The cheapest of a lot for every demand and of the lots that the prices of hours ask for, and the linear bound."""
    plan, equal = with_setups(problem, problem.net_demand > 0, model), np.isfinite(model.low)
    found = _linear(model, ~equal, equal, model.lower, model.upper)
    bound, prices = float(found.fun) + sunk_cost(problem), np.zeros(len(model.high))
    prices[~equal] = -found.ineqlin.marginals
    hours = prices[model.capacity_row : model.capacity_row + problem.capacity.size].reshape(problem.capacity.shape)
    for set_up in priced_lots(problem, hours):
        if _may_cost_less(problem, plan, bound):
            plan = _cheaper(plan, with_setups(problem, set_up, model))
    return plan, bound


def _may_cost_less(problem: LotProblem, plan: LotPlan, bound: float) -> bool:
    """Whether more than 0.1 % of what can be decided may be saved."""
    return plan.cost - bound > _GAP * abs(plan.cost - sunk_cost(problem)) + _NOTHING


def _cheaper(plan: LotPlan, other: LotPlan) -> LotPlan:
    return other if other.cost < plan.cost else plan


def lowest_cost(problem: LotProblem) -> float:
    """The linear bound: no plan costs less."""
    model = lot_model(problem)
    found = searched(model, _NONE, model.lower, model.upper, Effort())
    return float(found.fun) + sunk_cost(problem)


def with_setups(problem: LotProblem, set_up: Flags, model: LotModel | None = None) -> LotPlan:
    """The best plan with at most these set-ups [I, T]; those that nothing needs are left out.

    Set-ups that do not fit into the hours of their bucket together give way, the one with the least demand first.
    """
    model = model or lot_model(problem)
    set_up = _fitting(problem, set_up)
    # With set-ups given, bounds say what these rows say, and the price of an hour is all on its own row.
    tied = (np.arange(len(model.high)) >= model.setup_row) & (np.arange(len(model.high)) < model.capacity_row)
    equal, most = np.isfinite(model.low) & ~tied, ~np.isfinite(model.low) & ~tied
    for _ in range(2):
        found = _linear(model, most, equal, *pinned(model, problem, set_up))
        made = _made(problem, model, found.x)
        used = set_up & (made > _NOTHING * np.maximum(1.0, model.unit)[:, None])
        if (used == set_up).all():
            break
        set_up = used
    prices = np.zeros(len(model.high))
    prices[most] = np.maximum(-found.ineqlin.marginals, 0.0)
    hour_value = prices[model.capacity_row : model.capacity_row + problem.capacity.size].reshape(problem.capacity.shape)
    return _plan(problem, np.where(set_up, made, 0.0), set_up, hour_value)


def _linear(model: LotModel, most: Flags, equal: Flags, lower: Floats, upper: Floats) -> OptimizeResult:
    """The linear program of some rows of a model.

    With numbers very far apart HiGHS can end without an answer; then it is asked in another way.
    """
    from scipy.optimize import linprog

    rows = (model.matrix[most], model.high[most], model.matrix[equal], model.high[equal])
    for method, presolve in (("highs-ds", True), ("highs-ds", False), ("highs-ipm", True)):
        bounds, options = np.column_stack([lower, upper]), {"presolve": presolve}
        found = linprog(model.cost, *rows, bounds=bounds, method=method, options=options)
        if found.x is not None:
            break
    return found


def _plan(problem: LotProblem, made: Floats, set_up: Flags, hour_value: Floats) -> LotPlan:
    ahead = np.cumsum(made - problem.net_demand, axis=1)
    # What is left of a subtraction is nothing: a millionth of an item's demand is neither early nor late.
    most = problem.demand.max(axis=1, initial=0.0, keepdims=True)
    ahead = np.where(np.abs(ahead) > _NOTHING * np.maximum(1.0, most), ahead, 0.0)
    family = _families_set(problem, set_up)
    hours = hours_of(problem, made, set_up, family)
    overtime = np.clip(hours - np.maximum(problem.capacity, 0.0), 0.0, np.maximum(problem.overtime_limit, 0.0))
    early, late = np.maximum(ahead, 0.0), np.maximum(-ahead, 0.0)
    plan = LotPlan(made, set_up, family, early, late, overtime, hours, hour_value, 0.0, np.nan, is_stopped=False)
    return replace(plan, cost=cost_of(problem, plan))


def _families_set(problem: LotProblem, set_up: Flags) -> Flags:
    """Families with an item set up, [G, T]."""
    routing, families, buckets = problem.routing, problem.families, set_up.shape[1]
    out = np.zeros((len(families.hours), buckets), dtype=np.bool_)
    for o in np.flatnonzero(families.of_operation >= 0):
        delay = min(int(routing.delay[o]), buckets)
        out[families.of_operation[o], delay:] |= set_up[routing.item[o], : buckets - delay]
    return out


def _fitting(problem: LotProblem, set_up: Flags) -> Flags:
    """Set-ups that fit into the hours of every bucket; else the one with the least demand from then on gives way."""
    set_up = set_up.copy()
    rest = np.cumsum(problem.net_demand[:, ::-1], axis=1)[:, ::-1] * problem.backlog_cost
    room = np.maximum(problem.capacity, 0.0) + np.maximum(problem.overtime_limit, 0.0) + _NOTHING
    routing = problem.routing
    while True:
        hours = hours_of(problem, np.zeros_like(problem.demand), set_up, _families_set(problem, set_up))
        over = np.argwhere(hours > room)
        if not len(over):
            return set_up
        centre, bucket = over[0]
        at = routing.centre == centre
        start = bucket - routing.delay[at]
        item, start = routing.item[at][start >= 0], start[start >= 0]
        on = set_up[item, start]
        item, start = item[on], start[on]
        least = int(np.argmin(rest[item, start]))
        set_up[item[least], start[least]] = False


def pinned(model: LotModel, problem: LotProblem, set_up: Flags) -> tuple[Floats, Floats]:
    """Bounds with every set-up given, and nothing made without one."""
    lower, upper = model.lower.copy(), model.upper.copy()
    layout = model.layout
    upper[: len(layout.item)] *= set_up[layout.item, layout.made_in]
    repaid = slice(layout.column("repaid"), layout.column("overtime"))
    upper[repaid] = np.where(set_up.ravel(), upper[repaid], 0.0)
    for block, rows in (("setup", set_up), ("family", _families_set(problem, set_up))):
        first = layout.column(block)
        lower[first : first + rows.size] = upper[first : first + rows.size] = rows.ravel()
    return lower, upper


def _made(problem: LotProblem, model: LotModel, x: Floats) -> Floats:
    """Units made, [I, T]."""
    layout, demand = model.layout, problem.net_demand
    made = np.zeros(demand.shape)
    np.add.at(made, (layout.item, layout.made_in), x[: len(layout.item)] * demand[layout.item, layout.wanted_in])
    first = layout.column("repaid")
    return made + x[first : first + demand.size].reshape(demand.shape) * model.unit[:, None]


def _at_once(problem: LotProblem, model: LotModel, effort: Effort) -> tuple[Flags, float, bool]:
    """Set-ups of the whole program; where to fall behind is clearly dearer, first of the one in which nothing does.

    Its plan is the answer where a linear bound says that none with a hundredth of a bucket's demand behind costs less.
    """
    in_time, with_backlog = _in_time(problem, model), _bound_with_backlog(problem, model)
    found = searched(model, model.is_whole, model.lower, in_time, effort) if np.isfinite(with_backlog) else None
    if found is None or found.x is None or found.fun > with_backlog:
        found = searched(model, model.is_whole, model.lower, model.upper, effort)
        with_backlog = np.inf
    bound = -np.inf if found.mip_dual_bound is None else min(float(found.mip_dual_bound), with_backlog)
    set_up = problem.net_demand > 0 if found.x is None else _chosen(model, found.x)
    return set_up, bound + sunk_cost(problem), _is_stopped(found, effort)


def _in_time(problem: LotProblem, model: LotModel) -> Floats:
    """Upper bounds with which nothing falls behind."""
    layout, upper = model.layout, model.upper.copy()
    behind = slice(layout.column("behind"), layout.column("late"))
    upper[behind] = np.where(problem.net_demand.ravel() > 0, 0.0, upper[behind])
    upper[layout.column("late") : layout.column("overtime")] = 0.0
    return upper


def _bound_with_backlog(problem: LotProblem, model: LotModel) -> float:
    """What a plan with some backlog costs at least; minus infinity where that is hardly more than any plan costs."""
    layout = model.layout
    late = np.arange(layout.column("late"), layout.column("repaid"))
    row = sp.csr_array((np.ones(len(late)), (np.zeros(len(late), dtype=np.int64), late)), shape=(1, len(model.cost)))
    matrix = sp.vstack([model.matrix, row], format="csr")
    low, high = np.append(model.low, _SOME), np.append(model.high, np.inf)
    some = searched(replace(model, matrix=matrix, low=low, high=high), _NONE, model.lower, model.upper, Effort())
    least = searched(model, _NONE, model.lower, model.upper, Effort())
    is_clear = some.x is not None and least.x is not None and some.fun > least.fun + _CLEAR * abs(least.fun)
    return float(some.fun) if is_clear else -np.inf


def _window_by_window(
    problem: LotProblem, model: LotModel, known: Flags, effort: Effort, gap: float
) -> tuple[Flags, bool]:
    """Set-ups decided a few buckets at a time, each to this gap; those from `effort.ahead` on are the known ones."""
    buckets = problem.demand.shape[1]
    ahead = min(effort.ahead, buckets)
    lower, upper = model.lower.copy(), model.upper.copy()
    bucket = (model.is_whole - model.layout.column("setup")) % buckets
    set_up, is_stopped = known, False
    for first in range(0, max(ahead - _WINDOW, 0) + _STRIDE, _STRIDE):
        window = model.is_whole[(bucket >= first) & (bucket < first + _WINDOW)]
        found = searched(model, window, lower, upper, effort, gap)
        is_stopped = _is_stopped(found, effort)
        if found.x is not None:
            set_up = _chosen(model, found.x)
            decided = model.is_whole[(bucket >= first) & (bucket < first + _STRIDE)]
            lower[decided] = upper[decided] = np.round(found.x[decided])
        if is_stopped:
            break
    return np.where(np.arange(buckets) < ahead, set_up, known), is_stopped


def _chosen(model: LotModel, x: Floats) -> Flags:
    """Set-ups of a solution, [I, T]; a fraction counts as one."""
    layout = model.layout
    first = layout.column("setup")
    return x[first : first + layout.items * layout.buckets].reshape(layout.items, layout.buckets) > _NOTHING


def searched(
    model: LotModel, whole: Ints, lower: Floats, upper: Floats, effort: Effort, gap: float = _GAP
) -> OptimizeResult:
    """What HiGHS finds for a program of which only the columns `whole` must be 0 or 1; its x is None without a plan."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    integrality = np.zeros(len(model.cost))
    integrality[whole] = 1
    return milp(
        model.cost,
        integrality=integrality,
        bounds=Bounds(lower, upper),
        constraints=LinearConstraint(model.matrix, model.low, model.high),
        options={"mip_rel_gap": gap, "node_limit": effort.nodes, "time_limit": effort.seconds},
    )


def _is_stopped(found: OptimizeResult, effort: Effort) -> bool:
    """Whether the clock ended the search, not the nodes."""
    return found.status == 1 and (found.mip_node_count or 0) < effort.nodes
