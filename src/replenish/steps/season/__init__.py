"""What does the calendar do to a category?

Seasons are properties of groups; single items are too noisy to show them.
"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.unconstrain import MISSING, PARTIAL, availability_state
from replenish.steps.calendar import GROUP, bucket_days
from replenish.steps.events import Events, events_on, learn_uplift, uplift_grid
from replenish.steps.panel import KEY, Floats, Panel, codes, panel
from replenish.steps.season.pooled import Pooled
from replenish.steps.season.week import week_index
from replenish.steps.season.weekday import weekday_index
from replenish.tables.core import Bucket, DemandHistory, EventBucket, Node
from replenish.tables.plan import Season


def season(
    history: dy.DataFrame[DemandHistory],
    node: dy.DataFrame[Node],
    event_bucket: dy.DataFrame[EventBucket],
    bucket: dy.DataFrame[Bucket],
) -> dy.DataFrame[Season]:
    """Pool demand by category and cluster into week indices, and weekday shares where buckets are days.

    Every (category, cluster) of a node with demand gets its rows; `source` says which is the finest group large and
    old enough to have a say in them: category x cluster, category (or a parent of it), all; `flat` where none is.
    """
    nodes = node.filter(pl.col("has_demand")).select(*KEY, *GROUP)
    cells = panel(history, nodes, last=-1)
    demand = _without_events(cells, _available_demand(cells, history), events_on(event_bucket, nodes), bucket)
    when = bucket.filter(pl.col("bucket_index").is_between(cells.first, -1)).sort("bucket_index")
    groups = codes(nodes, GROUP)[1]
    parts = [_rows(groups, "week", week_index(nodes, demand, when))]
    if bucket_days(bucket) == 1:
        parts.append(_rows(groups, "weekday", weekday_index(nodes, demand, when)))
    out = pl.concat(parts).sort(Season.primary_key())
    return Season.cast(out.select(Season.column_names()))


def _available_demand(cells: Panel, history: pl.DataFrame) -> Floats:
    """Sales of the buckets whose shelf could sell, scaled up where it could for part of the bucket."""
    names = ("opening_qty", "receipt_qty", "sales_qty", "closing_qty")
    opening, receipt, sales, closing = (cells.grid(history[name]) for name in names)
    share = cells.grid(history["in_stock_share"])
    state, _ = availability_state(opening, receipt, sales, closing, share)
    closed = cells.grid(history["open_share"]) <= 0
    demand = np.where((state == MISSING) | closed, np.nan, np.maximum(sales, 0.0))
    return np.where(state == PARTIAL, demand / np.where(state == PARTIAL, share, 1.0), demand)


def _without_events(cells: Panel, demand: Floats, events: Events, bucket: pl.DataFrame) -> Floats:
    """Demand as if there had been no events: what they do is told apart as uplift, not as season of their weeks."""
    uplift = learn_uplift(events, demand, np.ones(cells.shape), cells.first, 7 // bucket_days(bucket))
    return demand / uplift_grid(events, uplift, cells.first, cells.shape)


def _rows(groups: pl.DataFrame, kind: str, found: Pooled) -> pl.DataFrame:
    positions = found.index.shape[1]
    source = pl.Series(found.source, dtype=pl.String)
    repeated = groups.with_columns(node_count=pl.Series(found.size), source=source)
    repeated = repeated.select(pl.all().repeat_by(positions).explode()) if groups.height else repeated
    return repeated.with_columns(
        position_kind=pl.lit(kind),
        position=pl.Series(np.tile(np.arange(1, positions + 1), groups.height)),
        index_rate=pl.Series(found.index.ravel()),
    )
