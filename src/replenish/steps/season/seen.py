"""What a season needs to know of every node, seen block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.season import position_sums
from replenish.numerics.unconstrain import MISSING, PARTIAL, availability_state
from replenish.steps.calendar import GROUP, WEEKDAYS, bucket_days, first_bucket
from replenish.steps.events import Events, effects, events_on, uplift_grid, uplift_rows
from replenish.steps.panel import KEY, Bools, Floats, Ints, Panel, panel

PROFILE_DAYS = 364


@dataclass(frozen=True)
class Seen:
    """Sums of every node [N] over its own buckets: the same whatever block they came in. W weeks, D days looked at."""

    nodes: pl.DataFrame  # item_id, location_id, category, cluster
    weekly: Floats  # [N, W] demand
    exposure: Floats  # [N, W] buckets that could sell
    day_units: Floats  # [N, 7] demand by weekday, Monday first
    day_count: Floats  # [N, 7] days that could sell
    days: Bools  # [N, D] which days these are


@dataclass(frozen=True)
class Block:
    """Nodes and what their shelves let show."""

    nodes: pl.DataFrame
    cells: Panel
    demand: Floats  # [N, T]; NaN where there was nothing to sell
    events: Events
    when: pl.DataFrame  # closed buckets, one a column
    buckets_a_week: int


def opened(history: pl.DataFrame, node: pl.DataFrame, event_bucket: pl.DataFrame, bucket: pl.DataFrame) -> Block:
    """A block of the company laid out as nodes x buckets."""
    nodes = node.filter(pl.col("has_demand")).select(*KEY, *GROUP)
    cells = panel(history, nodes, last=-1, first=first_bucket(bucket))
    when = bucket.filter(pl.col("bucket_index") < 0).sort("bucket_index")
    demand, events = _available_demand(cells, history), events_on(event_bucket, nodes)
    return Block(nodes, cells, demand, events, when, 7 // bucket_days(bucket))


def effects_of(block: Block) -> pl.DataFrame:
    """What past events did to sales, the season aside."""
    return effects(block.events, block.demand, np.ones(block.cells.shape), block.cells.first, block.buckets_a_week)


def look(block: Block, uplift: pl.DataFrame) -> Seen:
    """Sums of a block, as if there had been no events: what they do is uplift, not season of their weeks."""
    rate = uplift_rows(block.events, uplift)
    demand = block.demand / uplift_grid(block.events, rate, block.cells.first, block.cells.shape)
    recent = demand[:, -PROFILE_DAYS:]
    weekday = block.when["bucket_start"].dt.weekday().to_numpy().astype(np.int64)[-PROFILE_DAYS:] - 1
    by_day = position_sums(recent, weekday, WEEKDAYS)
    return Seen(block.nodes, *_weeks(demand, week_starts(block.when)), *by_day, ~np.isnan(recent))


def joined(parts: list[Seen]) -> Seen:
    """All blocks as one."""
    nodes = pl.concat([one.nodes for one in parts])
    rest = [name for name in vars(parts[0]) if name != "nodes"]
    return Seen(nodes, **{name: np.concatenate([getattr(one, name) for one in parts]) for name in rest})


def week_starts(when: pl.DataFrame) -> Ints:
    """Column in which each week begins."""
    week = when["week_index"].cast(pl.Int64).to_numpy()
    return np.flatnonzero(np.concatenate([[True], week[1:] != week[:-1]])) if week.size else np.zeros(0, np.int64)


def _weeks(demand: Floats, starts: Ints) -> tuple[Floats, Floats]:
    """Demand and available buckets of every week [N, W]."""
    if starts.size == 0:
        return np.zeros((demand.shape[0], 0)), np.zeros((demand.shape[0], 0))
    weekly = np.add.reduceat(np.nan_to_num(demand), starts, axis=1)
    return weekly, np.add.reduceat((~np.isnan(demand)).astype(np.float64), starts, axis=1)


def _available_demand(cells: Panel, history: pl.DataFrame) -> Floats:
    """Sales of the buckets whose shelf could sell, scaled up where it could for part of the bucket."""
    names = ("opening_qty", "receipt_qty", "sales_qty", "closing_qty")
    opening, receipt, sales, closing = (cells.grid(history[name]) for name in names)
    share = cells.grid(history["in_stock_share"])
    state, _ = availability_state(opening, receipt, sales, closing, share)
    closed = cells.grid(history["open_share"]) <= 0
    demand = np.where((state == MISSING) | closed, np.nan, np.maximum(sales, 0.0))
    return np.where(state == PARTIAL, demand / np.where(state == PARTIAL, share, 1.0), demand)
