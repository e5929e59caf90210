"""Weekly, deseasonalised, event-free demand: what every member is fitted to."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.calendar import GROUP, bucket_days, season_index
from replenish.steps.panel import KEY, panel
from replenish.steps.weeks import to_weeks, week_of_columns
from replenish.tables.core import Bucket, Node
from replenish.tables.plan import Baseline, Demand, Season


def baseline(
    demand: dy.DataFrame[Demand], season: dy.DataFrame[Season], node: dy.DataFrame[Node], bucket: dy.DataFrame[Bucket]
) -> dy.DataFrame[Baseline]:
    """Demand of every closed week as if it were an ordinary one: season and events divided out.

    A week counts where a third of its buckets was available, scaled up to the whole of it; else it is empty. Rows run
    from a node's first listed week to last week.
    """
    nodes = node.filter(pl.col("has_demand")).select(*KEY, *GROUP)
    cells = panel(demand, nodes, last=-1)
    buckets_a_week = 7 // bucket_days(bucket)
    week = week_of_columns(cells, bucket)
    when = bucket.filter(pl.col("bucket_index").is_between(cells.first, -1)).sort("bucket_index")
    index = season_index(season, nodes, bucket).of_buckets(when)
    ordinary = cells.grid(demand["demand_qty"]) / cells.grid(demand["uplift_rate"], empty=1.0)
    weekly = to_weeks(week, ordinary, index / buckets_a_week, buckets_a_week)
    listed = to_weeks(week, cells.grid(demand["sales_qty"]) * 0.0, np.ones(index.shape), 0)
    begun = np.logical_or.accumulate(~np.isnan(listed), axis=1)
    row, column = np.nonzero(begun)
    first = int(week[0]) if week.size else 0
    out = nodes.select(KEY)[row].with_columns(
        week_index=pl.Series(column + first), baseline_qty=pl.Series(weekly[row, column]).fill_nan(None)
    )
    return Baseline.cast(out.select(Baseline.column_names()))
