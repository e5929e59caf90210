"""Demand unlike all other demand: projects that left the base series, and buckets the plan had better not rest on."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.findings import findings
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.terms import Terms

_RECENT_DAYS = 28  # what was a project longer ago than this needs nobody any more
_UNNAMED = "-"
_FACTS = ("item_name", "location_name", "has_money", "shortage_cost")


def projects(project_line: pl.DataFrame, nodes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """OUTLIER of every recent order line that counts as a project; the margin of its units is at stake."""
    recent = project_line.filter(pl.col("date") > terms.as_of - timedelta(days=_RECENT_DAYS))
    recent = attach(recent, nodes, *_FACTS)
    recent = recent.with_columns(stake=(pl.col("qty") * pl.col("shortage_cost")).fill_null(0.0))
    buyer = pl.when(pl.col("customer_id") == _UNNAMED).then(pl.lit("one customer")).otherwise(pl.col("customer_id"))
    order = w.where(pl.col("order_id") != _UNNAMED, pl.format(" in order {}", pl.col("order_id")))
    told = pl.format(
        "{} took {} of {} at {}{} on {}, where no other line is above {}: taken as a project and left out of the "
        "forecast. If it will come again, enter it as an open sales order.",
        buyer, w.quantity(pl.col("qty")), "item_name", "location_name", order, w.day(pl.col("date")),
        w.quantity(pl.col("limit_qty")),
    )  # fmt: skip
    cause = pl.format("{}/{}/{}", pl.col("date"), pl.col("customer_id"), pl.col("order_id"))
    order_id = pl.col("order_id").replace(_UNNAMED, None)
    about = {"date": "date", "qty": "qty", "value_at_stake": "stake"}
    return findings(recent, "OUTLIER", order_id=order_id, cause_id=cause, explanation=told, **about)


def doubts(demand_outlier: pl.DataFrame, nodes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Rows of core.demand_outlier whose `stake` is worth a person's time, told in `detail`."""
    origin = ["origin_item_id", "origin_location_id"]
    facts = nodes.select(pl.col(NODE).name.prefix("origin_"), *_FACTS)
    found = demand_outlier.join(facts, on=origin, how="left", maintain_order="left")
    found = found.with_columns(
        stake=((pl.col("qty") - pl.col("next_qty")) * pl.col("shortage_cost")).fill_null(0.0),
        is_origin=(pl.col("item_id") == pl.col("origin_item_id"))
        & (pl.col("location_id") == pl.col("origin_location_id")),
    )
    found = found.filter((pl.col("stake") >= terms.min_value) | ~pl.col("has_money").fill_null(True))
    detail = pl.format(
        "{} of {} at {} sold on {}, never more than {} before or after",
        w.quantity(pl.col("qty")), "item_name", "location_name", w.day(pl.col("bucket_start")),
        w.quantity(pl.col("next_qty")),
    )  # fmt: skip
    return found.with_columns(detail=detail)


def spikes(doubted: pl.DataFrame, held: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """OUTLIER of every node that sold beyond reason; `doubted` comes from `doubts`, `held` names nodes held back."""
    own = doubted.filter("is_origin")
    own = own.join(held.with_columns(is_held=pl.lit(True)), on=NODE, how="left", maintain_order="left")
    told = pl.format(
        "{}. It stays in the demand and drives the plan: correct the record, or name its customer and order.",
        pl.col("detail"),
    )
    hold, cause = pl.col("is_held").fill_null(False), pl.col("bucket_start").cast(pl.String)
    about = {"date": "bucket_start", "qty": "qty", "value_at_stake": "stake"}
    return findings(own, "OUTLIER", cause_id=cause, explanation=told, hold=hold, is_dampable=False, **about)
