"""What does the calendar do to a category?

Seasons are properties of groups; single items are too noisy to show them.
"""

from __future__ import annotations

from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.season import seasonal_index, settle_index, smooth_index, with_week_53
from replenish.numerics.spike import spikes
from replenish.numerics.unconstrain import CENSORED, MISSING, PARTIAL, availability_state, unconstrain
from replenish.steps.calendar import GROUP, WEEKDAYS, bucket_days, season_index
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
SOME_NODES = 1000  # worked on at once, so that memory stays small
FEW_ITERATIONS = 10  # an index needs the shape of the year, not the last digit of the level
SOURCES = ("category_cluster", "category", "all")


def season(
    history: dy.DataFrame[DemandHistory], node: dy.DataFrame[Node], bucket: dy.DataFrame[Bucket]
) -> dy.DataFrame[Season]:
    """Pool demand by category and cluster into week indices, and weekday shares where buckets are days.

    Every (category, cluster) of a node with demand gets its rows, taken from the first group large and old enough
    for them: category x cluster, category, all; `source` says which, `flat` where none is. Large is thirty nodes, or
    ten that sell a lot: drinks that share the season of a whole shop are a third too many in winter.
    """
    nodes = node.filter(pl.col("has_demand")).select(*KEY, *GROUP, "is_continuous")
    cells = panel(history, nodes, last=-1)
    seen = _seen(cells, history)
    when = bucket.filter(pl.col("bucket_index").is_between(cells.first, -1)).sort("bucket_index")
    out = _pooled(nodes, seen.demand, when, bucket_days(bucket))
    if seen.is_partly.any():
        # again: how much a sold-out bucket would have sold depends on the season, and the season on that
        index = season_index(out, nodes, bucket).of_buckets(when)
        out = _pooled(nodes, _completed(seen, index), when, bucket_days(bucket))
    return Season.cast(out.select(Season.column_names()))


def _pooled(nodes: pl.DataFrame, demand: Floats, when: pl.DataFrame, days: int) -> pl.DataFrame:
    """Rows of all groups from demand [N, T]."""
    groups = codes(nodes, GROUP)[1]
    parts = [_rows(groups, "week", *_week_index(nodes, demand, when))]
    if days == 1:
        parts.append(_rows(groups, "weekday", *_weekday_index(nodes, demand, when)))
    return pl.concat(parts).sort(Season.primary_key())


@dataclass(frozen=True)
class _Seen:
    """What the shelves let show."""

    demand: Floats  # sales; NaN where there was nothing to sell
    censored: Bools
    share: Floats  # of the bucket in stock, where the bucket tells it
    is_partly: Bools  # nodes with cells seen in part
    is_weight: Bools


def _seen(cells: Panel, history: pl.DataFrame) -> _Seen:
    names = ("opening_qty", "receipt_qty", "sales_qty", "closing_qty")
    opening, receipt, sales, closing = (cells.grid(history[name]) for name in names)
    share = cells.grid(history["in_stock_share"])
    state, _ = availability_state(opening, receipt, sales, closing, share)
    early = (state == MISSING) & (share > 0) & (sales > 0)
    closed = cells.grid(history["open_share"]) <= 0
    missing = ((state == MISSING) & ~early) | closed | np.isnan(sales)
    share = np.where((early | (state == PARTIAL)) & ~missing, share, 1.0)
    censored = (state == CENSORED) & ~missing
    demand = np.where(missing, np.nan, np.maximum(sales, 0.0))
    demand[spikes(demand)] = np.nan  # one wrong record must not become the season of all
    is_weight = cells.nodes["is_continuous"].to_numpy()
    demand[is_weight] /= share[is_weight]
    share[is_weight] = 1.0
    return _Seen(demand, censored, share, (censored | (share < 1)).any(axis=1), is_weight)


