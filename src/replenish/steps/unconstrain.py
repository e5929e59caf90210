"""What would have sold, had it been there?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics import unconstrain as em
from replenish.steps.calendar import GROUP, bucket_days, first_bucket, season_index
from replenish.steps.events import Events, closed_share, effects, events_on, uplift_grid, uplift_rows
from replenish.steps.learn_uplift import learn_uplift
from replenish.steps.panel import KEY, Bools, Floats, Panel, codes, panel
from replenish.tables.core import Bucket, DemandHistory, EventBucket, Node
from replenish.tables.plan import Demand, EventEffect, Record, Season

Block = tuple[
    dy.DataFrame[DemandHistory], dy.DataFrame[Node], dy.DataFrame[Record], dy.DataFrame[EventBucket]
]  # of some nodes

BLOCK_WEEKS = 52  # the level is estimated year by year: demand of three years ago says little of today's


def unconstrain(
    blocks: Iterable[Block], season: dy.DataFrame[Season], bucket: dy.DataFrame[Bucket]
) -> Iterator[tuple[dy.DataFrame[Demand], dy.DataFrame[EventEffect]]]:
    """Say of every closed bucket how far the shelf let demand show, and what would have sold.

    Observed where the shelf was full, sales over share in stock where it was partly so, the conditional mean of a
    fitted negative binomial (weights and volumes: gamma) where it ran out, empty where there was nothing to sell.

    `blocks` (history, nodes, records, events) are the company part by part and are gone through twice: once to learn
    what is pooled, once to estimate. Demand and the effects of past events come block by block; uplifts are those of
    sales as seen, until `lift` puts in those of demand.
    """
    made = partial(_opened, season=season, bucket=bucket)
    pools = _pools([_seen(made(*block)) for block in blocks])
    for block in blocks:
        yield _estimated(made(*block), pools)


@dataclass(frozen=True)
class _Shelf:
    state: em.Codes
    sales: Floats
    share: Floats  # of the bucket in which it could sell, 0 where missing


@dataclass(frozen=True)
class _Opened:
    """A block laid out as nodes x buckets."""

    history: pl.DataFrame
    cells: Panel
    nodes: pl.DataFrame
    index: Floats
    events: Events
    shelf: _Shelf
    buckets_a_week: int

    @property
    def sold(self) -> Floats:
        """Sales where there was anything to sell."""
        return np.where(self.shelf.state != em.MISSING, self.shelf.sales, np.nan)

    @property
    def exposure(self) -> Floats:
        """Season index times the share of the bucket in stock."""
        return self.index * self.shelf.share

    @property
    def censored(self) -> Bools:
        """Sold out."""
        return np.asarray(self.shelf.state == em.CENSORED)


def _opened(
    history: pl.DataFrame,
    node: pl.DataFrame,
    record: pl.DataFrame,
    event_bucket: pl.DataFrame,
    *,
    season: pl.DataFrame,
    bucket: pl.DataFrame,
) -> _Opened:
    cells = panel(history, last=-1, first=first_bucket(bucket))
    nodes = cells.nodes.join(node.select(*KEY, *GROUP, "is_continuous"), on=KEY, how="left", maintain_order="left")
    nodes = nodes.with_columns(pl.col(GROUP).fill_null("all"), pl.col("is_continuous").fill_null(value=False))
    when = bucket.filter(pl.col("bucket_index").is_between(cells.first, -1)).sort("bucket_index")
    index = season_index(season, nodes, bucket).of_buckets(when)
    events = events_on(event_bucket, nodes)
    shelf = _shelf(cells, history, record, closed_share(events, cells.first, cells.shape))
    return _Opened(history, cells, nodes, index, events, shelf, 7 // bucket_days(bucket))


def _seen(one: _Opened) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What a block adds to the pools: effects of its events, and moments of its nodes away from events."""
    effect = effects(one.events, one.sold, one.exposure, one.cells.first, one.buckets_a_week)
    ordinary = one.sold
    past = one.events.past(one.cells.first, one.cells.width)
    ordinary[one.events.row[past], one.events.bucket[past] - one.cells.first] = np.nan
    continuous = one.nodes["is_continuous"].to_numpy()
    moments = [em.size_moments(ordinary, one.exposure, one.censored, counts) for counts in (True, False)]
    excess, mean_square = (np.where(continuous, weight, count) for count, weight in zip(*moments, strict=True))
    kind = one.nodes.select("category", "is_continuous")
    return effect, kind.with_columns(excess=pl.Series(excess), mean_square=pl.Series(mean_square))


@dataclass(frozen=True)
class _Pools:
    """What is learned from the whole company."""

    uplift: pl.DataFrame  # plan.event_uplift, of sales as seen
    size: pl.DataFrame  # category, is_continuous, size


def _pools(seen: list[tuple[pl.DataFrame, pl.DataFrame]]) -> _Pools:
    moments = pl.concat([moment for _, moment in seen])
    group, groups = codes(moments, ["category", "is_continuous"])
    size = em.pooled_size(moments["excess"].to_numpy(), moments["mean_square"].to_numpy(), group, groups.height)
    effect = EventEffect.cast(pl.concat([one for one, _ in seen]).select(EventEffect.column_names()))
    return _Pools(learn_uplift(effect), groups.with_columns(size=pl.Series(size)))


def _estimated(one: _Opened, pools: _Pools) -> tuple[dy.DataFrame[Demand], dy.DataFrame[EventEffect]]:
    found = _estimate(one, pools)
    effect = effects(one.events, found.demand, one.index, one.cells.first, one.buckets_a_week)
    table = _table(one.cells, one.history, one.shelf, one.index, found)
    return table, EventEffect.cast(effect.select(EventEffect.column_names()))


