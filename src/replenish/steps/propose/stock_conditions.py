"""SHORTAGE > POTENTIAL_STOCKOUT > BELOW_SAFETY_STOCK: only the worst of a node is told."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.findings import findings
from replenish.steps.propose.frames import attach
from replenish.steps.propose.outlook import Timeline
from replenish.steps.propose.terms import Terms

_LEAST_RISK = 0.1
_NOTHING = 1e-9


def stock_conditions(nodes: pl.DataFrame, timeline: Timeline, due: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """One row a node whose stock runs out, may run out, or falls below its safety stock.

    `window`: buckets before the next firm receipt and before an order placed tonight can arrive; what is lost there is
    at stake. Below safety stock: over the protection time, tonight's order counted from its arrival, since a node
    that orders in time needs nobody; its stake is what is lost there beyond what the fill target allows.
    """
    rows = _rows(nodes, timeline)
    found = attach(attach(nodes, timeline.nodes, "node_number"), due, "due_qty")
    for part in (_short(rows), _sums(rows), _lowest(rows)):
        found = found.join(part, on="node_number", how="left", maintain_order="left")
    risk = (pl.col("window") > 0) & (
        pl.col("stockout_probability_before_arrival")
        > pl.max_horizontal(pl.lit(_LEAST_RISK), 1 - pl.col("service_target"))
    )
    below = pl.col("lowest_qty") < pl.col("safety_stock_qty") - _NOTHING
    short = pl.when(pl.col("short_date").is_not_null()).then(pl.lit("SHORTAGE"))
    code = short.when(risk).then(pl.lit("POTENTIAL_STOCKOUT")).when(below).then(pl.lit("BELOW_SAFETY_STOCK"))
    found = found.with_columns(code=code.otherwise(None)).filter(pl.col("code").is_not_null())
    return _told(found, terms)


def _rows(nodes: pl.DataFrame, timeline: Timeline) -> pl.DataFrame:
    """Projection of planned nodes over their protection time, with `window` and stock with tonight's order."""
    planned = nodes.filter(pl.col("lead_time_buckets").is_not_null() & ~pl.col("is_cyclic"))
    facts = attach(planned, timeline.nodes, "node_number").select(
        "node_number",
        "lead_time_buckets",
        "review_buckets",
        pl.col("order_qty").fill_null(0.0).alias("tonight_qty"),
        "is_ghost",
    )
    firm = timeline.rows.filter(pl.col("receipt_qty") > 0)
    next_receipt = firm.group_by("node_number").agg(next_receipt=pl.col("bucket_index").min())
    facts = facts.drop_nulls("node_number").join(next_receipt, on="node_number", how="left")
    facts = facts.with_columns(window=pl.min_horizontal("lead_time_buckets", "next_receipt"))
    longest = facts.select((pl.col("lead_time_buckets") + pl.col("review_buckets")).max()).item() or 0
    rows = timeline.rows.filter(pl.col("bucket_index") < longest).join(
        facts, on="node_number", how="inner", maintain_order="left"
    )
    arrived = pl.col("bucket_index") >= pl.col("lead_time_buckets")
    return rows.filter(pl.col("bucket_index") < pl.col("lead_time_buckets") + pl.col("review_buckets")).with_columns(
        in_window=pl.col("bucket_index") < pl.col("window"),
        stock_qty=pl.col("closing_without_qty") + pl.when(arrived).then(pl.col("tonight_qty")).otherwise(0.0),
    )


def _short(rows: pl.DataFrame) -> pl.DataFrame:
    """First bucket in the window with demand and no stock left on average."""
    empty = (pl.min_horizontal("firm_qty", "closing_without_qty") <= _NOTHING) & (pl.col("demand_to_date") > _NOTHING)
    first = rows.filter(pl.col("in_window") & empty).group_by("node_number", maintain_order=True)
    return first.agg(short_date=pl.col("bucket_start").first())


def _sums(rows: pl.DataFrame) -> pl.DataFrame:
    """Demand and units lost in the window and over the protection time."""
    inside = pl.col("in_window")
    return rows.group_by("node_number", maintain_order=True).agg(
        pl.col("window").first(),
        window_lost_qty=pl.col("lost_without_qty").filter(inside).sum(),
        window_demand_qty=pl.col("demand_qty").filter(inside).sum(),
        # once tonight's order is there, its units serve what would be lost
        total_lost_qty=pl.col("lost_without_qty").sum()
        - pl.min_horizontal(
            pl.col("tonight_qty").first(),
            pl.col("lost_without_qty").filter(pl.col("bucket_index") >= pl.col("lead_time_buckets")).sum(),
        ),
        total_demand_qty=pl.col("demand_qty").sum(),
        first_date=pl.col("bucket_start").first(),
    )


def _lowest(rows: pl.DataFrame) -> pl.DataFrame:
    """Least stock over the protection time and its bucket."""
    least = rows.group_by("node_number", maintain_order=True).agg(
        lowest_qty=pl.col("stock_qty").min(), lowest_date=pl.col("bucket_start").get(pl.col("stock_qty").arg_min())
    )
    return least


def _told(found: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    below = pl.col("code") == "BELOW_SAFETY_STOCK"
    allowed = (1 - pl.col("fill_target")) * pl.col("total_demand_qty")
    beyond = (pl.col("total_lost_qty") - allowed).clip(lower_bound=0.0)
    found = found.with_columns(
        lost_qty=pl.when(below).then(beyond).otherwise(pl.col("window_lost_qty")).fill_null(0.0),
        date=pl.when(below).then(pl.col("lowest_date")).otherwise(pl.coalesce("short_date", "first_date")),
    )
    found = found.with_columns(value_at_stake=pl.col("shortage_cost") * pl.col("lost_qty"))
    found = found.with_columns(explanation=_sentence(terms))
    qty = pl.when(pl.col("code") == "BELOW_SAFETY_STOCK").then(pl.col("safety_stock_qty") - pl.col("lowest_qty"))
    stake = {"value_at_stake": "value_at_stake", "explanation": "explanation", "date": "date"}
    return findings(found, pl.col("code"), qty=qty.otherwise(pl.col("lost_qty")), **stake)


def _sentence(terms: Terms) -> pl.Expr:
    who = pl.format("{} at {}", pl.col("item_name"), pl.col("location_name"))
    lost = w.lost(pl.col("lost_qty"), pl.col("value_at_stake"), terms.currency)
    have = pl.format("{} on hand, {} due", w.quantity(pl.col("on_hand_qty")), w.quantity(pl.col("due_qty")))
    span = w.day_count(pl.col("window") * terms.bucket_days)
    wanted = w.about(pl.col("window_demand_qty"))
    risk = w.percent(pl.col("stockout_probability_before_arrival"))
    short = pl.format(
        "{} runs short on {}: {}, but {} are wanted in the {} before supply can arrive; {} lost.",
        who, w.day(pl.col("short_date")), have, wanted, span, lost,
    )  # fmt: skip
    maybe = pl.format(
        "{} may run out: {} risk in the {} before supply can arrive, with {} and {} wanted; {} at stake.",
        who,
        risk,
        span,
        have,
        wanted,
        lost,
    )
    levels = (w.quantity(pl.col("lowest_qty")), w.day(pl.col("lowest_date")), w.quantity(pl.col("safety_stock_qty")))
    below = pl.format("{} falls to {} on {}, below its safety stock of {}: {}; {} at stake.", who, *levels, have, lost)
    code = pl.col("code")
    return pl.when(code == "SHORTAGE").then(short).when(code == "POTENTIAL_STOCKOUT").then(maybe).otherwise(below)
