"""If stock at a source is short, who gets it?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.network import allocate_scarce, days_to_buckets
from replenish.numerics.order_lines import lots_in_lines
from replenish.steps.after_moves import after_moves
from replenish.steps.demand_ahead import with_needs
from replenish.steps.fair_share import fair_shares
from replenish.steps.network import calendar_of, day_after
from replenish.steps.panel import KEY, Bools, Floats
from replenish.steps.prices import paid_cost
from replenish.steps.waste import with_waste
from replenish.tables.core import Arc, Bucket, FirmNeed, Node, OpenDemand, OpenSupply
from replenish.tables.plan import Curve, Order, Rebalance, Record, Requirement, Wish

SOURCE = ["source_item_id", "source_location_id"]
SHARED_SHORTAGE = "shared_shortage"
BY_VALUE, FAIR_SHARE = "value", "fair_share"
# Units below this are rounding of means.
_NOTHING = 1e-9
_MOST_PIECES = 64
_LONGEST_CHAIN = 20
_TERMS = ("unit_cost", "multiple_qty", "min_qty", "max_qty", "wait_days", "review_days")
_BREAKS = ("break_qty", "break_unit_cost", "is_incremental")


def allocate(
    curve: dy.DataFrame[Curve],
    wish: dy.DataFrame[Wish],
    requirement: dy.DataFrame[Requirement],
    rebalance: dy.DataFrame[Rebalance],
    record: dy.DataFrame[Record],
    open_supply: dy.DataFrame[OpenSupply],
    open_demand: dy.DataFrame[OpenDemand],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bucket: dy.DataFrame[Bucket],
    *,
    as_of: date,
    shortage: str = BY_VALUE,
    firm_need: dy.DataFrame[FirmNeed] | None = None,
) -> dy.DataFrame[Order]:
    """Turn wishes into orders: what a source has tonight goes to the dependants whose next units are worth most.

    Available is usable stock plus receipts due in the first bucket, less what the source's own customers have ordered
    for, and production in the books will take, before it can be supplied again. A source with enough for all changes
    nothing; at a short one the increments of all curves are taken in order of value per unit while they fit, in whole
    packs. With `shortage` "fair_share", and at sources with a dependant that has no curve, all dependants get the same
    days of supply instead. A node that passes its need on gives what it has and what its own sources grant it.
    """
    pack = arc.filter(pl.col("arc_rank") == 1).select(*KEY, *_TERMS, *_BREAKS, master_days="lead_time_days")
    pack = pack.with_columns(pack=pl.when(pl.col("multiple_qty") > 0).then("multiple_qty").otherwise(1.0))
    held, supply = after_moves(rebalance, record, open_supply)
    stock = _available(held, supply, with_needs(open_demand, firm_need), wish, bucket)
    packs = pack.select(*KEY, "pack")

    def shared(stock: pl.DataFrame) -> pl.DataFrame:
        pairs, available = _pairs(wish, requirement, stock)
        shares = _by_value(pairs, available, curve, packs)
        fair = _by_days(pairs, curve, everywhere=shortage == FAIR_SHARE)
        if fair.any():
            level = fair_shares(pairs, available, wish, held, supply, node, packs)
            both = zip((level, np.zeros_like(level)), shares, strict=True)
            shares = [np.where(fair, chosen, given) for chosen, given in both]
        return _granted_qty(pairs, *shares)

    granted = _with_passed_on(shared, stock, wish)
    lines = (
        wish.join(granted, on=KEY, how="left", maintain_order="left")
        .join(pack, on=KEY, how="left", maintain_order="left")
        .join(node.select(*KEY, node_cost="unit_cost"), on=KEY, how="left", maintain_order="left")
        .join(held.select(*KEY, "on_hand_qty"), on=KEY, how="left", maintain_order="left")
        .with_columns(
            unit_cost=pl.coalesce("unit_cost", "node_cost", pl.lit(0.0)),
            wish_qty="qty",
            is_cut=pl.col("granted_qty").is_not_null() & (pl.col("granted_qty") < pl.col("qty") - _NOTHING),
        )
    )
    lines = _granted(lines, curve)
    lines = with_waste(lines.with_columns(unit_cost=paid_cost(lines)), wish, node)
    return Order.cast(_dated(lines, bucket, as_of).select(Order.column_names()).sort(KEY))


def _with_passed_on(
    shared: Callable[[pl.DataFrame], pl.DataFrame], stock: pl.DataFrame, wish: pl.DataFrame
) -> pl.DataFrame:
    """Grants of all nodes once those that pass their need on have what they were granted themselves.

    First they count on all they ask for, then on what they got; each round settles one more of a chain.
    """
    passed = wish.filter((pl.col("kind") == "pass") & (pl.col("qty") > _NOTHING)).select(*KEY, passed_qty="qty")
    if passed.is_empty():
        return shared(stock)
    for _ in range(_LONGEST_CHAIN):
        names = dict(zip(KEY, SOURCE, strict=True))
        more = stock.join(passed.rename(names), on=SOURCE, how="full", coalesce=True)
        units = pl.col("available").fill_null(0.0) + pl.col("passed_qty").fill_null(0.0)
        granted = shared(more.select(*SOURCE, available=units).sort(SOURCE))
        got = passed.join(granted, on=KEY, how="left", maintain_order="left")
        got = got.select(*KEY, passed_qty=pl.min_horizontal("passed_qty", "granted_qty"))
        if got.equals(passed):
            break
        passed = got
    return granted


def _pairs(wish: pl.DataFrame, requirement: pl.DataFrame, stock: pl.DataFrame) -> tuple[pl.DataFrame, Floats]:
    """Dependants of each short source, sorted by source, and what each of these has."""
    tonight = _tonight(wish, requirement)
    short = _short_sources(tonight, stock)
    pairs = (
        tonight.join(short.select(*SOURCE, "source"), on=SOURCE, how="inner")
        .join(wish.select(*KEY, "qty"), on=KEY, how="inner")
        .sort(*SOURCE, *KEY)
        .with_columns(pair=pl.int_range(pl.len(), dtype=pl.Int64), factor=pl.col("tonight_qty") / pl.col("qty"))
    )
    return pairs, short["available"].to_numpy().copy()


def _tonight(wish: pl.DataFrame, requirement: pl.DataFrame) -> pl.DataFrame:
    """Units that each node asks of its sources tonight, also of one that is not planned as it lies on a cycle."""
    asked = requirement.filter(pl.col("tonight_qty") > _NOTHING).select(
        item_id="dependant_item_id",
        location_id="dependant_location_id",
        source_item_id="item_id",
        source_location_id="location_id",
        tonight_qty="tonight_qty",
    )
    moves = wish.filter((pl.col("kind") == "move") & (pl.col("qty") > _NOTHING))
    moves = moves.join(wish.select(KEY), left_on=["item_id", "source_id"], right_on=KEY, how="anti")
    others = moves.select(*KEY, source_item_id="item_id", source_location_id="source_id", tonight_qty="qty")
    return pl.concat([asked, others.cast(pl.Schema(asked.schema))])


def _by_value(pairs: pl.DataFrame, available: Floats, curve: pl.DataFrame, pack: pl.DataFrame) -> list[Floats]:
    """Units of the source for each pair by the value of its increments, and the shadow price of its source."""
    steps = _increments(pairs, curve, pack)
    given, price = allocate_scarce(
        available,
        steps["source"].to_numpy(),
        steps["pair"].to_numpy(),
        pairs.height,
        np.maximum(steps["gain"].to_numpy(), _NOTHING),
        steps["units"].to_numpy(),
    )
    return [given, price[pairs["source"].to_numpy()]]


def _by_days(pairs: pl.DataFrame, curve: pl.DataFrame, *, everywhere: bool) -> Bools:
    """Pairs whose source shares by days of supply: all, or those of sources with a dependant without a curve."""
    known = curve.select(*KEY, has_curve=pl.lit(value=True)).unique()
    found = pairs.join(known, on=KEY, how="left", maintain_order="left")
    lacking = pl.col("has_curve").is_null().any().over("source")
    return found.select(lacking | pl.lit(everywhere)).to_series().to_numpy()


def _granted_qty(pairs: pl.DataFrame, given: Floats, price: Floats) -> pl.DataFrame:
    """Units granted to each node whose sources are short, and the shadow price it met."""
    shared = pairs.with_columns(
        granted_qty=pl.Series(given, dtype=pl.Float64) / pl.col("factor"),
        shadow_price=pl.Series(price, dtype=pl.Float64),
    )
    return shared.group_by(KEY).agg(pl.col("granted_qty").min(), pl.col("shadow_price").max()).sort(KEY)


def _short_sources(tonight: pl.DataFrame, stock: pl.DataFrame) -> pl.DataFrame:
    """Sources that cannot serve all of tonight's orders, numbered."""
    wanted = tonight.group_by(SOURCE).agg(wanted=pl.col("tonight_qty").sum())
    return (
        wanted.join(stock, on=SOURCE, how="left")
        .with_columns(available=pl.col("available").fill_null(0.0))
        .filter(pl.col("wanted") > pl.col("available") + _NOTHING)
        .sort(SOURCE)
        .with_columns(source=pl.int_range(pl.len(), dtype=pl.Int64))
    )


