"""Customers who wait, or will: DEMAND_PAST_DUE and LATE_DEMAND."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.findings import findings
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.messages import line_key
from replenish.steps.propose.terms import Terms

_FACTS = ("item_name", "location_name", "has_money", "shortage_cost", "unit_price")


def demand_past_due(open_demand: pl.DataFrame, nodes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Customer order lines due on or before as-of and not shipped; their price is at stake."""
    late = open_demand.filter((pl.col("due_date") <= terms.as_of) & (pl.col("open_qty") > 0))
    late = attach(late, nodes, *_FACTS)
    late = late.with_columns(stake=(pl.col("open_qty") * pl.col("unit_price")).fill_null(0.0))
    age = w.day_count((pl.lit(terms.as_of) - pl.col("due_date")).dt.total_days())
    worth = w.where(pl.col("has_money"), pl.format(", worth {}", w.money(pl.col("stake"), terms.currency)))
    told = pl.format("{} was due {}, {} ago, and is not shipped{}.", _order(), w.day(pl.col("due_date")), age, worth)
    about = {"order_id": "order_id", "date": "due_date", "qty": "open_qty", "value_at_stake": "stake"}
    return findings(late, "DEMAND_PAST_DUE", cause_id=line_key(), explanation=told, **about)


def late_demand(open_demand: pl.DataFrame, peg: pl.DataFrame, nodes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Customer order lines yet to fall due whose pegged supply comes late or falls short; their margin is at stake.

    Nodes without any peg are not planned and say nothing.
    """
    coming = open_demand.filter((pl.col("due_date") > terms.as_of) & (pl.col("open_qty") > 0))
    coming = coming.join(peg.select(NODE).unique(), on=NODE, how="semi", maintain_order="left")
    orders = peg.filter(pl.col("demand_kind") == "sales_order")
    served = orders.group_by(*NODE, pl.col("demand_id").alias("line_key"), maintain_order=True).agg(
        pegged_qty=pl.col("qty").sum(),
        late_qty=pl.col("qty").filter(pl.col("is_late")).sum(),
        served_date=pl.col("supply_date").max(),
    )
    coming = attach(
        coming.with_columns(line_key=line_key()),
        served,
        "pegged_qty",
        "late_qty",
        "served_date",
        on=[*NODE, "line_key"],
    )
    missing = (pl.col("open_qty") - pl.col("pegged_qty").fill_null(0.0)).clip(lower_bound=0.0)
    coming = coming.with_columns(qty=pl.col("late_qty").fill_null(0.0) + missing, missing_qty=missing)
    coming = attach(coming.filter(pl.col("qty") > 1e-9), nodes, *_FACTS)
    coming = coming.with_columns(stake=(pl.col("qty") * pl.col("shortage_cost")).fill_null(0.0))
    return findings(
        coming, "LATE_DEMAND", order_id="order_id", date="due_date", qty="qty", value_at_stake="stake",
        cause_id="line_key", explanation=_late_sentence(terms),
    )  # fmt: skip


def _order() -> pl.Expr:
    node = (pl.coalesce("item_name", "item_id"), pl.coalesce("location_name", "location_id"))
    return pl.format(
        "Customer order {} line {} ({} of {} at {})", "order_id", "line_id", w.quantity(pl.col("open_qty")), *node
    )


def _late_sentence(terms: Terms) -> pl.Expr:
    lost = w.lost(pl.col("qty"), pl.col("stake"), terms.currency)
    never = pl.format("{} of it have no supply in the plan", w.quantity(pl.col("missing_qty")))
    later = pl.format("supply for all of it is there by {}", w.day(pl.col("served_date")))
    fate = pl.when(pl.col("missing_qty") > 1e-9).then(never).otherwise(later)
    return pl.format("{} will be late: due {}, {}; {} at stake.", _order(), w.day(pl.col("due_date")), fate, lost)
