"""What is wrong with supply: RELEASE_PAST_DUE, SUPPLY_PAST_DUE, and the messages that call for a person."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.findings import findings
from replenish.steps.propose.frames import attach
from replenish.steps.propose.messages import line_key
from replenish.steps.propose.outlook import Timeline
from replenish.steps.propose.plant import SUPPLY, waiting_orders, waiting_sentence
from replenish.steps.propose.terms import Terms


def message_findings(lines: pl.DataFrame) -> pl.DataFrame:
    """Messages other than ON_SCHEDULE as exceptions, dated by the day on which somebody must act at the latest."""
    said = lines.filter(pl.col("action") != "ON_SCHEDULE")
    when = pl.min_horizontal("due_date", "receipt_date")
    about = {"order_id": "existing_order_id", "cause_id": "proposal_id", "explanation": "explanation"}
    units = pl.when(pl.col("action") == "INCREASE").then(pl.col("qty") - pl.col("open_qty")).otherwise("open_qty")
    return findings(said, pl.col("action"), date=when, qty=units, value_at_stake="worth", is_dampable=False, **about)


def release_past_due(lines: pl.DataFrame, nodes: pl.DataFrame, timeline: Timeline, terms: Terms) -> pl.DataFrame:
    """NEW lines that should have been ordered earlier: what is lost from the need until they arrive is at stake."""
    late = lines.filter(pl.col("is_release_past_due"))
    lost = timeline.lost_between(late, "need_date", "receipt_date")
    late = attach(late, nodes, "shortage_cost", "item_name", "location_name").with_columns(lost_qty=lost)
    late = late.with_columns(
        past_due_qty=pl.min_horizontal("lost_qty", "qty"), stake=pl.col("shortage_cost") * pl.col("lost_qty")
    )
    names = (w.quantity(pl.col("qty")), pl.col("item_name"), pl.col("location_name"))
    days = w.day_count((pl.col("receipt_date") - pl.col("need_date")).dt.total_days())
    when = (w.day(pl.col("need_date")), w.day(pl.col("receipt_date")), days)
    told = pl.format(
        "{} of {} for {} should have been ordered earlier: needed {}, arriving {}, {} late; {} lost meanwhile.",
        *names, *when, w.lost(pl.col("lost_qty"), pl.col("stake"), terms.currency),
    )  # fmt: skip
    about = {"cause_id": "proposal_id", "date": "need_date", "qty": "past_due_qty", "value_at_stake": "stake"}
    return findings(late, "RELEASE_PAST_DUE", explanation=told + waiting_sentence(), **about)


def supply_past_due(
    open_supply: pl.DataFrame, waiting: pl.DataFrame, nodes: pl.DataFrame, timeline: Timeline, terms: Terms
) -> pl.DataFrame:
    """Orders due on or before as-of: what is lost until they may arrive, or until a new order could, is at stake.

    A line aged x arrives by the residual law P(L = l | L > x); beyond its support, or given up as lost, the next order
    of the node must do.
    """
    late = open_supply.filter(pl.col("is_past_due") & (pl.col("open_qty") > 0))
    facts = ("item_name", "location_name", "has_money", "shortage_cost", "lead_time_pmf", "lead_time_buckets")
    late = attach(late, nodes, *facts).with_row_index("row")
    residual = _residual_days(late, terms)
    late = late.join(residual, on="row", how="left", maintain_order="left")
    next_order = pl.max_horizontal(pl.col("lead_time_buckets").fill_null(1) * terms.bucket_days, pl.lit(1))
    days = pl.when(pl.col("is_lost")).then(None).otherwise(pl.col("residual_days")).fill_null(next_order)
    late = late.with_columns(
        today=pl.lit(terms.today), until=pl.lit(terms.today).dt.offset_by(pl.format("{}d", days.ceil().cast(pl.Int64)))
    )
    late = late.with_columns(lost_qty=timeline.lost_between(late, "today", "until"))
    late = late.with_columns(stake=(pl.col("shortage_cost") * pl.col("lost_qty")).fill_null(0.0))
    late = late.with_columns(supply_kind=pl.lit("open_order"), supply_id=line_key())
    late = attach(late, waiting_orders(waiting), "waiting_orders", on=SUPPLY)
    about = {"order_id": "order_id", "date": "due_date", "qty": "open_qty", "value_at_stake": "stake"}
    return findings(
        late,
        "SUPPLY_PAST_DUE",
        cause_id="supply_id",
        explanation=_late_sentence(terms) + waiting_sentence(),
        is_dampable=~pl.col("is_lost"),
        **about,
    )


def _residual_days(late: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Expected days until arrival per row, from the law of lead times longer than the order's age."""
    age = (pl.lit(terms.as_of) - pl.col("order_date")).dt.total_days()
    laws = late.select("row", age=age, mass="lead_time_pmf").drop_nulls().filter(pl.col("mass").list.len() > 0)
    days = laws.with_columns(day=pl.int_ranges(0, pl.col("mass").list.len())).explode("mass", "day")
    left = days.filter((pl.col("day") > pl.col("age")) & (pl.col("mass") > 0))
    mean = (pl.col("mass") * (pl.col("day") - pl.col("age"))).sum() / pl.col("mass").sum()
    return left.group_by("row", maintain_order=True).agg(residual_days=mean.cast(pl.Float64))


def _late_sentence(terms: Terms) -> pl.Expr:
    names = (pl.col("order_id"), pl.col("line_id"), w.quantity(pl.col("open_qty")))
    node = (pl.coalesce("item_name", "item_id"), pl.coalesce("location_name", "location_id"))
    age = w.day_count((pl.lit(terms.as_of) - pl.col("due_date")).dt.total_days())
    lost = w.lost(pl.col("lost_qty"), pl.col("stake"), terms.currency)
    fate = pl.when(pl.col("is_lost")).then(
        pl.lit("older than three lead times, it is no longer counted on")
    ).otherwise(pl.format("expected about {}", w.day(pl.col("until"))))  # fmt: skip
    sentence = "Order {} line {} ({} of {} for {}) was due {}, {} ago: {}; {} lost meanwhile."
    return pl.format(sentence, *names, *node, w.day(pl.col("due_date")), age, fate, lost)