def _completed(seen: _Seen, exposure: Floats) -> Floats:
    """Demand with what would have sold where the shelf ran out.

    Sales alone would flatten the season: shelves run out where demand is highest.
    """
    demand = seen.demand.copy()
    for counts in (True, False):
        rows = np.flatnonzero(seen.is_partly & (seen.is_weight != counts))
        for some in np.split(rows, range(SOME_NODES, rows.size, SOME_NODES)):
            censored, share = seen.censored[some], seen.share[some]
            found = unconstrain(
                demand[some], exposure[some], censored, counts=counts, iterations=FEW_ITERATIONS, share=share
            )
            demand[some] = np.where(np.isnan(found.demand_qty), demand[some], found.demand_qty)
    return demand


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


def _week_index(nodes: pl.DataFrame, demand: Floats, when: pl.DataFrame) -> tuple[Floats, Ints, list[str]]:
    position = when["season_week"].to_numpy().astype(np.int64) - 1
    position = np.where(position >= 52, -1, position)
    there = ~np.isnan(demand)
    scaled = bool(there.size) and 1.0 - there.mean() > SCALED_ABOVE
    week = when["week_index"].to_numpy()
    out: _Pooled = _Pooled(codes(nodes, GROUP)[1].height, 53)
    for source, (group, of_base, count) in zip(SOURCES, _levels(nodes), strict=True):
        size = sums(group, np.count_nonzero(there, axis=1).clip(max=1).astype(np.float64), count)
        weeks = _weeks_seen(there, group, count, week)
        units = _units(demand, position, group, count, 52)
        sells = (size >= FEW_NODES) & (np.median(units, axis=1) >= PLENTY_UNITS)
        ready = (weeks >= LEAST_WEEKS) & ((size >= LEAST_NODES) | sells | (source == "all"))
        raw = seasonal_index(demand, position, group, count, 52, scaled)
        trust = _trust(units)
        index = settle_index(np.where(np.isnan(raw), raw, 1.0 + (raw - 1.0) * trust))
        index = np.where((size < SMALL_GROUP)[:, None], smooth_index(index), index)
        out.fill(source, with_week_53(index)[of_base], ready[of_base], size[of_base])
    return out.index, out.size, out.source


def _weekday_index(nodes: pl.DataFrame, demand: Floats, when: pl.DataFrame) -> tuple[Floats, Ints, list[str]]:
    demand = demand[:, -PROFILE_DAYS:]
    position = when["bucket_start"].dt.weekday().to_numpy().astype(np.int64)[-PROFILE_DAYS:] - 1
    there = ~np.isnan(demand)
    out = _Pooled(codes(nodes, GROUP)[1].height, WEEKDAYS)
    for source, (group, of_base, count) in zip(SOURCES, _levels(nodes), strict=True):
        size = sums(group, np.count_nonzero(there, axis=1).clip(max=1).astype(np.float64), count)
        days = _weeks_seen(there, group, count, np.arange(demand.shape[1]))
        raw = seasonal_index(demand, position, group, count, WEEKDAYS)
        index = np.where(
            np.isnan(raw), 0.0, 1.0 + (raw - 1.0) * _trust(_units(demand, position, group, count, WEEKDAYS))
        )
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


def _weeks_seen(there: np.ndarray, group: Ints, count: int, time: np.ndarray) -> Ints:
    """Distinct weeks (or days) in which a group had anything available."""
    first = int(time.min()) if time.size else 0
    width = int(time.max()) - first + 1 if time.size else 0
    row, column = np.nonzero(there)
    seen = np.zeros((count, width), dtype=bool)
    seen[group[row], time[column] - first] = True
    return seen.sum(axis=1)


def _units(demand: Floats, position: Ints, group: Ints, count: int, length: int) -> Floats:
    """Units sold in each position [G, length]."""
    there = ~np.isnan(demand) & (position >= 0)
    cell = group[:, None] * length + position[None, :]
    return sums(cell[there], demand[there], count * length).reshape(count, length)


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
