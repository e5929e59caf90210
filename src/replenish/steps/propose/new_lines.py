"""Tonight's orders as NEW proposals."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.order_lines import split_lines
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.terms import Terms

_SHARED = (
    "expected_lost_sales_value_without",
    "expected_lost_without_qty",
    "expected_waste_qty",
    "expected_waste_value",
)
ORDER_KINDS = {"buy": "purchase", "move": "transfer", "make": "production"}


def new_lines(
    order: pl.DataFrame, wish: pl.DataFrame, nodes: pl.DataFrame, excused: pl.DataFrame, terms: Terms
) -> pl.DataFrame:
    """NEW lines of each order above nothing, split at the largest line of the source.

    Nodes that the network excuses (`excused`: item, location) get none, nor do those that are used up and only pass
    their need on.

    `worth` is the value of the line over ordering nothing, the money by which lines are ranked.
    """
    risk = ("stockout_probability_without", "expected_lost_sales_value_without", "expected_lost_without_qty")
    lines = order.filter((pl.col("qty") > 0) & (pl.col("kind") != "pass")).join(
        excused.select(NODE).unique(), on=NODE, how="anti", maintain_order="left"
    )
    lines = attach(lines.rename({"value": "worth"}), wish, *risk)
    lines = _split(attach(lines, nodes, "max_qty", "multiple_qty"))
    about = ("uom", "has_money", "review_days", "protection_days")
    lines = attach(lines, nodes, *about, "safety_stock_qty", "reorder_point_qty", "order_up_to_qty")
    nothing = pl.lit(None, pl.String)
    return lines.with_columns(
        action=pl.lit("NEW"),
        kind=pl.col("kind").replace_strict(ORDER_KINDS),
        existing_order_id=nothing,
        existing_line_id=nothing,
        old_qty=pl.lit(None, pl.Float64),
        old_date=pl.lit(None, pl.Date),
        stockout_probability_without=pl.col("stockout_probability_without").fill_null(0.0),
        expected_lost_sales_value_without=pl.col("expected_lost_sales_value_without").fill_null(0.0),
        currency=pl.lit(terms.currency),
    )


def _split(lines: pl.DataFrame) -> pl.DataFrame:
    """Lines no larger than the source takes; what the order is worth and what it saves is shared by quantity."""
    most, pack = lines["max_qty"].fill_null(np.inf), lines["multiple_qty"].fill_null(0.0)
    order, qty = split_lines(lines["qty"], most, pack)
    parts = lines[order].with_columns(line_qty=pl.Series(qty)).with_columns(share=pl.col("line_qty") / pl.col("qty"))
    shared = (*_SHARED, "worth", "pack_count")
    parts = parts.with_columns(pl.col(name) * pl.col("share") for name in shared)
    return parts.with_columns(qty="line_qty").drop("line_qty", "share", "max_qty", "multiple_qty")


def with_money(lines: pl.DataFrame) -> pl.DataFrame:
    """`value` of each line from `valued_qty` times unit cost; all money is empty where the item has none."""
    known = pl.col("has_money")
    value = pl.when(known).then(pl.col("valued_qty") * pl.col("unit_cost"))
    lost = pl.when(known).then(pl.col("expected_lost_sales_value_without"))
    wasted = pl.when(known).then(pl.col("expected_waste_value"))
    cost = pl.when(known).then(pl.col("unit_cost"))
    return lines.with_columns(
        value=value, unit_cost=cost, expected_lost_sales_value_without=lost, expected_waste_value=wasted
    )
