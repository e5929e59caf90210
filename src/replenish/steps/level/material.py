"""How much more can be started tonight than was ordered: components in stock, and orders that must not grow."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from replenish.numerics.lot_problem import Material
from replenish.numerics.rough_cut import Floats, Ints

COMPONENT = ["component_item_id", "source_id"]


def bill_of(bom_line: pl.DataFrame, tonight: date) -> pl.DataFrame:
    """Lines by which production that starts tonight takes its components."""
    ends = pl.col("last_date").fill_null(date.max)
    return bom_line.filter((pl.col("first_date") <= tonight) & (ends >= tonight) & (pl.col("qty_per") > 0))


def free_components(
    bill: pl.DataFrame, record: pl.DataFrame, order: pl.DataFrame, firm_need: pl.DataFrame
) -> pl.DataFrame:
    """Component stock at each plant that is left to larger orders tonight.

    What is placed tonight takes its part, made there or moved from there, and so do open production orders.
    """
    taken = order.filter(pl.col("qty") > 0).join(
        bill, left_on=["item_id", "source_id"], right_on=["parent_item_id", "location_id"], how="inner"
    )
    made = taken.filter(kind="make").select(*COMPONENT, units=pl.col("qty") * pl.col("qty_per"))
    moved = order.filter((pl.col("kind") == "move") & (pl.col("qty") > 0))
    moved = moved.select(component_item_id="item_id", source_id="source_id", units="qty")
    firm = firm_need.select(component_item_id="item_id", source_id="location_id", units="open_qty")
    used = pl.concat([made, moved, firm]).group_by(COMPONENT).agg(pl.col("units").fill_nan(0.0).sum())
    stock = record.select(component_item_id="item_id", source_id="location_id", stock="on_hand_qty")
    joined = stock.join(used, on=COMPONENT, how="left", maintain_order="left")
    free = (pl.col("stock").fill_nan(0.0) - pl.col("units").fill_null(0.0)).clip(0.0)
    return joined.select(*COMPONENT, free=free)


def material_of(
    items: pl.DataFrame, chosen: Ints, bill: pl.DataFrame, free: pl.DataFrame, may_grow: Floats
) -> Material:
    """Rows of a group: each component it uses, and each item whose order of tonight must not grow (`may_grow` 0).

    Orders that wait use nothing of what is there tonight.
    """
    lines = items[chosen].with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64))
    lines = (
        lines.filter(pl.col("order_bucket_index").fill_null(0) == 0)
        .select("place", "item_id", "source_id", "order_qty")
        .join(bill, left_on=["item_id", "source_id"], right_on=["parent_item_id", "location_id"], how="inner")
    )
    lines = lines.join(free, on=COMPONENT, how="left", maintain_order="left").sort("place", "component_item_id")
    held = lines.group_by(COMPONENT).agg(
        stock=pl.col("free").first().fill_null(0.0) + (pl.col("order_qty") * pl.col("qty_per")).sum()
    )
    held = held.sort(COMPONENT).with_columns(component=pl.int_range(pl.len(), dtype=pl.Int64))
    lines = lines.join(held.select(*COMPONENT, "component"), on=COMPONENT, how="left", maintain_order="left")
    still = np.flatnonzero(may_grow[chosen] <= 0)
    ordered = items["order_qty"].to_numpy()[chosen[still]]
    return Material(
        np.concatenate([lines["place"].to_numpy(), still]),
        np.concatenate([lines["component"].to_numpy(), held.height + np.arange(len(still))]),
        np.concatenate([lines["qty_per"].to_numpy(), np.ones(len(still))]),
        np.concatenate([held["stock"].to_numpy(), ordered]),
    )


def may_grow(items: pl.DataFrame, limit: pl.DataFrame, tonight: date) -> Floats:
    """Items (1) whose order of tonight may grow.

    It is accepted tonight, approved, arrives after the planning fence, and the location has space.
    """
    full = limit.filter(kind="volume")["scope_id"].implode()
    allowed = (
        (pl.col("order_bucket_index").fill_null(1) == 0)
        & (pl.col("fence_days").fill_null(0) <= pl.col("lead_time_days").fill_null(0.0))
        & (pl.col("approval_date").is_null() | (pl.col("approval_date") <= tonight))
        & ~pl.col("location_id").is_in(full)
    )
    return items.select(allowed.cast(pl.Float64)).to_series().to_numpy()
