"""Does the plant have the hours, and what is made early, late or in overtime where it has not?"""

from __future__ import annotations

from dataclasses import replace

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.capacitated_lots import Effort, capacitated_lots, with_setups
from replenish.numerics.limits_to_relax import limits_to_relax
from replenish.numerics.rough_cut import Floats
from replenish.numerics.settled_hours import settled_hours
from replenish.steps.level.material import COMPONENT, bill_of, free_components, material_of, may_grow
from replenish.steps.level.problems import Group, Solved, group_problem, groups_of, money_of, placed_in
from replenish.steps.level.rows import levelled_rows, load_rows, relaxation_rows
from replenish.steps.level.tonight import levelled_orders, whole_lots
from replenish.steps.level.work import Work, items_of, open_order_hours, planned_hours, work_of
from replenish.steps.network import calendar_of
from replenish.steps.panel import KEY
from replenish.tables.core import (
    Arc,
    BomLine,
    Bucket,
    FirmNeed,
    MakeRate,
    Node,
    OpenSupply,
    Operation,
    WorkCenter,
    WorkDay,
)
from replenish.tables.plan import Curve, LevelledMake, Limit, Load, Order, PlannedMake, Record, Relaxation, Wish

_ROOM = 1e-5  # hours by which rounding may differ between two solves
_OVER = 1e-6
_NODES = 150  # of a search, shared by the items and buckets of its problem, for each unit of work
_AT_ONCE = 26  # items x buckets solved as one program, for each unit of work
_AHEAD = 8  # buckets whose lots are searched in larger plants: tonight depends little on what is later


def level(
    planned_make: dy.DataFrame[PlannedMake],
    order: dy.DataFrame[Order],
    wish: dy.DataFrame[Wish],
    curve: dy.DataFrame[Curve],
    limit: dy.DataFrame[Limit],
    record: dy.DataFrame[Record],
    open_supply: dy.DataFrame[OpenSupply],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bom_line: dy.DataFrame[BomLine],
    bucket: dy.DataFrame[Bucket],
    operation: dy.DataFrame[Operation],
    work_center: dy.DataFrame[WorkCenter],
    work_day: dy.DataFrame[WorkDay],
    make_rate: dy.DataFrame[MakeRate],
    firm_need: dy.DataFrame[FirmNeed],
    *,
    backlog_cost_rate: float,
    work_limit: float,
    time_limit_seconds: float,
) -> tuple[dy.DataFrame[Load], dy.DataFrame[LevelledMake], dy.DataFrame[Relaxation], dy.DataFrame[Order]]:
    """Rough-cut the plan; level the centres with too few hours and all that hangs on them; change no other order.

    Each item's planned starts are its demand for hours. They may move earlier, as far as components in stock tonight
    allow for the first bucket and shelf life for any; of later buckets it is taken that components follow the plan.
    Tonight's order of an item stands in the bucket in which it is placed, and nothing of it is begun before.
    What finds no hours is late. The set-ups of the plan are free, others cost their money.
    """
    calendar = calendar_of(bucket)
    items = items_of(order, open_supply, wish, node, arc)
    work = work_of(items, planned_make, operation, work_center, work_day, bucket, calendar)
    running = open_order_hours(work, open_supply, calendar)
    wanted = planned_hours(work) + running
    fixed = settled_hours(running, work.capacity, work.overtime_limit)
    over = np.any(wanted > work.capacity * (1 + _OVER) + _OVER, axis=1)
    money = money_of(work, make_rate, calendar, backlog_cost_rate)
    bill, now = bill_of(bom_line, calendar.tonight), order.join(wish.filter(order_bucket_index=0), on=KEY, how="semi")
    free, grow = free_components(bill, record, now, firm_need), may_grow(items, limit, calendar.tonight)
    overloaded = [(i, r) for i, r in groups_of(work) if over[r].any() and (work.planned[i] > 0).any()]
    solved = list[Solved]()
    for group_items, centres in overloaded:
        material = material_of(items, group_items, bill, free, grow)
        group = group_problem(work, group_items, centres, fixed, money, calendar, material)
        solved.append(_solved(group, items, _effort(group, work_limit, time_limit_seconds)))
        free = _less(free, solved[-1], items, bill)
    orders = levelled_orders(order, items, _tonight(work, solved), curve)
    return (
        load_rows(work, wanted, fixed, over, solved),
        levelled_rows(work, solved),
        relaxation_rows(work, solved),
        Order.cast(orders.select(Order.column_names())),
    )


def _effort(group: Group, work_limit: float, seconds: float) -> Effort:
    """Nodes that take about the same work in plants of any size; no share of the seconds, which change no result."""
    nodes = max(1, int(work_limit * _NODES / group.problem.demand.size))
    return Effort(nodes, seconds, largest=int(work_limit * _AT_ONCE), ahead=_AHEAD)


def _solved(group: Group, items: pl.DataFrame, effort: Effort) -> Solved:
    """The plan of a group: first in any quantity, then with tonight in whole lots."""
    plan = capacitated_lots(group.problem, effort)
    tonight = placed_in(group.problem)
    qty = whole_lots(items[group.items[tonight[0]]], plan.made[tonight])
    set_up, fixed = plan.is_set.copy(), np.full(len(group.items), np.nan)
    set_up[tonight] &= qty > 0
    fixed[tonight[0]] = qty
    whole = replace(group.problem, fixed=fixed, capacity=group.problem.capacity + _ROOM)
    rounded = with_setups(whole, set_up)
    made = rounded.made.copy()
    made[tonight] = qty
    exact = replace(rounded, made=made, is_stopped=plan.is_stopped)
    return Solved(group, exact, limits_to_relax(group.problem, plan, effort))


def _tonight(work: Work, solved: list[Solved]) -> Floats:
    """Units ordered tonight, [I]."""
    qty = work.items["order_qty"].to_numpy().copy()
    for one in solved:
        row, bucket = one.tonight
        qty[one.group.items[row]] = one.plan.made[row, bucket]
    return qty


def _less(free: pl.DataFrame, solved: Solved, items: pl.DataFrame, bill: pl.DataFrame) -> pl.DataFrame:
    """Free components less what the group's larger orders of tonight take; smaller ones give nothing back."""
    grown = items[solved.group.items].with_columns(made=pl.Series(solved.plan.made[:, 0]))
    grown = grown.with_columns(more=(pl.col("made") - pl.col("order_qty")).clip(0.0)).filter(pl.col("more") > 0)
    lines = grown.select(*KEY, "source_id", "more").join(
        bill, left_on=["item_id", "source_id"], right_on=["parent_item_id", "location_id"], how="inner"
    )
    taken = lines.group_by(COMPONENT).agg(taken=(pl.col("more") * pl.col("qty_per")).sum())
    joined = free.join(taken, on=COMPONENT, how="left", maintain_order="left")
    return joined.select(*COMPONENT, free=(pl.col("free") - pl.col("taken").fill_null(0.0)).clip(0.0))
