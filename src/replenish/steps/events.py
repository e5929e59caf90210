"""What past events did to demand, and what the same kinds will do: uplift per node, kind and bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.uplift import UPLIFT_MAX, UPLIFT_MIN, log_uplift, shrunk_uplift
from replenish.steps.calendar import GROUP
from replenish.steps.panel import KEY, Bools, Floats, Ints, codes

LEAST_BASELINE = 3.0  # units expected during an event below which its own ratio is noise
LEAST_SHARE = 1.0 / 7.0  # an event of one day in a week is the shortest whose effect is told apart
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
    share: Floats
    expected: Floats  # NaN where the user gave none
    is_closure: Bools
    pools: pl.DataFrame  # category, cluster
    kinds: list[str]
    event_count: int


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
        share=rows["event_share"].to_numpy(),
        expected=rows["expected_uplift_rate"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        is_closure=(rows["kind"] == "closure").to_numpy(),
        pools=pools,
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
    A user's expected uplift stands in for the category's. Without any evidence the uplift is 1; closures have none.
    What comes after a promotion is a dip or nothing.
    """
    past = _past(events, demand, exposure, first, buckets_a_week)
    own_count, own_log = _own(events, past)
    pooled = _pooled(events, past)
    cell = _cells(events)
    pooled_here = np.where(np.isnan(events.expected), pooled[events.pool, events.kind], events.expected)
    uplift = shrunk_uplift(own_count[cell], np.exp(own_log[cell]), np.maximum(pooled_here, 1e-3))
    is_after = np.array([kind == AFTER for kind in events.kinds], dtype=bool)[events.kind]
    uplift = np.where(is_after, np.where(pooled_here < 1, np.minimum(uplift, 1.0), 1.0), uplift)
    return np.where(events.is_closure, 1.0, 1.0 + events.share * (uplift - 1.0))


def uplift_variance(
    events: Events, uplift: Floats, demand: Floats, exposure: Floats, first: int, buckets_a_week: int
) -> Floats:
    """Variance of the logarithm of what past events of a row's kind did over what was learned of them [rows].

    Chance of the units sold (1 / units) is taken off; 0 where fewer than five past events tell. Arguments as of
    `learn_uplift`, and what it returned.
    """
    past = _past(events, demand, exposure, first, buckets_a_week)
    found = _event_logs(_cells(events)[past.at], events, past)
    whole = np.where(events.share > 0, 1.0 + (uplift - 1.0) / np.where(events.share > 0, events.share, 1.0), 1.0)
    learned = np.zeros(_cells(events).max(initial=-1) + 1)
    learned[_cells(events)] = np.log(np.clip(whole, UPLIFT_MIN, UPLIFT_MAX))
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


def _cells(events: Events) -> Ints:
    """Number of the (node, kind) of every row."""
    return events.row * len(events.kinds) + events.kind


@dataclass(frozen=True)
class _Past:
    """Rows of events that lie in the history and can be compared with a baseline."""

    at: Ints
    sold: Floats
    baseline: Floats


def _past(events: Events, demand: Floats, exposure: Floats, first: int, buckets_a_week: int) -> _Past:
    at = np.flatnonzero(~events.is_closure & (events.bucket >= first) & (events.bucket < first + demand.shape[1]))
    row, column = events.row[at], events.bucket[at] - first
    after = np.array([kind == AFTER for kind in events.kinds], dtype=bool)[events.kind[at]]
    baseline = _baseline(demand, exposure, row, column, after, AROUND_WEEKS * buckets_a_week)
    known = ~np.isnan(demand[row, column]) & (baseline > 0)
    return _Past(at[known], demand[row, column][known], baseline[known])


def _own(events: Events, past: _Past) -> tuple[Floats, Floats]:
    """Number of a node's own events of a kind, and the mean logarithm of their uplift [nodes * kinds]."""
    size = (int(events.row.max(initial=-1)) + 1) * len(events.kinds)
    found = _event_logs(_cells(events)[past.at], events, past)
    count = sums(found.cell, np.ones(found.cell.size), size)
    mean = sums(found.cell, found.log, size) / np.maximum(count, 1.0)
    return count, np.where(count > 0, mean, np.nan)


def _pooled(events: Events, past: _Past) -> Floats:
    """Uplift by pool and kind [P, K]: geometric mean over events of their total demand over total baseline.

    Totals first, because the logarithm of a slow item's few units is far below that of its mean. A pool is its
    category, else the nearest parent that has seen the kind, else all; holidays are asked of the location cluster
    first. 1 where the kind is new.
    """
    kinds = len(events.kinds)
    log, done = np.zeros((events.pools.height, kinds)), np.zeros((events.pools.height, kinds), dtype=bool)
    holiday, after = (np.array([kind == name for kind in events.kinds], dtype=bool) for name in ("holiday", AFTER))
    for group, by_cluster in _levels(events.pools):
        if by_cluster and not holiday.any():
            continue
        size = int(group.max(initial=-1)) + 1
        found = _event_logs(group[events.pool[past.at]] * kinds + events.kind[past.at], events, past)
        count, mean, error = (part.reshape(size, kinds)[group] for part in _means(found, size * kinds))
        enough = np.where(after, count >= LEAST_AFTER, count > 0) & (holiday | np.logical_not(by_cluster))
        told = np.where(after & (mean + BEYOND_NOISE * error >= 0), 0.0, mean)
        log, done = np.where(enough & ~done, told, log), done | enough
    return np.exp(log)


def _levels(pools: pl.DataFrame) -> list[tuple[Ints, bool]]:
    """Group of each pool (category, cluster), finest first: categories inside the cluster, then over all clusters."""
    paths = [path.split("/") for path in pools["category"].to_list()]
    deepest = max((len(path) for path in paths), default=0)
    out = []
    for by_cluster in (True, False):
        for depth in range(deepest, -1, -1):
            cut = pools.with_columns(category=pl.Series(["/".join(path[:depth]) for path in paths], dtype=pl.String))
            out.append((codes(cut, GROUP if by_cluster else ["category"])[0], by_cluster))
    return out


@dataclass(frozen=True)
class _Logs:
    """Past events of a cell: logarithm of their uplift, and units sold in them."""

    cell: Ints
    log: Floats
    sold: Floats


def _means(found: _Logs, size: int) -> tuple[Floats, Floats, Floats]:
    """Count, mean and standard error of the logarithms of each cell [size]."""
    count = sums(found.cell, np.ones(found.cell.size), size)
    mean = sums(found.cell, found.log, size) / np.maximum(count, 1.0)
    square = sums(found.cell, (found.log - mean[found.cell]) ** 2, size)
    return count, mean, np.sqrt(square / np.maximum(count - 1.0, 1.0) / np.maximum(count, 1.0))


def _event_logs(cell: Ints, events: Events, past: _Past) -> _Logs:
    """Logarithm of the uplift of every (cell, event) with enough baseline, and its cell."""
    share, many = events.share[past.at], max(events.event_count, 1)
    names, inverse = np.unique(cell * many + events.event[past.at], return_inverse=True)
    base = sums(inverse, past.baseline, names.size)
    got = sums(inverse, past.sold, names.size)
    covered = np.maximum(_rate(sums(inverse, past.baseline * share, names.size), base), LEAST_SHARE)
    whole = np.maximum(base + (got - base) / covered, 0.0)  # what a bucket wholly inside the event would have had
    enough = base >= LEAST_BASELINE
    return _Logs(names[enough] // many, log_uplift(whole, base)[enough], got[enough])