def _available(
    record: pl.DataFrame,
    open_supply: pl.DataFrame,
    open_demand: pl.DataFrame,
    wish: pl.DataFrame,
    bucket: pl.DataFrame,
) -> pl.DataFrame:
    """Units each source can give: stock and receipts of the first bucket beyond its own customer orders.

    Its customers come first until an order placed tonight arrives there, as far as receipts in between do not serve
    them.
    """
    calendar = calendar_of(bucket)
    first, length = calendar.ends[0], calendar.bucket_days
    again = wish.select(*KEY, again=pl.lit(first).dt.offset_by(_later("lead_time_buckets", length)))
    live = open_supply.filter(~pl.col("is_lost")).join(again, on=KEY, how="left")
    soon, until = pl.col("due_date") <= first, pl.col("due_date") <= pl.col("again").fill_null(first)
    units = pl.col("open_qty")
    supplied = live.group_by(KEY).agg(due=units.filter(soon).sum(), later=units.filter(~soon & until).sum())
    owed = open_demand.join(again, on=KEY, how="left").filter(until).group_by(KEY).agg(owed=units.sum())
    stock = record.select(*KEY, "on_hand_qty")
    for part in (supplied, owed):
        stock = stock.join(part, on=KEY, how="full", coalesce=True)
    held, due, later, wanted = (pl.col(name).fill_null(0.0) for name in ("on_hand_qty", "due", "later", "owed"))
    free = (held + due - (wanted - later).clip(0.0)).clip(0.0)
    return stock.select(source_item_id="item_id", source_location_id="location_id", available=free)


