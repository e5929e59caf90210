"""How many trucks of each supplier drive tonight, and which packs ride in them?"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import polars as pl

from replenish.numerics.trucks import Fleet, Packs, load_trucks, room_price
from replenish.steps.panel import KEY, Bools, Floats
from replenish.steps.spend.increments import SPACE, before_each, by_lane

TRUCK = "truck"
_LANE = ["source_id", "location_id"]
_NOTHING = 1e-9
_NO_TRUCK = 1e-9  # a smaller one holds nothing that is sold: no size at all


class Riding(NamedTuple):
    """Trucks of one order: how many, which increments ride, and for volume and weight what is used and its price."""

    trucks: int
    chosen: Bools
    used: Floats
    price: Floats


class Loaded(NamedTuple):
    """Orders as they ride, all increments with `is_taken`, and what is in the trucks as rows of plan.limit."""

    order: pl.DataFrame
    rows: pl.DataFrame
    limit: pl.DataFrame


def load_orders(
    order: pl.DataFrame,
    rows: pl.DataFrame,
    item: pl.DataFrame,
    supplier: pl.DataFrame,
    money_left: float,
    room: dict[str, float],
) -> Loaded:
    """Each order of a supplier that states its trucks, loaded by value for the room: whole trucks that pay.

    An order is one supplier's for one location, after budget, space and supplier's minimum. Packs whose truck would
    cost more than they earn stay; where only full trucks drive, the next best packs of the supplier fill them. What a
    shelf, a customer or another rule asks for rides whatever it earns, unless only full trucks drive and none can be
    filled; goods without a size fill none, and ride in one. A load that would break a minimum already met gives way to
    the whole order. Nothing is added beyond the money left and the `room` that locations state.
    """
    fleets = _fleets(supplier)
    bought = order.filter((pl.col("kind") == "buy") & (pl.col("qty") > 0)).join(fleets, on="source_id", how="semi")
    rows = rows.sort(*KEY, pl.col("is_wished").not_(), "place").with_row_index("row")
    if bought.is_empty():
        return Loaded(order, rows, _limit_frame([]))
    lines = by_lane(_heavy(bought, item))
    packs = by_lane(_may_ride(rows, order, fleets))
    taken, limits, stays = rows["is_taken"].to_numpy().copy(), [], []
    terms = {each["source_id"]: each for each in fleets.to_dicts()}
    money, room = max(0.0, money_left), dict(room)
    for lane, orders in sorted(lines.items()):
        mine = packs.get(lane, rows.clear())
        load = _load(orders)
        fleet = _fleet(terms[lane[0]], load + _load(mine))
        left = np.array([money, room.get(lane[1], np.inf)])
        riding = _ride(fleet, load, orders, mine, left, terms[lane[0]])
        taken[mine["row"].to_numpy()] = riding.chosen
        more = _extra(mine)[riding.chosen].sum(axis=0)
        money, room[lane[1]] = left - more
        limits += _told(lane, fleet, load, riding)
        stays += [] if riding.trucks else [lane]
    changed = rows.with_columns(was_taken="is_taken", is_taken=pl.Series(taken))
    return Loaded(_as_loaded(order, changed, stays), changed.drop("was_taken"), _limit_frame(limits))


def _fleets(supplier: pl.DataFrame) -> pl.DataFrame:
    """Suppliers whose trucks have a size; what they do not state is without limit, and no cost is none."""
    sizes = [pl.col(f"truck_{name}").fill_nan(None) for name in SPACE]
    sized = supplier.select(
        *(pl.when(size > _NO_TRUCK).then(size).otherwise(float("inf")) for size in sizes),
        pl.col("truck_cost").fill_nan(None).fill_null(0.0),
        pl.col("full_truck_only").fill_null(value=False),
        *("min_order_value", "min_order_qty"),
        source_id="supplier_id",
    )
    return sized.filter(pl.min_horizontal("truck_volume", "truck_weight").is_finite())


def _heavy(bought: pl.DataFrame, item: pl.DataFrame) -> pl.DataFrame:
    """Order lines with the volume and weight of a unit."""
    goods = item.select("item_id", *(pl.col(name).fill_nan(None).fill_null(0.0).clip(0.0) for name in SPACE))
    return bought.join(goods, on="item_id", how="left").with_columns(pl.col(*SPACE).fill_null(0.0)).sort(KEY)


def _may_ride(rows: pl.DataFrame, order: pl.DataFrame, fleets: pl.DataFrame) -> pl.DataFrame:
    """Increments of lines that are in the order, and further packs; each node's in their order."""
    in_order = order.select(*KEY, is_ordered=pl.col("qty") > 0)
    known = rows.filter(kind="buy").join(fleets, on="source_id", how="semi", maintain_order="left")
    known = known.join(in_order, on=KEY, how="inner", maintain_order="left")
    return known.filter((pl.col("is_taken") & pl.col("is_ordered")) | (pl.col("is_open") & ~pl.col("is_taken")))


def _fleet(terms: dict[str, Any], sizes: Floats) -> Fleet:
    """Trucks of a supplier. Where its goods state none of their `sizes`, nobody can tell whether a truck is full."""
    capacity = np.array([terms[f"truck_{name}"] for name in SPACE])
    is_sized = bool((sizes[np.isfinite(capacity)] > 0).any())
    return Fleet(capacity, terms["truck_cost"], terms["full_truck_only"] and is_sized)


def _load(lines: pl.DataFrame) -> Floats:
    """Volume and weight of lines or increments."""
    return np.array([float((lines["qty"] * lines[name]).sum()) for name in SPACE])


