"""What do events of a kind do, at every node that has one?

Single nodes show little; categories, their parents and location clusters lend what they learned.
"""

from __future__ import annotations

from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.uplift import shrunk_uplift, telling_events, total_uplift
from replenish.steps.calendar import GROUP
from replenish.steps.events import AFTER
from replenish.steps.panel import KEY, Bools, Floats, Ints, codes
from replenish.tables.plan import EventEffect, EventUplift

LEAST_AFTER = 5  # a dip after promotions is believed where at least so many of them
BEYOND_NOISE = 2.0  # show it by so many standard errors
LEAST_RESIDUALS = 5  # past events of a kind from which its spread is told


def learn_uplift(event_effect: dy.DataFrame[EventEffect]) -> dy.DataFrame[EventUplift]:
    """Learn the uplift of every node and kind of event from what past events did.

    The category's own is shrunk to its parent's, and so on up to that of all nodes; for holidays the location cluster
    has the last word before the node.
    """
    seen = _seen(event_effect)
    pooled = np.nan_to_num(_shrunk(seen, np.zeros_like(seen.kind), np.full(seen.kind.size, np.nan)), nan=1.0)
    for group in _categories(seen):
        pooled = _shrunk(seen, group, pooled)
    holiday = (seen.nodes["kind"] == "holiday").to_numpy()
    for group in _clusters(seen):
        pooled = np.where(holiday, _shrunk(seen, group, pooled), pooled)
    own, worth = _own(seen, np.arange(seen.kind.size))
    after = (seen.nodes["kind"] == AFTER).to_numpy()
    found = seen.nodes.select(*KEY, "kind").with_columns(
        pooled_rate=pl.Series(pooled),
        own_rate=pl.Series(own).fill_nan(None),
        own_event_count=pl.Series(worth),
        is_told=pl.Series(~after | _dips(seen, after)),
        log_variance_rate=pl.Series(_variance(seen, shrunk_uplift(worth, own, pooled))),
    )
    return EventUplift.cast(found.select(EventUplift.column_names()))


@dataclass(frozen=True)
class _Seen:
    """Every node and kind of event [R], and its past events that can be compared with a baseline [E]."""

    nodes: pl.DataFrame  # item_id, location_id, category, cluster, kind
    kind: Ints  # [R]
    kind_count: int
    row: Ints  # [E] place in nodes
    event: Ints
    event_count: int
    sold: Floats
    baseline: Floats
    inside: Floats


def _seen(effect: pl.DataFrame) -> _Seen:
    row, nodes = codes(effect, [*KEY, *GROUP, "kind"])
    kind, kinds = codes(nodes, ["kind"])
    event, names = codes(effect, ["event_id"])
    sold, baseline, inside = (effect[name].to_numpy() for name in ("sold_qty", "baseline_qty", "inside_qty"))
    past = np.flatnonzero(baseline > 0)
    parts = (part[past] for part in (sold, baseline, inside))
    return _Seen(nodes, kind, kinds.height, row[past], event[past], max(names.height, 1), *parts)


def _categories(seen: _Seen) -> list[Ints]:
    """Group of each node at each depth of the category path."""
    path = seen.nodes["category"].str.split("/")
    depth = int(path.list.len().to_numpy().max(initial=0))
    named = [path.list.head(k).list.join("/") for k in range(1, depth + 1)]
    return [codes(pl.DataFrame({"name": name}), ["name"])[0] for name in named]


def _clusters(seen: _Seen) -> list[Ints]:
    """Group of each node by location cluster, and by category in it."""
    return [codes(seen.nodes, ["cluster"])[0], codes(seen.nodes, GROUP)[0]]


def _cells(seen: _Seen, group: Ints) -> Ints:
    """Number of the (group, kind) of every node and kind."""
    return group * seen.kind_count + seen.kind


def _own(seen: _Seen, group: Ints) -> tuple[Floats, Floats]:
    """What past events of its kind did in the group of every node and kind, and how many events that is worth."""
    cell = _cells(seen, group)
    size, at = int(cell.max(initial=-1)) + 1, cell[seen.row]
    base, got = sums(at, seen.baseline, size), sums(at, seen.sold, size)
    pairs = np.unique(at * seen.event_count + seen.event)
    count = np.bincount(pairs // seen.event_count, minlength=size).astype(np.float64)
    own = total_uplift(got, base, sums(at, seen.inside, size) / np.maximum(base, 1e-9))
    return own[cell], telling_events(count, base)[cell]


def _shrunk(seen: _Seen, group: Ints, above: Floats) -> Floats:
    """The same shrunk to `above` (NaN: not)."""
    own, worth = _own(seen, group)
    return shrunk_uplift(worth, own, np.where(np.isnan(above), own, above))


@dataclass(frozen=True)
class _Single:
    """Past events of cells one by one: logarithm of their uplift, and units sold in them."""

    cell: Ints
    log: Floats
    sold: Floats


def _single(seen: _Seen, cell: Ints) -> _Single:
    """Events with enough baseline, each with its cell."""
    names, inverse = np.unique(cell[seen.row] * seen.event_count + seen.event, return_inverse=True)
    base, got, inside = (sums(inverse, part, names.size) for part in (seen.baseline, seen.sold, seen.inside))
    uplift = total_uplift(got, base, inside / np.maximum(base, 1e-9))
    told = ~np.isnan(uplift)
    return _Single(names[told] // seen.event_count, np.log(uplift[told]), got[told])


def _dips(seen: _Seen, after: Bools) -> Bools:
    """Whether enough promotions of its category, else of all, were followed by less than usual.

    By the mean logarithm over promotions and its standard error.
    """
    told, dips = np.zeros(after.size, dtype=bool), np.zeros(after.size, dtype=bool)
    for group in [*reversed(_categories(seen)), np.zeros_like(seen.kind)] if after.any() else []:
        cell = _cells(seen, group)
        found, size = _single(seen, cell), int(cell.max(initial=-1)) + 1
        count = sums(found.cell, np.ones(found.cell.size), size)
        mean = sums(found.cell, found.log, size) / np.maximum(count, 1.0)
        square = sums(found.cell, (found.log - mean[found.cell]) ** 2, size)
        error = np.sqrt(square / np.maximum(count - 1.0, 1.0) / np.maximum(count, 1.0))
        enough = count[cell] >= LEAST_AFTER
        dips = np.where(enough & ~told, (mean + BEYOND_NOISE * error < 0)[cell], dips)
        told |= enough
    return after & dips


def _variance(seen: _Seen, learned: Floats) -> Floats:
    """Variance of the logarithm of what single past events of its kind did over what was learned of them.

    Chance of the units sold (1 / units) is taken off; 0 where fewer than five past events tell.
    """
    found = _single(seen, np.arange(seen.kind.size))
    kind, size = seen.kind[found.cell], seen.kind_count
    square = (found.log - np.log(learned[found.cell])) ** 2 - 1.0 / np.maximum(found.sold, 1.0)
    count = sums(kind, np.ones(kind.size), size)
    variance = np.where(count >= LEAST_RESIDUALS, np.maximum(sums(kind, square, size), 0.0) / np.maximum(count, 1.0), 0)
    return variance[seen.kind]
