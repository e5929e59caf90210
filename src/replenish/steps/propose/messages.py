"""Action messages on open orders: is each needed, when, and how much of it?

The pegs answer: the need date of an order is the date of its earliest peg, and what no peg takes nobody needs
(Orlicky's rescheduling assumption).
"""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.outlook import Timeline
from replenish.steps.propose.terms import Terms

# Orders in these states are fixed: only EXPEDITE and CANCEL are worth a call to the supplier.
FIXED = ("released", "accepted", "edited")
_UNPLANNED_REASON = "manual"
_LEAST_SHARE = 0.01  # a source that brings less is no reason to order a hundredfold


def inside_fence(terms: Terms) -> pl.Expr:
    """Production orders due inside the planning fence: they change by hand, and nothing is said but to hurry."""
    fence = pl.lit(terms.today + timedelta(days=terms.planning_fence_days))
    return (pl.col("kind") == "production") & (pl.col("due_date") < fence)


def line_key() -> pl.Expr:
    """Order and line as pegs name them."""
    return pl.format("{}/{}", pl.col("order_id"), pl.col("line_id"))


def messages(
    open_supply: pl.DataFrame,
    peg: pl.DataFrame,
    nodes: pl.DataFrame,
    excused: pl.DataFrame,
    timeline: Timeline,
    terms: Terms,
) -> pl.DataFrame:
    """One line an open order of a planned node: CANCEL > EXPEDITE > DEFER > DECREASE, else ON_SCHEDULE.

    INCREASE comes later, from what is ordered tonight. Production orders inside the planning fence hear EXPEDITE only.

    Past-due orders are only ever cancelled (their lateness is an exception of its own), orders given up as lost get
    nothing. Silent inside the tolerances, or where less than the money limit is at stake.
    """
    lines = _with_need(_judged(open_supply, nodes, excused, timeline), peg)
    lines = _with_dates(lines, terms)
    lines = _with_worths(lines, timeline)
    lines = _with_action(lines, terms)
    return lines.filter(~pl.col("is_past_due") | (pl.col("action") == "CANCEL"))


def _judged(open_supply: pl.DataFrame, nodes: pl.DataFrame, excused: pl.DataFrame, timeline: Timeline) -> pl.DataFrame:
    """Open orders of nodes whose plan can be trusted to know what is needed."""
    planned = nodes.filter(
        ~pl.col("is_cyclic"),
        (pl.col("wish_reason") != _UNPLANNED_REASON).fill_null(False),
        (pl.col("forecast_method") != "none").fill_null(True),
    )
    planned = planned.join(timeline.nodes.select(NODE), on=NODE, how="semi", maintain_order="left")
    planned = planned.join(excused.select(NODE), on=NODE, how="anti", maintain_order="left")
    live = open_supply.filter(~pl.col("is_lost") & (pl.col("open_qty") > 0))
    return live.join(planned, on=NODE, how="inner", maintain_order="left")


def _with_need(lines: pl.DataFrame, peg: pl.DataFrame) -> pl.DataFrame:
    pegs = peg.filter((pl.col("supply_kind") == "open_order") & (pl.col("qty") > 0))
    needs = pegs.group_by(*NODE, pl.col("supply_id").alias("line_key"), maintain_order=True).agg(
        need_date=pl.col("demand_date").min(), pegged_qty=pl.col("qty").sum()
    )
    lines = lines.with_columns(line_key=line_key())
    lines = attach(lines, needs, "need_date", "pegged_qty", on=[*NODE, "line_key"])
    needed = pl.min_horizontal(pl.col("pegged_qty").fill_null(0.0) / _counted_on(), "open_qty")
    return lines.with_columns(pegged_qty=needed)


def _counted_on() -> pl.Expr:
    """Least share of a line that the projection counts on: where a tenth is usually missing, ten are open for nine."""
    comes = pl.col("delivered_share").fill_null(1.0) * (1.0 - pl.col("never_share").fill_null(0.0))
    of_lane = (pl.col("source_id").is_null() | (pl.col("source_id") == pl.col("arc_source_id"))).fill_null(False)
    return pl.when(of_lane).then(comes.clip(_LEAST_SHARE, 1.0)).otherwise(1.0)


