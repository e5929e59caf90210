"""What the plan asks of the work centres: made items, their operations, and the hours there are, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.lot_problem import Families
from replenish.numerics.rough_cut import Floats, Ints, Routing, load_hours
from replenish.steps.network import Calendar
from replenish.steps.panel import KEY, panel

_NOTHING = 1e-9


@dataclass(frozen=True)
class Work:
    """Made items [I] and centres [R] with their operations [O]; hours by centre and bucket [R, T]."""

    items: pl.DataFrame  # item_id, location_id, source_id, and what `items_of` adds
    centres: pl.DataFrame
    planned: Floats  # [I, T] good units; as ordered tonight in the bucket in which that is placed
    routing: Routing
    families: Families
    capacity: Floats
    overtime_limit: Floats


def items_of(
    order: pl.DataFrame, open_supply: pl.DataFrame, wish: pl.DataFrame, node: pl.DataFrame, arc: pl.DataFrame
) -> pl.DataFrame:
    """Items that are made tonight or later, or on open production orders, with their plant, by item and location."""
    made = order.filter(kind="make").select(*KEY, "source_id", order_qty="qty")
    running = open_supply.filter((pl.col("kind") == "production") & ~pl.col("is_lost"))
    running = running.select(*KEY, source_id=pl.coalesce("source_id", "location_id"), order_qty=pl.lit(0.0))
    items = pl.concat([made, running.unique(KEY, keep="first", maintain_order=True).join(made, on=KEY, how="anti")])
    told = wish.select(*KEY, "lead_time_buckets", "order_bucket_index")
    money = node.select(
        *KEY,
        *("unit_cost", "unit_price", "shortage_cost", "shortage_cost_source", "holding_cost_per_day"),
        *("approval_date", "shelf_life_days", "is_continuous"),
    )
    lots = arc.filter(pl.col("arc_rank") == 1)
    lots = lots.select(*KEY, "min_qty", "multiple_qty", "max_qty", "fence_days", "lead_time_days")
    for part in (told, money, lots):
        items = items.join(part, on=KEY, how="left", maintain_order="left")
    return items.sort(KEY).with_columns(item=pl.int_range(pl.len(), dtype=pl.Int64))


def first_bucket(items: pl.DataFrame) -> Ints:
    """Bucket in which tonight's order of each item is placed, [I]: nothing new is begun before."""
    found: Ints = items["order_bucket_index"].fill_null(0).cast(pl.Int64).to_numpy()
    return found


def work_of(
    items: pl.DataFrame,
    planned_make: pl.DataFrame,
    operation: pl.DataFrame,
    work_center: pl.DataFrame,
    work_day: pl.DataFrame,
    bucket: pl.DataFrame,
    calendar: Calendar,
) -> Work:
    """The plan and the plant. Operations without a centre or without hours ask for nothing."""
    centres = work_center.sort("work_center_id").with_columns(centre=pl.int_range(pl.len(), dtype=pl.Int64))
    steps = _steps(items, operation, centres, calendar)
    laid = panel(planned_make.sort(*KEY, "bucket_index"), items, last=calendar.horizon - 1, first=0)
    planned = laid.grid(planned_make.sort(*KEY, "bucket_index")["qty"], empty=0.0)
    placed = np.flatnonzero(first_bucket(items) < calendar.horizon)
    planned[placed, first_bucket(items)[placed]] = items["order_qty"].to_numpy()[placed]
    families, own_setup = _families(steps)
    routing = Routing(
        steps["item"].to_numpy(),
        steps["centre"].to_numpy(),
        _numbers(steps, "run"),
        own_setup,
        steps["delay"].to_numpy(),
    )
    open_hours = _open_hours(work_day, centres, bucket, calendar)
    extra = np.repeat(_numbers(centres, "overtime_hours")[:, None], calendar.horizon, axis=1)
    limit = np.where(open_hours > 0, extra, 0.0)  # who does not open at all does not stay longer
    return Work(items, centres, np.maximum(np.nan_to_num(planned), 0.0), routing, families, open_hours, limit)


def _numbers(frame: pl.DataFrame, name: str) -> Floats:
    """A column as numbers; what is no number, or negative, is nothing."""
    values = frame[name].cast(pl.Float64).fill_null(0.0).to_numpy()
    return np.where(np.isfinite(values), np.maximum(values, 0.0), 0.0)