@dataclass(frozen=True)
class _Found:
    demand: Floats
    variance: Floats
    uplift: Floats


def _shelf(cells: Panel, history: pl.DataFrame, record: pl.DataFrame, closed: Floats) -> _Shelf:
    """State of every cell from stock, opening days and ghosts."""
    names = ("opening_qty", "receipt_qty", "sales_qty", "closing_qty")
    opening, receipt, sales, closing = (cells.grid(history[name]) for name in names)
    stock_share = cells.grid(history["in_stock_share"])
    state, _ = em.availability_state(opening, receipt, sales, closing, stock_share)
    open_share = _open_share(cells.grid(history["open_share"])) * (1.0 - closed)
    share = np.where(state == em.PARTIAL, stock_share, 1.0) * open_share
    state = np.where((state == em.FULL) & (share < 1), em.PARTIAL, state)
    ghost = _ghost(cells, record) & (state == em.FULL) & ~(sales > 0)
    missing = np.isnan(sales) | ghost | ((state != em.CENSORED) & (share < em.LEAST_SHARE)) | (open_share <= 0)
    state = np.where(missing, em.MISSING, state).astype(np.int8)
    share = np.where(state == em.MISSING, 0.0, np.maximum(share, em.LEAST_SHARE))
    return _Shelf(state, np.maximum(sales, 0.0), share)


def _open_share(share: Floats) -> Floats:
    """Share of the node's usual opening days: a shop that closes every Sunday has whole weeks all the same."""
    usual = np.where(share > 0, share, np.nan)
    known = ~np.isnan(usual).all(axis=1)
    typical = np.ones(share.shape[0])
    typical[known] = np.nanmedian(usual[known], axis=1)
    return np.minimum(np.nan_to_num(share, nan=1.0) / typical[:, None], 1.0)


def _ghost(cells: Panel, record: pl.DataFrame) -> Bools:
    """Cells from the first silent bucket of a ghost on."""
    since = cells.nodes.join(record.select(*KEY, "silent_from_index"), on=KEY, how="left", maintain_order="left")
    start = since["silent_from_index"].cast(pl.Float64).fill_null(np.inf).to_numpy()
    return np.arange(cells.first, cells.first + cells.width)[None, :] >= start[:, None]


def _estimate(one: _Opened, pools: _Pools) -> _Found:
    """Demand of the sold-out cells, with the uplift of past events in their exposure."""
    there, sold, censored = one.shelf.state != em.MISSING, one.sold, one.censored
    uplift = uplift_grid(one.events, uplift_rows(one.events, pools.uplift), one.cells.first, sold.shape)
    exposure = one.exposure * uplift
    block = BLOCK_WEEKS * one.buckets_a_week
    demand, variance = sold.copy(), np.where(there, 0.0, np.nan)
    sized = one.nodes.join(pools.size, on=["category", "is_continuous"], how="left", maintain_order="left")
    size, continuous = sized["size"].to_numpy(), sized["is_continuous"].to_numpy()
    for counts in (True, False):
        rows = np.flatnonzero((continuous != counts) & censored.any(axis=1))
        if rows.size:
            estimate = _by_year(sold[rows], exposure[rows], censored[rows], size[rows], counts, block)
            demand[rows], variance[rows] = estimate
    share = np.where(there, one.shelf.share, 1.0)
    return _Found(demand / share, variance / share**2, uplift)


def _by_year(
    sold: Floats, exposure: Floats, censored: Bools, size: Floats, counts: bool, block: int
) -> tuple[Floats, Floats]:
    """EM over each year of each node apart, years counted back from tonight."""
    nodes, buckets = sold.shape
    pad = -buckets % block
    years = (buckets + pad) // block
    seen = _years(sold, np.nan, pad, block)
    hidden = _years(censored.astype(np.float64), 0.0, pad, block) > 0
    found = em.unconstrain(seen, _years(exposure, 0.0, pad, block), hidden, np.repeat(size, years), counts)
    # a cell whose exposure is 0 has no model: what was seen there stands
    demand = np.where(np.isnan(found.demand_qty), seen, found.demand_qty)
    variance = np.where(np.isnan(seen), np.nan, np.nan_to_num(found.demand_variance))
    shape = (nodes, years * block)
    return demand.reshape(shape)[:, pad:], variance.reshape(shape)[:, pad:]


def _years(grid: Floats, fill: float, pad: int, block: int) -> Floats:
    """[N, T] as [N * years, block], the oldest year filled up in front."""
    return np.pad(grid, ((0, 0), (pad, 0)), constant_values=fill).reshape(-1, block)


def _table(cells: Panel, history: pl.DataFrame, shelf: _Shelf, index: Floats, found: _Found) -> dy.DataFrame[Demand]:
    state = pl.Series(cells.rows(shelf.state)).cast(pl.UInt8)
    demand = pl.Series(cells.rows(found.demand)).fill_nan(None)
    names = dict(enumerate(em.STATE_NAMES))
    estimated = state.is_in([em.CENSORED, em.PARTIAL])
    out = history.select(*KEY, "bucket_index", "bucket_start", "sales_qty").with_columns(
        state=state.replace_strict(names, return_dtype=pl.String),
        demand_qty=demand,
        is_estimate=estimated,
        estimate_variance_qty2=pl.Series(cells.rows(found.variance)).fill_nan(0.0),
        exposure_rate=pl.Series(cells.rows(index * shelf.share)),
        uplift_rate=pl.Series(cells.rows(found.uplift)),
    )
    lost = pl.when(estimated).then((pl.col("demand_qty") - pl.col("sales_qty")).clip(0.0)).otherwise(0.0)
    return Demand.cast(out.with_columns(lost_sales_qty=lost).select(Demand.column_names()))
