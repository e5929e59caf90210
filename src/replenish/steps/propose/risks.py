"""Customer orders and production at risk, each with its causes: AT_RISK_*; and work centres with too much to do."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.causes import supply_key
from replenish.steps.propose.findings import findings
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.outlook import Timeline
from replenish.steps.propose.terms import Terms

_LINE = [*NODE, "line_key"]
_NOTHING = 1e-6


def late_supplies(late: pl.DataFrame, trails: pl.DataFrame, causes: pl.DataFrame) -> pl.DataFrame:
    """Supplies that reach late lines after their day, the last first, with what holds them up and its root.

    `late` are the lines of LATE_DEMAND; the other frames are those of causes.py.
    """
    coming = trails.filter((pl.col("late_days") > 0) & (pl.col("supply_kind") != "stock"))
    about = ("code", "reason", "root_code", "root_reason", "root_id")
    coming = attach(coming.select("supply", "late_days", line_key="root_id"), causes, *about, on=["supply"])
    found = late.join(coming, on="line_key", how="inner")
    return found.with_columns(root_count=pl.col("root_id").n_unique().over(_LINE)).sort(
        *_LINE, "late_days", "root_id", "supply", descending=[False, False, False, True, False, False]
    )


def with_root(late: pl.DataFrame, supplies: pl.DataFrame) -> pl.DataFrame:
    """Late lines with the root of the supply that comes last (`root_id`); empty where none is known."""
    last = supplies.unique(_LINE, keep="first", maintain_order=True)
    return attach(late, last, "root_id", on=_LINE)


def at_risk(supplies: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """What makes customer order lines late: one row a line and kind of cause, worth what the line is.

    `supplies` is what `late_supplies` returns. A cause is said to be the only one where all late supplies of the line
    have the same root: without it the line would be in time.
    """
    roots = supplies.with_columns(code="root_code", reason="root_reason")
    rows = pl.concat([roots, supplies]).unique([*_LINE, "code"], keep="first", maintain_order=True)
    several = pl.format("it is one of {} causes", "root_count")
    alone = pl.when(pl.col("root_count") == 1).then(pl.lit("nothing else makes it late")).otherwise(several)
    lost = w.lost(pl.col("qty"), pl.col("stake"), terms.currency)
    told = pl.format(
        "{}: {}, {} late; {}; {} at stake.", "who", "reason", w.day_count(pl.col("late_days")), alone, lost
    )
    about = {"order_id": "order_id", "date": "due_date", "qty": "qty", "value_at_stake": "stake"}
    return findings(rows, pl.col("code"), cause_id="line_key", root_id="root_id", explanation=told, **about)


def late_jobs(
    jobs: pl.DataFrame, causes: pl.DataFrame, told: pl.DataFrame, nodes: pl.DataFrame, terms: Terms
) -> pl.DataFrame:
    """Production that is done after it is needed, for whom no customer order line is told (`told`) to be late yet.

    At stake is what its units cost a day late, for the days it is late.
    """
    late = jobs.filter(pl.col("tardy_days") > _NOTHING).with_columns(supply=supply_key())
    late = late.join(told.select("supply").unique(), on="supply", how="anti", maintain_order="left")
    about = ("code", "reason", "root_id", "order_name")
    late = attach(attach(late, causes, *about, on=["supply"]), nodes, "item_name", "location_name", "has_money")
    late = late.with_columns(stake=pl.col("weight") * pl.col("qty") * pl.col("tardy_days"))
    node = (w.quantity(pl.col("qty")), pl.coalesce("item_name", "item_id"), pl.coalesce("location_name", "location_id"))
    when = (w.day(pl.col("due_date")), "reason", w.day_count(pl.col("tardy_days").ceil()))
    lost = w.lost(pl.col("qty"), pl.col("stake"), terms.currency)
    told_so = pl.format("{} of {} for {} are needed by {}: {}, {} late; {} at stake.", *node, *when, lost)
    named = {"order_id": "order_name", "cause_id": "job_id", "root_id": "root_id"}
    return findings(
        late, pl.col("code"), date="due_date", qty="qty", value_at_stake="stake", explanation=told_so, **named
    )


def unmade(levelled_make: pl.DataFrame, nodes: pl.DataFrame, future: Timeline, terms: Terms) -> pl.DataFrame:
    """Items that the plant's hours do not suffice for to the end of the plan; their margin is at stake."""
    last = levelled_make.filter(pl.col("bucket_index") == pl.col("bucket_index").max())
    short = attach(last.filter(pl.col("late_qty") > _NOTHING), nodes, "item_name", "location_name", "has_money")
    short = attach(short, nodes, "shortage_cost").join(future.calendar, on="bucket_index", how="left")
    short = short.with_columns(stake=(pl.col("late_qty") * pl.col("shortage_cost")).fill_null(0.0))
    node = (pl.coalesce("item_name", "item_id"), pl.coalesce("location_name", "location_id"))
    lost = w.lost(pl.col("late_qty"), pl.col("stake"), terms.currency)
    told = pl.format(
        "{} of {} for {} cannot be made by {} with the hours there are; {} at stake.",
        w.quantity(pl.col("late_qty")), *node, w.day(pl.col("bucket_start")), lost,
    )  # fmt: skip
    key = pl.concat_str(NODE, separator="@")
    return findings(
        short, "AT_RISK_CAPACITY", date=pl.coalesce("bucket_start", pl.lit(terms.today)), qty="late_qty",
        value_at_stake="stake", cause_id=key, explanation=told,
    )  # fmt: skip


def overloads(load: pl.DataFrame, work_center: pl.DataFrame, future: Timeline, terms: Terms) -> pl.DataFrame:
    """Work centres whose hours do not suffice even when work is levelled: one row each, from its first such bucket.

    At stake are the hours at the price of overtime, or at what another hour would save where that is more.
    """
    over = (pl.col("levelled_hours") - pl.col("capacity_hours")).clip(0.0)
    rows = load.with_columns(over=over).filter(pl.col("over") > _NOTHING)
    rows = attach(rows, work_center, "overtime_cost_per_hour", on=["work_center_id"])
    price = pl.max_horizontal(pl.col("overtime_cost_per_hour").fill_null(0.0), "hour_value")
    rows = rows.with_columns(stake=pl.col("over") * price).join(future.calendar, on="bucket_index", how="left")
    centres = rows.group_by("work_center_id", "location_id", maintain_order=True).agg(
        pl.col("over", "stake", "overload_hours").sum(),
        date=pl.coalesce(pl.col("bucket_start").min(), pl.lit(terms.today)),
        buckets=pl.len(),
        days=pl.len() * terms.bucket_days,
    )
    told = pl.format(
        "{} lacks {} hours on {} from {} on, {} before work was levelled; they cost {}.",
        "work_center_id", w.quantity(pl.col("over")), w.day_count(pl.col("days")), w.day(pl.col("date")),
        w.quantity(pl.col("overload_hours")), w.money(pl.col("stake"), terms.currency),
    )  # fmt: skip
    nothing = pl.lit(None, pl.String)
    return findings(
        centres, "OVERLOAD", item_id=nothing, date="date", qty="over", value_at_stake="stake",
        cause_id="work_center_id", explanation=told,
    )  # fmt: skip