def _extra(mine: pl.DataFrame) -> Floats:
    """Money and space of the location that each increment would take beyond the order as it is."""
    new = ~mine["is_taken"].to_numpy()
    volume = (mine["qty"] * mine["volume"]).to_numpy()
    return np.column_stack([np.where(new, mine["cost"].to_numpy(), 0.0), np.where(new, volume, 0.0)])


def _ride(
    fleet: Fleet, load: Floats, orders: pl.DataFrame, mine: pl.DataFrame, left: Floats, terms: dict[str, Any]
) -> Riding:
    """What rides; the whole order or nothing where a part of it would break a minimum already met."""
    was = mine["is_taken"].to_numpy()
    use = np.column_stack([(mine["qty"] * mine[name]).to_numpy() for name in SPACE])
    rest = load - use[was].sum(axis=0)
    aboard = np.where(rest > _NOTHING * np.maximum(load, 1.0), rest, 0.0)
    must, gain = was & ~mine["is_by_value"].to_numpy(), mine["gain"].to_numpy()
    packs = Packs(gain, use, before_each(mine), must, _extra(mine), aboard)
    count, chosen = load_trucks(fleet, packs, left)
    if _breaks_minimum(orders, mine, chosen, terms):
        count, chosen = load_trucks(fleet, packs._replace(must=was), left)
        if not must.any() and not aboard.any() and gain[chosen].sum() <= count * fleet.cost:
            count, chosen = 0, np.zeros_like(was)
    used = aboard + use[chosen].sum(axis=0) if count else np.zeros(2)
    price = room_price(fleet, packs, chosen, count) if count else np.zeros(2)
    return Riding(count, chosen, used, price)


def _breaks_minimum(orders: pl.DataFrame, mine: pl.DataFrame, chosen: Bools, terms: dict[str, Any]) -> bool:
    """Whether the load falls below a minimum of the supplier that the order met."""
    sign = chosen.astype(np.float64) - mine["is_taken"].to_numpy()
    if not chosen.any():
        return False
    money, units = float((orders["qty"] * orders["unit_cost"]).sum()), float(orders["qty"].sum())
    for met, change, least in (
        (money, float((sign * mine["cost"].to_numpy()).sum()), terms["min_order_value"]),
        (units, float((sign * mine["qty"].to_numpy()).sum()), terms["min_order_qty"]),
    ):
        if least is not None and met >= least - _NOTHING > met + change:
            return True
    return False


def _told(lane: tuple[str, str], fleet: Fleet, load: Floats, riding: Riding) -> list[dict[str, Any]]:
    """What a lane's trucks hold, for each size they state."""
    return [
        {
            "kind": f"truck_{SPACE[s]}",
            "scope_id": " > ".join(lane),
            "source_id": lane[0],
            "location_id": lane[1],
            "truck_count": float(riding.trucks),
            "available": riding.trucks * float(fleet.capacity[s]),
            "wanted": float(load[s]),
            "used": float(riding.used[s]),
            "shadow_price": float(riding.price[s]),
        }
        for s in np.flatnonzero(np.isfinite(fleet.capacity))
    ]


def _limit_frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    words = dict.fromkeys(("kind", "scope_id", *_LANE), pl.String)
    numbers = dict.fromkeys(("truck_count", "available", "wanted", "used", "shadow_price"), pl.Float64)
    return pl.DataFrame(rows, schema={**words, **numbers}, orient="row")


def _as_loaded(order: pl.DataFrame, rows: pl.DataFrame, stays: list[tuple[str, str]]) -> pl.DataFrame:
    """Orders with what was added and without what was left behind; nothing of a lane (`stays`) without trucks."""
    sign = pl.col("is_taken").cast(pl.Float64) - pl.col("was_taken").cast(pl.Float64)
    moved = rows.filter(pl.col("is_taken") != pl.col("was_taken")).group_by(KEY)
    change = moved.agg(
        more_qty=(pl.col("qty") * sign).sum(), more_value=(pl.col("gain") * sign).sum(), pack=pl.col("pack").first()
    )
    empty = pl.DataFrame(stays, schema=dict.fromkeys(_LANE, pl.String), orient="row")
    joined = order.join(change, on=KEY, how="left", maintain_order="left").join(
        empty.with_columns(stays=pl.lit(value=True)), on=_LANE, how="left", maintain_order="left"
    )
    is_left = pl.col("stays").fill_null(value=False) & (pl.col("kind") == "buy") & (pl.col("qty") > 0)
    is_changed = pl.col("more_qty").is_not_null() & (pl.col("kind") == "buy")
    qty = pl.when(is_left).then(0.0).when(is_changed).then(pl.col("qty") + pl.col("more_qty")).otherwise("qty")
    qty = pl.when(is_changed & (qty < _NOTHING)).then(0.0).otherwise(qty)
    value = pl.when(is_changed).then(pl.col("value") + pl.col("more_value")).otherwise("value")
    word = pl.when(is_left | is_changed).then(pl.lit(TRUCK))
    return joined.with_columns(
        qty=qty,
        value=pl.when(qty > 0).then(value).when(is_left | is_changed).then(0.0).otherwise("value"),
        pack_count=pl.when(is_left).then(0.0).when(is_changed).then(qty / pl.col("pack")).otherwise("pack_count"),
        reason_code=word.otherwise("reason_code"),
        binding_limit=word.otherwise("binding_limit"),
        is_release_past_due=pl.col("is_release_past_due") & (qty > 0),
    )
