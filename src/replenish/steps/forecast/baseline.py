"""Weekly, deseasonalised, event-free demand: what every member is fitted to."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.calendar import GROUP, bucket_days, first_bucket, season_index
from replenish.steps.panel import KEY, panel
from replenish.steps.weeks import to_weeks, week_of_columns
from replenish.tables.core import Bucket, Node
from replenish.tables.plan import Baseline, Demand, Season


def baseline(
    demand: dy.DataFrame[Demand], season: dy.DataFrame[Season], node: dy.DataFrame[Node], bucket: dy.DataFrame[Bucket]
) -> dy.DataFrame[Baseline]:
    """Demand of every closed week as if it were an ordinary one: season and events divided out.

    A week counts where a third of its buckets was available, scaled up to the whole of it; else it is empty. Rows run
    from a node's first listed week to last week. Every node stands alone: any split into blocks gives the same rows.
    """
    nodes = node.filter(pl.col("has_demand")).select(*KEY, *GROUP)
    cells = panel(demand, nodes, last=-1, first=first_bucket(bucket))
    buckets_a_week = 7 // bucket_days(bucket)
    week = week_of_columns(cells, bucket)
    when = bucket.filter(pl.col("bucket_index").is_between(cells.first, -1)).sort("bucket_index")
    index = season_index(season, nodes, bucket).of_buckets(when)
    ordinary = cells.grid(demand["demand_qty"]) / cells.grid(demand["uplift_rate"], empty=1.0)
    weekly = to_weeks(week, ordinary, index / buckets_a_week, buckets_a_week)
    ones = np.ones(cells.shape)
    listed = to_weeks(week, cells.grid(demand["sales_qty"]) * 0.0, ones, 0)
    variance = to_weeks(week, cells.grid(demand["estimate_variance_qty2"], empty=0.0), ones, 0) * buckets_a_week
    hidden = to_weeks(week, cells.grid((demand["state"] == "censored").cast(pl.Float64), empty=0.0), ones, 0)
    row, column = np.nonzero(np.logical_or.accumulate(~np.isnan(listed), axis=1))
    out = nodes.select(KEY)[row].with_columns(
        week_index=pl.Series(column + (int(week[0]) if week.size else 0)),
        baseline_qty=pl.Series(weekly[row, column]).fill_nan(None),
        estimate_variance_qty2=pl.Series(variance[row, column]),
        is_censored=pl.Series(hidden[row, column] > 0),
    )
    return Baseline.cast(out.select(Baseline.column_names()))
