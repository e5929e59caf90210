"""What single planning buckets got wrong: demand of the last year against a level known a week before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.steps.calendar import bucket_days, first_bucket, season_index
from replenish.steps.panel import KEY, Floats, panel

LOOKED_BACK_DAYS = 364


@dataclass(frozen=True)
class BucketErrors:
    """Demand and forecast of each bucket and its squared error [N, T]; NaN where there is nothing to compare."""

    actual_qty: Floats
    forecast_qty: Floats
    squared_error: Floats


def bucket_errors(
    demand: Iterable[tuple[pl.DataFrame]],
    season: pl.DataFrame,
    nodes: pl.DataFrame,
    bucket: pl.DataFrame,
    levels: Floats,
) -> BucketErrors:
    """Errors of the buckets of the last year, the variance of estimated demand added.

    `demand` comes a part of the nodes at a time. `levels` [N, W + 1]: ordinary week by origin, the last column
    tonight's. A bucket is held against the level of the origin a week before its own week began: about as old as
    forecasts are that orders rest on.
    """
    first = max(first_bucket(bucket), -(LOOKED_BACK_DAYS // bucket_days(bucket)))
    when = bucket.filter(pl.col("bucket_index").is_between(first, -1)).sort("bucket_index")
    column = levels.shape[1] - 1 + when["week_index"].cast(pl.Int64).to_numpy() - 1
    index = season_index(season, nodes, bucket)
    found = BucketErrors(*(np.full((nodes.height, when.height), np.nan) for _ in range(3)))
    numbered = nodes.select(KEY).with_row_index("row")
    for (part,) in demand:
        some = part.select(KEY).unique(maintain_order=True).join(numbered, on=KEY, maintain_order="left")
        cells = panel(part, some, last=-1, first=first)
        row = some["row"].cast(pl.Int64).to_numpy()
        level = np.where(column >= 0, levels[row][:, np.maximum(column, 0)], np.nan)
        usual = level * index.of_buckets(when, index.group[row]) * bucket_days(bucket) / 7.0
        forecast = usual * cells.grid(part["uplift_rate"], empty=1.0)
        actual = cells.grid(part["demand_qty"])
        squared = (actual - forecast) ** 2 + cells.grid(part["estimate_variance_qty2"])
        found.actual_qty[row] = actual
        found.forecast_qty[row] = np.where(np.isnan(squared), np.nan, forecast)
        found.squared_error[row] = squared
    return found
