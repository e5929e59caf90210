"""What will expire because of tonight's orders, in units and money."""

from __future__ import annotations

import polars as pl

from replenish.steps.panel import KEY


def unit_waste_cost() -> pl.Expr:
    """Money lost with a unit that expires: its cost less salvage, plus disposal; nothing where cost is unknown."""
    lost = pl.col("unit_cost") - pl.col("salvage_value").fill_null(0.0) + pl.col("disposal_cost").fill_null(0.0)
    return lost.clip(lower_bound=0.0).fill_null(0.0)


def with_waste(lines: pl.DataFrame, wish: pl.DataFrame, node: pl.DataFrame) -> pl.DataFrame:
    """Orders with `expected_waste_qty` of their quantity and `expected_waste_value`.

    Where less than the wish is ordered (wish_qty), its waste is taken in proportion: the last units expire first, so
    that is no less than what will expire. Raises nothing; a node without wish wastes nothing.
    """
    cost = node.select(*KEY, unit_waste=unit_waste_cost())
    told = wish.select(*KEY, wished_waste="expected_waste_qty")
    joined = lines.join(told, on=KEY, how="left", maintain_order="left").join(
        cost, on=KEY, how="left", maintain_order="left"
    )
    share = pl.when(pl.col("wish_qty") > 0).then(pl.col("qty") / pl.col("wish_qty")).otherwise(0.0)
    units = pl.min_horizontal(pl.col("wished_waste").fill_null(0.0) * share, "qty")
    return joined.with_columns(
        expected_waste_qty=units, expected_waste_value=units * pl.col("unit_waste").fill_null(0.0)
    ).drop("wished_waste", "unit_waste")


def waste_of_new_qty(lines: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Orders whose quantity has changed since `before`, with their waste changed in proportion."""
    old = before.select(*KEY, qty_before="qty")
    joined = lines.join(old, on=KEY, how="left", maintain_order="left")
    share = pl.when(pl.col("qty_before") > 0).then(pl.col("qty") / pl.col("qty_before")).otherwise(1.0)
    scaled = [pl.col(name) * share for name in ("expected_waste_qty", "expected_waste_value")]
    return joined.with_columns(scaled).drop("qty_before")
