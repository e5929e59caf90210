"""What would have sold, had it been there?"""

from __future__ import annotations

from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics import unconstrain as em
from replenish.steps.calendar import GROUP, bucket_days, season_index
from replenish.steps.events import Events, closed_share, events_on, learn_uplift, uplift_grid
from replenish.steps.panel import KEY, Bools, Floats, Panel, codes, panel
from replenish.tables.core import Bucket, DemandHistory, EventBucket, Node
from replenish.tables.plan import Demand, Record, Season

BLOCK_WEEKS = 52  # the level is estimated year by year: demand of three years ago says little of today's


def unconstrain(
    history: dy.DataFrame[DemandHistory],
    node: dy.DataFrame[Node],
    record: dy.DataFrame[Record],
    season: dy.DataFrame[Season],
    event_bucket: dy.DataFrame[EventBucket],
    bucket: dy.DataFrame[Bucket],
) -> dy.DataFrame[Demand]:
    """Say of every closed bucket how far the shelf let demand show, and what would have sold.

    Observed where the shelf was full, sales over share in stock where it was partly so, the conditional mean of a
    fitted negative binomial (weights and volumes: gamma) where it ran out, empty where there was nothing to sell.
    """
    cells = panel(history, last=-1)
    nodes = cells.nodes.join(node.select(*KEY, *GROUP, "is_continuous"), on=KEY, how="left", maintain_order="left")
    nodes = nodes.with_columns(pl.col(GROUP).fill_null("all"), pl.col("is_continuous").fill_null(value=False))
    when = bucket.filter(pl.col("bucket_index").is_between(cells.first, -1)).sort("bucket_index")
    index = season_index(season, nodes, bucket).of_buckets(when)
    events = events_on(event_bucket, nodes)
    shelf = _shelf(cells, history, record, closed_share(events, cells.first, cells.shape))
    found = _estimate(nodes, shelf, index, events, cells.first, 7 // bucket_days(bucket))
    return _table(cells, history, shelf, index, found)


@dataclass(frozen=True)
class _Shelf:
    state: em.Codes
    sales: Floats
    share: Floats  # of the bucket in which it could sell, 0 where missing


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


def _estimate(
    nodes: pl.DataFrame, shelf: _Shelf, index: Floats, events: Events, first: int, buckets_a_week: int
) -> _Found:
    """Demand of the sold-out cells, with the uplift of past events in their exposure."""
    exposure = index * shelf.share
    there = shelf.state != em.MISSING
    sold = np.where(there, shelf.sales, np.nan)
    uplift = uplift_grid(events, learn_uplift(events, sold, exposure, first, buckets_a_week), first, sold.shape)
    censored = shelf.state == em.CENSORED
    block = BLOCK_WEEKS * buckets_a_week
    demand, variance = sold.copy(), np.where(there, 0.0, np.nan)
    continuous = nodes["is_continuous"].to_numpy()
    category = codes(nodes, ["category"])[0]
    for counts in (True, False):
        rows = np.flatnonzero((continuous != counts) & censored.any(axis=1))
        if rows.size == 0:
            continue
        same = continuous != counts
        k = em.pooled_size(
            sold[same], (exposure * uplift)[same], censored[same], category[same], category.max() + 1, counts
        )
        estimate = _by_year(sold[rows], (exposure * uplift)[rows], censored[rows], k[category[rows]], counts, block)
        demand[rows], variance[rows] = estimate
    share = np.where(there, shelf.share, 1.0)
    demand, variance = demand / share, variance / share**2
    # promotions that sold out say more once it is known what they would have sold
    uplift = uplift_grid(events, learn_uplift(events, demand, index, first, buckets_a_week), first, sold.shape)
    return _Found(demand, variance, uplift)


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
