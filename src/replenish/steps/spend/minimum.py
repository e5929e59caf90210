"""Does an order reach its supplier's minimum, and is it worth the supplier's order cost?"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from replenish.numerics.supplier_order import top_up, worth_placing
from replenish.steps.panel import KEY, Bools
from replenish.steps.spend.increments import before_each, by_lane

SUPPLIER_MINIMUM = "supplier_minimum"
_NOTHING = 1e-9
_PACK = pl.col("pack").first()


def meet_minimums(
    order: pl.DataFrame,
    wished: pl.DataFrame,
    beyond: pl.DataFrame,
    supplier: pl.DataFrame,
    money_left: float,
    room: dict[str, float],
) -> tuple[pl.DataFrame, Bools]:
    """Orders lifted to the minimum of their supplier by the next best packs, or left out, and which packs were added.

    An order is one supplier's for one location. One that meets its minimum is placed where its gain exceeds what an
    order costs: the next review can order again. One that is lifted takes the place of the next: it is placed where
    what it earns over two reviews, its cost taken off, exceeds what an order one review later would. A line asked for
    by more than value (a shelf, a customer, another rule) is always placed. Where the money left or the `room` of the
    location does not hold the packs that the minimum takes, the order waits: its supplier would refuse it. Where no
    packs reach the minimum at all it stays as it is, and its shortfall is shown.
    """
    taken = np.zeros(beyond.height, dtype=np.bool_)
    rows = by_lane(beyond.with_row_index("row").filter("is_open"))
    refused = by_lane(_refused(wished, beyond))
    room, out = dict(room), []
    for group in _orders(order, wished, supplier).iter_rows(named=True):
        least_money, least_units = group["min_order_value"] - group["money"], group["min_order_qty"] - group["units"]
        lane = (group["source_id"], group["location_id"])
        mine = rows.get(lane, beyond.with_row_index("row").clear())
        added = _added(mine, least_money, least_units)
        cost = float(mine["cost"].to_numpy()[added].sum())
        volume = float((mine["qty"] * mine["volume"]).to_numpy()[added].sum())
        fits = cost <= money_left + _NOTHING and volume <= room.get(lane[1], np.inf) + _NOTHING
        is_lifted = bool(added.any()) and fits and _reached(mine, added, least_money, least_units)
        is_bound = max(least_money, least_units, group["order_cost"]) > _NOTHING and group["is_free"]
        short = max(least_money, least_units) > _NOTHING and not is_lifted
        waits = short and _could_reach(mine, refused.get(lane), least_money, least_units)
        earned = float(mine["pair_gain"].to_numpy()[added].sum())
        if is_bound and (waits or not _is_worth(group, earned, is_lifted=is_lifted)):
            out.append(lane)
        elif is_lifted:
            taken[mine["row"].to_numpy()[added]] = True
            money_left, room[lane[1]] = money_left - cost, room.get(lane[1], np.inf) - volume
    return _lifted(order, beyond.filter(pl.Series(taken)), out), taken


def _orders(order: pl.DataFrame, wished: pl.DataFrame, supplier: pl.DataFrame) -> pl.DataFrame:
    """One row a supplier's order for a location: its money, units, gains, and what waiting would earn."""
    terms = supplier.select("supplier_id", "order_cost", "min_order_value", "min_order_qty").fill_null(0.0)
    pair = wished.filter("is_taken").group_by(KEY).agg(pl.col("pair_gain").sum())
    bought = order.filter(kind="buy").join(pair, on=KEY, how="left")
    is_ordered = pl.col("qty") > 0
    groups = bought.group_by("source_id", "location_id").agg(
        money=(pl.col("qty") * pl.col("unit_cost")).sum(),
        units=pl.col("qty").sum(),
        gain=pl.col("value").filter(is_ordered).sum(),
        pair_gain=pl.coalesce("pair_gain", "value").filter(is_ordered).sum(),
        wait_gain=pl.col("wait_value").fill_null(0.0).sum(),
        is_free=pl.col("is_by_value").filter(is_ordered).all(),
    )
    known = groups.filter(pl.col("units") > 0).join(terms, left_on="source_id", right_on="supplier_id", how="inner")
    return known.sort("source_id", "location_id")


def _is_worth(group: dict[str, Any], added_gain: float, *, is_lifted: bool) -> bool:
    """Is the order better placed tonight than at the next review, or never?"""
    cost = float(group["order_cost"])
    if is_lifted:
        return worth_placing(group["pair_gain"] + added_gain, cost, group["wait_gain"] - cost)
    return worth_placing(group["gain"], cost, 0.0)


def _added(mine: pl.DataFrame, least_money: float, least_units: float) -> Bools:
    """Packs that lift an order."""
    gain, money, units = (mine[name].to_numpy() for name in ("gain", "cost", "qty"))
    return top_up(gain, money, units, before_each(mine), least_money, least_units)


def _reached(mine: pl.DataFrame, added: Bools, least_money: float, least_units: float) -> bool:
    money, units = mine["cost"].to_numpy()[added].sum(), mine["qty"].to_numpy()[added].sum()
    return bool(money >= least_money - _NOTHING and units >= least_units - _NOTHING)


def _refused(wished: pl.DataFrame, beyond: pl.DataFrame) -> pl.DataFrame:
    """Packs that a limit keeps out, and what would come after them."""
    columns = [*KEY, "source_id", "cost", "qty"]
    closed = beyond.filter(~pl.col("is_open"))
    return pl.concat([wished.filter(~pl.col("is_taken")).select(columns), closed.select(columns)]).sort(columns)


def _could_reach(mine: pl.DataFrame, refused: pl.DataFrame | None, least_money: float, least_units: float) -> bool:
    """Would there be packs enough for the minimum, were no limit short?"""
    parts = [mine.select("cost", "qty")] + ([] if refused is None else [refused.select("cost", "qty")])
    packs = pl.concat(parts)
    return bool(packs["cost"].sum() >= least_money - _NOTHING and packs["qty"].sum() >= least_units - _NOTHING)


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
