"""What past events did to demand, and what the same kinds will do: uplift per node, kind and bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.uplift import UPLIFT_MAX, log_uplift, shrunk_uplift
from replenish.steps.panel import KEY, Bools, Floats, Ints, codes

LEAST_BASELINE = 3.0  # units expected during an event below which its own ratio is noise
LEAST_SHARE = 1.0 / 7.0  # an event of one day in a week is the shortest whose effect is told apart
AROUND_WEEKS = 13  # weeks on either side that tell the baseline


@dataclass(frozen=True)
class Events:
    """Events on the cells of a panel: node row, bucket index, and what the user says of them."""

    row: Ints
    bucket: Ints
    kind: Ints
    event: Ints
    category: Ints
    share: Floats
    expected: Floats  # NaN where the user gave none
    is_closure: Bools
    categories: pl.DataFrame
    kinds: pl.DataFrame
    event_count: int

    @property
    def category_count(self) -> int:
        """Distinct categories among the rows."""
        return self.categories.height

    @property
    def kind_count(self) -> int:
        """Distinct kinds among the rows."""
        return self.kinds.height


def events_on(event_bucket: pl.DataFrame, nodes: pl.DataFrame) -> Events:
    """Events of the nodes (item_id, location_id, category in the order of their rows), sorted as the table is."""
    places = nodes.select(*KEY, "category").with_row_index("row")
    rows = event_bucket.join(places, on=KEY, how="inner", maintain_order="left")
    kind, kinds = codes(rows, ["kind"])
    event, names = codes(rows, ["event_id"])
    category, categories = codes(rows, ["category"])
    return Events(
        row=rows["row"].cast(pl.Int64).to_numpy(),
        bucket=rows["bucket_index"].cast(pl.Int64).to_numpy(),
        kind=kind,
        event=event,
        category=category,
        share=rows["event_share"].to_numpy(),
        expected=rows["expected_uplift_rate"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        is_closure=(rows["kind"] == "closure").to_numpy(),
        categories=categories,
        kinds=kinds,
        event_count=names.height,
    )


def closed_share(events: Events, first: int, shape: tuple[int, int]) -> Floats:
    """Share of every bucket lost to closures, buckets counted from `first`."""
    out = np.zeros(shape)
    inside = events.is_closure & (events.bucket >= first) & (events.bucket < first + shape[1])
    np.maximum.at(out, (events.row[inside], events.bucket[inside] - first), events.share[inside])
    return out


def learn_uplift(
    events: Events,
    demand: Floats,
    exposure: Floats,
    first: int,
    buckets_a_week: int,
    pooled: pl.DataFrame | None = None,
) -> Floats:
    """Uplift of every event row, past and future: the node's own past events of the kind shrunk to its category's.

    `demand` and `exposure` [N, T] of history from bucket index `first` on (NaN demand = missing, exposure = season
    index times share in stock). A row's uplift is 1 + share of the bucket inside the event * (uplift - 1).
    `pooled` is what `pooled_uplift` learned from all nodes; without it these nodes are all there are. A user's expected
    uplift stands in for the category's. Without any evidence the uplift is 1; closures have none.
    """
    past, sold, baseline = _evidence(events, demand, exposure, first, buckets_a_week)
    own_count, own_log = _own(events, past, sold, baseline)
    known = _pooled(events, past, sold, baseline) if pooled is None else _named(events, pooled)
    cell = events.row * events.kind_count + events.kind
    pooled_here = np.where(np.isnan(events.expected), known[events.category, events.kind], events.expected)
    uplift = shrunk_uplift(own_count[cell], np.exp(own_log[cell]), np.maximum(pooled_here, 1e-3))
    return np.where(events.is_closure, 1.0, 1.0 + events.share * (uplift - 1.0))


def pooled_uplift(events: Events, demand: Floats, exposure: Floats, first: int, buckets_a_week: int) -> pl.DataFrame:
    """What past events did to categories, learned from all nodes: category, kind, uplift_rate."""
    table = _pooled(events, *_evidence(events, demand, exposure, first, buckets_a_week))
    names = events.categories.join(events.kinds, how="cross", maintain_order="left_right")
    return names.with_columns(uplift_rate=pl.Series(table.ravel(), dtype=pl.Float64))


def _named(events: Events, pooled: pl.DataFrame) -> Floats:
    """Pooled uplifts [C, K] of the categories and kinds among these events; 1 where none was learned."""
    names = events.categories.join(events.kinds, how="cross", maintain_order="left_right")
    found = names.join(pooled, on=["category", "kind"], how="left", maintain_order="left")["uplift_rate"]
    return found.fill_null(1.0).to_numpy().reshape(events.category_count, events.kind_count)


def _evidence(
    events: Events, demand: Floats, exposure: Floats, first: int, buckets_a_week: int
) -> tuple[Ints, Floats, Floats]:
    """Past event rows whose demand is known, that demand, and what it would have been without the event."""
    past = np.flatnonzero(~events.is_closure & (events.bucket >= first) & (events.bucket < first + demand.shape[1]))
    row, column = events.row[past], events.bucket[past] - first
    baseline = _baseline(demand, exposure, row, column, AROUND_WEEKS * buckets_a_week)
    known = ~np.isnan(demand[row, column]) & (baseline > 0)
    return past[known], demand[row, column][known], baseline[known]


def uplift_grid(events: Events, uplift: Floats, first: int, shape: tuple[int, int]) -> Floats:
    """Product of the uplifts that meet in a bucket, at most 20; 1 without event."""
    out = np.ones(shape)
    inside = (events.bucket >= first) & (events.bucket < first + shape[1])
    np.multiply.at(out, (events.row[inside], events.bucket[inside] - first), uplift[inside])
    return np.minimum(out, UPLIFT_MAX)


def _baseline(demand: Floats, exposure: Floats, row: Ints, column: Ints, around: int) -> Floats:
    """Demand the event's buckets would have had: exposure times the rate of the event-free buckets around them."""
    usable = ~np.isnan(demand) & (exposure > 0)
    usable[row, column] = False
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


