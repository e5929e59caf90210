"""Levelling on the days on which anyone works: what is planned for closed days is begun before them.

Tonight's order is begun on the first day that is open. Lead times and the places of operations in them count open
buckets alone, so that no second operation falls on a Sunday.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.rough_cut import Ints
from replenish.steps.level.level import level as level_all
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

_SAME = 1e-6
Lists = tuple[
    dy.DataFrame[Load], dy.DataFrame[LevelledMake], dy.DataFrame[Relaxation], dy.DataFrame[Order]
]  # fmt: skip


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
    **rule: Any,
) -> Lists:
    """Rough-cut the plan and level it, as `level.level` does, on the buckets in which a centre is open.

    The tables and settings are those of `level.level`; so are the results, in all buckets.
    """
    rest = (operation, work_center, work_day, make_rate, firm_need)
    days = _open_days(bucket, work_day)
    before = (curve, limit, record, open_supply, node, arc, bom_line)
    if days is None:
        return level_all(planned_make, order, wish, *before, bucket, *rest, **rule)
    waits = wish.select(*KEY, first="order_bucket_index")
    planned = days.pressed_plan(planned_make, waits)
    found = level_all(planned, order, days.pressed_wish(wish), *before, days.pressed_bucket(bucket), *rest, **rule)
    load, made, relaxation, orders = found
    real = _planned(planned_make, order, waits, days.horizon)
    relaxed = relaxation.with_columns(days.back("bucket_index")).sort(Relaxation.primary_key())
    return days.all_load(load), days.all_made(made, real, waits), Relaxation.cast(relaxed), orders


@dataclass(frozen=True)
class _Days:
    """Which of all buckets are open; each closed one belongs to the open one before it."""

    open: Ints
    horizon: int

    def place(self, bucket: pl.Expr, first: pl.Expr) -> pl.Expr:
        """Open bucket that each bucket belongs to; tonight's order, in bucket `first`, stays apart from later ones."""
        places = pl.Series(np.maximum(np.searchsorted(self.open, np.arange(self.horizon), side="right") - 1, 0))

        def of(index: pl.Expr) -> pl.Expr:
            return index.cast(pl.Int64).replace_strict(
                pl.Series(range(self.horizon), dtype=pl.Int64), places, default=len(self.open) - 1
            )

        later = pl.max_horizontal(of(bucket), of(first) + 1).clip(upper_bound=len(self.open) - 1)
        return pl.when(bucket > first).then(later).otherwise(of(bucket))

    def back(self, name: str) -> pl.Expr:
        """Bucket of each open bucket."""
        return (
            pl.col(name)
            .cast(pl.Int64)
            .replace_strict(
                pl.Series(range(len(self.open)), dtype=pl.Int64), pl.Series(self.open), return_dtype=pl.Int32
            )
        )

    def pressed_plan(self, planned_make: pl.DataFrame, waits: pl.DataFrame) -> dy.DataFrame[PlannedMake]:
        """The plan by open buckets."""
        told = planned_make.join(waits, on=KEY, how="left", maintain_order="left")
        place = self.place(pl.col("bucket_index"), pl.col("first").fill_null(0)).cast(pl.Int32)
        told = told.with_columns(bucket_index=place).drop("first")
        numbers = [name for name, kind in told.schema.items() if kind.is_float()]
        key = [name for name in told.columns if name not in numbers]
        return PlannedMake.cast(told.group_by(key).agg(pl.col(numbers).sum()).sort(PlannedMake.primary_key()))

    def pressed_wish(self, wish: pl.DataFrame) -> dy.DataFrame[Wish]:
        """Wishes with their lead times and waits in open buckets; a wait beyond the horizon stays beyond it."""
        lead = (pl.col("lead_time_buckets") * (len(self.open) / self.horizon) + _SAME).floor()
        wait, nobody = pl.col("order_bucket_index"), pl.lit(self.horizon)
        told = wish.with_columns(
            lead_time_buckets=lead.cast(pl.Int32),
            order_bucket_index=pl.when(wait < self.horizon)
            .then(self.place(wait, nobody))
            .otherwise(wait)
            .cast(pl.Int32),
        )
        return Wish.cast(told)

    def pressed_bucket(self, bucket: pl.DataFrame) -> dy.DataFrame[Bucket]:
        """Open buckets with the closed days after them; the first begins tonight."""
        ahead = bucket.filter(pl.col("bucket_index") >= 0)
        told = ahead.with_columns(at=self.place(pl.col("bucket_index"), pl.lit(self.horizon)).cast(pl.Int32))
        ends, others = pl.col("bucket_end").last(), pl.exclude("bucket_index", "bucket_end").first()
        merged = told.sort("bucket_index").group_by("at", maintain_order=True).agg(others, ends)
        merged = merged.rename({"at": "bucket_index"}).select(bucket.columns)
        return Bucket.cast(pl.concat([bucket.filter(pl.col("bucket_index") < 0), merged]))

    def all_load(self, load: pl.DataFrame) -> dy.DataFrame[Load]:
        """Load of every bucket: nothing where all are closed."""
        found = load.with_columns(self.back("bucket_index"))
        centres = load.select("work_center_id", "location_id").unique()
        every = centres.join(pl.select(bucket_index=pl.int_range(self.horizon, dtype=pl.Int32)), how="cross")
        joined = every.join(found.drop("location_id"), on=["work_center_id", "bucket_index"], how="left")
        hours = [name for name, kind in load.schema.items() if kind.is_float()]
        told = joined.with_columns(pl.col(hours).fill_null(0.0), pl.col("is_stopped").fill_null(value=False))
        return Load.cast(told.select(Load.column_names()).sort(Load.primary_key()))

    def all_made(self, made: pl.DataFrame, real: pl.DataFrame, waits: pl.DataFrame) -> dy.DataFrame[LevelledMake]:
        """Levelled production of every bucket; items that were left alone are made as planned."""
        as_planned = (pl.col("qty") - pl.col("planned_qty")).abs().max() <= _SAME
        alone = made.group_by(KEY).agg(is_alone=as_planned)
        told = made.join(waits, on=KEY, how="left").with_columns(pl.col("first").fill_null(0))
        own = self.place(pl.col("first"), pl.lit(self.horizon))
        at = pl.when(pl.col("bucket_index") == own).then("first").otherwise(self.back("bucket_index"))
        told = told.select(*KEY, "qty", bucket_index=at.cast(pl.Int32)).join(
            alone.filter(~pl.col("is_alone")), on=KEY, how="semi"
        )
        kept = real.join(told, on=KEY, how="anti").with_columns(qty="planned_qty")
        both = pl.concat([kept, real.join(told, on=KEY, how="semi"), told], how="diagonal")
        sums = both.group_by(*KEY, "bucket_index").agg(pl.col("planned_qty", "qty").sum()).sort(*KEY, "bucket_index")
        ahead = (pl.col("qty").cum_sum() - pl.col("planned_qty").cum_sum()).over(KEY)
        ahead = pl.when(ahead.abs() > _SAME).then(ahead).otherwise(0.0)
        return LevelledMake.cast(
            sums.with_columns(early_qty=ahead.clip(0.0), late_qty=(0.0 - ahead).clip(0.0)).select(
                LevelledMake.column_names()
            )
        )


