"""Why a plan does not fit into the plant: the fewest limits whose relaxation makes it fit, and what that costs.

A limit is the hours of a centre in a bucket (its overtime first, more than that second) or that nothing of an item is
behind at the close of a bucket. Hours of closed buckets cannot be had. Lots may grow and shrink and be made ahead,
which relaxes nothing; set-ups are those of the levelled plan.

Source: Chinneck (2008), Feasibility and Infeasibility in Optimization, ch. 7 (the fewest constraints to relax).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from replenish.numerics.capacitated_lots import Effort, pinned, searched
from replenish.numerics.lot_model import LotModel, lot_model, most_made
from replenish.numerics.lot_problem import Flags, LotPlan, LotProblem
from replenish.numerics.rough_cut import Floats, Ints, load_hours

_NOTHING = 1e-3  # hours: less is not worth a row, and may be what rounding leaves
_FEW_UNITS = 1e-6
_MANY = 40  # limits: a plant that must relax more is short for good, and the fewest of them tell no more


@dataclass(frozen=True)
class Relaxed:
    """Hours of overtime and beyond it by centre and bucket [R, T], and units behind at the close of buckets [I, T]."""

    overtime: Floats
    beyond: Floats
    late: Floats

    @property
    def count(self) -> int:
        """How many limits that is."""
        return int((self.overtime > 0).sum() + (self.beyond > 0).sum() + (self.late > 0).sum())


def limits_to_relax(problem: LotProblem, plan: LotPlan, effort: Effort | None = None) -> Relaxed:
    """The fewest limits to relax with the set-ups of a plan, and of all such sets the cheapest.

    Never more than the plan itself relaxes. A plan that relaxes very many is short for good: then, where that is fewer,
    the hours are told with which all is in time, with a lot for every demand.
    Hours beyond overtime are priced like overtime, units behind at their backlog cost, what is made ahead at its
    holding.
    """
    own = _told(problem, plan.overtime, np.zeros_like(plan.overtime), plan.late)
    if own.count == 0:
        return own
    effort = effort or Effort()
    free = replace(problem, overtime_limit=np.where(problem.capacity > 0, np.inf, problem.overtime_limit))
    if own.count > _MANY:
        return min(own, _hours_alone(problem, free, effort) or own, key=lambda relaxed: relaxed.count)
    model, switches = _with_limits(problem, free, plan.is_set)
    count = np.zeros(len(model.cost))
    count[switches] = 1.0
    fewest = searched(replace(model, cost=count), switches, model.lower, model.upper, effort)
    if fewest.x is None or round(fewest.fun) > own.count:
        return own
    capped = replace(
        model,
        matrix=sp.vstack([model.matrix, sp.csr_array(count[None, :])], format="csr"),
        low=np.append(model.low, -np.inf),
        high=np.append(model.high, np.round(fewest.fun)),
    )
    cheapest = searched(capped, switches, model.lower, model.upper, effort)
    return _exactly(problem, model, switches, fewest.x if cheapest.x is None else cheapest.x, effort)


def _hours_alone(problem: LotProblem, free: LotProblem, effort: Effort) -> Relaxed | None:
    """The cheapest hours with which nothing is behind; None where closed buckets leave something behind."""
    set_up = (problem.net_demand > 0) & (most_made(free) > 0)
    model, switches = _with_limits(problem, free, set_up)
    x = np.zeros(len(model.cost))
    x[switches[: -problem.demand.size]] = model.upper[switches[: -problem.demand.size]]
    found = _exactly(problem, model, switches, x, effort)
    return found if found.count else None


def _with_limits(problem: LotProblem, free: LotProblem, set_up: Flags) -> tuple[LotModel, Ints]:
    """The program with these set-ups, and its switches: overtime, hours beyond it, units behind; 1 is relaxed."""
    model = lot_model(free)
    layout, cells, owed = model.layout, problem.capacity.size, problem.demand.size
    first = layout.column("end")
    columns = first + 2 * cells + owed
    over, beyond, due = first + np.arange(cells), first + cells + np.arange(cells), first + 2 * cells + np.arange(owed)
    limit = np.maximum(problem.overtime_limit, 0.0).ravel()
    each, item = np.arange(cells), np.arange(owed)
    hours, late = layout.column("overtime") + each, layout.column("late") + item
    most = np.cumsum(problem.net_demand, axis=1).ravel() / np.repeat(model.unit, layout.buckets)
    ones, one = np.ones(cells), np.ones(owed)
    of_hours = _matrix(columns, (each, hours, ones), (each, over, -limit), (each, beyond, -_most_hours(problem)))
    in_turn = _matrix(columns, (each, beyond, ones), (each, over, -ones))[limit > 0]
    in_time = _matrix(columns, (item, late, one), (item, due, -most))
    own = sp.csr_array((model.matrix.data, model.matrix.indices, model.matrix.indptr), shape=(len(model.high), columns))
    more = sp.vstack([of_hours, in_turn, in_time], format="csr")
    lower, upper = pinned(model, free, set_up)
    can = np.concatenate([limit > 0, problem.capacity.ravel() > 0, one > 0]).astype(np.float64)
    relaxable = replace(
        model,
        matrix=sp.vstack([own, more], format="csr"),
        low=np.concatenate([model.low, np.full(more.shape[0], -np.inf)]),
        high=np.concatenate([model.high, np.zeros(more.shape[0])]),
        cost=np.concatenate([model.cost, np.zeros(len(can))]),
        lower=np.concatenate([lower, np.zeros(len(can))]),
        upper=np.concatenate([upper, can]),
    )
    return relaxable, np.arange(first, columns)


def _exactly(problem: LotProblem, model: LotModel, switches: Ints, x: Floats, effort: Effort) -> Relaxed:
    """By how much these limits give way: what is not relaxed is kept to the last digit, where a search rounds."""
    lower, upper = model.lower.copy(), model.upper.copy()
    lower[switches] = upper[switches] = np.round(x[switches])
    found = searched(model, np.zeros(0, dtype=np.int64), lower, upper, effort)
    x = x if found.x is None else found.x
    first, behind = model.layout.column("overtime"), model.layout.column("late")
    hours = x[first : first + problem.capacity.size].reshape(problem.capacity.shape)
    overtime = np.minimum(hours, np.maximum(problem.overtime_limit, 0.0))
    late = x[behind : behind + problem.demand.size].reshape(problem.demand.shape) * model.unit[:, None]
    return _told(problem, overtime, hours - overtime, late)


def _told(problem: LotProblem, overtime: Floats, beyond: Floats, late: Floats) -> Relaxed:
    """Hours and units that are worth a row."""
    hours = np.zeros(len(late))
    np.add.at(hours, problem.routing.item, problem.routing.run_hours)
    few = (late <= _FEW_UNITS) | ((hours[:, None] > 0) & (late * hours[:, None] <= _NOTHING))
    overtime, beyond = (np.where(part > _NOTHING, part, 0.0) for part in (overtime, beyond))
    return Relaxed(overtime, beyond, np.where(few, 0.0, late))


def _matrix(columns: int, *parts: tuple[np.ndarray, np.ndarray, Floats]) -> sp.csr_array:
    row, column, value = (np.concatenate(each) for each in zip(*parts, strict=True))
    return sp.csr_array((value, (row, column)), shape=(int(row.max(initial=-1)) + 1, columns))


def _most_hours(problem: LotProblem) -> Floats:
    """Hours that could be needed in each bucket, [R x T]: all that is still to be made, and its set-ups."""
    demand = problem.net_demand
    rest = np.broadcast_to(demand.sum(axis=1, keepdims=True), demand.shape)
    most = load_hours(problem.routing, rest, (demand > 0).astype(np.float64), len(problem.capacity))
    np.add.at(most, problem.families.centre, problem.families.hours[:, None])
    return np.asarray(most.ravel())
