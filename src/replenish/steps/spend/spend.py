"""If money or space is short, which packs are bought?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.shared_limit import share_out
from replenish.steps.panel import KEY, Bools, Floats, Ints
from replenish.steps.spend.increments import increments
from replenish.steps.spend.minimum import meet_minimums
from replenish.steps.waste import waste_of_new_qty
from replenish.tables.core import Arc, Item, Location, Supplier
from replenish.tables.plan import Curve, CutLine, Limit, Order, Wish

BUDGET, VOLUME = "budget", "volume"
_NOTHING = 1e-9
_ASKED_BY_VALUE = ("value", "price_break", BUDGET, VOLUME)
_TAKEN_SHOWN, _NEXT_SHOWN = 200, 500


def spend(
    order: dy.DataFrame[Order],
    curve: dy.DataFrame[Curve],
    wish: dy.DataFrame[Wish],
    arc: dy.DataFrame[Arc],
    item: dy.DataFrame[Item],
    location: dy.DataFrame[Location],
    supplier: dy.DataFrame[Supplier],
    *,
    budget: float | None,
) -> tuple[dy.DataFrame[Order], dy.DataFrame[Limit], dy.DataFrame[CutLine]]:
    """Cut tonight's orders to the money for purchases and to the space of locations, by value per unit of these.

    Then lift each supplier's order to its minimum, or leave it out. Every limit gets its shadow price: what one more
    unit of it would earn. The ranked list shows the last packs bought and the first ones not.
    """
    rows = increments(order, curve, arc, item)
    wished = rows.filter("is_wished")
    limits = _limits(wished, wish, item, location, budget)
    chosen, price = _shared(wished, limits)
    wished = wished.with_columns(is_taken=pl.Series(chosen), binding=_binding(wished, limits, price, chosen))
    cut = _cut(order, wished, price, limits)
    left = None if budget is None else budget - float(wished.filter("is_taken", kind="buy")["cost"].sum())
    beyond = rows.filter(~pl.col("is_wished"))
    narrow = limits.filter(kind=VOLUME)["scope_id"].to_list()
    lifted, taken = meet_minimums(_by_value(cut, wish), beyond, supplier, left, narrow)
    beyond = beyond.with_columns(is_taken=pl.Series(taken))
    return (
        Order.cast(waste_of_new_qty(lifted, order).select(Order.column_names()).sort(KEY)),
        _limit_rows(limits, wished, price),
        _cut_line(wished.drop("binding"), beyond),
    )


def _limits(
    wished: pl.DataFrame, wish: pl.DataFrame, item: pl.DataFrame, location: pl.DataFrame, budget: float | None
) -> pl.DataFrame:
    """One row a limit: the budget, and the space of every location that states one, less what will stand there."""
    money = pl.DataFrame(
        {"kind": [BUDGET], "scope_id": [""], "available": [budget]},
        schema={"kind": pl.String, "scope_id": pl.String, "available": pl.Float64},
    )
    standing = wish.join(item.select("item_id", "volume"), on="item_id", how="left").group_by("location_id")
    filled = standing.agg(filled=(pl.col("stock_at_arrival_qty").clip(lower_bound=0.0) * pl.col("volume")).sum())
    space = (
        location.filter(pl.col("volume_capacity") > 0)
        .join(filled, on="location_id", how="left")
        .filter(pl.col("location_id").is_in(wished["location_id"].unique().implode()))
        .select(
            kind=pl.lit(VOLUME),
            scope_id="location_id",
            available=(pl.col("volume_capacity") - pl.col("filled").fill_null(0.0)).clip(lower_bound=0.0),
        )
    )
    return pl.concat([money.filter(pl.col("available").is_not_null()), space.sort("scope_id")])


def _uses(wished: pl.DataFrame, limits: pl.DataFrame) -> tuple[Ints, Floats]:
    """Which limits each increment uses, and how much: [increments, 2], -1 where it uses none."""
    numbered = limits.with_row_index("limit")
    money = numbered.filter(kind=BUDGET)["limit"]
    is_bought = (wished["kind"] == "buy").to_numpy()
    first = np.where(is_bought, int(money[0]) if len(money) else -1, -1)
    spaces = numbered.filter(kind=VOLUME).select(location_id="scope_id", place=pl.col("limit").cast(pl.Int64))
    second = wished.select("location_id").join(spaces, on="location_id", how="left", maintain_order="left")["place"]
    space = second.fill_null(-1).to_numpy()
    volume = (wished["qty"] * wished["volume"]).to_numpy()
    resource = np.column_stack([first, space]).astype(np.int64)
    return resource, np.column_stack([wished["cost"].to_numpy(), volume]).astype(np.float64)


def _shared(wished: pl.DataFrame, limits: pl.DataFrame) -> tuple[Bools, Floats]:
    """Which increments fit, and the price of each limit."""
    if wished.is_empty() or limits.is_empty():
        return np.ones(wished.height, dtype=np.bool_), np.zeros(limits.height)
    resource, use = _uses(wished, limits)
    is_same = (wished.select(pl.struct(KEY) == pl.struct(KEY).shift(1)).to_series().fill_null(value=False)).to_numpy()
    after = np.where(is_same, np.arange(wished.height) - 1, -1)
    chosen, price, _ = share_out(limits["available"].to_numpy().copy(), wished["gain"].to_numpy(), after, resource, use)
    return chosen, price


def _binding(wished: pl.DataFrame, limits: pl.DataFrame, price: Floats, chosen: Bools) -> pl.Series:
    """The limit that refused an increment: of those it uses the one with a price, the dearer use first."""
    if limits.is_empty() or wished.is_empty():
        return pl.Series([None] * wished.height, dtype=pl.String)
    resource, use = _uses(wished, limits)
    paid = np.where(resource >= 0, use * price[resource], -1.0)
    dearest = resource[np.arange(len(paid)), paid.argmax(axis=1)]
    kinds = np.array(limits["kind"].to_list())
    words = [None if taken or place < 0 else str(kinds[place]) for taken, place in zip(chosen, dearest, strict=True)]
    return pl.Series(words, dtype=pl.String)


def _cut(order: pl.DataFrame, wished: pl.DataFrame, price: Floats, limits: pl.DataFrame) -> pl.DataFrame:
    """Orders in the quantities that fit, with what they are worth then and what held them back."""
    prices = limits.with_columns(price=pl.Series(price))
    scarce = dict(prices.group_by("kind").agg(pl.col("price").max()).iter_rows())
    kept = wished.group_by(KEY).agg(
        fits_qty=pl.col("qty").filter("is_taken").sum(),
        fits_value=pl.col("gain").filter("is_taken").sum(),
        held_by=pl.col("binding").drop_nulls().first(),
    )
    joined = order.join(kept, on=KEY, how="left", maintain_order="left")
    is_cut = pl.col("fits_qty").is_not_null() & (pl.col("fits_qty") < pl.col("qty") - _NOTHING)
    return joined.with_columns(
        pack_count=pl.when(is_cut)
        .then(pl.col("pack_count") * pl.col("fits_qty") / pl.col("qty"))
        .otherwise("pack_count"),
        qty=pl.when(is_cut).then("fits_qty").otherwise("qty"),
        value=pl.when(is_cut).then("fits_value").otherwise("value"),
        shadow_price=pl.when(is_cut)
        .then(pl.col("held_by").replace_strict(scarce, default=0.0, return_dtype=pl.Float64))
        .otherwise("shadow_price"),
        reason_code=pl.when(is_cut).then("held_by").otherwise("reason_code"),
        binding_limit=pl.when(is_cut).then("held_by").otherwise("binding_limit"),
    ).with_columns(is_release_past_due=pl.col("is_release_past_due") & (pl.col("qty") > 0))


def _by_value(order: pl.DataFrame, wish: pl.DataFrame) -> pl.DataFrame:
    """Orders with `is_by_value`: the curve alone asks for them, no shelf, customer or other rule does."""
    methods = wish.select(*KEY, "method")
    rule = (pl.col("method") == "curve") & pl.col("reason_code").is_in(_ASKED_BY_VALUE)
    return order.join(methods, on=KEY, how="left", maintain_order="left").with_columns(
        is_by_value=rule.fill_null(value=False)
    )


def _limit_rows(limits: pl.DataFrame, wished: pl.DataFrame, price: Floats) -> dy.DataFrame[Limit]:
    resource, use = _uses(wished, limits) if limits.height else (np.zeros((0, 2), np.int64), np.zeros((0, 2)))
    taken = wished["is_taken"].to_numpy()[:, None] if limits.height else np.zeros((0, 1), dtype=np.bool_)
    used, wanted = np.zeros(limits.height), np.zeros(limits.height)
    held = resource >= 0
    np.add.at(wanted, resource[held], use[held])
    np.add.at(used, resource[held & taken], use[held & taken])
    frame = limits.with_columns(wanted=pl.Series(wanted), used=pl.Series(used), shadow_price=pl.Series(price))
    return Limit.cast(frame.select(Limit.column_names()).sort("kind", "scope_id"))


def _cut_line(wished: pl.DataFrame, beyond: pl.DataFrame) -> dy.DataFrame[CutLine]:
    """Purchases by value per money: the last ones bought, then the first ones not."""
    both = pl.concat([wished, beyond], how="diagonal").filter(pl.col("kind") == "buy")
    ratio = pl.when(pl.col("cost") > 0).then(pl.col("gain") / pl.col("cost")).otherwise(pl.col("gain"))
    ranked = both.with_columns(value_rate=ratio).sort(
        pl.col("is_taken").not_(), -pl.col("value_rate"), *KEY, "pack_index"
    )
    ranked = ranked.with_columns(rank=pl.int_range(1, pl.len() + 1), cumulative_cost=pl.col("cost").cum_sum())
    bought = int(ranked["is_taken"].sum())
    near = ranked.slice(max(0, bought - _TAKEN_SHOWN), _TAKEN_SHOWN + _NEXT_SHOWN)
    return CutLine.cast(near.rename({"gain": "gain_value"}).select(CutLine.column_names()))
