"""What does the calendar do to a category?

Seasons are properties of groups; single items are too noisy to show them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.season import by_group, position_sums, seasonal_index, settle_index, smooth_index, with_week_53
from replenish.numerics.unconstrain import MISSING, PARTIAL, availability_state
from replenish.steps.calendar import GROUP, WEEKDAYS, bucket_days
from replenish.steps.panel import KEY, Bools, Floats, Ints, Panel, codes, panel
from replenish.tables.core import Bucket, DemandHistory, Node
from replenish.tables.plan import Season

LEAST_NODES = 30  # a smaller group borrows the season of its parent,
# unless it sells so much that its season cannot be chance: its parent's is a worse guess then.
FEW_NODES, PLENTY_UNITS = 10, 200.0  # units a week of the year, over all years
LEAST_WEEKS = 104  # two of each week, or a season cannot be told from chance
SMALL_GROUP = 200  # nodes below which single weeks are smoothed
SCALED_ABOVE = 0.10  # share of cells missing above which nodes are scaled to their own mean first
PROFILE_DAYS, LEAST_PROFILE_DAYS = 364, 28
NOISE_UNITS = 50.0  # units sold in a position at which its index is trusted half: below, it is mostly chance
SOURCES = ("category_cluster", "category", "all")


@dataclass(frozen=True)
class _Seen:
    """What the season needs of every node [N], whatever block it came in: sums over its own buckets, in their order."""

    nodes: pl.DataFrame  # item_id, location_id, category, cluster
    available: Ints  # buckets that could sell
    week_units: Floats  # [N, 52] by week of the year
    week_count: Floats
    weeks: Bools  # [N, weeks of history] with anything available
    day_units: Floats  # [N, 7] by weekday, of the last year
    day_count: Floats
    days: Bools  # [N, days of the last year]


def season(
    blocks: Iterable[tuple[dy.DataFrame[DemandHistory], dy.DataFrame[Node]]], bucket: dy.DataFrame[Bucket]
) -> dy.DataFrame[Season]:
    """Pool demand by category and cluster into week indices, and weekday shares where buckets are days.

    `blocks` are history and nodes, a part of the company at a time; each is looked through once. Every (category,
    cluster) of a node with demand gets its rows, taken from the first group large and old enough for them: category x
    cluster, category, all; `source` says which, `flat` where none is. Large is thirty nodes, or ten that sell a lot:
    drinks that share the season of a whole shop are a third too many in winter.
    """
    when = bucket.filter(pl.col("bucket_index") < 0).sort("bucket_index")
    seen = _joined([_look(history, node, when) for history, node in blocks])
    groups = codes(seen.nodes, GROUP)[1]
    parts = [_rows(groups, "week", *_week_index(seen, when.height))]
    if bucket_days(bucket) == 1:
        parts.append(_rows(groups, "weekday", *_weekday_index(seen)))
    out = pl.concat(parts).sort(Season.primary_key())
    return Season.cast(out.select(Season.column_names()))


def _look(history: pl.DataFrame, node: pl.DataFrame, when: pl.DataFrame) -> _Seen:
    """Sums of one block of nodes."""
    nodes = node.filter(pl.col("has_demand")).select(*KEY, *GROUP)
    demand = _available_demand(panel(history, nodes, last=-1, first=-when.height), history)
    there = ~np.isnan(demand)
    position = when["season_week"].to_numpy().astype(np.int64) - 1
    weekday = when["bucket_start"].dt.weekday().to_numpy().astype(np.int64)[-PROFILE_DAYS:] - 1
    return _Seen(
        nodes,
        there.sum(axis=1),
        *position_sums(demand, np.where(position >= 52, -1, position), 52),
        _any_in(there, when["week_index"].to_numpy()),
        *position_sums(demand[:, -PROFILE_DAYS:], weekday, WEEKDAYS),
        there[:, -PROFILE_DAYS:],
    )


def _joined(parts: list[_Seen]) -> _Seen:
    nodes = pl.concat([one.nodes for one in parts])
    rest = [name for name in vars(parts[0]) if name != "nodes"]
    return _Seen(nodes, **{name: np.concatenate([getattr(one, name) for one in parts]) for name in rest})


def _any_in(there: Bools, week: Ints) -> Bools:
    """Whether anything was available in each week [N, weeks]."""
    starts = np.flatnonzero(np.diff(week, prepend=week[:1] - 1))
    return np.logical_or.reduceat(there, starts, axis=1) if starts.size else there


def _available_demand(cells: Panel, history: pl.DataFrame) -> Floats:
    """Sales of the buckets whose shelf could sell, scaled up where it could for part of the bucket."""
    names = ("opening_qty", "receipt_qty", "sales_qty", "closing_qty")
    opening, receipt, sales, closing = (cells.grid(history[name]) for name in names)
    share = cells.grid(history["in_stock_share"])
    state, _ = availability_state(opening, receipt, sales, closing, share)
    closed = cells.grid(history["open_share"]) <= 0
    demand = np.where((state == MISSING) | closed, np.nan, np.maximum(sales, 0.0))
    return np.where(state == PARTIAL, demand / np.where(state == PARTIAL, share, 1.0), demand)


def _levels(nodes: pl.DataFrame) -> list[tuple[Ints, Ints, int]]:
    """For every level of pooling: group of each node, group of each (category, cluster), number of groups."""
    base = codes(nodes, GROUP)[1]
    category, categories = codes(nodes, ["category"])
    of_base = base.join(categories.with_row_index("code"), on="category", how="left", maintain_order="left")["code"]
    parents = of_base.cast(pl.Int64).to_numpy()
    own = np.arange(base.height)
    zero = np.zeros(base.height, dtype=np.int64)
    return [
        (codes(nodes, GROUP)[0], own, base.height),
        (category, parents, categories.height),
        (np.zeros(nodes.height, dtype=np.int64), zero, 1),
    ]


def _week_index(seen: _Seen, buckets: int) -> tuple[Floats, Ints, list[str]]:
    cells = len(seen.available) * buckets
    scaled = cells > 0 and bool(1.0 - seen.available.sum() / cells > SCALED_ABOVE)
    out: _Pooled = _Pooled(codes(seen.nodes, GROUP)[1].height, 53)
    for source, (group, of_base, count) in zip(SOURCES, _levels(seen.nodes), strict=True):
        size = sums(group, np.where(seen.available > 0, 1.0, 0.0), count)
        weeks = _ever(seen.weeks, group, count)
        units = by_group(seen.week_units, group, count)
        sells = (size >= FEW_NODES) & (np.median(units, axis=1) >= PLENTY_UNITS)
        ready = (weeks >= LEAST_WEEKS) & ((size >= LEAST_NODES) | sells | (source == "all"))
        raw = seasonal_index(seen.week_units, seen.week_count, group, count, scaled)
        trust = _trust(units)
        index = settle_index(np.where(np.isnan(raw), raw, 1.0 + (raw - 1.0) * trust))
        index = np.where((size < SMALL_GROUP)[:, None], smooth_index(index), index)
        out.fill(source, with_week_53(index)[of_base], ready[of_base], size[of_base])
    return out.index, out.size, out.source


def _weekday_index(seen: _Seen) -> tuple[Floats, Ints, list[str]]:
    out = _Pooled(codes(seen.nodes, GROUP)[1].height, WEEKDAYS)
    for source, (group, of_base, count) in zip(SOURCES, _levels(seen.nodes), strict=True):
        size = sums(group, np.where(seen.days.any(axis=1), 1.0, 0.0), count)
        days = _ever(seen.days, group, count)
        raw = seasonal_index(seen.day_units, seen.day_count, group, count)
        index = np.where(np.isnan(raw), 0.0, 1.0 + (raw - 1.0) * _trust(by_group(seen.day_units, group, count)))
        total = index.sum(axis=1, keepdims=True)
        index = index / np.where(total > 0, total, 1.0) * WEEKDAYS
        out.fill(source, index[of_base], ((days >= LEAST_PROFILE_DAYS) & (total[:, 0] > 0))[of_base], size[of_base])
    return out.index, out.size, out.source


class _Pooled:
    """Indices of the (category, cluster) groups, filled from the finest level of pooling that is ready."""

    def __init__(self, groups: int, positions: int) -> None:
        self.index = np.ones((groups, positions))
        self.size = np.zeros(groups, dtype=np.int64)
        self.source = ["flat"] * groups

    def fill(self, source: str, index: Floats, ready: np.ndarray, size: Floats) -> None:
        for g in np.flatnonzero(ready & (np.array(self.source) == "flat")):
            self.index[g], self.size[g], self.source[g] = index[g], int(size[g]), source


def _ever(there: Bools, group: Ints, count: int) -> Ints:
    """Weeks (or days) in which any node of a group had something available."""
    seen = np.zeros((count, there.shape[1]), dtype=bool)
    np.logical_or.at(seen, group, there)
    return seen.sum(axis=1)


def _trust(units: Floats) -> Floats:
    """How far an index is more than chance: units / (units + 50)."""
    return units / (units + NOISE_UNITS)


def _rows(groups: pl.DataFrame, kind: str, index: Floats, size: Ints, source: list[str]) -> pl.DataFrame:
    positions = index.shape[1]
    repeated = groups.with_columns(node_count=pl.Series(size), source=pl.Series(source, dtype=pl.String))
    repeated = repeated.select(pl.all().repeat_by(positions).explode()) if groups.height else repeated
    return repeated.with_columns(
        position_kind=pl.lit(kind),
        position=pl.Series(np.tile(np.arange(1, positions + 1), groups.height)),
        index_rate=pl.Series(index.ravel()),
    )
