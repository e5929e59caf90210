"""Load, levelled production and limits to relax, as rows of their plan tables."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.lot_problem import Flags
from replenish.numerics.rough_cut import Floats
from replenish.steps.level.problems import Solved
from replenish.steps.level.work import Work
from replenish.steps.panel import KEY
from replenish.tables.plan import LevelledMake, Load, Relaxation

_ROUNDING = 1e-4  # hours: no one stays longer for them


def load_rows(work: Work, wanted: Floats, fixed: Floats, over: Flags, solved: list[Solved]) -> dy.DataFrame[Load]:
    """Every centre and open bucket; where nothing was levelled the hours are those of the plan.

    `wanted` are the hours of the plan with open orders, `fixed` those of open orders where they find room, [R, T].
    """
    levelled, value, stopped = wanted.copy(), np.zeros_like(wanted), np.zeros(wanted.shape, dtype=np.bool_)
    # Open orders alone can ask for more than there is: they are where they find room.
    levelled[over] = np.where(fixed[over] > 0, fixed[over], 0.0)
    for one in solved:
        levelled[one.group.centres] = fixed[one.group.centres] + one.plan.hours
        value[one.group.centres], stopped[one.group.centres] = one.plan.hour_value, one.plan.is_stopped
    most = work.capacity + work.overtime_limit
    levelled = np.where(levelled < most + _ROUNDING, np.minimum(levelled, most), levelled)
    levelled = np.where(np.abs(levelled - work.capacity) < _ROUNDING, work.capacity, levelled)
    row, bucket = (part.ravel() for part in np.indices(wanted.shape))
    grids = {
        "capacity_hours": work.capacity,
        "overtime_limit_hours": work.overtime_limit,
        "planned_hours": wanted,
        "levelled_hours": levelled,
        "overtime_hours": np.maximum(levelled - work.capacity, 0.0),
        "overload_hours": np.maximum(wanted - work.capacity, 0.0),
        "hour_value": value,
        "is_stopped": stopped,
    }
    frame = work.centres.select("work_center_id", "location_id")[row].with_columns(
        bucket_index=pl.Series(bucket, dtype=pl.Int32),
        **{name: pl.Series(grid.ravel()) for name, grid in grids.items()},
    )
    return Load.cast(frame.select(Load.column_names()).sort("work_center_id", "bucket_index"))


def levelled_rows(work: Work, solved: list[Solved]) -> dy.DataFrame[LevelledMake]:
    """Made items in every bucket in which something is planned, made, early or late."""
    made, early, late = work.planned.copy(), np.zeros_like(work.planned), np.zeros_like(work.planned)
    for one in solved:
        made[one.group.items], early[one.group.items] = one.plan.made, one.plan.early
        late[one.group.items] = one.plan.late
    row, bucket = np.nonzero((work.planned > 0) | (made > 0) | (early > 0) | (late > 0))
    grids = {"planned_qty": work.planned, "qty": made, "early_qty": early, "late_qty": late}
    frame = work.items.select(KEY)[row].with_columns(
        bucket_index=pl.Series(bucket, dtype=pl.Int32),
        **{name: pl.Series(grid[row, bucket]) for name, grid in grids.items()},
    )
    return LevelledMake.cast(frame.select(LevelledMake.column_names()).sort(LevelledMake.primary_key()))


def relaxation_rows(work: Work, solved: list[Solved]) -> dy.DataFrame[Relaxation]:
    """Limits to relax: hours by centre and bucket, and items behind at the close of a bucket."""
    parts = [frame for one in solved for frame in (_hours_of(work, one), _due_of(work, one))]
    if not parts:
        return Relaxation.create_empty()
    key = Relaxation.primary_key()
    sums = [pl.col(name).sum() for name in ("hours", "cost", "value")]
    frame = pl.concat(parts).group_by(key).agg(pl.col("location_id").first(), *sums).sort(key)
    return Relaxation.cast(frame.select(Relaxation.column_names()))


def _hours_of(work: Work, one: Solved) -> pl.DataFrame:
    frames = []
    for kind, hours in (("overtime", one.relaxed.overtime), ("capacity", one.relaxed.beyond)):
        row, bucket = np.nonzero(hours > 0)
        taken = hours[row, bucket]
        frames.append(
            work.centres.select("work_center_id", "location_id")[one.group.centres[row]].with_columns(
                kind=pl.lit(kind),
                bucket_index=pl.Series(bucket, dtype=pl.Int32),
                hours=pl.Series(taken),
                cost=pl.Series(taken * one.group.problem.overtime_cost[row]),
                value=pl.Series(taken * one.plan.hour_value[row, bucket]),
            )
        )
    return pl.concat(frames).select(_COLUMNS)


_COLUMNS = ["kind", "work_center_id", "bucket_index", "location_id", "hours", "cost", "value"]


def _due_of(work: Work, one: Solved) -> pl.DataFrame:
    """Items behind at the close of a bucket: their hours, what being behind costs, and what those hours are worth."""
    late, problem = one.relaxed.late, one.group.problem
    item, bucket = np.nonzero(late > 0)
    units = late[item, bucket]
    hours, value = np.zeros(len(item)), np.zeros(len(item))
    for o in range(len(problem.routing.item)):
        taken = units * problem.routing.run_hours[o] * (problem.routing.item[o] == item)
        at = np.minimum(bucket + problem.routing.delay[o], late.shape[1] - 1)
        hours, value = hours + taken, value + taken * one.plan.hour_value[problem.routing.centre[o], at]
    names = work.items.select(work_center_id="item_id", location_id="source_id")[one.group.items[item]]
    return names.with_columns(
        kind=pl.lit("due"),
        bucket_index=pl.Series(bucket, dtype=pl.Int32),
        hours=pl.Series(hours),
        cost=pl.Series(units * problem.backlog_cost[item, bucket]),
        value=pl.Series(value),
    ).select(_COLUMNS)
