"""What single planning buckets got wrong: demand of the last year against a level known a week before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.steps.calendar import bucket_days, season_index
from replenish.steps.panel import Floats, panel

YEAR_DAYS = 364


@dataclass(frozen=True)
class BucketErrors:
    """Forecast of each bucket and its squared error [N, T]; NaN where there is nothing to compare."""

    forecast_qty: Floats
    squared_error: Floats


def bucket_errors(
    demand: pl.DataFrame, season: pl.DataFrame, nodes: pl.DataFrame, bucket: pl.DataFrame, levels: Floats
) -> BucketErrors:
    """Errors of the buckets of the last year, the variance of estimated demand added.

    `levels` [N, W + 1]: ordinary week by origin, the last column tonight's. A bucket is held against the level of the
    origin a week before its own week began: about as old as forecasts are that orders rest on.
    """
    days = bucket_days(bucket)
    recent = demand.filter(pl.col("bucket_index") >= -(YEAR_DAYS // days))
    cells = panel(recent, nodes, last=-1)
    when = bucket.filter(pl.col("bucket_index").is_between(cells.first, -1)).sort("bucket_index")
    column = levels.shape[1] - 1 + when["week_index"].cast(pl.Int64).to_numpy() - 1
    level = np.where(column >= 0, levels[:, np.maximum(column, 0)], np.nan)
    index = season_index(season, nodes, bucket).of_buckets(when)
    forecast = level * index * days / 7.0 * cells.grid(recent["uplift_rate"], empty=1.0)
    squared = (cells.grid(recent["demand_qty"]) - forecast) ** 2 + cells.grid(recent["estimate_variance_qty2"])
    return BucketErrors(np.where(np.isnan(squared), np.nan, forecast), squared)
