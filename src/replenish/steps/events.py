"""What past events did to demand, and what the same kinds will do: uplift per node, kind and bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.uplift import UPLIFT_MAX, shrunk_uplift, telling_events, total_uplift
from replenish.steps.panel import KEY, Bools, Floats, Ints, codes

AROUND_WEEKS = 13  # weeks on either side that tell the baseline


@dataclass(frozen=True)
class Events:
    """Events on the cells of a panel: node row, bucket index, and what the user says of them."""

    row: Ints
    bucket: Ints
    kind: Ints
    event: Ints
    category: Ints
    categories: pl.Series  # path of each category
    share: Floats
    expected: Floats  # NaN where the user gave none
    is_closure: Bools
    kind_count: int
    event_count: int


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
        categories=categories["category"],
        share=rows["event_share"].to_numpy(),
        expected=rows["expected_uplift_rate"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        is_closure=(rows["kind"] == "closure").to_numpy(),
        kind_count=kinds.height,
        event_count=names.height,
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
    The category's own is shrunk to its parent's, and so on up to that of all nodes. A user's expected uplift stands in
    for the category's. Without any evidence the uplift is 1; closures have none.
    """
    past = np.flatnonzero(~events.is_closure & (events.bucket >= first) & (events.bucket < first + demand.shape[1]))
    row, column = events.row[past], events.bucket[past] - first
    baseline = _baseline(demand, exposure, row, column, AROUND_WEEKS * buckets_a_week)
    known = ~np.isnan(demand[row, column]) & (baseline > 0)
    past, sold, baseline = past[known], demand[row, column][known], baseline[known]
    everywhere = _shrunk(events, np.zeros_like(events.row), past, sold, baseline, np.full(events.row.size, np.nan))
    pooled = np.nan_to_num(everywhere, nan=1.0)
    for group in _pools(events):
        pooled = _shrunk(events, group, past, sold, baseline, pooled)
    pooled = np.where(np.isnan(events.expected), pooled, np.maximum(events.expected, 1e-3))
    uplift = _shrunk(events, events.row, past, sold, baseline, pooled)
    return np.where(events.is_closure, 1.0, 1.0 + events.share * (uplift - 1.0))


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


def _pools(events: Events) -> list[Ints]:
    """Group of each event row at each depth of the category path."""
    path = events.categories.str.split("/")
    depth = int(path.list.len().to_numpy().max(initial=0))
    named = [path.list.head(k).list.join("/") for k in range(1, depth + 1)]
    return [codes(pl.DataFrame({"name": name}), ["name"])[0][events.category] for name in named]


def _shrunk(events: Events, group: Ints, past: Ints, sold: Floats, baseline: Floats, above: Floats) -> Floats:
    """Uplift of every event row by what past events of its kind did in its group, shrunk to `above` (NaN: not)."""
    cell = group * events.kind_count + events.kind
    size = int(cell.max(initial=-1)) + 1
    base, got = sums(cell[past], baseline, size), sums(cell[past], sold, size)
    covered = sums(cell[past], baseline * events.share[past], size) / np.maximum(base, 1e-9)
    pairs = np.unique(cell[past] * max(events.event_count, 1) + events.event[past])
    count = np.bincount(pairs // max(events.event_count, 1), minlength=size).astype(np.float64)
    own = total_uplift(got, base, covered)[cell]
    return shrunk_uplift(telling_events(count, base)[cell], own, np.where(np.isnan(above), own, above))
