"""What single nodes cannot know and learn from all: dispersion of a category, and uplift of its kinds of event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.spike import spikes
from replenish.steps.events import learn_uplift, pooled_uplift, uplift_grid
from replenish.steps.panel import Floats, codes
from replenish.steps.unconstrain.estimate import estimate, size_sums
from replenish.steps.unconstrain.shelf import Shelf, shelf_of


@dataclass(frozen=True)
class Pools:
    """Learned from all nodes, used by each: `unconstrain` on any part of them then gives the numbers of the whole."""

    size: pl.DataFrame  # category, is_continuous, size_rate
    seen_uplift: pl.DataFrame  # category, kind, uplift_rate, from sales
    uplift: pl.DataFrame  # the same, from demand: promotions that sold out say more once that is known


def learn_pools(
    history: pl.DataFrame,
    node: pl.DataFrame,
    record: pl.DataFrame,
    season: pl.DataFrame,
    event_bucket: pl.DataFrame,
    bucket: pl.DataFrame,
) -> Pools:
    """Learn what is pooled from all nodes, given as to `unconstrain`."""
    return pools_of(shelf_of(history, node, record, season, event_bucket, bucket))


def pools_of(shelf: Shelf) -> Pools:
    """Learn what is pooled from all nodes of a shelf."""
    usual = np.where(spikes(shelf.sold), np.nan, 0.0)  # one wrong record must not teach all
    sold = shelf.sold + usual
    seen = pooled_uplift(shelf.events, sold, seen_exposure(shelf), shelf.cells.first, shelf.buckets_a_week)
    exposure = exposure_of(shelf, seen)
    size = _sizes(shelf, sold, exposure)
    # only what the shelf hid changes the second look
    again = seen
    if shelf.events.row.size and (shelf.there & (shelf.censored | (shelf.stocked < 1))).any():
        demand = full_demand(shelf, estimate(shelf, exposure, size_of(shelf, size)).demand) + usual
        again = pooled_uplift(shelf.events, demand, shelf.index, shelf.cells.first, shelf.buckets_a_week)
    return Pools(size, seen, again)


def seen_exposure(shelf: Shelf) -> Floats:
    """Season times the share of the bucket that could sell."""
    return shelf.index * shelf.opened * shelf.stocked


def exposure_of(shelf: Shelf, pooled: pl.DataFrame) -> Floats:
    """Season times share open times the uplift of events as sales show it, given the pooled uplifts."""
    exposure, first = seen_exposure(shelf), shelf.cells.first
    uplift = learn_uplift(shelf.events, shelf.sold, exposure, first, shelf.buckets_a_week, pooled)
    return shelf.index * shelf.opened * uplift_grid(shelf.events, uplift, first, shelf.cells.shape)


def full_demand(shelf: Shelf, demand: Floats) -> Floats:
    """Demand of the opened time as demand of a whole bucket."""
    return demand / np.where(shelf.there, shelf.opened, 1.0)


def size_of(shelf: Shelf, size: pl.DataFrame) -> Floats:
    """Pooled dispersion of each node [N]; NaN where none was learned."""
    keys = ["category", "is_continuous"]
    found = shelf.nodes.select(keys).join(size, on=keys, how="left", maintain_order="left")["size_rate"]
    return found.fill_null(np.nan).to_numpy()


def _sizes(shelf: Shelf, sold: Floats, exposure: Floats) -> pl.DataFrame:
    names = codes(shelf.nodes, ["category"])[1]
    weight = shelf.nodes["is_continuous"].to_numpy()
    parts = []
    for counts in (True, False):
        rows = np.flatnonzero(weight != counts)
        if rows.size:
            size = pl.Series(size_sums(shelf, sold, exposure, rows, counts), dtype=pl.Float64)
            parts.append(names.with_columns(is_continuous=pl.lit(not counts), size_rate=size))
    empty = names.clear().with_columns(is_continuous=pl.lit(False), size_rate=pl.lit(0.0))
    return pl.concat([empty, *parts])