def _later(buckets: str, bucket_days: int) -> pl.Expr:
    """Offset to the last bucket before an order of tonight arrives."""
    return pl.format("{}d", (pl.col(buckets) - 1).clip(0) * bucket_days)


def _increments(pairs: pl.DataFrame, curve: pl.DataFrame, pack: pl.DataFrame) -> pl.DataFrame:
    """Curve steps up to each wish, the last one cut to it, pack by pack, in units of the source."""
    steps = pairs.join(curve, on=KEY, how="inner").join(pack, on=KEY, how="left").sort("pair", "pack_index")
    before = (pl.col("pack_index") - 1) * pl.col("pack_qty")
    steps = steps.with_columns(part=(pl.col("qty") - before).clip(0.0, pl.col("pack_qty"))).filter(
        pl.col("part") > _NOTHING
    )
    packs = (pl.col("part") / pl.col("pack")).round().clip(1.0)
    # A step of very many small packs is given or refused as a whole.
    steps = steps.with_columns(pieces=pl.when(packs > _MOST_PIECES).then(1.0).otherwise(packs).cast(pl.Int64))
    pieces = steps.select(pl.all().repeat_by("pieces").explode())
    size = pl.col("part") / pl.col("pieces")
    return pieces.with_columns(units=size * pl.col("factor"), gain=pl.col("pack_value") * size / pl.col("pack_qty"))


