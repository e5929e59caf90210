"""What does each vendor-managed location tell its supplier?"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from replenish.steps.panel import KEY
from replenish.tables.core import Bucket, Node
from replenish.tables.plan import Order, Projection, Record, Vmi


def vendor_managed(
    order: dy.DataFrame[Order],
    projection: dy.DataFrame[Projection],
    record: dy.DataFrame[Record],
    node: dy.DataFrame[Node],
    bucket: dy.DataFrame[Bucket],
) -> dy.DataFrame[Vmi]:
    """Tonight's shipment to every location of kind `vmi`, beside the stock levels agreed (its policy's minimum and
    maximum stock) and the stock projected at the end of the bucket in which the shipment arrives.
    """
    ends = bucket.filter(pl.col("bucket_index") >= 0).select("bucket_index", "bucket_end")
    stock = projection.join(ends, on="bucket_index").select(
        *KEY, "bucket_start", "bucket_end", projected_qty="closing_qty"
    )
    managed = node.filter(pl.col("location_kind") == "vmi").select(
        *KEY, "item_name", "location_name", "uom", min_qty="min_stock_qty", max_qty="max_stock_qty"
    )
    lines = order.join(managed, on=KEY, how="inner").join(record.select(*KEY, "on_hand_qty"), on=KEY, how="left")
    arrives = pl.col("receipt_date").is_between("bucket_start", "bucket_end")
    there = lines.select(*KEY, "receipt_date").join(stock, on=KEY, how="inner").filter(arrives)
    told = lines.join(there.select(*KEY, "projected_qty"), on=KEY, how="left").rename({"qty": "shipment_qty"})
    return Vmi.cast(told.select(Vmi.column_names()).sort(Vmi.primary_key()))
