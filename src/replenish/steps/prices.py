"""What a unit costs in the quantity ordered: the price breaks of an arc."""

from __future__ import annotations

import polars as pl

from replenish.numerics.order_lines import split_lines
from replenish.steps.panel import KEY


def paid_cost(lines: pl.DataFrame) -> pl.Series:
    """Mean cost of a unit of each order: `lines` hold qty, unit_cost, max_qty, pack and the breaks of the arc.

    A discount on all units is that of the largest break reached; an incremental one holds for the units above each
    break. An order above the largest line is priced line by line. Nothing ordered costs the usual price.
    """
    order, qty = split_lines(lines["qty"], lines["max_qty"].fill_null(float("inf")), lines["pack"])
    parts = lines.select(*KEY, "unit_cost", "break_qty", "break_unit_cost", "is_incremental")[order].with_columns(
        order=pl.Series(order), line=pl.int_range(pl.len()), qty=pl.Series(qty)
    )
    reached = parts.explode("break_qty", "break_unit_cost").filter(pl.col("break_qty") <= pl.col("qty") + 1e-9)
    step = pl.col("break_unit_cost") - pl.col("break_unit_cost").shift(1).over("line").fill_null(pl.col("unit_cost"))
    off = (
        reached.with_columns(off=step * (pl.col("qty") - pl.col("break_qty")))
        .group_by("line")
        .agg(
            all_units=((pl.col("break_unit_cost") - pl.col("unit_cost")) * pl.col("qty")).last(),
            above=pl.col("off").sum(),
        )
    )
    parts = parts.join(off, on="line", how="left", maintain_order="left")
    change = (
        pl.when(pl.col("is_incremental").fill_null(value=False)).then("above").otherwise("all_units").fill_null(0.0)
    )
    summed = parts.group_by("order", maintain_order=True).agg(change=change.sum())["change"]
    share = pl.when(pl.col("qty") > 0).then(pl.col("change") / pl.col("qty")).otherwise(0.0)
    return lines.with_columns(change=summed).select(pl.col("unit_cost") + share).to_series()
