"""Tonight's orders and what would come next, pack by pack, with what each pack uses of money and space."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.steps.panel import KEY, Ints

SPACE = ("volume", "weight")
_NOTHING = 1e-9


def increments(order: pl.DataFrame, curve: pl.DataFrame, arc: pl.DataFrame, item: pl.DataFrame) -> pl.DataFrame:
    """One row an increment, each node's in the order in which they must be taken; `is_wished` is part of its order.

    What a minimum, a price break or several lines of a largest order hold together is one increment. Further ones are
    purchases, losses included, of nodes that order tonight, or would if it earned (`is_by_value`), and are held by no
    cap: a refused item has no next pack. What is used up and passes its need on takes neither money nor room. `pack` is
    the unit in which the line counts its packs; `pair_gain` is the gain where no order follows for two reviews.
    """
    lanes = arc.filter(pl.col("arc_rank") == 1).select(*KEY, "min_qty", "max_qty", "multiple_qty")
    goods = item.select("item_id", *(pl.col(name).fill_nan(None).fill_null(0.0).clip(0.0) for name in SPACE))
    terms = ("source_id", "kind", "unit_cost", "reason_code", "binding_limit", "is_by_value")
    lines = (
        order.filter(pl.col("kind") != "pass")
        .select(*KEY, *terms, order_qty="qty")
        .join(lanes, on=KEY, how="left")
        .join(goods, on="item_id", how="left")
        .with_columns(pl.col("min_qty").fill_null(0.0))
    )
    steps = _held_together(lines.join(curve, on=KEY, how="inner").sort(*KEY, "pack_index"))
    rows = steps.group_by(*KEY, "is_wished", "place").agg(
        pl.col("source_id", "kind", "unit_cost", "is_by_value", "is_next", "min_qty").first(),
        pl.col(*SPACE).first().fill_null(0.0),
        pack=pl.when(pl.col("multiple_qty").first() > 0).then(pl.col("multiple_qty").first()).otherwise(1.0),
        reach=(pl.col("pack_index") * pl.col("pack_qty")).max(),
        pack_index=pl.col("pack_index").max(),
        qty=pl.col("qty").sum(),
        gain=pl.col("gain").sum(),
        pair_gain=pl.col("pair_gain").sum(),
        served_qty=pl.col("served_qty").sum(),
    )
    further = pl.col("is_next") & (pl.col("reach") > pl.col("min_qty") - _NOTHING)
    rows = rows.filter(pl.col("is_wished") | further).drop("min_qty", "reach", "is_next")
    return rows.with_columns(cost=pl.col("qty") * pl.col("unit_cost")).sort(*KEY, pl.col("is_wished").not_(), "place")


def _held_together(steps: pl.DataFrame) -> pl.DataFrame:
    """Steps of the curve with what of them is wished, and `place`: 0 for all that is ordered together or not at all."""
    low = (pl.col("pack_index") - 1) * pl.col("pack_qty")
    wished = (pl.col("order_qty") - low).clip(0.0, pl.col("pack_qty"))
    is_wished = wished > _NOTHING
    qty = pl.when(is_wished).then(wished).otherwise("pack_qty")
    split = pl.col("order_qty") > pl.col("max_qty").fill_null(float("inf")) + _NOTHING
    held = (low < pl.col("min_qty") - _NOTHING) | (pl.col("reason_code") == "price_break") | split
    orders = pl.col("order_qty") > 0
    is_free = (orders | pl.col("is_by_value")) & pl.col("binding_limit").is_null() & pl.col("max_qty").is_null()
    return steps.with_columns(
        qty=qty,
        gain=pl.col("pack_value") * qty / pl.col("pack_qty"),
        served_qty=pl.col("served_qty") * qty / pl.col("pack_qty"),
        pair_gain=pl.coalesce("pair_value", "pack_value") * qty / pl.col("pack_qty"),
        is_wished=is_wished,
        is_next=is_free & (pl.col("kind") == "buy"),
        place=pl.when(held & (is_wished | ~orders)).then(0).otherwise("pack_index"),
    )


def before_each(rows: pl.DataFrame) -> Ints:
    """Row of the increment before each of sorted increments, -1 for the first of its node."""
    same = rows.select((pl.struct(KEY) == pl.struct(KEY).shift(1)).fill_null(value=False)).to_series().to_numpy()
    after: Ints = np.where(same, np.arange(len(same)) - 1, -1)
    return after


def by_lane(rows: pl.DataFrame) -> dict[tuple[str, str], pl.DataFrame]:
    """Rows of each order: (supplier, location) -> rows, in their order."""
    parts = rows.partition_by("source_id", "location_id", as_dict=True, maintain_order=True)
    return {(str(source), str(place)): part for (source, place), part in parts.items()}
