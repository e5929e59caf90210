"""Did orders of earlier nights do what they promised?"""

from __future__ import annotations

from datetime import date

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.panel import KEY
from replenish.tables.core import Bucket, Node, PreviousPromise
from replenish.tables.plan import Demand, KeptPromise


def keep_promises(
    promise: dy.DataFrame[PreviousPromise],
    demand: dy.DataFrame[Demand],
    node: dy.DataFrame[Node],
    bucket: dy.DataFrame[Bucket],
    as_of: date,
) -> dy.DataFrame[KeptPromise]:
    """Every promise whose window is over, beside the demand and sales that came.

    Its buckets are those that end in the window, which are as many as the promise was made for. A promise with a
    bucket of which nothing is known (before the history, missing from it) is not judged. Lines that were never placed
    are judged too, unless they were edited, rejected or let expire: then the night does not bring them.
    """
    over = promise.filter(pl.col("window_end") <= as_of)
    known = pl.col("demand_qty").is_not_null() & (pl.col("state") != "missing")
    rows = _spread(over, bucket).join(demand, on=[*KEY, "bucket_index"], how="inner").filter(known)
    short = pl.col("state").is_in(["censored", "partial"]) | (pl.col("lost_sales_qty") > 0)
    came = rows.sort("proposal_id", "bucket_index").group_by("proposal_id", maintain_order=True)
    achieved = came.agg(
        achieved_demand_qty=pl.col("demand_qty").sum(),
        achieved_sales_qty=pl.col("sales_qty").sum(),
        is_stockout=short.any(),
        is_whole=pl.len() == pl.col("bucket_count").first(),
    )
    judged = over.join(achieved.filter("is_whole"), on="proposal_id").join(node.select(*KEY, "category"), on=KEY)
    return KeptPromise.cast(judged.select(KeptPromise.column_names()).sort(KeptPromise.primary_key()))


def _spread(over: pl.DataFrame, bucket: pl.DataFrame) -> pl.DataFrame:
    """One row a promise and closed bucket that ends in its window; none of a window from before the history."""
    closed = bucket.filter(pl.col("bucket_index") < 0).sort("bucket_index")
    ends = closed["bucket_end"].to_physical().to_numpy()
    first = np.searchsorted(ends, over["window_start"].to_physical().to_numpy(), side="left")
    after = np.searchsorted(ends, over["window_end"].to_physical().to_numpy(), side="right")
    oldest, known_from = -closed.height, pl.lit(closed["bucket_start"].min(), dtype=pl.Date)
    spans = over.select("proposal_id", *KEY, "window_start").with_columns(
        first=pl.Series(first, dtype=pl.Int32) + oldest, after=pl.Series(after, dtype=pl.Int32) + oldest
    )
    inside = (pl.col("window_start") >= known_from) & (pl.col("after") > pl.col("first"))
    spans = spans.filter(inside).with_columns(bucket_count=pl.col("after") - pl.col("first"))
    buckets = pl.int_ranges("first", "after", dtype=pl.Int32)
    return spans.select("proposal_id", *KEY, "bucket_count", bucket_index=buckets).explode("bucket_index")