def _with_dates(lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """How far due date and need are apart, and the earliest day the order could be moved to."""
    shortest = pl.col("lead_time_pmf").list.eval((pl.element() > 1e-9).cast(pl.Int8)).list.arg_max()
    transit = pl.when(pl.col("learned_source") == "receipts").then(shortest).fill_null(0)
    possible = pl.col("order_date").dt.offset_by(pl.format("{}d", transit))
    moved = pl.max_horizontal("need_date", possible, pl.lit(terms.today))
    stays = pl.col("need_date") - pl.max_horizontal("due_date", pl.lit(terms.today))
    lines = lines.with_columns(new_date=moved, days_early=(pl.col("need_date") - pl.col("due_date")).dt.total_days())
    return lines.with_columns(
        days_gained=(pl.col("due_date") - pl.col("new_date")).dt.total_days(),
        is_needed=(stays.dt.total_days() <= terms.max_cover_days).fill_null(False),
    )


def _with_worths(lines: pl.DataFrame, timeline: Timeline) -> pl.DataFrame:
    """Money at stake of each message that could be sent, and the smaller quantity that would do."""
    avoided = timeline.lost_between(lines, "new_date", "due_date")
    pack = pl.when(pl.col("multiple_qty") > 0).then(pl.col("multiple_qty")).otherwise(1.0)
    packs = (pl.col("pegged_qty") / pack - 1e-9).ceil() * pack
    cost = pl.coalesce("arc_unit_cost", "unit_cost")
    lines = lines.with_columns(
        line_unit_cost=cost,
        avoided_qty=pl.min_horizontal(avoided.alias("avoided"), "open_qty"),
        enough_qty=pl.max_horizontal(packs, pl.col("min_qty").fill_null(0.0)),
    )
    return lines.with_columns(
        expedite_worth=pl.col("shortage_cost") * pl.col("avoided_qty"),
        defer_worth=pl.col("holding_cost_per_day") * pl.col("open_qty") * pl.col("days_early").clip(lower_bound=0),
        cancel_worth=pl.col("open_qty") * cost,
        decrease_worth=(pl.col("open_qty") - pl.col("enough_qty")).clip(lower_bound=0.0) * cost,
    )


def _with_action(lines: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """The worst message that holds and is worth saying; at most one an order."""
    free = ~inside_fence(terms)
    due, movable = ~pl.col("is_past_due"), ~pl.col("status").is_in(FIXED) & free
    late = due & (pl.col("days_early") < -terms.tolerance_days) & (pl.col("days_gained") > terms.tolerance_days)
    early = due & movable & (pl.col("days_early") > terms.tolerance_days)
    much = due & movable & (pl.col("enough_qty") < pl.col("open_qty") * (1 - terms.tolerance_share))

    def worth_saying(name: str) -> pl.Expr:
        return ~pl.col("has_money") | (pl.col(f"{name.lower()}_worth") >= terms.min_value)

    rules = {"CANCEL": ~pl.col("is_needed") & free, "EXPEDITE": late, "DEFER": early, "DECREASE": much}
    action: pl.Expr = pl.lit("ON_SCHEDULE")
    worth: pl.Expr = pl.lit(0.0)
    for name, holds in reversed(rules.items()):
        said = (holds & worth_saying(name)).fill_null(False)
        action = pl.when(said).then(pl.lit(name)).otherwise(action)
        worth = pl.when(said).then(pl.col(f"{name.lower()}_worth")).otherwise(worth)
    return lines.with_columns(action=action, worth=worth)


def as_lines(found: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Messages in the columns of a proposal: quantity after the change (0 for CANCEL) and money (freed, for CANCEL)."""
    action = pl.col("action")
    more = action == "INCREASE"
    fewer = pl.when(action == "CANCEL").then(0.0).when(action == "DECREASE").then(pl.col("enough_qty"))
    after = fewer.when(more).then(pl.col("more_qty")).otherwise(pl.col("open_qty"))
    moved = pl.when(action == "EXPEDITE").then(pl.col("new_date")).when(action == "DEFER").then(pl.col("need_date"))
    expedite = action == "EXPEDITE"
    return found.with_columns(
        qty=after,
        valued_qty=pl.when(action == "CANCEL").then(pl.col("open_qty")).otherwise(after),
        receipt_date=moved.otherwise(pl.max_horizontal("due_date", pl.lit(terms.today))),
        order_date=pl.col("order_date").fill_null(terms.today),
        need_date=pl.coalesce("need_date", "due_date"),
        source_id=pl.coalesce("source_id", "arc_source_id", pl.lit("unknown")),
        existing_order_id=pl.col("order_id"),
        existing_line_id=pl.col("line_id"),
        old_qty=pl.col("open_qty"),
        old_date=pl.col("due_date"),
        unit_cost=pl.col("line_unit_cost"),
        currency=pl.lit(terms.currency),
        stockout_probability_without=pl.when(expedite)
        .then(pl.col("stockout_probability_before_arrival"))
        .when(more)
        .then(pl.col("more_risk"))
        .fill_null(0.0),
        expected_lost_sales_value_without=pl.when(expedite)
        .then(pl.col("worth"))
        .when(more)
        .then(pl.col("more_lost_value"))
        .otherwise(0.0),
        reason_code=action.str.to_lowercase(),
        expected_waste_qty="more_waste_qty",
        expected_waste_value="more_waste_value",
    )
