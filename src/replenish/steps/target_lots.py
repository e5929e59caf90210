"""Economic lots of the classical answers: bought, made at a known speed, owed to customers, or at a price break."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from replenish.numerics.economic_order import (
    all_units_discount,
    clamped_economic_order,
    clamped_lot,
    economic_backorder,
    economic_production,
    incremental_discount,
)
from replenish.steps.network import Network
from replenish.steps.panel import Floats
from replenish.steps.target_points import loses_sales


def economic_lots(network: Network, mean: Floats, make_rate: pl.DataFrame, max_cover_days: float) -> dict[str, Any]:
    """Economic order quantity of every node with its clamps, its formula, whether the cover cut it, and its lot.

    Without an order cost (made items: nor a set-up cost) it is one review of demand. Made items whose plant is known to
    be faster than demand build a lot up while it is used (EPQ); where demand is as fast, no lot can be built up. Nodes
    that owe what they lack may plan to: a unit owed for a review costs what a unit short costs (EOQB). A price break
    counts where its lot fits into the maximum cover and the shelf life, and costs least with what it is bought for.
    """
    days = sum(
        (end - start).days + 1 for start, end in zip(network.calendar.starts, network.calendar.ends, strict=True)
    )
    rate, hold, review = mean.sum(axis=1) / days, network.column("holding_cost_per_day"), network.column("review_days")
    speed, setup = made_rates(network, make_rate)
    fixed = network.column("order_cost", 0.0)
    fixed = np.where(fixed > 0, fixed, setup)
    life = network.column("shelf_life_days")
    clamps = (rate, review, max_cover_days, life)
    plain, plain_capped = clamped_economic_order(fixed, hold, *clamps)
    rule, lot = np.where(fixed > 0, "eoq", "review").astype(object), np.full(network.count, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        made, no_capacity = economic_production(fixed, hold, rate, speed)
        owed = economic_backorder(fixed, hold, network.column("shortage_cost") / review, rate).order_qty
    backorder = ~loses_sales(network) & (network.column("shortage_cost") > 0)
    for word, holds, qty in (("eoqb", backorder, owed), ("epq", ~np.isnan(speed) & ~no_capacity, made.order_qty)):
        used = holds & (fixed > 0) & np.isfinite(qty)
        rule[used], lot[used] = word, qty[used]
    full = no_capacity & (rate > 0)
    rule[full], lot[full] = "no_capacity", 0.0
    _put_discounts(network, (fixed, hold, rate, review), rate * np.fmin(max_cover_days, life), rule, lot)
    qty, capped = clamped_lot(lot, *clamps)
    other = ~np.isnan(lot)
    found = np.where(other, qty, plain)
    # One review of demand is no lot: it is what comes together anyway.
    lots = np.where(found > rate * review * (1.0 + 1e-9), found, 0.0)
    told = {"economic_order_qty": found, "lot_rule": rule.tolist(), "lot_qty": lots}
    return told | {"is_capped": np.where(other, capped, plain_capped)}


def made_rates(network: Network, make_rate: pl.DataFrame) -> tuple[Floats, Floats]:
    """Good units a day of the plant that makes each node, and its set-up cost; unknown (NaN) and 0 for other nodes."""
    place = pl.when(pl.col("kind") == "make").then("source_id")
    rates = make_rate.rename({"location_id": "plant_id"})
    known = network.nodes.select("item_id", plant_id=place).join(
        rates, on=["item_id", "plant_id"], how="left", maintain_order="left"
    )
    speed = known["good_per_day_qty"].fill_null(np.nan).to_numpy()
    return speed, known["setup_cost"].fill_null(0.0).to_numpy()


def _put_discounts(
    network: Network, facts: tuple[Floats, Floats, Floats, Floats], longest: Floats, rule: Any, lot: Floats
) -> None:
    """Lots at the price break that costs least, where it beats the price of the smallest quantity."""
    usual, breaks = network.column("arc_cost"), network.nodes["break_qty"].list.len().fill_null(0).to_numpy()
    rows = np.flatnonzero((breaks > 0) & (usual > 0))
    if not len(rows):
        return
    fixed, hold, rate, review = (each[rows] for each in facts)
    least, price = (_padded(network.nodes[name], rows) for name in ("break_qty", "break_unit_cost"))
    price = np.where(least <= longest[rows, None], price, np.nan)
    least = np.where(np.isnan(price), np.nan, least)
    # Without a break no lot is below one review of demand.
    least, price = np.column_stack([rate * review, least]), np.column_stack([usual[rows], price])
    whole = (network.nodes["is_incremental"].fill_null(value=False)).to_numpy()[rows]
    from_zero = np.column_stack([np.zeros(len(rows)), least[:, 1:]])
    with np.errstate(divide="ignore", invalid="ignore"):
        of_all = all_units_discount(fixed, hold / usual[rows], rate, least, price)
        of_more = incremental_discount(fixed, hold / usual[rows], rate, from_zero, price)
    for word, here, found in (("all_units", ~whole, of_all), ("incremental", whole, of_more)):
        used = here & (found.bracket > 0) & np.isfinite(found.order_qty)
        rule[rows[used]], lot[rows[used]] = word, found.order_qty[used]


def _padded(lists: pl.Series, rows: Any) -> Floats:
    """Lists of numbers of these rows as an array, NaN behind the end of each."""
    some = lists.gather(rows)
    width = int(some.list.len().fill_null(0).to_numpy().max(initial=0))
    columns = [some.list.get(j, null_on_oob=True).cast(pl.Float64).fill_null(np.nan).to_numpy() for j in range(width)]
    return np.column_stack(columns)
