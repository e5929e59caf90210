"""What past events did to demand, and what the same kinds will do: uplift per node, kind and bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.grouping import sums
from replenish.numerics.uplift import UPLIFT_MAX, shrunk_uplift
from replenish.steps.calendar import GROUP
from replenish.steps.panel import KEY, Bools, Floats, Ints, codes

AROUND_WEEKS = 13  # weeks on either side that tell the baseline
AFTER, AFTER_BUCKETS = "after promotion", 2  # buyers who stocked up stay away: a kind of event of its own


@dataclass(frozen=True)
class Events:
    """Events on the cells of a panel: what they are, node row, bucket index, share of the bucket inside.

    The buckets after a promotion that no other event covers are rows of the kind `after promotion`.
    """

    rows: pl.DataFrame  # item_id, location_id, category, cluster, kind, event_id, expected_uplift_rate, ...
    row: Ints
    bucket: Ints
    share: Floats
    is_closure: Bools
    is_after: Bools

    def past(self, first: int, width: int) -> Ints:
        """Which of them, closures and what follows promotions aside, touch the buckets from `first` on."""
        return np.flatnonzero(
            ~self.is_closure & ~self.is_after & (self.bucket >= first) & (self.bucket < first + width)
        )


def events_on(event_bucket: pl.DataFrame, nodes: pl.DataFrame) -> Events:
    """Events of the nodes (item_id, location_id, category, cluster in the order of their rows), sorted by them."""
    places = nodes.select(*KEY, *GROUP).with_row_index("row")
    rows = event_bucket.join(places, on=KEY, how="inner", maintain_order="left")
    rows = pl.concat([rows, _after(rows)]).sort("row", "bucket_index", "event_id", "kind")
    return Events(
        rows=rows,
        row=rows["row"].cast(pl.Int64).to_numpy(),
        bucket=rows["bucket_index"].cast(pl.Int64).to_numpy(),
        share=rows["event_share"].to_numpy(),
        is_closure=(rows["kind"] == "closure").to_numpy(),
        is_after=(rows["kind"] == AFTER).to_numpy(),
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


def effects(events: Events, demand: Floats, exposure: Floats, first: int, buckets_a_week: int) -> pl.DataFrame:
    """What every event did to every node: rows of plan.event_effect, in the order of nodes, kinds and events.

    `demand` and `exposure` [N, T] of history from bucket index `first` on (NaN demand = missing, exposure = season
    index times share in stock). Events still to come, and those that cannot be compared with a baseline, have zeros.
    """
    at = np.flatnonzero(~events.is_closure & (events.bucket >= first) & (events.bucket < first + demand.shape[1]))
    row, column = events.row[at], events.bucket[at] - first
    expected = _baseline(demand, exposure, row, column, events.is_after[at], AROUND_WEEKS * buckets_a_week)
    known = ~np.isnan(demand[row, column]) & (expected > 0)
    sold, baseline = np.zeros(events.row.size), np.zeros(events.row.size)
    sold[at[known]], baseline[at[known]] = demand[row, column][known], expected[known]
    code, names = codes(events.rows, ["row", *KEY, *GROUP, "kind", "event_id"])
    values = {"sold_qty": sold, "baseline_qty": baseline, "inside_qty": baseline * events.share}
    found = names.with_columns(**{name: pl.Series(sums(code, part, names.height)) for name, part in values.items()})
    return found.filter(pl.col("kind") != "closure").drop("row")


def uplift_rows(events: Events, uplift: pl.DataFrame) -> Floats:
    """Uplift of every event row, past and future: the node's own events of the kind shrunk to those of its group.

    `uplift` as plan.event_uplift, of these nodes at least. A row's uplift is 1 + share of the bucket inside the event *
    (uplift - 1). A user's expected uplift stands in for the group's. Without any evidence the uplift is 1; closures
    have none. What comes after a promotion is a dip beyond noise, or nothing.
    """
    told = _told(events, uplift)
    pooled = told.select(pl.coalesce(pl.col("expected_uplift_rate").clip(1e-3), "pooled_rate", pl.lit(1.0))).to_series()
    own, worth = told["own_rate"].fill_null(np.nan), told["own_event_count"].fill_null(0.0)
    found = shrunk_uplift(worth.to_numpy(), own.to_numpy(), pooled.to_numpy())
    is_told = told["is_told"].fill_null(value=False).to_numpy()
    found = np.where(events.is_after, np.where(is_told, np.minimum(found, 1.0), 1.0), found)
    return np.where(events.is_closure, 1.0, 1.0 + events.share * (found - 1.0))


def variance_rows(events: Events, uplift: pl.DataFrame) -> Floats:
    """Variance of the logarithm of every event row's uplift about what was learned of it; 0 for closures."""
    variance = _told(events, uplift)["log_variance_rate"].fill_null(0.0).to_numpy()
    return np.where(events.is_closure, 0.0, variance)


def _told(events: Events, uplift: pl.DataFrame) -> pl.DataFrame:
    return events.rows.join(uplift, on=[*KEY, "kind"], how="left", maintain_order="left")


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
