"""Does an order reach its supplier's minimum, and is it worth the supplier's order cost?"""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.supplier_order import top_up, worth_placing
from replenish.steps.panel import KEY, Bools
from replenish.steps.spend.increments import before_each

SUPPLIER_MINIMUM = "supplier_minimum"
_NOTHING = 1e-9
_PACK = pl.col("pack").first()


def meet_minimums(
    order: pl.DataFrame, beyond: pl.DataFrame, supplier: pl.DataFrame, budget_left: float | None, narrow: list[str]
) -> tuple[pl.DataFrame, Bools]:
    """Orders lifted to the minimum of their supplier by the next best packs, or left out, and which packs were added.

    An order is one supplier's for one location. It is placed where its gain with the added packs exceeds what one order
    costs, or where a line is asked for by more than value (a shelf, a customer, another rule); waiting a review is
    valued at nothing, for later nights will decide afresh. Where even all packs that still earn do not reach the
    minimum, or the budget does not, the order stays as it is and its shortfall is shown. Nothing is added at locations
    that state their space (`narrow`).
    """
    taken = np.zeros(beyond.height, dtype=np.bool_)
    terms = supplier.select("supplier_id", "order_cost", "min_order_value", "min_order_qty").fill_null(0.0)
    bought = order.filter((pl.col("kind") == "buy") & (pl.col("qty") > 0))
    groups = bought.group_by("source_id", "location_id").agg(
        money=(pl.col("qty") * pl.col("unit_cost")).sum(),
        units=pl.col("qty").sum(),
        gain=pl.col("value").sum(),
        is_free=pl.col("is_by_value").all(),
    )
    groups = groups.join(terms, left_on="source_id", right_on="supplier_id", how="inner").sort(
        "source_id", "location_id"
    )
    rows = beyond.with_row_index("row").filter(~pl.col("location_id").is_in(narrow))
    out = []
    for group in groups.iter_rows(named=True):
        least_money, least_units = group["min_order_value"] - group["money"], group["min_order_qty"] - group["units"]
        mine = rows.filter(source_id=group["source_id"], location_id=group["location_id"])
        added, gain, cost = _added(mine, least_money, least_units)
        reached = _reached(mine, added, least_money, least_units)
        affordable = budget_left is None or cost <= budget_left + _NOTHING
        is_bound = max(least_money, least_units, group["order_cost"]) > _NOTHING and group["is_free"]
        if is_bound and not worth_placing(group["gain"] + (gain if reached else 0.0), group["order_cost"], 0.0):
            out.append((group["source_id"], group["location_id"]))
        elif reached and affordable and len(added):
            taken[mine["row"].to_numpy()[added]] = True
            budget_left = None if budget_left is None else budget_left - cost
    return _lifted(order, beyond.filter(pl.Series(taken)), out), taken


def _added(mine: pl.DataFrame, least_money: float, least_units: float) -> tuple[Bools, float, float]:
    """Packs that lift an order, their gain and their cost."""
    gain, money, units = (mine[name].to_numpy() for name in ("gain", "cost", "qty"))
    added = top_up(gain, money, units, before_each(mine), least_money, least_units)
    return added, float(gain[added].sum()), float(money[added].sum())


def _reached(mine: pl.DataFrame, added: Bools, least_money: float, least_units: float) -> bool:
    money, units = mine["cost"].to_numpy()[added].sum(), mine["qty"].to_numpy()[added].sum()
    return bool(money >= least_money - _NOTHING and units >= least_units - _NOTHING)


def _lifted(order: pl.DataFrame, added: pl.DataFrame, out: list[tuple[str, str]]) -> pl.DataFrame:
    """Orders with the packs added, and without those left out."""
    more = added.group_by(KEY).agg(more_qty=pl.col("qty").sum(), more_value=pl.col("gain").sum(), pack=_PACK)
    gone = pl.DataFrame(out, schema={"source_id": pl.String, "location_id": pl.String}, orient="row")
    joined = order.join(more, on=KEY, how="left", maintain_order="left").join(
        gone.with_columns(is_out=pl.lit(value=True)), on=["source_id", "location_id"], how="left", maintain_order="left"
    )
    is_out = pl.col("is_out").fill_null(value=False) & (pl.col("kind") == "buy") & (pl.col("qty") > 0)
    is_more = pl.col("more_qty").is_not_null()
    qty = pl.when(is_out).then(0.0).otherwise(pl.col("qty") + pl.col("more_qty").fill_null(0.0))
    return joined.with_columns(
        qty=qty,
        pack_count=pl.when(is_out).then(0.0).when(is_more).then(qty / pl.col("pack")).otherwise("pack_count"),
        value=pl.when(is_out).then(0.0).otherwise(pl.col("value") + pl.col("more_value").fill_null(0.0)),
        reason_code=pl.when(is_out | is_more).then(pl.lit(SUPPLIER_MINIMUM)).otherwise("reason_code"),
        binding_limit=pl.when(is_out | is_more).then(pl.lit(SUPPLIER_MINIMUM)).otherwise("binding_limit"),
        is_release_past_due=pl.col("is_release_past_due") & ~is_out,
    ).select(order.columns)
