"""One lot problem for each group of centres that share items and have too few hours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from replenish.numerics.limits_to_relax import Relaxed
from replenish.numerics.lot_problem import Families, Flags, LotPlan, LotProblem, Material
from replenish.numerics.rough_cut import Floats, Ints, Routing
from replenish.steps.level.work import Work, first_bucket
from replenish.steps.network import Calendar
from replenish.steps.panel import KEY

_ANY_REACH = 10_000
_LEAST_HOLDING = 1e-4  # of the cost of being late: with nothing to choose, later is better than earlier
_LEAST_BACKLOG = 1e-3
_ABOVE_OVERTIME = 1.05
_WEEK_DAYS = 7.0


@dataclass(frozen=True)
class Group:
    """Items and centres, by their number in the plant's work, and their problem."""

    items: Ints
    centres: Ints
    problem: LotProblem


@dataclass(frozen=True)
class Solved:
    """A group with its plan, tonight in whole lots, and the limits that its plan would have had to relax."""

    group: Group
    plan: LotPlan
    relaxed: Relaxed

    @property
    def tonight(self) -> tuple[Ints, Ints]:
        """Items of the group whose order of tonight is placed within the horizon, and the bucket it is placed in."""
        return placed_in(self.group.problem)


def placed_in(problem: LotProblem) -> tuple[Ints, Ints]:
    """Items that may be made within the horizon, and the first bucket of each."""
    item = np.flatnonzero(problem.first_made < problem.demand.shape[1])
    return item, problem.first_made[item]


def groups_of(work: Work) -> list[tuple[Ints, Ints]]:
    """Items and centres that hang together through their routings, in the order of their first centre."""
    items, centres = work.items.height, work.centres.height
    links = (np.ones(len(work.routing.item)), (work.routing.item, items + work.routing.centre))
    _, label = connected_components(sp.csr_array(links, shape=(items + centres, items + centres)), directed=False)
    found = [(np.flatnonzero(label[:items] == one), np.flatnonzero(label[items:] == one)) for one in np.unique(label)]
    return sorted(((i, r) for i, r in found if len(i) and len(r)), key=lambda pair: int(pair[1][0]))


def group_problem(
    work: Work, items: Ints, centres: Ints, fixed: Floats, money: pl.DataFrame, calendar: Calendar, material: Material
) -> Group:
    """The problem of one group, with the hours that open orders leave; `fixed` [R, T] are theirs."""
    item_place, centre_place = _places(work.items.height, items), _places(work.centres.height, centres)
    own = item_place[work.routing.item] >= 0
    routing = Routing(
        item_place[work.routing.item[own]],
        centre_place[work.routing.centre[own]],
        work.routing.run_hours[own],
        work.routing.setup_hours[own],
        work.routing.delay[own],
    )
    capacity, used = work.capacity[centres], fixed[centres]
    planned, days = work.planned[items], calendar.bucket_days
    late, hold = (money[name].to_numpy()[items, None] * np.ones_like(planned) for name in ("late_cost", "hold_cost"))
    return Group(
        items,
        centres,
        LotProblem(
            demand=planned,
            stock=np.zeros(len(items)),
            setup_cost=np.where(planned > 0, 0.0, money["setup_cost"].to_numpy()[items, None]),
            holding_cost=hold * days,
            backlog_cost=late * days / _WEEK_DAYS,
            routing=routing,
            families=_part_of_families(work.families, own, centre_place),
            capacity=np.maximum(capacity - used, 0.0),
            overtime_limit=np.maximum(work.overtime_limit[centres] - np.maximum(used - capacity, 0.0), 0.0),
            overtime_cost=work.centres["overtime_cost_per_hour"].fill_null(0.0).to_numpy()[centres],
            material=material,
            reach=money["reach"].to_numpy()[items],
            start=first_bucket(work.items[items]),
        ),
    )


def _places(count: int, chosen: Ints) -> Ints:
    place = np.full(count, -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    return place


def _part_of_families(families: Families, own: Flags, centre_place: Ints) -> Families:
    """Families of a group's operations; those of other groups are left out."""
    kept = np.flatnonzero(centre_place[families.centre] >= 0)
    place = _places(len(families.hours), kept)
    of_operation = families.of_operation[own]
    named = np.where(of_operation >= 0, place[np.maximum(of_operation, 0)], -1) if len(place) else of_operation
    return Families(named, centre_place[families.centre[kept]], families.hours[kept], families.cost[kept])


def money_of(work: Work, make_rate: pl.DataFrame, calendar: Calendar, backlog_cost_rate: float) -> pl.DataFrame:
    """What each item costs: late by a week, held for a day, set up where the plan has no set-up; and its reach.

    A stated cost of shortage counts before the share of the price; neither makes it cheaper to be late by a bucket than
    to work overtime. Goods that expire are made ahead for at most half their shelf life.
    """
    routing, longer = work.routing, work.centres["overtime_cost_per_hour"].fill_null(0.0).fill_nan(0.0).to_numpy()
    in_overtime = np.zeros(work.items.height)
    np.add.at(in_overtime, routing.item, routing.run_hours * longer[routing.centre])
    least = _ABOVE_OVERTIME * in_overtime * _WEEK_DAYS / calendar.bucket_days
    priced = pl.max_horizontal(pl.col("unit_price", "unit_cost").fill_null(0.0)) * backlog_cost_rate
    stated = pl.when(pl.col("shortage_cost_source") == "policy").then("shortage_cost")
    late = pl.max_horizontal(pl.coalesce(stated, priced).fill_nan(0.0), pl.Series(least)).clip(_LEAST_BACKLOG)
    held = pl.max_horizontal(pl.col("holding_cost_per_day").fill_null(0.0), _LEAST_HOLDING * pl.col("late_cost"))
    half_life = (pl.col("shelf_life_days") / (2 * calendar.bucket_days)).floor()
    setup = make_rate.select("item_id", "setup_cost", source_id="location_id")
    items = work.items.join(setup, on=["item_id", "source_id"], how="left", maintain_order="left")
    return items.with_columns(late_cost=late).select(
        *KEY,
        "late_cost",
        hold_cost=held,
        setup_cost=pl.col("setup_cost").fill_null(0.0).fill_nan(0.0),
        reach=half_life.clip(0, _ANY_REACH).fill_null(_ANY_REACH).cast(pl.Int64),
    )
