"""What a supplier's minimum costs tonight: the price of asking for one unit more than one would order."""

from __future__ import annotations

import polars as pl

LEAST = {"supplier_value": "min_order_value", "supplier_qty": "min_order_qty"}
_LANE = ["source_id", "location_id"]


def minimum_limits(
    before: pl.DataFrame, after: pl.DataFrame, added: pl.DataFrame, supplier: pl.DataFrame
) -> pl.DataFrame:
    """Rows of plan.limit, one a minimum of each order that was wanted, `before` the minimums and `after` all limits.

    What one unit less of it would earn: of an order filled up (`added` packs) what the worst pack of them loses for
    each unit; of an order that waits what it would have earned, for each unit it is short of; else nothing.
    """
    wanted, used = _ordered(before, "wanted"), _ordered(after, "used")
    worst = added.group_by(_LANE).agg(
        worst_value=(pl.col("gain") / pl.col("cost")).min(), worst_qty=(pl.col("gain") / pl.col("qty")).min()
    )
    terms = supplier.select(*LEAST.values(), source_id="supplier_id")
    orders = wanted.join(used, on=_LANE, how="left").join(worst, on=_LANE, how="left").join(terms, on="source_id")
    return pl.concat([_rows(orders, kind) for kind in LEAST]).sort("kind", "scope_id")


def _rows(orders: pl.DataFrame, kind: str) -> pl.DataFrame:
    measure = kind.removeprefix("supplier_")
    # An order that was filled up and still does not go was refused by something else, such as a truck.
    waits = (pl.col("used_qty").fill_null(0.0) <= 0) & pl.col("worst_qty").is_null()
    asked = pl.col(LEAST[kind])
    short = asked - pl.col(f"wanted_{measure}")
    missed = pl.when(short > 0).then((pl.col("wanted_gain") / short).clip(lower_bound=0.0)).otherwise(0.0)
    worst = pl.col(f"worst_{measure}").fill_nan(None)
    lost = pl.when(worst < 0).then(-worst).otherwise(0.0)
    return orders.filter((asked > 0) & (pl.col("wanted_qty") > 0)).select(
        *_LANE,
        kind=pl.lit(kind),
        scope_id=pl.format("{} > {}", *_LANE),
        available=asked,
        wanted=f"wanted_{measure}",
        used=pl.col(f"used_{measure}").fill_null(0.0),
        shadow_price=pl.when(waits).then(missed).otherwise(lost),
    )


def _ordered(order: pl.DataFrame, word: str) -> pl.DataFrame:
    """Money, units and gain of each supplier's order for a location."""
    return (
        order.filter(kind="buy")
        .group_by(_LANE)
        .agg(
            (pl.col("qty") * pl.col("unit_cost")).sum().alias(f"{word}_value"),
            pl.col("qty").sum().alias(f"{word}_qty"),
            pl.col("value").filter(pl.col("qty") > 0).sum().alias(f"{word}_gain"),
        )
    )
