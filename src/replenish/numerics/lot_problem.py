"""What a plant is asked to make and the hours it has; what it then makes: the two ends of capacitated lot sizing."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.rough_cut import Floats, Ints, Routing, load_hours

Flags = NDArray[np.bool_]


def _no_numbers() -> Floats:
    return np.zeros(0)


def _no_places() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Families:
    """Set-ups that items of a family share: one a bucket for all of them. Operation o belongs to `of_operation[o]`.

    Shapes: operations [O] (-1: none), families [G]: centre, hours a set-up, money a set-up.
    """

    of_operation: Ints
    centre: Ints = field(default_factory=_no_places)
    hours: Floats = field(default_factory=_no_numbers)
    cost: Floats = field(default_factory=_no_numbers)


@dataclass(frozen=True)
class Material:
    """Components that production of an item's first bucket may use: `qty[k]` of `component[k]` a unit of `item[k]`.

    Shapes [K]; `stock` [components], units.
    """

    item: Ints = field(default_factory=_no_places)
    component: Ints = field(default_factory=_no_places)
    qty: Floats = field(default_factory=_no_numbers)
    stock: Floats = field(default_factory=_no_numbers)


@dataclass(frozen=True)
class LotProblem:
    """Items [I], centres [R], buckets [T]; units, hours, money. Costs are for a unit at the close of a bucket.

    `start` [I]: first bucket in which an item may be made, 0 where not given; nothing is wanted of it before. `fixed`
    [I]: what that bucket must make, NaN where that is open. `reach` [I]: buckets an item may be made ahead.
    """

    demand: Floats  # [I, T]
    stock: Floats  # [I]
    setup_cost: Floats  # [I, T]
    holding_cost: Floats  # [I, T]
    backlog_cost: Floats  # [I, T]
    routing: Routing
    families: Families
    capacity: Floats  # [R, T]
    overtime_limit: Floats  # [R, T]
    overtime_cost: Floats  # [R]
    material: Material = field(default_factory=Material)
    fixed: Floats = field(default_factory=_no_numbers)
    reach: Ints = field(default_factory=_no_places)
    start: Ints = field(default_factory=_no_places)

    @property
    def first_made(self) -> Ints:
        """First bucket in which each item may be made, [I]."""
        return self.start if len(self.start) else np.zeros(len(self.demand), dtype=np.int64)

    @property
    def net_demand(self) -> Floats:
        """Demand that stock does not serve, [I, T]: stock goes to the oldest demand first, which costs least."""
        met = np.minimum(np.cumsum(self.demand, axis=1), np.maximum(self.stock, 0.0)[:, None])
        return np.maximum(self.demand - np.diff(met, axis=1, prepend=0.0), 0.0)

    @property
    def stock_cost(self) -> float:
        """Holding of the opening stock until demand takes it: paid whatever is made."""
        left = np.maximum(np.maximum(self.stock, 0.0)[:, None] - np.cumsum(self.demand, axis=1), 0.0)
        return float((left * self.holding_cost).sum())


@dataclass(frozen=True)
class LotPlan:
    """What is made when, with which set-ups, hours and cost. Shapes [I, T], families [G, T], centres [R, T]."""

    made: Floats
    is_set: Flags
    is_family_set: Flags
    early: Floats  # made and not yet wanted, at the close of the bucket
    late: Floats
    overtime: Floats
    hours: Floats
    hour_value: Floats  # what one more hour of capacity would save with these set-ups
    cost: float
    bound: float  # no plan costs less; NaN where not known
    is_stopped: bool  # the emergency stop ended a search

    @property
    def gap(self) -> float:
        """How far the cost may lie above the least, as a share of it."""
        return (self.cost - self.bound) / max(abs(self.cost), 1e-9)


def hours_of(problem: LotProblem, made: Floats, is_set: Flags, is_family_set: Flags) -> Floats:
    """Run and set-up hours of a plan, [R, T]."""
    hours = load_hours(problem.routing, made, is_set.astype(np.float64), len(problem.capacity))
    np.add.at(hours, problem.families.centre, is_family_set * problem.families.hours[:, None])
    return hours


def cost_of(problem: LotProblem, plan: LotPlan) -> float:
    """Set-ups, holding (opening stock included), overtime and backlog of a plan."""
    setups = (problem.setup_cost * plan.is_set).sum()
    setups += (problem.families.cost[:, None] * plan.is_family_set).sum()
    carried = (problem.holding_cost * plan.early).sum() + (problem.backlog_cost * plan.late).sum()
    return float(setups + carried + (problem.overtime_cost[:, None] * plan.overtime).sum() + problem.stock_cost)
