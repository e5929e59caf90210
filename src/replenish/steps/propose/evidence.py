"""Records and master data that the evidence speaks against: GHOST_STOCK and LEAD_TIME_DRIFT."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.findings import findings
from replenish.steps.propose.outlook import Timeline
from replenish.steps.propose.terms import Terms

LONGEST_WAIT_DAYS = 60.0
_LEAST_OBSERVATIONS = 8
_LEAST_GAP_DAYS = 1.0
_HALF_WIDTH = 1.6448536269514722  # 90 % interval of a mean


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
    silence = pl.format("for {} buckets in a row", pl.col("silent_buckets"))
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


def lead_time_drift(nodes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Master lead times outside the 90 % interval of the observed mean, by a day or more, on 8 receipts or more.

    At stake is a year's holding of the stock by which the wrong lead time shifts the reorder point.
    """
    count = pl.col("observation_count")
    gap = pl.col("learned_days") - pl.col("master_days")
    half_width = _HALF_WIDTH * pl.col("learned_sd_days") / count.sqrt()
    observed = (
        (pl.col("learned_source") == "receipts")
        & (pl.col("master_source") != "default")
        & (count >= _LEAST_OBSERVATIONS)
    )
    drifts = observed & (gap.abs() >= _LEAST_GAP_DAYS) & (gap.abs() > half_width)
    moved = gap.abs() * pl.col("daily_qty").fill_null(0.0)
    found = nodes.filter(drifts.fill_null(False)).with_columns(moved_qty=moved, half_width=half_width)
    found = found.with_columns(stake=pl.col("moved_qty") * pl.col("holding_cost_per_day") * 365.0)
    days = (w.quantity(pl.col("master_days")), w.quantity(pl.col("learned_days")), w.quantity(pl.col("half_width")))
    names = (pl.col("item_name"), pl.col("location_name"), pl.coalesce("arc_source_id", pl.lit("its source")))
    cost = w.where(pl.col("has_money"), pl.format(", {} a year", w.money(pl.col("stake"), terms.currency)))
    told = pl.format(
        "{} for {} from {}: the master says {} days, {} receipts say {} (+/- {}): {} units of stock{}.",
        *names, days[0], count, *days[1:], w.about(pl.col("moved_qty")), cost,
    )  # fmt: skip
    about = {"qty": "moved_qty", "value_at_stake": "stake", "cause_id": "arc_source_id"}
    return findings(found, "LEAD_TIME_DRIFT", date=pl.lit(terms.today), explanation=told, **about)
