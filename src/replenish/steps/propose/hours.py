"""What the plant's hours do not suffice for: OVERLOAD, and AT_RISK_CAPACITY of what is put off or never made up."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.findings import findings
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.outlook import Timeline
from replenish.steps.propose.terms import Terms

_NOTHING = 1e-6
_CUT_BY_HOURS = "capacity"
_LEAST_HOURS = 0.05  # less is rounding of the plan: three minutes


def lacking(
    order: pl.DataFrame,
    load: pl.DataFrame,
    levelled_make: pl.DataFrame,
    work_center: pl.DataFrame,
    nodes: pl.DataFrame,
    future: Timeline,
    terms: Terms,
) -> list[pl.DataFrame]:
    """Work centres with too much to do even when work is levelled, items that stay behind to the end or for now."""
    unmade = _unmade(levelled_make, nodes, future, terms)
    put_off = _put_off(order.join(unmade, on=NODE, how="anti", maintain_order="left"), nodes, terms)
    return [_overloads(load, work_center, future, terms), unmade, put_off]


def _put_off(order: pl.DataFrame, nodes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Orders of tonight that the hours cut: what is left for later nights, its margin at stake."""
    cut = order.filter((pl.col("reason_code") == _CUT_BY_HOURS) & (pl.col("qty") < pl.col("wish_qty") - _NOTHING))
    cut = attach(cut, nodes, "item_name", "location_name", "shortage_cost", "has_money")
    cut = cut.with_columns(less=pl.col("wish_qty") - pl.col("qty"))
    cut = cut.with_columns(stake=(pl.col("less") * pl.col("shortage_cost")).fill_null(0.0))
    node = (pl.coalesce("item_name", "item_id"), pl.coalesce("location_name", "location_id"))
    told = pl.format(
        "{} of {} for {} are put off for want of hours: {} are made of the {} wished; {} at stake.",
        w.quantity(pl.col("less")), *node, w.quantity(pl.col("qty")), w.quantity(pl.col("wish_qty")),
        w.lost(pl.col("less"), pl.col("stake"), terms.currency),
    )  # fmt: skip
    key = pl.concat_str(NODE, separator="@")
    return findings(
        cut, "AT_RISK_CAPACITY", date="need_date", qty="less", value_at_stake="stake", cause_id=key, explanation=told
    )


def _unmade(levelled_make: pl.DataFrame, nodes: pl.DataFrame, future: Timeline, terms: Terms) -> pl.DataFrame:
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


def _overloads(load: pl.DataFrame, work_center: pl.DataFrame, future: Timeline, terms: Terms) -> pl.DataFrame:
    """Work centres whose hours do not suffice even when work is levelled: one row each, from its first such bucket.

    At stake are the hours at the price of overtime, or at what another hour would save where that is more.
    """
    over = (pl.col("levelled_hours") - pl.col("capacity_hours")).clip(0.0)
    rows = load.with_columns(over=over).filter(pl.col("over") > _LEAST_HOURS)
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
        "{} needs overtime of {} hours on {} from {} on; before work was levelled {} hours lay beyond its capacity. "
        "At stake: {}.",
        "work_center_id", w.quantity(pl.col("over")), w.day_count(pl.col("days")), w.day(pl.col("date")),
        w.quantity(pl.col("overload_hours")), w.money(pl.col("stake"), terms.currency),
    )  # fmt: skip
    nothing = pl.lit(None, pl.String)
    return findings(
        centres, "OVERLOAD", item_id=nothing, date="date", qty="over", value_at_stake="stake",
        cause_id="work_center_id", explanation=told,
    )  # fmt: skip
