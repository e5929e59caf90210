"""What can still be promised of an item, and by when?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.available_to_promise import available_to_promise
from replenish.steps.network import calendar_of
from replenish.steps.panel import KEY, Floats, Ints, panel
from replenish.tables.core import Arc, Bucket, Node, OpenDemand
from replenish.tables.plan import Atp, Order, Projection, Requirement, Wish

_DEPENDANT = ["dependant_item_id", "dependant_location_id"]


def offer(
    projection: dy.DataFrame[Projection],
    requirement: dy.DataFrame[Requirement],
    wish: dy.DataFrame[Wish],
    order: dy.DataFrame[Order],
    open_demand: dy.DataFrame[OpenDemand],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bucket: dy.DataFrame[Bucket],
) -> dy.DataFrame[Atp]:
    """Available-to-promise of every planned node that is sold or made, bucket by bucket.

    Supply is what the projection counts on: usable stock (in the first bucket), open orders, tonight's and later ones.
    Orders are those of customers, overdue ones in the first bucket, and what tonight's orders of dependants take; what
    passes its date unsold is no more promised than what is ordered. Forecasts are not orders: they take nothing.
    `sure_qty` is the projection's: there on top of all demand, at the node's service target.
    """
    rows = projection.join(_offered(node, arc), on=KEY, how="semi", maintain_order="left")
    if rows.is_empty():
        return Atp.create_empty()
    nodes = rows.select(KEY).unique(maintain_order=True)
    laid = panel(rows, nodes)
    supply, expired = laid.grid(rows.select(_supply()).to_series()), laid.grid(rows["expired_qty"])
    orders = _ordered(nodes, open_demand, bucket) + _firm_needs(nodes, requirement, wish, order, supply.shape[1])
    found = available_to_promise(supply, orders + expired)
    parts = {"supply_qty": supply, "order_qty": orders, "expired_qty": expired, "atp_qty": found.discrete}
    parts["cumulative_atp_qty"] = found.cumulative
    columns = {name: pl.Series(laid.rows(grid)) for name, grid in parts.items()}
    told = rows.with_columns(**columns).join(node.select(*KEY, "service_target", "uom"), on=KEY, maintain_order="left")
    ends = pl.Series("bucket_end", calendar_of(bucket).ends, dtype=pl.Date).gather(rows["bucket_index"])
    frame = told.with_columns(ends, promise_probability="service_target")
    return Atp.cast(frame.select(Atp.column_names()).sort(Atp.primary_key()))


def _offered(node: pl.DataFrame, arc: pl.DataFrame) -> pl.DataFrame:
    made = arc.filter((pl.col("arc_rank") == 1) & (pl.col("kind") == "make"))
    return pl.concat([node.filter("has_demand").select(KEY), made.select(KEY)]).unique()


def _supply() -> pl.Expr:
    """Stock after tonight's corrections and moves in the first bucket, and all that arrives."""
    stock = (pl.col("opening_qty") + pl.col("record_adjustment_qty") - pl.col("moved_out_qty")).clip(0.0)
    arriving = pl.sum_horizontal("receipt_qty", "moved_in_qty", "proposed_qty", "planned_qty")
    return pl.when(pl.col("bucket_index") == 0).then(stock + arriving).otherwise(arriving)


def _ordered(nodes: pl.DataFrame, open_demand: pl.DataFrame, bucket: pl.DataFrame) -> Floats:
    """Open customer orders by the bucket of their due date: nodes x buckets."""
    calendar = calendar_of(bucket)
    at = np.maximum(calendar.bucket_of(open_demand["due_date"]), 0)
    return _grid(nodes, open_demand, at, open_demand["open_qty"].to_numpy(), calendar.horizon)


def _firm_needs(
    nodes: pl.DataFrame, requirement: pl.DataFrame, wish: pl.DataFrame, order: pl.DataFrame, width: int
) -> Floats:
    """Units that tonight's orders of dependants take, as ordered and not as wished: nodes x buckets."""
    wished = wish.select(*KEY, wished="qty").join(order.select(*KEY, ordered="qty"), on=KEY, how="left")
    share = pl.when(pl.col("wished") > 0).then(pl.col("ordered").fill_null(0.0) / pl.col("wished")).otherwise(0.0)
    kept = wished.select(*KEY, share=share)
    firm = requirement.join(kept, left_on=_DEPENDANT, right_on=KEY, how="left", maintain_order="left")
    qty = firm.select(pl.col("tonight_qty") * pl.col("share").fill_null(1.0)).to_series().to_numpy()
    return _grid(nodes, requirement, requirement["bucket_index"].cast(pl.Int64).to_numpy(), qty, width)


def _grid(nodes: pl.DataFrame, frame: pl.DataFrame, at: Ints, qty: Floats, width: int) -> Floats:
    numbered = nodes.with_row_index("row")
    row = frame.select(KEY).join(numbered, on=KEY, how="left", maintain_order="left")["row"].cast(pl.Int64)
    number = row.fill_null(-1).to_numpy()
    grid = np.zeros((nodes.height, width))
    inside = (number >= 0) & (at < width)
    np.add.at(grid, (number[inside], at[inside]), qty[inside])
    return grid
