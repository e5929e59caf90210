"""How often should each supplier be ordered from, and which items on every how manieth order?"""

from __future__ import annotations

from typing import NamedTuple

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.joint_replenishment import cost_of_cycle, joint_replenishment
from replenish.steps.panel import KEY, Floats, Ints, codes
from replenish.tables.core import Arc, CalendarDay, Node, Supplier
from replenish.tables.plan import ReviewMultiple, SupplierReview, Target

LEAST_SAVING_SHARE = 0.1
_LANE = ["source_id", "location_id"]


class _Lanes(NamedTuple):
    """Items of each lane, and what an order over it costs."""

    items: pl.DataFrame
    lane: Ints
    keys: pl.DataFrame
    shared: Floats
    own: Floats
    hold: Floats
    rate: Floats


def supplier_review(
    target: dy.DataFrame[Target],
    arc: dy.DataFrame[Arc],
    node: dy.DataFrame[Node],
    supplier: dy.DataFrame[Supplier],
    calendar_day: dy.DataFrame[CalendarDay],
    *,
    bucket_days: int,
    max_cover_days: float,
) -> tuple[dy.DataFrame[SupplierReview], dy.DataFrame[ReviewMultiple]]:
    """Review time of each supplier and destination that costs least with its order costs shared, and its multiples.

    An order costs the supplier's order cost and that of each line; stock costs its holding, cycle stock and safety
    stock for lead and review time. The best cycle is rounded to the supplier's order days and kept within half a
    shelf life and maximum cover. Lanes whose orders cost nothing, and items without money or demand, have no answer. A
    difference is material where it saves more than a tenth of the cost of today's review.
    """
    lanes = _lanes(target, arc, node, supplier, bucket_days)
    groups = (lanes.lane, lanes.shared, lanes.own, lanes.hold, lanes.rate)
    plan = joint_replenishment(*groups)
    told = lanes.keys.select(_LANE).with_columns(cycle_days=pl.Series(plan.base_cycle, dtype=pl.Float64))
    lead = lanes.items.group_by(_LANE, maintain_order=True).agg(
        pl.len().cast(pl.Int32).alias("item_count"),
        pl.col("review_days").median(),
        pl.col("shelf_life_days").min(),
        pl.col("order_calendar_id").drop_nulls().first(),
    )
    told = told.join(lead, on=_LANE, how="left", maintain_order="left")
    gap = told.join(_slot_gaps(calendar_day), on="order_calendar_id", how="left", maintain_order="left")["gap_days"]
    slot = gap.fill_null(1.0).to_numpy()
    # Waste is not among these costs: what is bought should be sold in half its life.
    longest = np.fmin(told["shelf_life_days"].cast(pl.Float64).to_numpy() / 2.0, max_cover_days)
    slots = np.minimum(np.round(np.nan_to_num(plan.base_cycle) / slot), np.floor(longest / slot))
    best, today = np.maximum(slots, 1.0) * slot, told["review_days"].to_numpy()
    multiple, after = _cost(lanes, best, today)
    before = _cost(lanes, today, today)[1]
    is_material = (best != today) & (before - after > LEAST_SAVING_SHARE * before)
    columns = {
        "suggested_review_days": best,
        "cost_value": 365.0 * before,
        "suggested_cost_value": 365.0 * after,
        "is_material": is_material,
    }
    told = told.with_columns(**{name: pl.Series(value) for name, value in columns.items()})
    rows = told.filter(pl.col("cycle_days") > 0).select(SupplierReview.column_names()).sort(_LANE)
    return SupplierReview.cast(rows), _multiples(lanes, best, multiple)


def _lanes(
    target: pl.DataFrame, arc: pl.DataFrame, node: pl.DataFrame, supplier: pl.DataFrame, bucket_days: int
) -> _Lanes:
    """Items bought with money and demand, numbered by lane."""
    used = arc.filter((pl.col("arc_rank") == 1) & (pl.col("kind") == "buy"))
    used = used.unique(KEY, keep="first", maintain_order=True)
    levels = target.select(*KEY, "protection_qty", "safety_stock_qty", "protection_buckets")
    money = node.filter("has_money").select(*KEY, "holding_cost_per_day", "shelf_life_days")
    shared = supplier.select(source_id="supplier_id", shared_cost="order_cost")
    items = used.join(levels, on=KEY, how="inner", maintain_order="left")
    items = items.join(money, on=KEY, how="inner", maintain_order="left")
    items = items.join(shared, on="source_id", how="left", maintain_order="left").with_columns(
        protection_days=pl.max_horizontal(pl.col("protection_buckets") * float(bucket_days), "review_days")
    )
    items = items.filter(
        pl.col("protection_qty").is_finite()
        & (pl.col("protection_qty") > 0)
        & (pl.col("holding_cost_per_day") > 0)
        & (pl.col("protection_days") > 0)
    ).sort(*_LANE, "item_id")
    lane, keys = codes(items, _LANE)
    first = keys.select(_LANE).join(items.unique(_LANE, keep="first"), on=_LANE, how="left", maintain_order="left")
    values = items.select(
        own=pl.col("order_cost").fill_null(0.0),
        hold="holding_cost_per_day",
        rate=pl.col("protection_qty") / pl.col("protection_days"),
    )
    rest = (values[name].to_numpy() for name in ("own", "hold", "rate"))
    return _Lanes(items, lane, keys, first["shared_cost"].fill_null(0.0).to_numpy(), *rest)


def _cost(lanes: _Lanes, cycle: Floats, today: Floats) -> tuple[Ints, Floats]:
    """Best multiples and money a day of ordering every `cycle` days; safety stock grows with the root of its time."""
    multiple, cost = cost_of_cycle(cycle, lanes.lane, lanes.shared, lanes.own, lanes.hold, lanes.rate)
    days, safety = (lanes.items[name].to_numpy() for name in ("protection_days", "safety_stock_qty"))
    lead = np.maximum(days - today[lanes.lane], 0.0)
    stretch = np.sqrt((lead + np.maximum(multiple, 1) * cycle[lanes.lane]) / np.maximum(lead + today[lanes.lane], 1e-9))
    held = np.maximum(safety, 0.0) * stretch * lanes.hold
    return multiple, cost + np.bincount(lanes.lane, held, len(cycle))


def _slot_gaps(calendar_day: pl.DataFrame) -> pl.DataFrame:
    """Usual days from one day on which orders are accepted to the next."""
    days = calendar_day.filter("is_open").sort("calendar_id", "date")
    gap = pl.col("date").diff().dt.total_days().median().cast(pl.Float64)
    return (
        days.group_by("calendar_id", maintain_order=True).agg(gap_days=gap).rename({"calendar_id": "order_calendar_id"})
    )


def _multiples(lanes: _Lanes, cycle: Floats, multiple: Ints) -> dy.DataFrame[ReviewMultiple]:
    """On every how manieth order each item is, and how much of it then."""
    qty = lanes.rate * multiple * cycle[lanes.lane]
    rows = lanes.items.select(*KEY, "source_id", "shared_cost", "order_cost").with_columns(
        multiple_count=pl.Series(multiple, dtype=pl.Int32), joint_order_qty=pl.Series(qty, dtype=pl.Float64)
    )
    costs = lanes.shared + np.bincount(lanes.lane, lanes.own, len(lanes.shared))
    rows = rows.filter(pl.Series(costs[lanes.lane] > 0, dtype=pl.Boolean))
    return ReviewMultiple.cast(rows.select(ReviewMultiple.column_names()).sort(ReviewMultiple.primary_key()))