def _granted(lines: pl.DataFrame, curve: pl.DataFrame) -> pl.DataFrame:
    """Whole packs of what was granted, nothing below the minimum, and what they are worth by the node's own curve."""
    packs = (pl.col("granted_qty") / pl.col("pack") + _NOTHING).floor() * pl.col("pack")
    packs = pl.when(packs < pl.col("min_qty").fill_null(0.0) - _NOTHING).then(0.0).otherwise(packs)
    limits = lines.select(packs, pl.col("min_qty").fill_null(0.0), pl.col("max_qty").fill_null(np.inf), "pack")
    whole = pl.Series(lots_in_lines(*(limits.to_series(place) for place in range(4))))
    lines = lines.with_columns(qty=pl.when("is_cut").then(whole).otherwise("qty"))
    steps = lines.filter("is_cut").select(*KEY, "qty").join(curve, on=KEY, how="inner")
    part = (pl.col("qty") - (pl.col("pack_index") - 1) * pl.col("pack_qty")).clip(0.0, pl.col("pack_qty"))
    worth = steps.group_by(KEY).agg(cut_value=(pl.col("pack_value") * part / pl.col("pack_qty")).sum())
    return lines.join(worth, on=KEY, how="left", maintain_order="left").with_columns(
        value=pl.when("is_cut").then(pl.col("cut_value").fill_null(0.0)).otherwise("value"),
        shadow_price=pl.when("is_cut").then("shadow_price").otherwise(0.0).fill_null(0.0),
        reason_code=pl.when("is_cut").then(pl.lit(SHARED_SHORTAGE)).otherwise("reason_code"),
        binding_limit=pl.when("is_cut").then(pl.lit("source_stock")).otherwise("binding_limit"),
        pack_count=pl.col("qty") / pl.col("pack"),
    )


def _dated(lines: pl.DataFrame, bucket: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Order, receipt and need dates: the need is when mean demand has used up the stock, else the receipt.

    Orders wait for the next day on which their source accepts any.
    """
    calendar = calendar_of(bucket)
    today = max(as_of + timedelta(days=1), calendar.tonight)
    days = _lead_days(lines, calendar.bucket_days)
    ordered, receipt = day_after(today, _wait(lines)), day_after(today, days)
    need = day_after(today, np.floor(_days_of_stock(lines, days, calendar.bucket_days)))
    return lines.with_columns(
        order_date=ordered, receipt_date=receipt, need_date=pl.coalesce(need, receipt)
    ).with_columns(is_release_past_due=(pl.col("need_date") < pl.col("receipt_date")) & (pl.col("qty") > 0))


def _lead_days(lines: pl.DataFrame, bucket_days: int) -> Floats:
    """Days until arrival: by the master value where it lies in the bucket used, else the bucket's own days."""
    used = lines["lead_time_buckets"].to_numpy()
    master = lines["master_days"].fill_null(0.0).to_numpy() + _wait(lines)
    return np.where(days_to_buckets(master, bucket_days) == used, master, used * bucket_days).astype(np.float64)


def _wait(lines: pl.DataFrame) -> Floats:
    """Days until the order is placed."""
    return lines["wait_days"].fill_null(0.0).to_numpy()


def _days_of_stock(lines: pl.DataFrame, lead_days: Floats, bucket_days: int) -> Floats:
    """Days until stock is used up at the mean demand of the first window; never (NaN) without demand."""
    rate = lines["window_1_qty"].to_numpy() / (lines["review_buckets"].to_numpy() * bucket_days)
    on_hand = lines["on_hand_qty"].fill_null(0.0).to_numpy()
    at_arrival = np.maximum(lines["stock_at_arrival_qty"].to_numpy(), 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        # Stock that lasts until the arrival includes what is due by then; else only what is there tonight counts.
        days = np.where(at_arrival > 0.5 * rate, lead_days + at_arrival / rate, np.minimum(on_hand / rate, lead_days))
    return np.where(rate > _NOTHING, np.minimum(days, 10_000.0), np.nan)
