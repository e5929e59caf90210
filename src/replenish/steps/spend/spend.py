"""If money, space or trucks are short, which packs are bought?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.shared_limit import share_out
from replenish.steps.panel import KEY, Bools, Floats, Ints
from replenish.steps.spend.fill import FILL, Spent, enough_for, fill_limit, reaching
from replenish.steps.spend.increments import before_each, increments
from replenish.steps.spend.minimum import meet_minimums
from replenish.steps.spend.supplier_price import minimum_limits
from replenish.steps.spend.trucks import load_orders
from replenish.steps.waste import waste_of_new_qty
from replenish.tables.core import Arc, Item, Location, Supplier
from replenish.tables.plan import Curve, CutLine, Limit, Order, Wish

BUDGET, VOLUME = "budget", "volume"
_NOTHING = 1e-9
_ASKED_BY_VALUE = ("value", "price_break")
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
    fill_target: float | None = None,
) -> Spent:
    """Cut tonight's orders to the money for purchases and to the space of locations, by value per unit of these.

    Or, with a `fill_target`, buy by value for money until the purchases promise to serve that share of demand, after
    all that follows.
    Then lift each supplier's order to its minimum, or leave it out, and load it into whole trucks. Every limit gets its
    shadow price: what one more unit of it would earn. The ranked list shows the last packs bought and the first ones
    not.
    """
    frames = (order, curve, wish, arc, item, location, supplier)
    if fill_target is None:
        return _spent(frames, budget, None, None)

    def spent(within: float) -> Spent:
        return _spent(frames, budget, fill_target, within)

    return reaching(spent, fill_target)


def _spent(
    frames: tuple[pl.DataFrame, ...], budget: float | None, fill_target: float | None, within: float | None
) -> Spent:
    """One pass: what is bought by value until `within` is promised, and what limits, minimums and trucks make of it."""
    order, curve, wish, arc, item, location, supplier = frames
    told = _by_value(order, wish)
    rows, fill_price = _wanted(increments(told, curve, arc, item), told, wish, within)
    wanted = rows.filter("is_wanted")
    limits = _limits(wanted, wish, item, location, budget)
    chosen, price = _shared(wanted, limits)
    wanted = wanted.with_columns(is_taken=pl.Series(chosen), binding=_binding(wanted, limits, price, chosen))
    wished = _with_refused(wanted, rows)
    cut = _cut(told, wished, price, limits, fill_price)
    beyond = _still_open(rows, wished)
    lifted, taken = meet_minimums(cut, wished, beyond, supplier, *_left(wished, limits))
    known = pl.concat([wished.drop("binding"), beyond.with_columns(is_taken=pl.Series(taken))], how="diagonal")
    known = _without_left_out(known, lifted)
    loaded = load_orders(lifted, known, item, supplier, *_left(known, limits))
    more = [loaded.limit, minimum_limits(cut, loaded.order, beyond.filter(pl.Series(taken)), supplier)]
    if fill_target is not None:
        more.append(fill_limit(loaded.order, curve, wish, fill_target, fill_price))
    return (
        Order.cast(waste_of_new_qty(loaded.order, order).select(Order.column_names()).sort(KEY)),
        _limit_rows(limits, wanted, loaded.rows.filter("is_taken"), price, more),
        _cut_line(loaded.rows),
    )


def _without_left_out(rows: pl.DataFrame, order: pl.DataFrame) -> pl.DataFrame:
    """Increments of orders that were left out are not taken: they use neither money nor space."""
    stays = order.filter(pl.col("qty") > 0).select(*KEY, stays=pl.lit(value=True))
    joined = rows.join(stays, on=KEY, how="left", maintain_order="left")
    return joined.with_columns(pl.col("is_taken") & pl.col("stays").fill_null(value=False)).drop("stays")


def _left(rows: pl.DataFrame, limits: pl.DataFrame) -> tuple[float, dict[str, float]]:
    """Money for further purchases, infinite without a budget, and space at each location that states it."""
    taken = rows.filter("is_taken")
    budget = limits.filter(kind=BUDGET)["available"].to_list()
    spent = float(taken.filter(kind="buy")["cost"].sum())
    used = taken.group_by(scope_id="location_id").agg(used=(pl.col("qty") * pl.col("volume")).sum())
    space = limits.filter(kind=VOLUME).join(used, on="scope_id", how="left")
    rest = space.select("scope_id", (pl.col("available") - pl.col("used").fill_null(0.0)).clip(lower_bound=0.0))
    return budget[0] - spent if budget else np.inf, dict(rest.iter_rows())


def _wanted(
    rows: pl.DataFrame, order: pl.DataFrame, wish: pl.DataFrame, fill_target: float | None
) -> tuple[pl.DataFrame, float]:
    """Increments with `is_wanted`: those wished, or those that make the fill target; and the price of the target."""
    if fill_target is None:
        return rows.with_columns(is_wanted="is_wished"), 0.0
    wanted, price = enough_for(rows, order, wish, fill_target)
    return rows.with_columns(is_wanted=pl.Series(wanted)), price


def _with_refused(wanted: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Wanted increments with those that were wished and the fill target does without."""
    refused = rows.filter(pl.col("is_wished") & ~pl.col("is_wanted"))
    refused = refused.with_columns(is_taken=pl.lit(value=False), binding=pl.lit(FILL))
    both = pl.concat([wanted, refused]).with_columns(is_open=pl.lit(value=False))
    return both.sort(*KEY, pl.col("is_wished").not_(), "place")


