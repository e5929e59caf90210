"""Time an order must last: lead time plus review time, per node."""

from __future__ import annotations

import polars as pl

from replenish.steps.panel import KEY, Floats

DEFAULT_LEAD_DAYS, DEFAULT_REVIEW_DAYS = 14.0, 7.0  # for a node without a source


def protection_days(nodes: pl.DataFrame, lead_time: pl.DataFrame, arc: pl.DataFrame) -> Floats:
    """Expected lead time plus review time of the arc in use, calendar days, in the order of `nodes`."""
    found = nodes.select(KEY).join(lead_time.select(*KEY, "lead_time_days"), on=KEY, how="left", maintain_order="left")
    lead: Floats = found["lead_time_days"].fill_null(DEFAULT_LEAD_DAYS).to_numpy()
    return lead + review_days(nodes, arc)


def review_days(nodes: pl.DataFrame, arc: pl.DataFrame) -> Floats:
    """Days between two chances to order over the arc in use, in the order of `nodes`."""
    used = arc.filter(pl.col("arc_rank") == 1).select(*KEY, "review_days")
    used = used.unique(KEY, keep="first", maintain_order=True)
    found = nodes.select(KEY).join(used, on=KEY, how="left", maintain_order="left")
    return found["review_days"].fill_null(DEFAULT_REVIEW_DAYS).to_numpy()