def _steps(items: pl.DataFrame, operation: pl.DataFrame, centres: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """Operations planned with, in the order of items: hours a good unit, hours a set-up, buckets after the start.

    Where in its lead time an operation runs is for the schedule to say: here its hours lie evenly in all of it, so a
    lot that takes a week need not fit into its first day.
    """
    planned = operation.filter(pl.col("alternate_rank") == 1).sort(*KEY, "step_seq")
    planned = planned.rename({"location_id": "source_id"})
    joined = items.select("item", "item_id", "source_id", "lead_time_buckets").join(
        planned, on=["item_id", "source_id"], how="inner"
    )
    joined = joined.join(centres.select("work_center_id", "centre"), on="work_center_id", how="inner")
    each = pl.col("start_qty_per_good")
    sound = pl.when(each.is_finite() & (each > 0)).then(each).otherwise(1.0)
    hours = [pl.when(pl.col(name).is_finite()).then(pl.col(name)).otherwise(0.0).clip(0.0) for name in _HOURS]
    lead = pl.col("lead_time_buckets").fill_null(0).clip(0, calendar.horizon)
    joined = joined.with_columns(
        run=hours[0] * sound,
        setup=hours[1],
        span=lead.clip(1).cast(pl.Int64),
    )
    return _spread(joined).filter((pl.col("run") > 0) | (pl.col("setup") > 0)).sort("item", "step_seq", "delay")


def _spread(steps: pl.DataFrame) -> pl.DataFrame:
    """Operations bucket by bucket of their span: set up in the first, run evenly through all."""
    rows = steps.with_columns(delay=pl.int_ranges(0, pl.col("span"))).explode("delay")
    return rows.with_columns(
        run=pl.col("run") / pl.col("span"), setup=pl.when(pl.col("delay") == 0).then("setup").otherwise(0.0)
    )


_HOURS = ("run_hours_per_unit", "setup_hours")


def _families(steps: pl.DataFrame) -> tuple[Families, Floats]:
    """Set-ups that several items of a centre share, and the hours of those that are an operation's own."""
    key = ["centre", "setup_family"]
    shared = steps.filter(pl.col("setup_family").is_not_null() & (pl.col("setup") > 0)).group_by(key)
    found = shared.agg(hours=pl.col("setup").max(), members=pl.col("item").n_unique()).filter(pl.col("members") > 1)
    found = found.sort(key).with_columns(family=pl.int_range(pl.len(), dtype=pl.Int64))
    has_setup = pl.col("setup") > 0
    joined = steps.join(found.select(*key, "family"), on=key, how="left", maintain_order="left")
    family = joined.select(pl.when(has_setup).then("family").fill_null(-1)).to_series().fill_null(-1).to_numpy()
    own = np.where(family >= 0, 0.0, steps["setup"].to_numpy())
    hours = found["hours"].to_numpy()
    return Families(family, found["centre"].to_numpy(), hours, np.zeros(len(hours))), own


def _open_hours(work_day: pl.DataFrame, centres: pl.DataFrame, bucket: pl.DataFrame, calendar: Calendar) -> Floats:
    """Hours all machines of a centre are open, [R, T]."""
    ahead = bucket.filter(pl.col("bucket_index") >= 0).sort("bucket_start").select("bucket_start", "bucket_index")
    days = work_day.sort("date").join_asof(ahead, left_on="date", right_on="bucket_start", strategy="backward")
    days = days.join(centres.select("work_center_id", "centre", "machine_count"), on="work_center_id", how="inner")
    days = days.drop_nulls("bucket_index").filter(pl.col("bucket_index") < calendar.horizon)
    hours = days.select(pl.col("hours") * pl.col("machine_count")).to_series().fill_null(0.0).fill_nan(0.0)
    out = np.zeros((centres.height, calendar.horizon))
    np.add.at(out, (days["centre"].to_numpy(), days["bucket_index"].to_numpy()), np.maximum(hours.to_numpy(), 0.0))
    return out


def open_order_hours(work: Work, open_supply: pl.DataFrame, calendar: Calendar) -> Floats:
    """Hours that open production orders take, [R, T]: as if started a lead time before they are due."""
    running = open_supply.filter((pl.col("kind") == "production") & ~pl.col("is_lost"))
    running = running.join(work.items.select(*KEY, "item", "lead_time_buckets"), on=KEY, how="inner")
    start = calendar.bucket_of(running["due_date"]) - running["lead_time_buckets"].fill_null(0).to_numpy()
    qty = np.nan_to_num(running["open_qty"].to_numpy())
    load = np.zeros(work.capacity.shape)
    routing, setup = work.routing, setup_hours(work)
    of_item = [np.flatnonzero(routing.item == item) for item in range(work.items.height)]
    for item, first, units in zip(running["item"].to_numpy(), np.maximum(start, 0), qty, strict=True):
        for o in of_item[item]:
            at = int(first + routing.delay[o])
            if at < calendar.horizon and units > _NOTHING:
                load[routing.centre[o], at] += routing.run_hours[o] * units + setup[o]
    return load


def setup_hours(work: Work) -> Floats:
    """Hours to set up for each operation, [O], whether for itself or its family."""
    family = work.families.of_operation
    if not len(work.families.hours):
        return work.routing.setup_hours
    return np.where(family >= 0, work.families.hours[np.maximum(family, 0)], work.routing.setup_hours)


def planned_setups(work: Work) -> Floats:
    """Set-ups the plan expects, [I, T]: a mean below the smallest lot is a lot some of the time."""
    lot = work.items.select(pl.max_horizontal(pl.col("min_qty", "multiple_qty").fill_null(0.0))).to_series()
    smallest = np.maximum(lot.fill_null(0.0).to_numpy(), _NOTHING)
    return np.minimum(work.planned / smallest[:, None], 1.0)


def planned_hours(work: Work) -> Floats:
    """Hours of the plan, [R, T]; a family is set up once a bucket."""
    setups = planned_setups(work)
    hours = load_hours(work.routing, work.planned, setups, work.centres.height)
    of_family: Ints = work.families.of_operation
    shared = np.zeros((len(work.families.hours), work.planned.shape[1]))
    for o in np.flatnonzero(of_family >= 0):
        delay = min(int(work.routing.delay[o]), shared.shape[1])
        shared[of_family[o], delay:] += setups[work.routing.item[o], : shared.shape[1] - delay]
    np.add.at(hours, work.families.centre, np.minimum(shared, 1.0) * work.families.hours[:, None])
    return hours
