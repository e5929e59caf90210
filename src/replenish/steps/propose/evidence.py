"""Records and master data that the evidence speaks against: GHOST_STOCK, LEAD_TIME_DRIFT, PARAMETER_DRIFT."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.findings import findings
from replenish.steps.propose.outlook import Timeline
from replenish.steps.propose.terms import Terms

LONGEST_WAIT_DAYS = 60.0


def correction_days(timeline: Timeline, terms: Terms) -> pl.DataFrame:
    """Days until the next firm receipt sets a wrong record right, at most 60, per node of the timeline."""
    firm = timeline.rows.filter(pl.col("receipt_qty") > 0).group_by("node_number").agg(pl.col("bucket_start").min())
    days = (pl.col("bucket_start") - pl.lit(terms.as_of)).dt.total_days().cast(pl.Float64)
    found = timeline.nodes.join(firm, on="node_number", how="left", maintain_order="left")
    return found.select(
        "item_id", "location_id", correction_days=days.fill_null(LONGEST_WAIT_DAYS).clip(0.0, LONGEST_WAIT_DAYS)
    )


def ghost_stock(nodes: pl.DataFrame, held: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Stock in the books that does not sell: chance that the shelf is empty times margin until something corrects it.

    Nodes carry daily_qty and correction_days; `held` names the nodes whose lines it holds back.
    """
    ghosts = nodes.filter(pl.col("is_ghost").fill_null(False))
    ghosts = ghosts.join(
        held.with_columns(is_held=pl.lit(True)), on=["item_id", "location_id"], how="left", maintain_order="left"
    )
    ghosts = ghosts.with_columns(stake=ghost_worth())
    silence = pl.format("for {} in a row", w.open_count(pl.col("silent_buckets"), terms.bucket_days))
    chance = w.percent(pl.col("ghost_probability"))
    worth = w.where(pl.col("has_money"), pl.format(", {} of margin at stake", w.money(pl.col("stake"), terms.currency)))
    books = (pl.col("item_name"), pl.col("location_name"), w.quantity(pl.col("recorded_on_hand_qty")))
    told = pl.format(
        "{} at {}: the books show {} but nothing sold {}; {} that the shelf is empty{}. Count it.",
        *books,
        silence,
        chance,
        worth,
    )
    about = {"qty": "recorded_on_hand_qty", "value_at_stake": "stake"}
    held_back = pl.col("is_held").fill_null(False)
    return findings(
        ghosts, "GHOST_STOCK", date=pl.lit(terms.today), explanation=told, hold=held_back, is_dampable=False, **about
    )


def ghost_worth() -> pl.Expr:
    """Money lost to an empty shelf until it is corrected."""
    margin = pl.col("shortage_cost") * pl.col("daily_qty").fill_null(0.0)
    return pl.col("ghost_probability").fill_null(0.0) * margin * pl.col("correction_days").fill_null(LONGEST_WAIT_DAYS)


def drifts(drift: pl.DataFrame, nodes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Master values that the evidence of `drift` speaks against: LEAD_TIME_DRIFT, and PARAMETER_DRIFT for the rest.

    Rows of `drift` carry the name of their source (`source_name`).
    """
    names = nodes.select("item_id", "location_id", "item_name", "location_name", "has_money")
    of_items = drift.filter(pl.col("parameter").is_in(list(_WORDS)))
    found = of_items.join(names, on=["item_id", "location_id"], how="inner", maintain_order="left")
    is_lead, is_time = pl.col("parameter") == "lead_time", pl.col("parameter").is_in(["lead_time", "review_time"])
    found = found.with_columns(
        word=pl.col("parameter").replace_strict(_WORDS, return_dtype=pl.String),
        unit=pl.when(is_time).then(pl.lit("days")).otherwise(pl.lit("units")),
        evidence=pl.when(is_lead).then(pl.lit("receipts")).when(is_time).then(pl.lit("gaps between orders"))
        .otherwise(pl.lit("complete lines")),
        stake=pl.col("effect_value").fill_null(0.0),
    )  # fmt: skip
    spread = w.where(is_lead, pl.format(" (+/- {})", w.quantity((pl.col("high_days") - pl.col("low_days")) / 2)))
    cost = w.where(pl.col("has_money"), pl.format(": {} a year", w.money(pl.col("stake"), terms.currency)))
    told = pl.format(
        "{} for {} from {}: the master says {} {} of {}, {} {} say {}{}{}. Proposed: {}.",
        "item_name", "location_name", "source_name", w.quantity(pl.coalesce("old_days", "old_qty")), "unit", "word",
        "observation_count", "evidence", w.quantity(pl.coalesce("observed_days", "new_qty")), spread, cost,
        w.quantity(pl.coalesce("new_days", "new_qty")),
    )  # fmt: skip
    code = pl.when(is_lead).then(pl.lit("LEAD_TIME_DRIFT")).otherwise(pl.lit("PARAMETER_DRIFT"))
    cause = pl.when(is_lead).then(pl.col("source_id")).otherwise(pl.col("parameter"))
    about = {"qty": "new_qty", "value_at_stake": "stake"}
    return findings(found, code, date=pl.lit(terms.today), explanation=told, cause_id=cause, **about)


def supplier_reviews(drift: pl.DataFrame, nodes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Suppliers that it would pay to order from more or less often: PARAMETER_DRIFT of all items at a location."""
    names = nodes.select("location_id", "location_name").unique("location_id", keep="first", maintain_order=True)
    of_all = drift.filter(pl.col("parameter") == "supplier_review")
    found = of_all.join(names, on="location_id", how="inner", maintain_order="left")
    told = pl.format(
        "Orders from {} for {}: every {} days for {} items; with the costs of orders and lines shared, every {} days "
        "would cost {} a year less.",
        "source_name", "location_name", w.quantity(pl.col("old_days")), "observation_count",
        w.quantity(pl.col("new_days")), w.money(pl.col("effect_value"), terms.currency),
    )  # fmt: skip
    cause = pl.format("supplier_review {}", "source_id")
    about = {"item_id": None, "value_at_stake": "effect_value"}
    return findings(found, "PARAMETER_DRIFT", date=pl.lit(terms.today), explanation=told, cause_id=cause, **about)


_WORDS = {"lead_time": "lead time", "review_time": "review time", "pack": "pack", "minimum": "minimum quantity"}