def _open_days(bucket: pl.DataFrame, work_day: pl.DataFrame) -> _Days | None:
    """None where every bucket is open, or none."""
    ahead = bucket.filter(pl.col("bucket_index") >= 0).select("bucket_start", "bucket_index").sort("bucket_start")
    days = work_day.filter(pl.col("hours") > 0).sort("date")
    days = days.join_asof(ahead, left_on="date", right_on="bucket_start", strategy="backward").drop_nulls(
        "bucket_index"
    )
    # The last bucket ends with the horizon; days beyond it are not planned.
    last = bucket["bucket_end"].max()
    found = (
        days.filter(pl.col("date") <= pl.lit(last, pl.Date))["bucket_index"].unique().sort().cast(pl.Int64).to_numpy()
    )
    return None if len(found) in (0, ahead.height) else _Days(found, ahead.height)


def _planned(planned_make: pl.DataFrame, order: pl.DataFrame, waits: pl.DataFrame, horizon: int) -> pl.DataFrame:
    """What was planned in every bucket, with tonight's orders where they are placed: (item, location, bucket)."""
    tonight = order.filter(kind="make").select(*KEY, planned_qty="qty").join(waits, on=KEY, how="left")
    tonight = tonight.with_columns(bucket_index=pl.col("first").fill_null(0).cast(pl.Int32)).drop("first")
    tonight = tonight.filter(pl.col("bucket_index") < horizon)
    later = planned_make.select(*KEY, "bucket_index", planned_qty="qty")
    later = later.join(tonight, on=[*KEY, "bucket_index"], how="anti")
    columns = [*KEY, "bucket_index", "planned_qty"]
    return pl.concat([later.select(columns), tonight.select(columns)]).filter(pl.col("planned_qty") > 0)
