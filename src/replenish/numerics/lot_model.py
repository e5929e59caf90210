"""Capacitated lot sizing as a mixed-integer program in its facility-location form, which bounds the cost closely.

Production of bucket t for the demand of bucket u >= t is a variable of its own, a share of that demand, and needs the
set-up of t by itself; what falls behind is one pool an item, as it is rare. Overtime and backlog are always there, so
that every instance has a plan.

Source: Krarup & Bilde (1977), Plant location, set covering and economic lot size; Trigeiro, Thomas & McClain (1989),
Management Science 35(3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from replenish.numerics.lot_problem import LotProblem
from replenish.numerics.rough_cut import Floats, Ints

_LEAST_PART = 1e-6  # of an item's largest demand: a bucket that has hours for less makes none


@dataclass(frozen=True)
class Layout:
    """Which column is which: shares of demand first (item, bucket made, bucket wanted), then blocks of [., T]."""

    item: Ints  # [W]
    made_in: Ints
    wanted_in: Ints
    items: int
    families: int
    centres: int
    buckets: int

    def column(self, block: str) -> int:
        """First column of a block."""
        sizes = {"share": len(self.item), "setup": self.items, "family": self.families}
        sizes |= {"behind": self.items, "late": self.items, "repaid": self.items, "overtime": self.centres, "end": 0}
        first = 0
        for name, rows in sizes.items():
            if name == block:
                return first
            first += rows if name == "share" else rows * self.buckets
        raise KeyError(block)

    def cells(self, block: str, row: Ints, bucket: Ints) -> Ints:
        """Columns of cells of a block."""
        return self.column(block) + row * self.buckets + bucket


@dataclass(frozen=True)
class LotModel:
    """min cost x with low <= matrix x <= high and lower <= x <= upper; `is_whole` columns are 0 or 1."""

    layout: Layout
    cost: Floats
    lower: Floats
    upper: Floats
    matrix: sp.csr_array
    low: Floats
    high: Floats
    is_whole: Ints
    setup_row: int  # first of the rows that tie production to set-ups
    capacity_row: int  # first of the R x T capacity rows, which follow them
    unit: Floats  # [I]: units of an item in its pool of backlog


class _Rows:
    """Rows of the matrix, kind by kind."""

    def __init__(self) -> None:
        self.row: list[Ints] = []
        self.column: list[Ints] = []
        self.value: list[Floats] = []
        self.low: list[Floats] = []
        self.high: list[Floats] = []
        self.count = 0

    def add(self, low: Floats | float, high: Floats, *parts: tuple[Ints, Ints, Floats]) -> int:
        """Rows between low and high, the sum of parts (row, column, value); the number of the first."""
        first = self.count
        for row, column, value in parts:
            self.row.append(first + row)
            self.column.append(column)
            self.value.append(np.broadcast_to(value, row.shape))
        self.low.append(np.broadcast_to(low, high.shape))
        self.high.append(high)
        self.count += len(high)
        return first

    def matrix(self, columns: int) -> sp.csr_array:
        cells = (np.concatenate(self.row), np.concatenate(self.column))
        return sp.csr_array((np.concatenate(self.value), cells), shape=(self.count, columns))


def lot_model(problem: LotProblem) -> LotModel:
    """The program of a problem."""
    demand = problem.net_demand
    most = most_made(problem)
    layout = _layout(problem, demand, most)
    unit = np.maximum(demand.max(axis=1, initial=0.0), 1e-9)
    rows = _Rows()
    _demand_rows(rows, layout, demand, unit)
    setup_row = rows.count
    _setup_rows(rows, problem, layout, demand, most, unit)
    first = _capacity_rows(rows, problem, layout, demand, unit)
    _opening_rows(rows, problem, layout, demand, unit)
    lower, upper = _bounds(problem, layout, demand)
    whole = np.arange(layout.column("setup"), layout.column("behind"))
    return LotModel(
        layout,
        _costs(problem, layout, demand, most, unit),
        lower,
        upper,
        rows.matrix(layout.column("end")),
        np.concatenate(rows.low),
        np.concatenate(rows.high),
        whole,
        setup_row,
        first,
        unit,
    )


def most_made(problem: LotProblem) -> Floats:
    """Units of each item that the hours of a bucket allow, were it alone there, [I, T]; 0 where none fits or may be."""
    buckets = problem.demand.shape[1]
    routing, families = problem.routing, problem.families
    most = np.where(np.arange(buckets) >= problem.first_made[:, None], np.inf, 0.0)
    room = np.maximum(problem.capacity, 0.0) + np.maximum(problem.overtime_limit, 0.0)
    for o in range(len(routing.item)):
        item, centre, delay = routing.item[o], routing.centre[o], min(int(routing.delay[o]), buckets)
        setup = routing.setup_hours[o]
        if families.of_operation[o] >= 0:
            setup = setup + families.hours[families.of_operation[o]]
        free = room[centre, delay:] - setup
        fits = free / routing.run_hours[o] if routing.run_hours[o] > 0 else np.where(free >= 0, np.inf, 0.0)
        most[item, : buckets - delay] = np.minimum(most[item, : buckets - delay], np.maximum(fits, 0.0))
    return np.where(most > _LEAST_PART * problem.demand.max(axis=1, initial=0.0, keepdims=True), most, 0.0)


def sunk_cost(problem: LotProblem) -> float:
    """What is paid whatever is decided: holding of opening stock, and backlog of what the plant can never make.

    The program leaves it out: an absurd routing would else hide all that its search may save elsewhere.
    """
    never = (most_made(problem) <= 0).all(axis=1)
    behind = np.cumsum(problem.net_demand, axis=1) * problem.backlog_cost
    return problem.stock_cost + float(behind[never].sum())


def _layout(problem: LotProblem, demand: Floats, most: Floats) -> Layout:
    items, buckets = demand.shape
    ahead = np.arange(buckets)[None, :] - np.arange(buckets)[:, None]
    reach = problem.reach if len(problem.reach) else np.full(items, buckets)
    early = (ahead >= 0)[None] & (ahead[None] <= reach[:, None, None])
    item, made, wanted = np.nonzero(early & (demand > 0)[:, None, :] & (most > 0)[:, :, None])
    families, centres = len(problem.families.hours), len(problem.capacity)
    return Layout(item, made, wanted, items, families, centres, buckets)


def _grid(rows: int, buckets: int) -> tuple[Ints, Ints, Ints]:
    """Row, bucket and number of every cell."""
    number = np.arange(rows * buckets)
    return number // buckets, number % buckets, number


def _demand_rows(rows: _Rows, layout: Layout, demand: Floats, unit: Floats) -> None:
    """All demand is made in time or falls behind; the pool of what is behind takes that in and is repaid."""
    item, bucket, cell = _grid(layout.items, layout.buckets)
    ones = np.ones(len(cell))
    share = (layout.item * layout.buckets + layout.wanted_in, np.arange(len(layout.item)), np.ones(len(layout.item)))
    rows.add(1.0, ones, share, (cell, layout.cells("behind", item, bucket), ones))
    later = bucket > 0
    rows.add(
        0.0,
        0.0 * ones,
        (cell, layout.cells("late", item, bucket), ones),
        (cell[later], layout.cells("late", item[later], bucket[later] - 1), -ones[later]),
        (cell, layout.cells("behind", item, bucket), -demand.ravel() / unit[item]),
        (cell, layout.cells("repaid", item, bucket), ones),
    )
    # What falls behind is behind at the close of its bucket at least: else it could be repaid in it, nearly without a
    # set-up, and the linear bound would be far too low.
    behind = (cell, layout.cells("behind", item, bucket), demand.ravel() / unit[item])
    rows.add(-np.inf, 0.0 * ones, behind, (cell, layout.cells("late", item, bucket), -ones))


def _setup_rows(rows: _Rows, problem: LotProblem, layout: Layout, demand: Floats, most: Floats, unit: Floats) -> None:
    """Nothing is made without its set-up, and no item is set up without its family."""
    item, made, wanted = layout.item, layout.made_in, layout.wanted_in
    each = np.arange(len(item))
    limit = np.minimum(1.0, most[item, made] / demand[item, wanted])
    zeros = np.zeros(len(item))
    rows.add(-np.inf, zeros, (each, each, zeros + 1.0), (each, layout.cells("setup", item, made), -limit))
    item, bucket, cell = _grid(layout.items, layout.buckets)
    owed = np.cumsum(demand, axis=1) - demand
    limit = np.minimum(owed, most).ravel() / unit[item]
    zeros = np.zeros(len(cell))
    repaid = (cell, layout.cells("repaid", item, bucket), zeros + 1.0)
    rows.add(-np.inf, zeros, repaid, (cell, layout.cells("setup", item, bucket), -limit))
    routing, member = problem.routing, np.flatnonzero(problem.families.of_operation >= 0)
    row, bucket, cell = _grid(len(member), layout.buckets)
    operation = member[row]
    inside = bucket + routing.delay[operation] < layout.buckets
    operation, bucket = operation[inside], bucket[inside]
    cell, zeros = np.arange(len(operation)), np.zeros(len(operation))
    own = (cell, layout.cells("setup", routing.item[operation], bucket), zeros + 1.0)
    family = problem.families.of_operation[operation]
    rows.add(
        -np.inf,
        zeros,
        own,
        (cell, layout.cells("family", family, bucket + routing.delay[operation]), zeros - 1.0),
    )


def _capacity_rows(rows: _Rows, problem: LotProblem, layout: Layout, demand: Floats, unit: Floats) -> int:
    """Run and set-up hours within capacity and overtime, [R x T]."""
    routing, families, buckets = problem.routing, problem.families, layout.buckets
    parts = []
    made_of = [np.flatnonzero(layout.item == i) for i in range(layout.items)]
    bucket = np.arange(buckets)
    for o in range(len(routing.item)):
        item, centre, delay = int(routing.item[o]), int(routing.centre[o]), int(routing.delay[o])
        share = made_of[item]
        share = share[layout.made_in[share] + delay < buckets]
        hours = routing.run_hours[o] * demand[item, layout.wanted_in[share]]
        parts.append((centre * buckets + layout.made_in[share] + delay, share, hours))
        inside = bucket[: max(buckets - delay, 0)]
        row, ones = centre * buckets + inside + delay, np.ones(len(inside))
        column = layout.cells("repaid", np.full(len(inside), item), inside)
        parts.append((row, column, routing.run_hours[o] * unit[item] * ones))
        column = layout.cells("setup", np.full(len(inside), item), inside)
        parts.append((row, column, routing.setup_hours[o] * ones))
    family, time, _ = _grid(layout.families, buckets)
    parts.append(
        (families.centre[family] * buckets + time, layout.cells("family", family, time), families.hours[family])
    )
    centre_of, time, cell = _grid(layout.centres, buckets)
    parts.append((cell, layout.cells("overtime", centre_of, time), -np.ones(len(cell))))
    return rows.add(-np.inf, np.maximum(problem.capacity, 0.0).ravel(), *parts)


def _opening_rows(rows: _Rows, problem: LotProblem, layout: Layout, demand: Floats, unit: Floats) -> None:
    """The first bucket of each item uses no more components than there are, and makes what is fixed for it."""
    first = np.flatnonzero(layout.made_in == problem.first_made[layout.item])
    qty = demand[layout.item[first], layout.wanted_in[first]]
    fixed = np.flatnonzero(np.isfinite(problem.fixed))
    place = np.full(layout.items, -1)
    place[fixed] = np.arange(len(fixed))
    is_fixed = place[layout.item[first]] >= 0
    rows.add(
        problem.fixed[fixed],
        problem.fixed[fixed],
        (place[layout.item[first[is_fixed]]], first[is_fixed], qty[is_fixed]),
    )
    material = problem.material
    use = sp.csr_array((material.qty, (material.component, material.item)), shape=(len(material.stock), layout.items))
    one = sp.csr_array((qty, (layout.item[first], first)), shape=(layout.items, len(layout.item)))
    needs = sp.coo_array(use @ one)
    rows.add(-np.inf, material.stock, (needs.coords[0], needs.coords[1], needs.data))


def _bounds(problem: LotProblem, layout: Layout, demand: Floats) -> tuple[Floats, Floats]:
    lower, upper = np.zeros(layout.column("end")), np.ones(layout.column("end"))
    upper[layout.column("late") : layout.column("overtime")] = np.inf
    upper[layout.column("overtime") :] = np.maximum(problem.overtime_limit, 0.0).ravel()
    item, bucket, _ = _grid(layout.items, layout.buckets)
    repaid = upper[layout.column("repaid") : layout.column("overtime")]
    repaid[bucket <= problem.first_made[item]] = 0.0
    return lower, upper


def _costs(problem: LotProblem, layout: Layout, demand: Floats, most: Floats, unit: Floats) -> Floats:
    held = np.cumsum(problem.holding_cost, axis=1) - problem.holding_cost
    item, made, wanted = layout.item, layout.made_in, layout.wanted_in
    carried = (held[item, wanted] - held[item, made]) * demand[item, wanted]
    setups = problem.setup_cost.ravel()
    family = np.repeat(problem.families.cost, layout.buckets)
    can_be = (most > 0).any(axis=1)
    late = (problem.backlog_cost * (unit * can_be)[:, None]).ravel()
    overtime = np.repeat(problem.overtime_cost, layout.buckets)
    return np.concatenate([carried, setups, family, np.zeros_like(late), late, np.zeros_like(late), overtime])
