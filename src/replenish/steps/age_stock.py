"""How old is the stock on hand? Lots where they are stated, else receipts."""

from __future__ import annotations

from datetime import date

import dataframely as dy
import polars as pl

from replenish.steps.panel import KEY
from replenish.tables.core import Arc, Lot, Node, ReceiptLine
from replenish.tables.plan import AgedLot, Record

_NOTHING = 1e-9
# Longer than any shelf life that matters: dates stay within what a calendar can hold.
_LONGEST_LIFE_DAYS = 36_500


def life_days() -> pl.Expr:
    """Selling days of what arrives over an arc: shelf life less what it spends on the way between own locations."""
    transit = pl.when(pl.col("kind") == "move").then("lead_time_days").otherwise(0.0).fill_null(0.0)
    return pl.col("shelf_life_days") - transit


def age_stock(
    lot: dy.DataFrame[Lot],
    record: dy.DataFrame[Record],
    receipt_line: dy.DataFrame[ReceiptLine],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    *,
    as_of: date,
) -> dy.DataFrame[AgedLot]:
    """Usable stock by the day from which it cannot be sold; what no row explains counts as just received.

    Lots that hold more than the stock on hand are scaled down to it: no lot is more to blame than another. Stock of
    items with a shelf life that no lot holds is laid on receipts, the newest first (first in first out); what is more
    than receipts of one shelf life explain is as old as the oldest of them.
    """
    held = record.select(*KEY, on_hand=pl.col("on_hand_qty").fill_nan(0.0).clip(lower_bound=0.0))
    stated = lot.filter(pl.col("qty") > 0).join(held, on=KEY, how="left", maintain_order="left")
    total = pl.col("qty").sum().over(KEY)
    usable = pl.col("on_hand").fill_null(0.0)
    stated = stated.with_columns(
        qty=pl.when(total > usable).then(pl.col("qty") * usable / total).otherwise("qty"), basis=pl.lit("lot")
    )
    rest = held.join(stated.group_by(KEY).agg(stated=pl.col("qty").sum()), on=KEY, how="left", maintain_order="left")
    rest = rest.with_columns(rest=pl.col("on_hand") - pl.col("stated").fill_null(0.0)).filter(pl.col("rest") > _NOTHING)
    laid = _laid(rest.join(_lives(node, arc), on=KEY, how="inner"), receipt_line, as_of)
    names = list(AgedLot.column_names())
    both = pl.concat([stated.select(names), laid.select(names)]).filter(pl.col("qty") > _NOTHING)
    return AgedLot.cast(both.sort(AgedLot.primary_key()))


def _lives(node: pl.DataFrame, arc: pl.DataFrame) -> pl.DataFrame:
    """Whole selling days of each item that expires, at least one."""
    usual = arc.filter(pl.col("arc_rank") == 1).unique(KEY, keep="first", maintain_order=True)
    known = node.select(*KEY, "shelf_life_days").join(
        usual.select(*KEY, "kind", "lead_time_days"), on=KEY, how="left", maintain_order="left"
    )
    days = known.select(*KEY, life=life_days().fill_nan(None)).filter(pl.col("life") > 0)
    return days.with_columns(pl.col("life").clip(1.0, _LONGEST_LIFE_DAYS).floor().cast(pl.Int64))


def _laid(rest: pl.DataFrame, receipt_line: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Stock that no lot holds on the receipts it came with, one row a receipt that may still be there."""
    came = receipt_line.filter(pl.col("received_qty") > 0).with_columns(
        received=pl.col("order_date").dt.offset_by(pl.format("{}d", pl.col("delay_days").round().cast(pl.Int64)))
    )
    came = came.join(rest, on=KEY, how="inner").with_columns(
        expiry_date=pl.col("received").dt.offset_by(pl.format("{}d", "life"))
    )
    came = came.filter((pl.col("received") <= as_of) & (pl.col("expiry_date") > as_of))
    came = came.sort(*KEY, "received", "order_id", "line_id", descending=[False, False, True, False, False])
    newer = pl.col("received_qty").cum_sum().over(KEY) - pl.col("received_qty")
    taken = (pl.col("rest") - newer).clip(0.0, pl.col("received_qty"))
    oldest = pl.int_range(pl.len()).over(KEY) == pl.len().over(KEY) - 1
    unexplained = (pl.col("rest") - pl.col("received_qty").sum().over(KEY)).clip(lower_bound=0.0)
    return came.with_columns(
        qty=taken + pl.when(oldest).then(unexplained).otherwise(0.0),
        lot_id=pl.format("receipt {}/{}", "order_id", "line_id"),
        basis=pl.lit("receipt"),
    )
