"""What the orders of two nights rested on, brought to tonight's calendar, and any mixture of the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl

from replenish.steps.order.decided import Business
from replenish.steps.panel import KEY

CALENDAR_COLUMNS = ("wait_days", "fence_days", "slot_gap_days")
PACK_COLUMNS = ("min_qty", "multiple_qty", "max_qty")
_WEEK = 7


@dataclass(frozen=True)
class Method:
    """How forecasts were made: what the contest of members, the calendar and past errors taught."""

    score: pl.DataFrame
    season: pl.DataFrame
    segment: pl.DataFrame
    error_law: pl.DataFrame
    error_factor: pl.DataFrame
    calibration: pl.DataFrame


@dataclass(frozen=True)
class Night:
    """One night: what its orders rested on, how its forecasts were made, and its wishes."""

    about: Business
    method: Method
    wish: pl.DataFrame


@dataclass(frozen=True)
class Nights:
    """The two nights; `last` is missing where its version kept other tables."""

    last: Night | None
    tonight: Night


def part_of(about: Business, nodes: pl.DataFrame) -> Business:
    """Only what concerns these nodes, rows of a node side by side; tables that are not of nodes stay whole."""
    kept = {
        name: frame.join(nodes, on=KEY, how="semi", maintain_order="left").sort(_sorted_by(frame), maintain_order=True)
        for name, frame in _of_nodes(about)
    }
    return replace(about, **kept)


def beside(about: Business, other: Business, nodes: pl.DataFrame) -> Business:
    """Rows of these nodes as in `about`, rows of all others as in `other`; the rest as in `about`."""
    theirs = dict(_of_nodes(other))
    mixed = {
        name: pl.concat(
            [
                frame.join(nodes, on=KEY, how="semi", maintain_order="left"),
                theirs[name].select(frame.columns).join(nodes, on=KEY, how="anti", maintain_order="left"),
            ],
            how="vertical_relaxed",
        ).sort(_sorted_by(frame), maintain_order=True)
        for name, frame in _of_nodes(about)
    }
    return replace(about, **mixed)


def _of_nodes(about: Business) -> list[tuple[str, pl.DataFrame]]:
    frames = [(field.name, getattr(about, field.name)) for field in fields(about)]
    of_one = (one for one in frames if one[0] != "rebalance")  # a move is of two nodes: all of them stay
    return [(name, frame) for name, frame in of_one if frame is not None and set(KEY) <= set(frame.columns)]


def _sorted_by(frame: pl.DataFrame) -> list[str]:
    rest = ("bucket_index", "order_id", "line_id", "lot_id", "source_id", "kind")
    return [*KEY, *(name for name in rest if name in frame.columns)]


def on_tonights_calendar(last: Business, tonight: Business) -> Business:
    """Last night's tables as tonight's steps read them: forecasts by tonight's buckets, one arc a node, its level.

    Units stay on their days. Days beyond last night's horizon are as those a week before.
    """
    level = tonight.node.select(*KEY, "level", "is_cyclic")
    node = last.node.drop("level", "is_cyclic").join(level, on=KEY, how="inner", maintain_order="left")
    return replace(
        used_arcs(last),
        forecast=_redated(last.forecast, last.bucket, tonight.bucket),
        node=node.select(last.node.columns),
        bucket=tonight.bucket,
    )


def used_arcs(about: Business) -> Business:
    """Only the arc in use of every node."""
    arc = about.arc.filter(pl.col("arc_rank") == 1).unique(KEY, keep="first", maintain_order=True)
    return replace(about, arc=arc)


def _redated(forecast: pl.DataFrame, before: pl.DataFrame, bucket: pl.DataFrame) -> pl.DataFrame:
    """Forecasts of tonight's buckets: units by days, variance by distance in buckets."""
    if before.equals(bucket):
        return forecast
    units = ["forecast_qty", "baseline_qty"]
    taken = forecast.select(*KEY, "bucket_index", *units).join(_day_shares(before, bucket), on="bucket_index")
    taken = taken.select(*KEY, *(pl.col(name) * pl.col("share") for name in units), bucket_index="new_index")
    sums = taken.sort(*KEY, "bucket_index").group_by(*KEY, "bucket_index", maintain_order=True).agg(pl.col(units).sum())
    variance = forecast.select(*KEY, "bucket_index", "variance_qty2")
    return sums.join(variance, on=[*KEY, "bucket_index"], how="left", maintain_order="left").with_columns(
        pl.col("variance_qty2").forward_fill().over(KEY).fill_null(0.0)
    )


def _day_shares(before: pl.DataFrame, bucket: pl.DataFrame) -> pl.DataFrame:
    """Share of each bucket of last night (bucket_index) that lies in each of tonight's (new_index)."""
    known = _days(before, "bucket_index")
    last_day = known["day"].max()
    days = _days(bucket, "new_index").with_columns(beyond=(pl.col("day") - last_day).dt.total_days().clip(0))
    weeks_back = (pl.col("beyond") / _WEEK).ceil().cast(pl.Int64) * _WEEK
    seen = days.with_columns(day=pl.col("day") - pl.duration(days=weeks_back))
    length = known.group_by("bucket_index").agg(length=pl.len())
    shared = seen.join(known, on="day", how="inner").group_by("bucket_index", "new_index").agg(days=pl.len())
    shared = shared.join(length, on="bucket_index").with_columns(share=pl.col("days") / pl.col("length"))
    return shared.select("bucket_index", pl.col("new_index").cast(bucket.schema["bucket_index"]), "share")


