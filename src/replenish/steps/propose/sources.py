"""Why an order comes from this source where there is a choice, in one short sentence."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.new_lines import ORDER_KINDS
from replenish.steps.propose.terms import Terms


def why_sources(source_rank: pl.DataFrame, names: pl.DataFrame, node: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Nodes with several sources and `source_reason`, what put the first of them before the second.

    `names` calls sources what people do: (kind of order, source_id) -> source_name.
    """
    chosen = named(source_rank.filter(source_rank=1), names, "source_id", "this_name")
    second = source_rank.filter(source_rank=2).select(*NODE, "source_id", "kind")
    chosen = attach(chosen, named(second, names, "source_id", "other_name"), "other_name")
    chosen = attach(chosen, node, "has_money")
    money = w.money(pl.col("landed_cost"), terms.currency), w.money(pl.col("other_landed_cost"), terms.currency)
    numbers = w.where(
        pl.col("has_money"),
        pl.format(": {} a unit all told, against {}", *money),
    )
    both = (pl.col("this_name"), pl.col("other_name"))
    texts = {
        "cost": pl.format(" {} before {}{}.", *both, numbers),
        "quota": pl.format(" {} is furthest behind its quota of {}.", both[0], w.percent(pl.col("quota_share"))),
        "priority": pl.format(" {} before {} by priority.", *both),
    }
    told = pl.lit("")
    for reason, text in texts.items():
        told = pl.when(pl.col("reason") == reason).then(text).otherwise(told)
    return chosen.select(*NODE, source_reason=told)


def named(rows: pl.DataFrame, names: pl.DataFrame, column: str, told: str) -> pl.DataFrame:
    """Rows with what people call the source of a column; its id where it has no name."""
    known = rows.with_columns(order_kind=pl.col("kind").replace_strict(ORDER_KINDS, return_dtype=pl.String))
    called = names.select(order_kind="kind", **{column: "source_id", "called": "source_name"})
    joined = known.join(called, on=["order_kind", column], how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("called", column).alias(told)).drop("called", "order_kind")
