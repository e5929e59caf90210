"""How much of a node's past can be learned from?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.calendar import bucket_days, first_bucket
from replenish.steps.panel import KEY, Bools, panel
from replenish.tables.core import Bucket, Node
from replenish.tables.plan import Availability, Demand

PROFILE_WEEKS, LEAST_DAYS = 13, 4  # weekdays shut in all of so many recent weeks are shut in the next


def availability(
    demand: dy.DataFrame[Demand], node: dy.DataFrame[Node], bucket: dy.DataFrame[Bucket]
) -> dy.DataFrame[Availability]:
    """Count the buckets that speak for every node with demand of its own, and find the weekdays it is always shut.

    Every node stands alone: any split into blocks gives the same rows.
    """
    nodes = node.filter(pl.col("has_demand")).select(KEY)
    cells = panel(demand, nodes, last=-1, first=first_bucket(bucket))
    known = ~np.isnan(cells.grid(demand["demand_qty"]))
    sold_out = cells.grid((demand["state"] == "censored").cast(pl.Float64), empty=0.0) > 0
    past = bucket.filter(pl.col("bucket_index").is_between(cells.first, -1)).sort("bucket_index")
    shut = _shut_weekdays(known, past) if bucket_days(bucket) == 1 else np.zeros((nodes.height, 0), dtype=bool)
    out = nodes.with_columns(
        history_buckets=pl.Series(known.sum(axis=1)),
        is_identified=pl.Series((known & ~sold_out).any(axis=1)),
        shut_weekdays=pl.Series(
            ["".join(str(day + 1) for day in np.flatnonzero(one)) for one in shut], dtype=pl.String
        ),
    )
    return Availability.cast(out.select(Availability.column_names()))


def _shut_weekdays(known: Bools, past: pl.DataFrame) -> Bools:
    """Weekdays [N, 7] on which nothing could be sold lately while on others it could."""
    recent = known[:, -PROFILE_WEEKS * 7 :]
    weekday = past["bucket_start"].dt.weekday().to_numpy()[-PROFILE_WEEKS * 7 :]
    out = np.zeros((known.shape[0], 7), dtype=bool)
    for day in range(1, 8):
        same = recent[:, weekday == day]
        if same.shape[1] >= LEAST_DAYS:
            out[:, day - 1] = recent.any(axis=1) & ~same.any(axis=1)
    return out
