"""How far the shelf let demand show: state, opening and stock of every cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics import unconstrain as em
from replenish.numerics.listing_gap import listing_gaps
from replenish.steps.calendar import GROUP, bucket_days, first_bucket, season_index
from replenish.steps.events import Events, closed_share, events_on
from replenish.steps.panel import KEY, Bools, Floats, Ints, Panel, codes, panel


@dataclass(frozen=True)
class Shelf:
    """Nodes, their calendar and events, and what every cell [N, T] shows."""

    cells: Panel
    nodes: pl.DataFrame  # item_id, location_id, category, cluster, is_continuous, shortage_cost
    index: Floats  # season index
    events: Events
    buckets_a_week: int
    state: em.Codes
    sales: Floats
    opened: Floats  # share of the node's usual opening days, 0 where missing
    stocked: Floats  # share of the opened time in stock, as far as it was reported; else 1

    @property
    def there(self) -> Bools:
        """Cells that say anything."""
        return np.asarray(self.state != em.MISSING)

    @property
    def censored(self) -> Bools:
        """Cells of which nothing is known but "at least this much"."""
        return np.asarray((self.state == em.CENSORED) & (self.stocked >= 1))

    @property
    def sold(self) -> Floats:
        """Sales, NaN where missing."""
        return np.where(self.there, self.sales, np.nan)

    @property
    def category(self) -> Ints:
        """Number of each node's category in sorted order."""
        return codes(self.nodes, ["category"])[0]


def shelf_of(
    history: pl.DataFrame,
    node: pl.DataFrame,
    record: pl.DataFrame,
    season: pl.DataFrame,
    event_bucket: pl.DataFrame,
    bucket: pl.DataFrame,
) -> Shelf:
    """Lay out the history of its nodes and say of every cell what it shows."""
    cells = panel(history, last=-1, first=first_bucket(bucket))
    facts = node.select(*KEY, *GROUP, "is_continuous", "shortage_cost")
    nodes = cells.nodes.join(facts, on=KEY, how="left", maintain_order="left").with_columns(
        pl.col(GROUP).fill_null("all"),
        pl.col("is_continuous").fill_null(value=False),
        pl.col("shortage_cost").fill_null(0.0),
    )
    when = bucket.filter(pl.col("bucket_index").is_between(cells.first, -1)).sort("bucket_index")
    index = season_index(season, nodes, bucket).of_buckets(when)
    events = events_on(event_bucket, nodes)
    closed = closed_share(events, cells.first, cells.shape)
    buckets_a_week = 7 // bucket_days(bucket)
    state, sales, opened, stocked = _seen(cells, history, record, closed)
    gap = listing_gaps(sales, index * opened, state == em.FULL, buckets_a_week)
    state, opened = np.where(gap, em.MISSING, state).astype(np.int8), np.where(gap, 0.0, opened)
    return Shelf(cells, nodes, index, events, buckets_a_week, state, sales, opened, stocked)


def _seen(
    cells: Panel, history: pl.DataFrame, record: pl.DataFrame, closed: Floats
) -> tuple[em.Codes, Floats, Floats, Floats]:
    """State, sales, share open and share in stock of every cell from stock, opening days and ghosts."""
    names = ("opening_qty", "receipt_qty", "sales_qty", "closing_qty")
    opening, receipt, sales, closing = (cells.grid(history[name]) for name in names)
    stock_share = cells.grid(history["in_stock_share"])
    state, _ = em.availability_state(opening, receipt, sales, closing, stock_share)
    opened = _open_share(cells.grid(history["open_share"])) * (1.0 - closed)
    # what sold out early sold fast: to leave it out would leave the best days out
    early = (stock_share > 0) & (stock_share < em.LEAST_SHARE) & (sales > 0)
    state = np.where(early, em.CENSORED, state)
    stocked = np.where((state == em.PARTIAL) | early, stock_share, 1.0)
    share = stocked * opened
    state = np.where((state == em.FULL) & (share < 1), em.PARTIAL, state)
    ghost = _ghost(cells, record) & (state == em.FULL) & ~(sales > 0)
    missing = np.isnan(sales) | ghost | ((state != em.CENSORED) & (share < em.LEAST_SHARE)) | (opened <= 0)
    state = np.where(missing, em.MISSING, state).astype(np.int8)
    missing = state == em.MISSING
    opened = np.where(missing, 0.0, np.maximum(opened, em.LEAST_SHARE))
    return state, np.maximum(sales, 0.0), opened, np.where(missing, 1.0, stocked)


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
