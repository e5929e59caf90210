"""Customers who wait, or will: DEMAND_PAST_DUE and LATE_DEMAND, by the plan and by the schedule."""

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


def late_lines(
    open_demand: pl.DataFrame, peg: pl.DataFrame, trails: pl.DataFrame, nodes: pl.DataFrame, terms: Terms
) -> pl.DataFrame:
    """Customer order lines yet to fall due whose supply comes late or falls short, in the plan or by the schedule.

    `trails` are those of causes.py: what a late job makes comes late too, however far from the customer. Nodes without
    any peg are not planned and say nothing.
    """
    coming = open_demand.filter((pl.col("due_date") > terms.as_of) & (pl.col("open_qty") > 0))
    coming = coming.join(peg.select(NODE).unique(), on=NODE, how="semi", maintain_order="left")
    orders = peg.filter(pl.col("demand_kind") == "sales_order")
    served = orders.group_by(*NODE, pl.col("demand_id").alias("line_key"), maintain_order=True).agg(
        pegged_qty=pl.col("qty").sum(),
        planned_late_qty=pl.col("qty").filter(pl.col("is_late")).sum(),
        planned_date=pl.col("supply_date").max(),
    )
    about = ("pegged_qty", "planned_late_qty", "planned_date")
    coming = attach(coming.with_columns(line_key=line_key()), served, *about, on=[*NODE, "line_key"])
    coming = attach(coming, _delayed(trails), "delayed_qty", "delayed_date", on=["line_key"])
    missing = (pl.col("open_qty") - pl.col("pegged_qty").fill_null(0.0)).clip(lower_bound=0.0)
    late = pl.max_horizontal(pl.col("planned_late_qty", "delayed_qty").fill_null(0.0))
    late = pl.min_horizontal(late, pl.col("open_qty") - missing)
    coming = coming.with_columns(
        qty=late + missing, missing_qty=missing, served_date=pl.max_horizontal("planned_date", "delayed_date")
    )
    coming = attach(coming.filter(pl.col("qty") > 1e-9), nodes, *_FACTS)
    stake = (pl.col("qty") * pl.col("shortage_cost")).fill_null(0.0)
    return coming.with_columns(stake=stake, who=_order())


def _delayed(trails: pl.DataFrame) -> pl.DataFrame:
    """Units of each order line that jobs bring late: at the worst node of its way, since each node sees them all."""
    late = trails.filter(pl.col("job_id").is_not_null() & (pl.col("late_days") > 0))
    nodes = late.group_by(*NODE, line_key="root_id").agg(pl.col("root_qty").sum(), pl.col("arrival").max())
    return nodes.group_by("line_key").agg(delayed_qty=pl.col("root_qty").max(), delayed_date=pl.col("arrival").max())


def late_demand(late: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Late lines as LATE_DEMAND; their margin is at stake, their cause is the root of what comes last."""
    return findings(
        late, "LATE_DEMAND", order_id="order_id", date="due_date", qty="qty", value_at_stake="stake",
        cause_id="line_key", root_id="root_id", explanation=_late_sentence(terms),
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
