"""How much of a node's past can be learned from?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.calendar import GROUP, WEEKDAYS, bucket_days, first_bucket, season_index
from replenish.steps.forecast.weekdays import own_weekdays
from replenish.steps.panel import KEY, Bools, Floats, Ints, Panel, panel
from replenish.tables.core import Bucket, Node
from replenish.tables.plan import Availability, Demand, Season

PROFILE_WEEKS, LEAST_DAYS = 13, 4  # weekdays shut in all of so many recent weeks are shut in the next


def availability(
    demand: dy.DataFrame[Demand], season: dy.DataFrame[Season], node: dy.DataFrame[Node], bucket: dy.DataFrame[Bucket]
) -> dy.DataFrame[Availability]:
    """Count the buckets that speak for every node with demand of its own, and find its weekdays where buckets are days.

    Every node stands alone: any split into blocks gives the same rows.
    """
    nodes = node.filter(pl.col("has_demand")).select(*KEY, *GROUP)
    cells = panel(demand, nodes, last=-1, first=first_bucket(bucket))
    wanted = cells.grid(demand["demand_qty"])
    sold_out = cells.grid((demand["state"] == "censored").cast(pl.Float64), empty=0.0) > 0
    known = ~np.isnan(wanted)
    rates = np.ones((nodes.height, WEEKDAYS))
    if bucket_days(bucket) == 1:
        rates = _weekday_rates(cells, wanted, demand, season, bucket)
    out = nodes.select(KEY).with_columns(
        history_buckets=pl.Series(known.sum(axis=1)),
        is_identified=pl.Series((known & ~sold_out).any(axis=1)),
        weekday_rates=pl.Series(rates.tolist(), dtype=pl.List(pl.Float64)),
    )
    return Availability.cast(out.select(Availability.column_names()))


def _weekday_rates(
    cells: Panel, wanted: Floats, demand: pl.DataFrame, season: pl.DataFrame, bucket: pl.DataFrame
) -> Floats:
    past = bucket.filter(pl.col("bucket_index").is_between(cells.first, -1)).sort("bucket_index")
    weekday = past["bucket_start"].dt.weekday().to_numpy().astype(np.int64) - 1
    index = season_index(season, cells.nodes, bucket).of_buckets(past)
    own = own_weekdays(wanted / cells.grid(demand["uplift_rate"], empty=1.0), index, weekday)
    return np.where(_shut(~np.isnan(wanted), weekday), 0.0, own)


def _shut(known: Bools, weekday: Ints) -> Bools:
    """Weekdays [N, 7] on which nothing could be sold lately while on others it could."""
    recent, weekday = known[:, -PROFILE_WEEKS * 7 :], weekday[-PROFILE_WEEKS * 7 :]
    out = np.zeros((known.shape[0], WEEKDAYS), dtype=bool)
    for day in range(WEEKDAYS):
        same = recent[:, weekday == day]
        if same.shape[1] >= LEAST_DAYS:
            out[:, day] = recent.any(axis=1) & ~same.any(axis=1)
    return out
