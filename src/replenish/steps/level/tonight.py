"""Tonight's production orders in the quantities that the hours allow, in whole packs."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.order_lines import lots_in_lines
from replenish.numerics.rough_cut import Floats
from replenish.steps.panel import KEY
from replenish.steps.waste import waste_of_new_qty

CAPACITY = "capacity"
_SAME = 1e-6


def whole_lots(items: pl.DataFrame, made: Floats) -> Floats:
    """Units to order of each item for what bucket 0 makes, [I]: never more, and as before where that is the same.

    Whole packs in lines that keep the least and the largest quantity; what is less than the least is not ordered.
    """
    before = items["order_qty"].to_numpy()
    pack = items["multiple_qty"].fill_null(0.0).to_numpy()
    pack = np.where(pack > 0, pack, np.where(items["is_continuous"].fill_null(value=False).to_numpy(), 0.0, 1.0))
    least = items["min_qty"].fill_null(0.0).to_numpy()
    most = items["max_qty"].fill_null(np.inf).to_numpy()
    unit = np.where(pack > 0, pack, 1e-6)
    packs = np.floor(made / unit + _SAME) * unit
    packs = np.where(packs < least - _SAME, 0.0, packs)
    lots = lots_in_lines(packs, least, most, unit)
    lots = np.where(lots > packs + _SAME, 0.0, lots)
    return np.where(np.abs(made - before) <= _SAME * np.maximum(1.0, before), before, lots)


def levelled_orders(order: pl.DataFrame, items: pl.DataFrame, qty: Floats, curve: pl.DataFrame) -> pl.DataFrame:
    """Orders with the quantities [I] of those items that changed: reason, value by the node's own curve, and waste."""
    packs = pl.when(pl.col("multiple_qty") > 0).then("multiple_qty").otherwise(1.0).fill_null(1.0)
    new = items.select(*KEY, packs.alias("pack"), "order_qty", new_qty=pl.Series(qty))
    new = new.filter((pl.col("new_qty") - pl.col("order_qty")).abs() > 0)
    if new.is_empty():
        return order
    part = (pl.col("new_qty") - (pl.col("pack_index") - 1) * pl.col("pack_qty")).clip(0.0, pl.col("pack_qty"))
    steps = new.join(curve.filter(pl.col("pack_qty") > 0), on=KEY, how="inner")
    worth = steps.group_by(KEY).agg(new_value=(pl.col("pack_value") * part / pl.col("pack_qty")).sum())
    joined = order.join(new, on=KEY, how="left", maintain_order="left").join(
        worth, on=KEY, how="left", maintain_order="left"
    )
    is_new = pl.col("new_qty").is_not_null() & (pl.col("kind") == "make")
    # Without a curve a smaller order is worth its part; what is made early is worth no more than it is later.
    share = pl.when(pl.col("qty") > 0).then(pl.min_horizontal(pl.col("new_qty") / pl.col("qty"), 1.0)).otherwise(0.0)
    changed = joined.with_columns(
        qty=pl.when(is_new).then("new_qty").otherwise("qty"),
        pack_count=pl.when(is_new).then(pl.col("new_qty") / pl.col("pack")).otherwise("pack_count"),
        value=pl.when(is_new).then(pl.coalesce("new_value", pl.col("value") * share)).otherwise("value"),
        reason_code=pl.when(is_new).then(pl.lit(CAPACITY)).otherwise("reason_code"),
        binding_limit=pl.when(is_new).then(pl.lit(CAPACITY)).otherwise("binding_limit"),
        is_release_past_due=pl.col("is_release_past_due") & (pl.when(is_new).then("new_qty").otherwise("qty") > 0),
    )
    return waste_of_new_qty(changed.select(order.columns), order).select(order.columns)