def _days(bucket: pl.DataFrame, name: str) -> pl.DataFrame:
    ahead = bucket.filter(pl.col("bucket_index") >= 0)
    days = pl.date_ranges("bucket_start", "bucket_end")
    return ahead.select(pl.col("bucket_index").alias(name), day=days).explode("day")


def assembled(take: Mapping[str, Business], forecast: pl.DataFrame, parameter: pl.DataFrame) -> Business:
    """The tables with every family of causes as in the night that `take` names for it."""
    policy, orders = take["policy"], take["open_orders"]
    return Business(
        forecast=forecast,
        parameter=parameter,
        lead_time=take["lead_time"].lead_time,
        target=policy.target,
        rebalance=take["moves"].rebalance,
        record=_record(take["data_corrections"].record, take["on_hand"].record),
        open_supply=orders.open_supply,
        open_demand=take["sales"].open_demand,
        lot=take["on_hand"].lot,
        node=policy.node,
        arc=_arcs(policy.arc, take["calendar"].arc, take["rounding"].arc),
        bom_line=policy.bom_line,
        bucket=take["calendar"].bucket,
        supplier=policy.supplier,
        make_rate=policy.make_rate,
        firm_need=orders.firm_need,
    )


def _record(corrections: pl.DataFrame, stock: pl.DataFrame) -> pl.DataFrame:
    """Stock as one night recorded it, corrected and doubted as in another."""
    if corrections is stock:
        return stock
    said = corrections.select(*KEY, adjusted="record_adjustment_qty", doubt="ghost_probability")
    both = stock.join(said, on=KEY, how="left", maintain_order="left")
    corrected = (pl.col("recorded_on_hand_qty") + pl.col("adjusted")).clip(0.0)
    same = pl.col("adjusted") == pl.col("record_adjustment_qty")
    return both.with_columns(
        on_hand_qty=pl.when(same | pl.col("adjusted").is_null()).then("on_hand_qty").otherwise(corrected),
        ghost_probability=pl.coalesce("doubt", "ghost_probability"),
    ).drop("adjusted", "doubt")


def _arcs(policy: pl.DataFrame, calendar: pl.DataFrame, packs: pl.DataFrame) -> pl.DataFrame:
    """Arcs in use, with the order days of one night and the packs of another.

    A review that the calendar sets moves on with the calendar.
    """
    arc = policy
    if calendar is not policy:
        days = calendar.select(*KEY, *CALENDAR_COLUMNS, next_days="review_days", set_by="review_source")
        slots = (pl.col("review_source") == "calendar") & (pl.col("set_by") == "calendar")
        review = pl.when(slots).then("next_days").otherwise("review_days")
        arc = _with(arc, days, CALENDAR_COLUMNS).with_columns(review_days=review).drop("next_days", "set_by")
    return arc if packs is policy else _with(arc, packs.select(*KEY, *PACK_COLUMNS), PACK_COLUMNS)


def _with(arc: pl.DataFrame, other: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    """Arcs with these columns of another night where it knows the node."""
    there = other.rename({name: f"{name}_other" for name in names}).with_columns(is_there=pl.lit(value=True))
    both = arc.join(there, on=KEY, how="left", maintain_order="left")
    taken = [pl.when("is_there").then(f"{name}_other").otherwise(name).alias(name) for name in names]
    return both.with_columns(taken).drop("is_there", *(f"{name}_other" for name in names))


def lift_of(forecast: pl.DataFrame) -> pl.DataFrame:
    """What events multiply the forecast with (lift_rate), by node and bucket; 1 where there is no demand."""
    rate = pl.when(pl.col("baseline_qty") > 0).then(pl.col("forecast_qty") / pl.col("baseline_qty")).otherwise(1.0)
    return forecast.select(*KEY, "bucket_index", lift_rate=rate)


def is_same(first: pl.DataFrame, second: pl.DataFrame) -> bool:
    """Whether two tables say the same, whatever the order of their columns."""
    shared = [name for name in first.columns if name in second.columns]
    return first.height == second.height and first.select(shared).equals(second.select(shared))


def with_free_qty(wish: pl.DataFrame) -> pl.DataFrame:
    """Wishes with free_qty: units before packs and minimum orders, but within what cover and shelf ask and allow."""
    held = pl.col("binding_limit").is_in(["max_cover", "max_stock"]).fill_null(value=False)
    kept = held | (pl.col("reason_code") == "shelf_floor")
    return wish.with_columns(free_qty=pl.when(kept).then("qty").otherwise("unrounded_qty"))


def at_nodes(nodes: pl.DataFrame, found: pl.DataFrame, column: str) -> np.ndarray:
    """A column by node in the order of `nodes`; 0 where a node has no row."""
    matched = nodes.select(KEY).join(found.select(*KEY, column), on=KEY, how="left", maintain_order="left")
    return matched[column].fill_null(0.0).to_numpy().astype(np.float64)
