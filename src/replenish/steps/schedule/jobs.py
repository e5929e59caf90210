"""Which production orders are to be scheduled: open ones, tonight's, and those planned for the next days."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from replenish.steps.panel import KEY

OPEN, TONIGHT, LATER = "open_order", "proposal", "planned"
_COLUMNS = ("job_id", "kind", "order_id", "line_id", *KEY, "source_id", "qty", "release_date", "due_date")
_NOTHING = 1e-6


def production_jobs(
    order: pl.DataFrame,
    planned_make: pl.DataFrame,
    levelled_make: pl.DataFrame,
    open_supply: pl.DataFrame,
    peg: pl.DataFrame,
    node: pl.DataFrame,
    arc: pl.DataFrame,
    bucket: pl.DataFrame,
    schedule_days: int,
) -> pl.DataFrame:
    """One row a job by due date, with the lead time of its arc and what a unit late costs a day.

    A job is due when its earliest pegged demand is; an open order that serves none, on its own date.
    """
    tonight: date = bucket.filter(pl.col("bucket_index") == 0)["bucket_start"].item()
    made = arc.filter(pl.col("kind") == "make", pl.col("arc_rank") == 1)
    jobs = pl.concat(
        [
            _open(open_supply, made, peg, tonight),
            _tonight(order, peg, tonight),
            _later(_levelled(planned_make, levelled_make), made, peg, bucket, tonight + timedelta(days=schedule_days)),
        ]
    )
    costs = node.select(*KEY, weight=pl.col("shortage_cost").fill_nan(None).fill_null(0.0).clip(0.0))
    jobs = jobs.join(costs, on=KEY, how="left").join(made.select(*KEY, "lead_time_days"), on=KEY, how="left")
    jobs = jobs.with_columns(pl.col("weight", "lead_time_days").fill_null(0.0))
    return jobs.sort("due_date", "release_date", "job_id")


def _open(open_supply: pl.DataFrame, made: pl.DataFrame, peg: pl.DataFrame, tonight: date) -> pl.DataFrame:
    """Open production orders that are still counted on; without a plant, at that of the arc in use."""
    lines = open_supply.filter(pl.col("kind") == "production", ~pl.col("is_lost"), pl.col("open_qty") > _NOTHING)
    plants = made.select(*KEY, plant="source_id")
    lines = lines.join(plants, on=KEY, how="left").with_columns(
        job_id=pl.concat_str("order_id", "line_id", separator="/"),
        source_id=pl.coalesce("source_id", "plant", "location_id"),
    )
    wanted = _first_wanted(peg.filter(pl.col("supply_kind") == OPEN), [*KEY, "supply_id"])
    lines = lines.join(wanted, left_on=[*KEY, "job_id"], right_on=[*KEY, "supply_id"], how="left")
    return lines.with_columns(
        kind=pl.lit(OPEN),
        qty="open_qty",
        release_date=pl.lit(tonight),
        due_date=pl.coalesce("wanted_date", "due_date"),
    ).select(_COLUMNS)


def _tonight(order: pl.DataFrame, peg: pl.DataFrame, tonight: date) -> pl.DataFrame:
    """What is ordered tonight; needed when its first demand is, at the latest when it was to be there."""
    lines = order.filter(pl.col("kind") == "make", pl.col("qty") > _NOTHING)
    wanted = _first_wanted(peg.filter(pl.col("supply_kind") == TONIGHT), KEY)
    return (
        lines.join(wanted, on=KEY, how="left")
        .with_columns(
            _named(TONIGHT, pl.lit("0")),
            kind=pl.lit(TONIGHT),
            order_id=pl.lit(None, dtype=pl.String),
            line_id=pl.lit(None, dtype=pl.String),
            release_date=pl.max_horizontal("order_date", pl.lit(tonight)),
            due_date=pl.coalesce("wanted_date", "need_date"),
        )
        .select(_COLUMNS)
    )


def _levelled(planned_make: pl.DataFrame, levelled_make: pl.DataFrame) -> pl.DataFrame:
    """Planned production, with the quantities that find hours where the plan was levelled.

    What is ordered tonight has its own job, also where it waits.
    """
    rest = planned_make.join(levelled_make, on=KEY, how="anti").select(*KEY, "bucket_index", "source_id", "qty")
    plants = planned_make.group_by(KEY).agg(pl.col("source_id").first())
    levelled = levelled_make.filter(pl.col("qty") > _NOTHING).join(plants, on=KEY)
    ordered = planned_make.filter(pl.col("tonight_qty") > 0).select(*KEY, "bucket_index")
    return pl.concat([rest, levelled.select(rest.columns)]).join(ordered, on=[*KEY, "bucket_index"], how="anti")


def _later(
    planned_make: pl.DataFrame, made: pl.DataFrame, peg: pl.DataFrame, bucket: pl.DataFrame, end: date
) -> pl.DataFrame:
    """Planned starts before the schedule ends. Means over futures come in crumbs: a job is where they make a lot."""
    days = bucket.filter(pl.col("bucket_index") > 0, pl.col("bucket_start") < end)
    rows = planned_make.join(days.select("bucket_index", "bucket_start"), on="bucket_index").sort(*KEY, "bucket_index")
    lots = made.select(*KEY, "lead_time_days", lot=pl.max_horizontal("min_qty", "multiple_qty", pl.lit(1.0)))
    rows = rows.join(lots, on=KEY, how="left", maintain_order="left").with_columns(pl.col("lot").fill_null(1.0))
    count = ((pl.col("qty").cum_sum().over(KEY) + _NOTHING) / pl.col("lot")).floor()
    rows = rows.with_columns(lots=count - count.shift(1, fill_value=0.0).over(KEY))
    rows = rows.filter(pl.col("lots") > 0).with_columns(qty=pl.col("lots") * pl.col("lot"))
    arrival = pl.col("bucket_start") + pl.duration(days=pl.col("lead_time_days").fill_null(0.0).ceil().cast(pl.Int64))
    rows = rows.with_columns(arrival=arrival).sort("arrival", *KEY, "bucket_index")
    wanted = (
        peg.filter(pl.col("supply_kind") == LATER)
        .group_by(*KEY, "supply_date")
        .agg(wanted_date=pl.col("demand_date").min())
    )
    rows = rows.join_asof(
        wanted.sort("supply_date", *KEY), left_on="arrival", right_on="supply_date", by=KEY, strategy="forward",
        check_sortedness=False,
    )  # fmt: skip
    return rows.with_columns(
        _named(LATER, pl.col("bucket_index").cast(pl.String)),
        kind=pl.lit(LATER),
        order_id=pl.lit(None, dtype=pl.String),
        line_id=pl.lit(None, dtype=pl.String),
        release_date="bucket_start",
        due_date=pl.coalesce("wanted_date", "arrival").cast(pl.Date),
    ).select(_COLUMNS)


def _first_wanted(pegs: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Day of the first demand that each supply serves."""
    return pegs.group_by(keys).agg(wanted_date=pl.col("demand_date").min())


def _named(kind: str, number: pl.Expr) -> pl.Expr:
    return pl.concat_str(pl.lit(kind), "item_id", "location_id", number, separator="/").alias("job_id")
