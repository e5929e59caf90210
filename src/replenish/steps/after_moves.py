"""Stock and open orders as they are once tonight's lateral moves have left: what every later station plans from."""

from __future__ import annotations

import polars as pl

from replenish.steps.panel import KEY

MOVE = "rebalance"
"""Status, in core.open_supply, of what comes by tonight's moves."""


def after_moves(
    rebalance: pl.DataFrame, record: pl.DataFrame, open_supply: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """plan.record less what leaves each origin, and core.open_supply with what comes to each destination.

    Both as given where nothing moves. A destination that gets a line plans as with any open order: tonight's order is
    sized with it, so the same need is never covered twice.
    """
    if rebalance.is_empty():
        return record, open_supply
    leaving = moved_out(rebalance)
    stock = record.join(leaving, on=KEY, how="left", maintain_order="left").with_columns(
        on_hand_qty=pl.col("on_hand_qty") - pl.col("moved_out_qty").fill_null(0.0)
    )
    lines = rebalance.select(
        order_id=pl.lit(MOVE),
        line_id=pl.concat_str("item_id", "location_id", "source_id", separator="\x1f"),
        kind=pl.lit("transfer"),
        item_id="item_id",
        location_id="location_id",
        source_id="source_id",
        open_qty="qty",
        order_date="order_date",
        due_date="receipt_date",
        status=pl.lit(MOVE),
        is_past_due=pl.lit(value=False),
        is_lost=pl.lit(value=False),
    )
    supply = pl.concat([open_supply, lines.cast(pl.Schema(open_supply.schema))])
    return stock.drop("moved_out_qty"), supply


def moved_out(rebalance: pl.DataFrame) -> pl.DataFrame:
    """Units that leave each origin tonight (moved_out_qty)."""
    taken = rebalance.group_by("item_id", "source_id").agg(moved_out_qty=pl.col("qty").sum())
    return taken.rename({"source_id": "location_id"}).sort(KEY)
