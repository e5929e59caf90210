"""Tonight's orders and what would come next, pack by pack, with what each pack uses of money and space."""

from __future__ import annotations

import polars as pl

from replenish.steps.panel import KEY

_NOTHING = 1e-9


def increments(order: pl.DataFrame, curve: pl.DataFrame, arc: pl.DataFrame, item: pl.DataFrame) -> pl.DataFrame:
    """One row an increment, each node's in the order in which they must be taken; `is_wished` is part of its order.

    What a minimum, a price break or several lines of a largest order hold together is one increment. Further ones are
    purchases that earn, of nodes that order tonight and are held by no cap: a refused item has no next pack.
    """
    lanes = arc.filter(pl.col("arc_rank") == 1).select(*KEY, "min_qty", "max_qty")
    lines = (
        order.select(*KEY, "source_id", "kind", "unit_cost", "reason_code", "binding_limit", order_qty="qty")
        .join(lanes, on=KEY, how="left")
        .join(item.select("item_id", "volume"), on="item_id", how="left")
    )
    steps = lines.join(curve, on=KEY, how="inner").sort(*KEY, "pack_index")
    low = (pl.col("pack_index") - 1) * pl.col("pack_qty")
    wished = (pl.col("order_qty") - low).clip(0.0, pl.col("pack_qty"))
    is_wished = wished > _NOTHING
    qty = pl.when(is_wished).then(wished).otherwise("pack_qty")
    split = pl.col("order_qty") > pl.col("max_qty").fill_null(float("inf")) + _NOTHING
    held = (low < pl.col("min_qty").fill_null(0.0) - _NOTHING) | (pl.col("reason_code") == "price_break") | split
    is_free = (pl.col("order_qty") > 0) & pl.col("binding_limit").is_null() & pl.col("max_qty").is_null()
    told = steps.with_columns(
        qty=qty,
        gain=pl.col("pack_value") * qty / pl.col("pack_qty"),
        is_wished=is_wished,
        is_next=is_free & (pl.col("kind") == "buy"),
        place=pl.when(held & is_wished).then(0).otherwise("pack_index"),
    )
    rows = told.group_by(*KEY, "is_wished", "place").agg(
        pl.col("source_id", "kind", "unit_cost", "is_next").first(),
        pl.col("volume").first().fill_null(0.0),
        pl.col("pack_index").max(),
        pl.col("qty", "gain").sum(),
    )
    rows = rows.filter(pl.col("is_wished") | ((pl.col("gain") > _NOTHING) & pl.col("is_next")))
    return rows.with_columns(cost=pl.col("qty") * pl.col("unit_cost")).sort(*KEY, pl.col("is_wished").not_(), "place")
