"""Time an order must last: lead time plus review time, per node."""

from __future__ import annotations

import polars as pl

from replenish.steps.panel import KEY, Floats

DEFAULT_LEAD_DAYS, DEFAULT_REVIEW_DAYS = 14.0, 7.0  # for a node without a source


def protection_days(nodes: pl.DataFrame, lead_time: pl.DataFrame, arc: pl.DataFrame) -> Floats:
    """Expected lead time plus review time of the arc in use, calendar days, in the order of `nodes`."""
    review = (
        arc.filter(pl.col("arc_rank") == 1).select(*KEY, "review_days").unique(KEY, keep="first", maintain_order=True)
    )
    found = nodes.select(KEY).join(lead_time.select(*KEY, "lead_time_days"), on=KEY, how="left", maintain_order="left")
    found = found.join(review, on=KEY, how="left", maintain_order="left")
    lead = pl.col("lead_time_days").fill_null(DEFAULT_LEAD_DAYS)
    return found.select(lead + pl.col("review_days").fill_null(DEFAULT_REVIEW_DAYS)).to_series().to_numpy()
