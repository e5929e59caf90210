"""Executable lines added up to the orders they become: per source, kind, destination and order date."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.frames import finish
from replenish.tables.proposal import SupplierOrder

_ORDER = ["kind", "source_id", "location_id", "order_date"]


def supplier_orders(proposals: pl.DataFrame, supplier: pl.DataFrame) -> pl.DataFrame:
    """One row an order to place; held lines and messages stay out. A minimum is met once an order, not per line."""
    lines = proposals.filter((pl.col("action") == "NEW") & ~pl.col("hold")).sort("proposal_id")
    known = pl.when(pl.col("value").is_not_null().any()).then(pl.col("value").sum().round(6))
    orders = lines.group_by(_ORDER, maintain_order=True).agg(
        line_count=pl.len(), qty=pl.col("qty").sum(), value=known, currency=pl.col("currency").first()
    )
    least = supplier.select(
        pl.lit("purchase").alias("kind"), "min_order_value", "min_order_qty", source_id="supplier_id"
    )
    orders = orders.join(least, on=["kind", "source_id"], how="left", maintain_order="left")
    cheap = (pl.col("value") < pl.col("min_order_value")).fill_null(False)
    small = (pl.col("qty") < pl.col("min_order_qty")).fill_null(False)
    return finish(SupplierOrder, orders.with_columns(is_below_minimum=cheap | small))


def told_of_shortfall(proposals: pl.DataFrame, supplier: pl.DataFrame, currency: str) -> pl.DataFrame:
    """Proposals whose order stays below its supplier's minimum say so: a person must ask, or wait."""
    orders = supplier_orders(proposals, supplier).filter("is_below_minimum")
    least = supplier.select("min_order_value", "min_order_qty", source_id="supplier_id").unique("source_id")
    short = orders.select(_ORDER).join(least, on="source_id", how="left", maintain_order="left")
    lines = proposals.join(short, on=_ORDER, how="left", maintain_order="left")
    money = w.where(
        pl.col("min_order_value").fill_null(0.0) > 0,
        pl.format(" Its order stays below the supplier's minimum of {}.", w.money(pl.col("min_order_value"), currency)),
    )
    units = w.where(
        pl.col("min_order_qty").fill_null(0.0) > 0,
        pl.format(" Its order stays below the supplier's minimum of {} units.", w.quantity(pl.col("min_order_qty"))),
    )
    is_told = (pl.col("action") == "NEW") & ~pl.col("hold")
    sentence = pl.col("explanation") + w.where(is_told, pl.when(money != "").then(money).otherwise(units))
    return lines.with_columns(explanation=sentence).select(proposals.columns)
