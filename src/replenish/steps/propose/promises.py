"""What each NEW line promises, so that later nights can be judged."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose.frames import NODE, attach, finish
from replenish.steps.propose.terms import Terms
from replenish.tables.proposal import Promise


def promises(lines: pl.DataFrame, wish: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Chance of running out, demand and sales of the first coverage window, with the line as it is ordered.

    Lines of one order promise together; an order cut below its wish promises the point between "without" and "with"
    that its share of the wish reaches.
    """
    lines = lines.filter(pl.col("action") == "NEW").select(
        "proposal_id", "item_id", "location_id", "qty", "wish_qty", "receipt_date"
    )
    expected = ("window_1_qty", "expected_lost_without_qty", "expected_lost_with_qty")
    told = attach(
        lines,
        wish,
        "review_buckets",
        *expected,
        without="stockout_probability_without",
        met="stockout_probability_with",
    )
    ordered = pl.col("qty").sum().over(NODE)
    share = pl.when(pl.col("wish_qty") > 0).then((ordered / pl.col("wish_qty")).clip(0.0, 1.0)).otherwise(1.0)
    risk = pl.col("without") + share * (pl.col("met") - pl.col("without"))
    missed = pl.col("expected_lost_without_qty") + share * (
        pl.col("expected_lost_with_qty") - pl.col("expected_lost_without_qty")
    )
    last = pl.format("{}d", pl.col("review_buckets").fill_null(1) * terms.bucket_days - 1)
    return finish(
        Promise,
        told.with_columns(
            window_start=pl.col("receipt_date"),
            window_end=pl.col("receipt_date").dt.offset_by(last),
            stockout_probability=risk.fill_null(0.0).clip(0.0, 1.0),
            expected_demand_qty=pl.col("window_1_qty").fill_null(0.0),
            expected_sales_qty=(pl.col("window_1_qty") - missed).fill_null(0.0).clip(lower_bound=0.0),
        ),
    )