def _still_open(rows: pl.DataFrame, wished: pl.DataFrame) -> pl.DataFrame:
    """Increments nobody asked for; open where all before them of their node are taken."""
    refused = wished.filter(~pl.col("is_taken")).select(KEY).unique().with_columns(is_open=pl.lit(value=False))
    beyond = rows.filter(~pl.col("is_wished") & ~pl.col("is_wanted"))
    joined = beyond.join(refused, on=KEY, how="left", maintain_order="left")
    return joined.with_columns(pl.col("is_open").fill_null(value=True))


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
    room, after = limits["available"].to_numpy().copy(), before_each(wished)
    chosen, price, _ = share_out(room, wished["gain"].to_numpy(), after, resource, use)
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


def _cut(
    order: pl.DataFrame, wished: pl.DataFrame, price: Floats, limits: pl.DataFrame, fill_price: float
) -> pl.DataFrame:
    """Orders in the quantities that fit, with what they are worth then and what held them back, or asked for more."""
    prices = limits.with_columns(price=pl.Series(price))
    scarce = dict(prices.group_by("kind").agg(pl.col("price").max()).iter_rows()) | {FILL: max(fill_price, 0.0)}
    kept = wished.group_by(KEY).agg(
        fits_qty=pl.col("qty").filter("is_taken").sum(),
        fits_value=pl.col("gain").filter("is_taken").sum(),
        held_by=pl.coalesce(pl.col("binding").drop_nulls().first(), pl.lit(FILL)),
        pack=pl.col("pack").first(),
    )
    joined = order.join(kept, on=KEY, how="left", maintain_order="left")
    is_cut = pl.col("fits_qty").is_not_null() & ((pl.col("fits_qty") - pl.col("qty")).abs() > _NOTHING)
    return joined.with_columns(
        pack_count=pl.when(is_cut).then(pl.col("fits_qty") / pl.col("pack")).otherwise("pack_count"),
        qty=pl.when(is_cut).then("fits_qty").otherwise("qty"),
        value=pl.when(is_cut).then("fits_value").otherwise("value"),
        shadow_price=pl.when(is_cut)
        .then(pl.col("held_by").replace_strict(scarce, default=0.0, return_dtype=pl.Float64))
        .otherwise("shadow_price"),
        reason_code=pl.when(is_cut).then("held_by").otherwise("reason_code"),
        binding_limit=pl.when(is_cut).then("held_by").otherwise("binding_limit"),
        is_release_past_due=pl.col("is_release_past_due") & (pl.when(is_cut).then("fits_qty").otherwise("qty") > 0),
    ).select(order.columns)


def _by_value(order: pl.DataFrame, wish: pl.DataFrame) -> pl.DataFrame:
    """Orders with `is_by_value`: the curve alone asks for them, no shelf, customer or other rule does.

    And with `wait_value`, what the curve would earn by an order one review later.
    """
    methods = wish.select(*KEY, "method", "wait_value")
    rule = (pl.col("method") == "curve") & pl.col("reason_code").is_in(_ASKED_BY_VALUE)
    return order.join(methods, on=KEY, how="left", maintain_order="left").with_columns(
        is_by_value=rule.fill_null(value=False)
    )


def _limit_rows(
    limits: pl.DataFrame, wanted: pl.DataFrame, bought: pl.DataFrame, price: Floats, more: list[pl.DataFrame]
) -> dy.DataFrame[Limit]:
    """Each limit with what was wanted of it, what is used by all that is bought, and its price."""
    frame = limits.with_columns(
        wanted=pl.Series(_used_up(wanted, limits)),
        used=pl.Series(_used_up(bought, limits)),
        shadow_price=pl.Series(price),
    )
    both = pl.concat([frame, *more], how="diagonal")
    return Limit.cast(both.select(Limit.column_names()).sort("kind", "scope_id"))


def _used_up(rows: pl.DataFrame, limits: pl.DataFrame) -> Floats:
    """Units of each limit that increments take together."""
    used = np.zeros(limits.height)
    if limits.height:
        resource, use = _uses(rows, limits)
        np.add.at(used, resource[resource >= 0], use[resource >= 0])
    return used


def _cut_line(rows: pl.DataFrame) -> dy.DataFrame[CutLine]:
    """Purchases by value per money: the last ones bought, then the first ones not that earn, or were wished."""
    shown = pl.col("is_taken") | pl.col("is_wished") | (pl.col("gain") > _NOTHING)
    both = rows.filter(shown & (pl.col("kind") == "buy"))
    ratio = pl.when(pl.col("cost") > 0).then(pl.col("gain") / pl.col("cost")).otherwise(pl.col("gain"))
    ranked = both.with_columns(value_rate=ratio).sort(
        pl.col("is_taken").not_(), -pl.col("value_rate"), *KEY, "pack_index"
    )
    ranked = ranked.with_columns(rank=pl.int_range(1, pl.len() + 1), cumulative_cost=pl.col("cost").cum_sum())
    bought = int(ranked["is_taken"].sum())
    near = ranked.slice(max(0, bought - _TAKEN_SHOWN), _TAKEN_SHOWN + _NEXT_SHOWN)
    return CutLine.cast(near.rename({"gain": "gain_value"}).select(CutLine.column_names()))
