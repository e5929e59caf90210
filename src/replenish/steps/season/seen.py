"""What a season needs to know of every node, seen block by block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.season import position_sums
from replenish.numerics.spike import spikes
from replenish.numerics.unconstrain import CENSORED, MISSING, PARTIAL, availability_state, unconstrain
from replenish.steps.calendar import GROUP, WEEKDAYS, bucket_days, first_bucket, season_index
from replenish.steps.events import Events, effects, events_on, uplift_grid, uplift_rows
from replenish.steps.panel import KEY, Bools, Floats, Ints, Panel, panel

PROFILE_DAYS = 364
FEW_ITERATIONS = 10  # an index needs the shape of the year, not the last digit of the level


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

    nodes: pl.DataFrame  # item_id, location_id, category, cluster, is_continuous
    cells: Panel
    demand: Floats  # [N, T] sales; NaN where there was nothing to sell
    censored: Bools
    share: Floats  # of the bucket in stock, where the bucket tells it
    events: Events
    when: pl.DataFrame  # closed buckets, one a column
    buckets_a_week: int

    @property
    def is_partly(self) -> Bools:
        """Nodes with cells seen in part."""
        return np.any(self.censored | (self.share < 1), axis=1)


def opened(
    history: pl.DataFrame, node: pl.DataFrame, event_bucket: pl.DataFrame, bucket: pl.DataFrame, row_largest: Floats
) -> Block:
    """A block of the company laid out as nodes x buckets; `row_largest` as `spikes` takes it."""
    nodes = node.filter(pl.col("has_demand")).select(*KEY, *GROUP, "is_continuous")
    cells = panel(history, nodes, last=-1, first=first_bucket(bucket))
    when = bucket.filter(pl.col("bucket_index") < 0).sort("bucket_index")
    seen, events = _shelf(cells, history, row_largest), events_on(event_bucket, nodes)
    return Block(nodes, cells, *seen, events, when, 7 // bucket_days(bucket))


def effects_of(block: Block) -> pl.DataFrame:
    """What past events did to sales, the season aside."""
    return effects(block.events, block.demand, np.ones(block.cells.shape), block.cells.first, block.buckets_a_week)


def look(block: Block, uplift: pl.DataFrame, season: pl.DataFrame | None = None) -> Seen:
    """Sums of a block, as if there had been no events: what they do is uplift, not season of their weeks.

    With a season, sold-out buckets hold what would have sold: sales alone would flatten it, because shelves run out
    where demand is highest.
    """
    lift = uplift_grid(block.events, uplift_rows(block.events, uplift), block.cells.first, block.cells.shape)
    demand = (block.demand if season is None else _completed(block, season, lift)) / lift
    recent = demand[:, -PROFILE_DAYS:]
    weekday = block.when["bucket_start"].dt.weekday().to_numpy().astype(np.int64)[-PROFILE_DAYS:] - 1
    by_day = position_sums(recent, weekday, WEEKDAYS)
    return Seen(block.nodes, *_weeks(demand, week_starts(block.when)), *by_day, ~np.isnan(recent))


def _completed(block: Block, season: pl.DataFrame, lift: Floats) -> Floats:
    """Demand with what would have sold where the shelf ran out."""
    demand, partly = block.demand.copy(), block.is_partly
    exposure = season_index(season, block.nodes, block.when).of_buckets(block.when) * lift
    weight = block.nodes["is_continuous"].to_numpy()
    for counts in (True, False):
        rows = np.flatnonzero(partly & (weight != counts))
        cells = demand[rows], exposure[rows], block.censored[rows]
        found = unconstrain(*cells, counts=counts, iterations=FEW_ITERATIONS, share=block.share[rows])
        demand[rows] = np.where(np.isnan(found.demand_qty), demand[rows], found.demand_qty)
    return demand


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


def _shelf(cells: Panel, history: pl.DataFrame, row_largest: Floats) -> tuple[Floats, Bools, Floats]:
    """Sales (NaN: nothing to sell), whether they sold out, and the share of the bucket in which they were made."""
    names = ("opening_qty", "receipt_qty", "sales_qty", "closing_qty")
    opening, receipt, sales, closing = (cells.grid(history[name]) for name in names)
    share = cells.grid(history["in_stock_share"])
    state, _ = availability_state(opening, receipt, sales, closing, share)
    early = (state == MISSING) & (share > 0) & (sales > 0)
    closed = cells.grid(history["open_share"]) <= 0
    missing = ((state == MISSING) & ~early) | closed | np.isnan(sales)
    share = np.where((early | (state == PARTIAL)) & ~missing, share, 1.0)
    censored = np.logical_and(state == CENSORED, ~missing)
    demand = np.where(missing, np.nan, np.maximum(sales, 0.0))
    demand[spikes(demand, row_largest)] = np.nan  # one wrong record must not become the season of all
    is_weight = cells.nodes["is_continuous"].to_numpy()
    demand[is_weight] /= share[is_weight]
    share[is_weight] = 1.0
    return demand, censored, share
