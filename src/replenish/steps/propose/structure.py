"""What cannot be planned, and why: NO_SOURCE, NO_BOM, BOM_CYCLE and DATA_INVALID."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.findings import findings
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.outlook import Timeline
from replenish.steps.propose.terms import Terms


def data_invalid(nodes: pl.DataFrame, graph_issue: pl.DataFrame, data_doubt: pl.DataFrame) -> pl.DataFrame:
    """Nodes whose own data is in doubt, one row each, all reasons in `detail`, plain."""
    levels = (w.quantity(pl.col("max_stock_qty")), w.quantity(pl.col("min_stock_qty")))
    capped = pl.format("the most that may lie there ({}) is below the least ({})", *levels)
    unknown = pl.format(
        "no quantity can be computed: {}", pl.col("forecast_reason").fill_null("its inputs are not numbers")
    )
    unsellable = pl.lit("never sellable, its shelf life ends before it arrives")
    reasons = {
        "capped": (pl.col("max_stock_qty") < pl.col("min_stock_qty"), capped),
        "unknown": (pl.col("wish_reason") == "manual", unknown),
        "unsellable": (pl.col("wish_reason") == "never_sellable", unsellable),
    }
    told = [nodes.filter(rule.fill_null(False)).select(*NODE, detail=text) for rule, text in reasons.values()]
    told.append(graph_issue.filter(pl.col("code") == "DATA_INVALID").select(*NODE, "detail"))
    told.append(data_doubt.select(*NODE, "detail").unique(maintain_order=True))
    return pl.concat(told).group_by(NODE, maintain_order=True).agg(pl.col("detail").str.join("; ")).sort(NODE)


def structure(
    nodes: pl.DataFrame,
    graph_issue: pl.DataFrame,
    invalid: pl.DataFrame,
    held: pl.DataFrame,
    forecast: pl.DataFrame,
    timeline: Timeline,
    terms: Terms,
) -> pl.DataFrame:
    """One row a node and code. At stake: the horizon's demand beyond stock, or what is lost while its lines are held.

    `invalid` is what `data_invalid` returns, `held` the nodes whose lines it holds back.
    """
    issues = graph_issue.filter(pl.col("code") != "DATA_INVALID").select(*NODE, "code", "detail")
    doubts = invalid.select(*NODE, pl.lit("DATA_INVALID").alias("code"), "detail")
    found = attach(
        pl.concat([issues, doubts]),
        nodes,
        "item_name",
        "location_name",
        "shortage_cost",
        "on_hand_qty",
        "protection_days",
        "has_money",
    )
    wanted = forecast.group_by(NODE, maintain_order=True).agg(wanted_qty=pl.col("forecast_qty").sum())
    found = attach(found, wanted, "wanted_qty")
    end = pl.lit(terms.today).dt.offset_by(
        pl.format("{}d", pl.col("protection_days").fill_null(1).ceil().cast(pl.Int64))
    )
    found = found.with_columns(today=pl.lit(terms.today), end=end)
    short = (pl.col("wanted_qty") - pl.col("on_hand_qty").fill_null(0.0)).clip(lower_bound=0.0).fill_null(0.0)
    doubted = pl.col("code") == "DATA_INVALID"
    found = found.with_columns(lost_qty=timeline.lost_between(found, "today", "end"))
    found = found.with_columns(qty=pl.when(doubted).then(pl.col("lost_qty")).otherwise(short))
    found = found.with_columns(stake=(pl.col("qty") * pl.col("shortage_cost")).fill_null(0.0))
    found = found.join(held.with_columns(is_held=pl.lit(True)), on=NODE, how="left", maintain_order="left")
    hold = doubted & pl.col("is_held").fill_null(False)
    return findings(
        found, pl.col("code"), date=pl.lit(terms.today), qty="qty", value_at_stake="stake",
        explanation=_sentence(terms), hold=hold, is_dampable=False,
    )  # fmt: skip


def _sentence(terms: Terms) -> pl.Expr:
    beginnings = {
        "NO_SOURCE": "{} at {} has no valid source",
        "NO_BOM": "{} at {} is made without a valid bill of materials",
        "BOM_CYCLE": "{} at {} needs itself: its network goes round in a circle",
        "DATA_INVALID": "{} at {} has data that cannot be right",
    }
    node = (pl.coalesce("item_name", "item_id"), pl.coalesce("location_name", "location_id"))
    begin = pl.lit(None, pl.String)
    for code, text in beginnings.items():
        begin = pl.when(pl.col("code") == code).then(pl.format(text, *node)).otherwise(begin)
    lost = w.lost(pl.col("qty"), pl.col("stake"), terms.currency)
    stake = w.where(pl.col("qty") > 0, pl.format(" At stake: {}.", lost))
    return pl.format("{}: {}.{}", begin, pl.col("detail").str.strip_suffix("."), stake)
