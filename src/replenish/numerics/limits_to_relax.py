"""Why a plan does not fit into the plant: the fewest limits whose relaxation makes it fit, and what that costs.

Limits are the hours of a centre in a bucket (overtime first, more than that second) and the due dates of an item.
Set-ups are those of the plan; lots may be made ahead in any bucket in which the plan sets up for the item.

Source: Chinneck (2008), Feasibility and Infeasibility in Optimization, ch. 7 (the fewest constraints to relax).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from replenish.numerics.capacitated_lots import Effort, pinned, searched
from replenish.numerics.lot_model import LotModel, lot_model
from replenish.numerics.lot_problem import LotProblem
from replenish.numerics.rough_cut import Floats, load_hours

_NOTHING = 1e-6


@dataclass(frozen=True)
class Relaxed:
    """Hours of overtime and beyond it by centre and bucket [R, T], and units not made by their bucket [I, T]."""

    overtime: Floats
    beyond: Floats
    late: Floats

    @property
    def count(self) -> int:
        """How many limits that is: each hour limit of a bucket, and the due dates of each item, count once."""
        cells = int((self.overtime > _NOTHING).sum() + (self.beyond > _NOTHING).sum())
        return cells + int((self.late > _NOTHING).any(axis=1).sum())


def limits_to_relax(problem: LotProblem, effort: Effort | None = None) -> Relaxed:
    """The fewest limits to relax, and of all such sets the cheapest; nothing where the plan fits without overtime.

    Hours beyond overtime are priced like overtime, lateness at its backlog cost.
    """
    effort = effort or Effort()
    free = replace(problem, overtime_limit=np.full(problem.capacity.shape, np.inf))
    model = _with_limits(problem, free, lot_model(free))
    switches = np.arange(model.layout.column("end"), len(model.cost))
    count = np.zeros(len(model.cost))
    count[switches] = 1.0
    fewest = searched(replace(model, cost=count), switches, model.lower, model.upper, effort)
    if fewest.x is None:
        return _relaxed(problem, model, np.zeros(len(model.cost)))
    at_most = sp.csr_array(count[None, :])
    capped = replace(
        model,
        matrix=sp.vstack([model.matrix, at_most], format="csr"),
        low=np.append(model.low, -np.inf),
        high=np.append(model.high, np.round(fewest.fun)),
    )
    cheapest = searched(capped, switches, model.lower, model.upper, effort)
    return _relaxed(problem, model, fewest.x if cheapest.x is None else cheapest.x)


def _with_limits(problem: LotProblem, free: LotProblem, model: LotModel) -> LotModel:
    """The program with the plan's set-ups and a switch for every limit: overtime, beyond it, due dates of an item."""
    layout, demand = model.layout, problem.net_demand
    cells, items, first = problem.capacity.size, layout.items, layout.column("end")
    limit = np.maximum(problem.overtime_limit, 0.0).ravel()
    hours = layout.column("overtime") + np.arange(cells)
    over, beyond, due = first + np.arange(cells), first + cells + np.arange(cells), first + 2 * cells + np.arange(items)
    columns = first + 2 * cells + items
    needed = np.flatnonzero(demand.ravel() > 0)
    ones, each = np.ones(cells), np.arange(cells)
    of_hours = _matrix(columns, (each, hours, ones), (each, over, -limit), (each, beyond, -_most_hours(problem)))
    in_turn = _matrix(columns, (each, beyond, ones), (each, over, -ones))[limit > 0]
    place, one = np.arange(len(needed)), np.ones(len(needed))
    in_time = _matrix(
        columns, (place, layout.column("behind") + needed, one), (place, due[needed // layout.buckets], -one)
    )
    own = sp.csr_array((model.matrix.data, model.matrix.indices, model.matrix.indptr), shape=(len(model.high), columns))
    more = sp.vstack([of_hours, in_turn, in_time], format="csr")
    lower, upper = pinned(model, free, demand > 0)
    switches = np.concatenate([(limit > 0).astype(np.float64), np.ones(cells + items)])
    return replace(
        model,
        matrix=sp.vstack([own, more], format="csr"),
        low=np.concatenate([model.low, np.full(more.shape[0], -np.inf)]),
        high=np.concatenate([model.high, np.zeros(more.shape[0])]),
        cost=np.concatenate([model.cost, np.zeros(2 * cells + items)]),
        lower=np.concatenate([lower, np.zeros(2 * cells + items)]),
        upper=np.concatenate([upper, switches]),
    )


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


def _relaxed(problem: LotProblem, model: LotModel, x: Floats) -> Relaxed:
    layout, demand = model.layout, problem.net_demand
    first = layout.column("overtime")
    hours = x[first : first + problem.capacity.size].reshape(problem.capacity.shape)
    overtime = np.minimum(hours, np.maximum(problem.overtime_limit, 0.0))
    first = layout.column("behind")
    late = x[first : first + demand.size].reshape(demand.shape) * demand
    beyond, late = (np.where(part > _NOTHING, part, 0.0) for part in (hours - overtime, late))
    return Relaxed(np.where(overtime > _NOTHING, overtime, 0.0), beyond, late)