def _own(events: Events, past: Ints, sold: Floats, baseline: Floats) -> tuple[Floats, Floats]:
    """Number of a node's own events of a kind, and the mean logarithm of their uplift [nodes * kinds]."""
    width = int(events.row.max(initial=-1)) + 1
    size = width * events.kind_count
    cell = events.row[past] * events.kind_count + events.kind[past]
    ratio, owner = _event_logs(cell, events.event[past], events.event_count, sold, baseline, events.share[past])
    count = sums(owner, np.ones(owner.size), size)
    mean = sums(owner, ratio, size) / np.maximum(count, 1.0)
    return count, np.where(count > 0, mean, np.nan)


def _pooled(events: Events, past: Ints, sold: Floats, baseline: Floats) -> Floats:
    """Uplift by category and kind [C, K]: geometric mean over events of their total demand over total baseline.

    Totals first, because the logarithm of a slow item's few units is far below that of its mean. A category without
    such an event takes the mean of all categories, and 1 where the kind is new.
    """
    size = events.category_count * events.kind_count
    cell = events.category[past] * events.kind_count + events.kind[past]
    ratio, owner = _event_logs(cell, events.event[past], events.event_count, sold, baseline, events.share[past])
    count = sums(owner, np.ones(owner.size), size).reshape(events.category_count, events.kind_count)
    total = sums(owner, ratio, size).reshape(count.shape)
    of_kind = total.sum(axis=0) / np.maximum(count.sum(axis=0), 1.0)
    return np.exp(np.where(count > 0, total / np.maximum(count, 1.0), of_kind[None, :]))


def _event_logs(
    cell: Ints, event: Ints, event_count: int, sold: Floats, baseline: Floats, share: Floats
) -> tuple[Floats, Ints]:
    """Logarithm of the uplift of every (cell, event) with enough baseline, and its cell."""
    names, inverse = np.unique(cell * max(event_count, 1) + event, return_inverse=True)
    base = sums(inverse, baseline, names.size)
    got = sums(inverse, sold, names.size)
    covered = np.maximum(_rate(sums(inverse, baseline * share, names.size), base), LEAST_SHARE)
    whole = np.maximum(base + (got - base) / covered, 0.0)  # what a bucket wholly inside the event would have had
    enough = base >= LEAST_BASELINE
    return log_uplift(whole, base)[enough], names[enough] // max(event_count, 1)
