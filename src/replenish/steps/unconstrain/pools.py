"""What single nodes cannot know and learn from all: dispersion of a category, and what its kinds of event do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics import unconstrain as em
from replenish.numerics.spike import spikes
from replenish.steps.events import effects, uplift_grid, uplift_rows
from replenish.steps.learn_uplift import learn_uplift
from replenish.steps.panel import Floats, codes
from replenish.steps.unconstrain.shelf import Shelf
from replenish.tables.plan import EventEffect

_KIND = ["category", "is_continuous"]


@dataclass(frozen=True)
class Pools:
    """Learned from all nodes, used by each: any part of them then gets the numbers of the whole."""

    size: pl.DataFrame  # category, is_continuous, size_rate
    uplift: pl.DataFrame  # plan.event_uplift, from sales


@dataclass(frozen=True)
class Seen:
    """What a block of nodes adds to the pools."""

    effect: pl.DataFrame  # plan.event_effect, from sales
    moments: pl.DataFrame  # category, is_continuous, excess, mean_square: one row a node


def seen_of(shelf: Shelf, row_largest: Floats) -> Seen:
    """Effects of events, and moments of demand away from them; `row_largest` as `spikes` takes it."""
    usual = usual_of(shelf, row_largest)
    effect = effects(shelf.events, shelf.sold + usual, seen_exposure(shelf), shelf.cells.first, shelf.buckets_a_week)
    ordinary, past = shelf.sold + usual, shelf.events.past(shelf.cells.first, shelf.cells.width)
    ordinary[shelf.events.row[past], shelf.events.bucket[past] - shelf.cells.first] = np.nan
    by_law = [em.size_moments(ordinary, seen_exposure(shelf), shelf.censored, counts) for counts in (True, False)]
    weight = shelf.nodes["is_continuous"].to_numpy()
    excess, square = (np.where(weight, of_weight, of_count) for of_count, of_weight in zip(*by_law, strict=True))
    moments = shelf.nodes.select(_KIND).with_columns(excess=pl.Series(excess), mean_square=pl.Series(square))
    return Seen(effect, moments)


def learn_pools(seen: list[Seen]) -> Pools:
    """Put the blocks of the whole company together."""
    moments = pl.concat([one.moments for one in seen])
    group, names = codes(moments, _KIND)
    size = em.pooled_size(moments["excess"].to_numpy(), moments["mean_square"].to_numpy(), group, names.height)
    effect = pl.concat([one.effect for one in seen]).select(EventEffect.column_names())
    return Pools(names.with_columns(size_rate=pl.Series(size)), learn_uplift(EventEffect.cast(effect)))


def usual_of(shelf: Shelf, row_largest: Floats) -> Floats:
    """0, and NaN where sales dwarf everything else: one wrong record must not teach all."""
    return np.where(spikes(shelf.sold, row_largest), np.nan, 0.0)


def seen_exposure(shelf: Shelf) -> Floats:
    """Season times the share of the bucket that could sell."""
    return shelf.index * shelf.opened * shelf.stocked


def exposure_of(shelf: Shelf, uplift: pl.DataFrame) -> Floats:
    """Season times share open times the uplift of events as sales show it."""
    return shelf.index * shelf.opened * lift_of(shelf, uplift)


def lift_of(shelf: Shelf, uplift: pl.DataFrame) -> Floats:
    """Uplift of the events of every cell."""
    return uplift_grid(shelf.events, uplift_rows(shelf.events, uplift), shelf.cells.first, shelf.cells.shape)


def full_demand(shelf: Shelf, demand: Floats) -> Floats:
    """Demand of the opened time as demand of a whole bucket."""
    return demand / np.where(shelf.there, shelf.opened, 1.0)


def size_of(shelf: Shelf, size: pl.DataFrame) -> Floats:
    """Pooled dispersion of each node [N]; NaN where none was learned."""
    found = shelf.nodes.select(_KIND).join(size, on=_KIND, how="left", maintain_order="left")["size_rate"]
    return found.fill_null(np.nan).to_numpy()
