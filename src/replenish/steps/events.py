"""What past events did to demand, and what the same kinds will do: uplift per node, kind and bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.uplift import UPLIFT_MAX, UPLIFT_MIN, shrunk_uplift, telling_events, total_uplift
from replenish.steps.calendar import GROUP
from replenish.steps.panel import KEY, Bools, Floats, Ints, codes

AROUND_WEEKS = 13  # weeks on either side that tell the baseline
AFTER, AFTER_BUCKETS = "after promotion", 2  # buyers who stocked up stay away: a kind of event of its own,
LEAST_AFTER = 5  # believed where at least so many promotions
BEYOND_NOISE = 2.0  # show it by so many standard errors
LEAST_RESIDUALS = 5  # past events of a kind from which its spread is told


@dataclass(frozen=True)
class Events:
    """Events on the cells of a panel: node row, bucket index, and what the user says of them.

    The buckets after a promotion that no other event covers are rows of the kind `after promotion`.
    """

    row: Ints
    bucket: Ints
    kind: Ints
    event: Ints
    pool: Ints  # number of its (category, cluster)
    pools: pl.DataFrame
    share: Floats
    expected: Floats  # NaN where the user gave none
    is_closure: Bools
    kinds: list[str]
    event_count: int

    def is_kind(self, name: str) -> Bools:
        """Rows of a kind."""
        return np.array([kind == name for kind in self.kinds], dtype=bool)[self.kind]


def events_on(event_bucket: pl.DataFrame, nodes: pl.DataFrame) -> Events:
    """Events of the nodes (item_id, location_id, category, cluster in the order of their rows), sorted by them."""
    places = nodes.select(*KEY, *GROUP).with_row_index("row")
    rows = event_bucket.join(places, on=KEY, how="inner", maintain_order="left")
    rows = pl.concat([rows, _after(rows)]).sort("row", "bucket_index", "event_id", "kind")
    kind, kinds = codes(rows, ["kind"])
    event, names = codes(rows, ["event_id"])
    pool, pools = codes(rows, GROUP)
    return Events(
        row=rows["row"].cast(pl.Int64).to_numpy(),
        bucket=rows["bucket_index"].cast(pl.Int64).to_numpy(),
        kind=kind,
        event=event,
        pool=pool,
        pools=pools,
        share=rows["event_share"].to_numpy(),
        expected=rows["expected_uplift_rate"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        is_closure=(rows["kind"] == "closure").to_numpy(),
        kinds=kinds["kind"].to_list(),
        event_count=names.height,
    )


def _after(rows: pl.DataFrame) -> pl.DataFrame:
    """The two buckets after every promotion, where no event covers them."""
    last = rows.filter(pl.col("kind") == "promotion").sort("bucket_index")
    last = last.unique(["row", "event_id"], keep="last", maintain_order=True)
    steps = [last.with_columns(bucket_index=pl.col("bucket_index") + step) for step in range(1, AFTER_BUCKETS + 1)]
    after = pl.concat(steps).join(rows, on=["row", "bucket_index"], how="anti")
    after = after.sort("row", "bucket_index", "event_id").unique(["row", "bucket_index"], keep="first")
    return after.with_columns(
        kind=pl.lit(AFTER), expected_uplift_rate=pl.lit(None, pl.Float64), event_share=pl.lit(1.0)
    )


def closed_share(events: Events, first: int, shape: tuple[int, int]) -> Floats:
    """Share of every bucket lost to closures, buckets counted from `first`."""
    out = np.zeros(shape)
    inside = events.is_closure & (events.bucket >= first) & (events.bucket < first + shape[1])
    np.maximum.at(out, (events.row[inside], events.bucket[inside] - first), events.share[inside])
    return out


def learn_uplift(events: Events, demand: Floats, exposure: Floats, first: int, buckets_a_week: int) -> Floats:
    """Uplift of every event row, past and future: the node's own past events of the kind shrunk to its category's.

    `demand` and `exposure` [N, T] of history from bucket index `first` on (NaN demand = missing, exposure = season
    index times share in stock). A row's uplift is 1 + share of the bucket inside the event * (uplift - 1).
    The category's own is shrunk to its parent's, and so on up to that of all nodes; for holidays the location cluster
    has the last word before the node. A user's expected uplift stands in for all these. Without any evidence the uplift
    is 1; closures have none. What comes after a promotion is a dip beyond noise, or nothing.
    """
    past = _past(events, demand, exposure, first, buckets_a_week)
    everywhere = _shrunk(events, np.zeros_like(events.row), past, np.full(events.row.size, np.nan))
    pooled = np.nan_to_num(everywhere, nan=1.0)
    for group in _categories(events):
        pooled = _shrunk(events, group, past, pooled)
    if (holiday := events.is_kind("holiday")).any():
        for group in _clusters(events):
            pooled = np.where(holiday, _shrunk(events, group, past, pooled), pooled)
    pooled = np.where(np.isnan(events.expected), pooled, np.maximum(events.expected, 1e-3))
    uplift = _shrunk(events, events.row, past, pooled)
    uplift = np.where(events.is_kind(AFTER), np.where(_dips(events, past), np.minimum(uplift, 1.0), 1.0), uplift)
    return np.where(events.is_closure, 1.0, 1.0 + events.share * (uplift - 1.0))


def uplift_variance(
    events: Events, uplift: Floats, demand: Floats, exposure: Floats, first: int, buckets_a_week: int
) -> Floats:
    """Variance of the logarithm of what past events of a row's kind did over what was learned of them [rows].

    Chance of the units sold (1 / units) is taken off; 0 where fewer than five past events tell. Arguments as of
    `learn_uplift`, and what it returned.
    """
    found = _single(events, _cells(events, events.row), _past(events, demand, exposure, first, buckets_a_week))
    whole = np.where(events.share > 0, 1.0 + (uplift - 1.0) / np.where(events.share > 0, events.share, 1.0), 1.0)
    learned = np.zeros(_cells(events, events.row).max(initial=-1) + 1)
    learned[_cells(events, events.row)] = np.log(np.clip(whole, UPLIFT_MIN, UPLIFT_MAX))
    kinds = len(events.kinds)
    kind = found.cell % max(kinds, 1)
    square = (found.log - learned[found.cell]) ** 2 - 1.0 / np.maximum(found.sold, 1.0)
    count = sums(kind, np.ones(kind.size), kinds)
    variance = np.where(count >= LEAST_RESIDUALS, np.maximum(sums(kind, square, kinds), 0.0) / np.maximum(count, 1), 0)
    return np.where(events.is_closure, 0.0, variance[events.kind])


def uplift_grid(events: Events, uplift: Floats, first: int, shape: tuple[int, int]) -> Floats:
    """Product of the uplifts that meet in a bucket, at most 20; 1 without event."""
    out = np.ones(shape)
    inside = (events.bucket >= first) & (events.bucket < first + shape[1])
    np.multiply.at(out, (events.row[inside], events.bucket[inside] - first), uplift[inside])
    return np.minimum(out, UPLIFT_MAX)


def variance_grid(events: Events, variance: Floats, first: int, shape: tuple[int, int]) -> Floats:
    """Variance of the logarithms of the uplifts that meet in a bucket, each by its share of it; 0 without event."""
    out = np.zeros(shape)
    inside = (events.bucket >= first) & (events.bucket < first + shape[1])
    np.add.at(out, (events.row[inside], events.bucket[inside] - first), (variance * events.share)[inside])
    return out


@dataclass(frozen=True)
class _Past:
    """Rows of events that lie in the history and can be compared with a baseline."""

    at: Ints
    sold: Floats
    baseline: Floats


def _past(events: Events, demand: Floats, exposure: Floats, first: int, buckets_a_week: int) -> _Past:
    at = np.flatnonzero(~events.is_closure & (events.bucket >= first) & (events.bucket < first + demand.shape[1]))
    row, column = events.row[at], events.bucket[at] - first
    baseline = _baseline(demand, exposure, row, column, events.is_kind(AFTER)[at], AROUND_WEEKS * buckets_a_week)
    known = ~np.isnan(demand[row, column]) & (baseline > 0)
    return _Past(at[known], demand[row, column][known], baseline[known])


def _baseline(demand: Floats, exposure: Floats, row: Ints, column: Ints, after: Bools, around: int) -> Floats:
    """Demand the event's buckets would have had: exposure times the rate of the event-free buckets around them.

    Buckets after a promotion count as event-free: where promotions follow each other closely there are no others.
    """
    usable = ~np.isnan(demand) & (exposure > 0)
    usable[row[~after], column[~after]] = False
    total = _running(np.where(usable, demand, 0.0))
    weight = _running(np.where(usable, exposure, 0.0))
    low, high = np.maximum(column - around, 0), np.minimum(column + around + 1, demand.shape[1])
    rate = _rate(total[row, high] - total[row, low], weight[row, high] - weight[row, low])
    rate = np.where(np.isnan(rate), _rate(total[row, -1], weight[row, -1]), rate)
    return rate * exposure[row, column]


def _running(values: Floats) -> Floats:
    return np.concatenate([np.zeros((values.shape[0], 1)), np.cumsum(values, axis=1)], axis=1)


def _rate(above: Floats, below: Floats) -> Floats:
    return np.where(below > 1e-9, above / np.where(below > 1e-9, below, 1.0), np.nan)


def _categories(events: Events) -> list[Ints]:
    """Group of each event row at each depth of the category path."""
    path = events.pools["category"].str.split("/")
    depth = int(path.list.len().to_numpy().max(initial=0))
    named = [path.list.head(k).list.join("/") for k in range(1, depth + 1)]
    return [codes(pl.DataFrame({"name": name}), ["name"])[0][events.pool] for name in named]


def _clusters(events: Events) -> list[Ints]:
    """Group of each event row by location cluster, and by category in it."""
    return [codes(events.pools, ["cluster"])[0][events.pool], events.pool]


def _cells(events: Events, group: Ints) -> Ints:
    """Number of the (group, kind) of every row."""
    return group * len(events.kinds) + events.kind


def _shrunk(events: Events, group: Ints, past: _Past, above: Floats) -> Floats:
    """Uplift of every event row by what past events of its kind did in its group, shrunk to `above` (NaN: not)."""
    cell, at = _cells(events, group), past.at
    size, many = int(cell.max(initial=-1)) + 1, max(events.event_count, 1)
    base, got = sums(cell[at], past.baseline, size), sums(cell[at], past.sold, size)
    covered = sums(cell[at], past.baseline * events.share[at], size) / np.maximum(base, 1e-9)
    pairs = np.unique(cell[at] * many + events.event[at])
    count = np.bincount(pairs // many, minlength=size).astype(np.float64)
    own = total_uplift(got, base, covered)[cell]
    return shrunk_uplift(telling_events(count, base)[cell], own, np.where(np.isnan(above), own, above))


@dataclass(frozen=True)
class _Single:
    """Past events of cells one by one: logarithm of their uplift, and units sold in them."""

    cell: Ints
    log: Floats
    sold: Floats


def _single(events: Events, cell: Ints, past: _Past) -> _Single:
    """Events with enough baseline, each with its cell (group and kind of every row)."""
    at, many = past.at, max(events.event_count, 1)
    names, inverse = np.unique(cell[at] * many + events.event[at], return_inverse=True)
    base, got = sums(inverse, past.baseline, names.size), sums(inverse, past.sold, names.size)
    covered = sums(inverse, past.baseline * events.share[at], names.size) / np.maximum(base, 1e-9)
    uplift = total_uplift(got, base, covered)
    told = ~np.isnan(uplift)
    return _Single(names[told] // many, np.log(uplift[told]), got[told])


def _dips(events: Events, past: _Past) -> Bools:
    """Rows after a promotion in whose category, else in all, enough promotions were followed by less than usual.

    By the mean logarithm over promotions and its standard error.
    """
    after, told = events.is_kind(AFTER), np.zeros(events.row.size, dtype=bool)
    dips = np.zeros(events.row.size, dtype=bool)
    for group in [*reversed(_categories(events)), np.zeros_like(events.row)] if after.any() else []:
        cell = _cells(events, group)
        found, size = _single(events, cell, past), int(cell.max(initial=-1)) + 1
        count = sums(found.cell, np.ones(found.cell.size), size)
        mean = sums(found.cell, found.log, size) / np.maximum(count, 1.0)
        square = sums(found.cell, (found.log - mean[found.cell]) ** 2, size)
        error = np.sqrt(square / np.maximum(count - 1.0, 1.0) / np.maximum(count, 1.0))
        enough = count[cell] >= LEAST_AFTER
        dips = np.where(enough & ~told, (mean + BEYOND_NOISE * error < 0)[cell], dips)
        told |= enough
    return after & dips
