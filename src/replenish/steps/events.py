"""What past events did to demand, and what the same kinds will do: uplift per node, kind and bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.uplift import UPLIFT_MAX, shrunk_uplift, telling_events, total_uplift
from replenish.steps.panel import KEY, Bools, Floats, Ints, codes
from replenish.steps.pools import nearest_pool

AROUND_WEEKS = 13  # weeks on either side that tell the baseline


@dataclass(frozen=True)
class Events:
    """Events on the cells of a panel: node row, bucket index, and what the user says of them."""

    rows: pl.DataFrame  # item_id, location_id, category, kind, event_id, expected_uplift_rate, ...
    row: Ints
    bucket: Ints
    share: Floats
    is_closure: Bools

    def past(self, first: int, width: int) -> Ints:
        """Which of them, closures aside, touch the buckets from `first` on."""
        return np.flatnonzero(~self.is_closure & (self.bucket >= first) & (self.bucket < first + width))


def events_on(event_bucket: pl.DataFrame, nodes: pl.DataFrame) -> Events:
    """Events of the nodes (item_id, location_id, category in the order of their rows), sorted as the table is."""
    places = nodes.select(*KEY, "category").with_row_index("row")
    rows = event_bucket.join(places, on=KEY, how="inner", maintain_order="left")
    return Events(
        rows=rows,
        row=rows["row"].cast(pl.Int64).to_numpy(),
        bucket=rows["bucket_index"].cast(pl.Int64).to_numpy(),
        share=rows["event_share"].to_numpy(),
        is_closure=(rows["kind"] == "closure").to_numpy(),
    )


def closed_share(events: Events, first: int, shape: tuple[int, int]) -> Floats:
    """Share of every bucket lost to closures, buckets counted from `first`."""
    out = np.zeros(shape)
    inside = events.is_closure & (events.bucket >= first) & (events.bucket < first + shape[1])
    np.maximum.at(out, (events.row[inside], events.bucket[inside] - first), events.share[inside])
    return out


def effects(events: Events, demand: Floats, exposure: Floats, first: int, buckets_a_week: int) -> pl.DataFrame:
    """What every past event did to every node: rows of plan.event_effect, in the order of nodes, kinds and events.

    `demand` and `exposure` [N, T] of history from bucket index `first` on (NaN demand = missing, exposure = season
    index times share in stock).
    """
    past = events.past(first, demand.shape[1])
    row, column = events.row[past], events.bucket[past] - first
    baseline = _baseline(demand, exposure, row, column, AROUND_WEEKS * buckets_a_week)
    known = ~np.isnan(demand[row, column]) & (baseline > 0)
    past, sold, baseline = past[known], demand[row, column][known], baseline[known]
    touched = events.rows[past].select("row", *KEY, "category", "kind", "event_id")
    code, names = codes(touched, ["row", *KEY, "category", "kind", "event_id"])
    return names.drop("row").with_columns(
        sold_qty=pl.Series(sums(code, sold, names.height)),
        baseline_qty=pl.Series(sums(code, baseline, names.height)),
        inside_qty=pl.Series(sums(code, baseline * events.share[past], names.height)),
    )


def totals(effect: pl.DataFrame, by: list[str]) -> tuple[pl.DataFrame, Floats, Floats]:
    """Uplift and worth in events of effects put together by some columns, added in their order: names, both arrays."""
    code, names = codes(effect, by)
    got, base, inside = (
        sums(code, effect[name].to_numpy(), names.height) for name in ("sold_qty", "baseline_qty", "inside_qty")
    )
    events = effect.select(*by, "event_id").unique().group_by(by).len()
    count = names.join(events, on=by, how="left", maintain_order="left")["len"].cast(pl.Float64).to_numpy()
    return names, total_uplift(got, base, inside / np.maximum(base, 1e-9)), telling_events(count, base)


def uplift_rows(events: Events, effect: pl.DataFrame, uplift: pl.DataFrame) -> Floats:
    """Uplift of every event row, past and future: the node's own past events of the kind shrunk to its category's.

    `effect` and `uplift` as plan.event_effect (of these nodes at least) and plan.event_uplift. A row's uplift is
    1 + share of the bucket inside the event * (uplift - 1). A category without such an event follows its parents; a
    user's expected uplift stands in for the category's. Without any evidence the uplift is 1; closures have none.
    """
    names, own, worth = totals(effect, [*KEY, "kind"])
    known = names.with_columns(own=pl.Series(own), worth=pl.Series(worth))
    told = events.rows.join(known, on=[*KEY, "kind"], how="left", maintain_order="left")
    told = told.join(_of_categories(told, uplift), on=["category", "kind"], how="left", maintain_order="left").select(
        pl.col("own").fill_null(np.nan),
        pl.col("worth").fill_null(0.0),
        pooled=pl.coalesce(pl.col("expected_uplift_rate").clip(1e-3), "uplift_rate", pl.lit(1.0)),
    )
    found = shrunk_uplift(*(told[name].to_numpy() for name in ("worth", "own", "pooled")))
    return np.where(events.is_closure, 1.0, 1.0 + events.share * (found - 1.0))


def _of_categories(rows: pl.DataFrame, uplift: pl.DataFrame) -> pl.DataFrame:
    """Pooled uplift of every category and kind among the rows, from the nearest pool that knows the kind."""
    wanted = rows.select("category", "kind").unique().sort("category", "kind")
    known = dict(uplift.group_by("kind").agg("category").iter_rows())
    pool = [nearest_pool([category], known.get(kind, []))[0] for category, kind in wanted.iter_rows()]
    pools = wanted.with_columns(pool=pl.Series(pool, dtype=pl.String))
    rates = uplift.select("kind", "uplift_rate", pool="category")
    return pools.join(rates, on=["pool", "kind"], how="left", maintain_order="left").drop("pool")


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
