"""Weeks in which an item begins and ends to be sold."""

from __future__ import annotations

import polars as pl

HALF_WEEK_DAYS = 4  # an end in the first half of a week hands the week to the successor, later ones the next


def with_life(nodes: pl.DataFrame, bucket: pl.DataFrame) -> pl.DataFrame:
    """Nodes with launch_week and handover_week, the weeks of `listed_from` and from which a successor is served.

    Both are empty where the day lies before the calendar or is unknown; days beyond it get the week after its last.
    """
    handover = pl.col("listed_to").dt.offset_by(f"{HALF_WEEK_DAYS}d")
    return _with_week(
        _with_week(nodes, pl.col("listed_from"), bucket, "launch_week"), handover, bucket, "handover_week"
    )


def _with_week(nodes: pl.DataFrame, day: pl.Expr, bucket: pl.DataFrame, name: str) -> pl.DataFrame:
    ends = bucket.sort("bucket_end").select("bucket_end", pl.col("week_index").alias(name))
    first, beyond = bucket["bucket_start"].min(), pl.col(name).fill_null(pl.lit(bucket["week_index"].max()) + 1)
    dated = nodes.with_row_index("place").with_columns(bucket_end=day)
    found = dated.filter(pl.col("bucket_end") >= first).sort("bucket_end")
    found = found.join_asof(ends, on="bucket_end", strategy="forward").select("place", beyond)
    return dated.join(found, on="place", how="left", maintain_order="left").drop("place", "bucket_end")
