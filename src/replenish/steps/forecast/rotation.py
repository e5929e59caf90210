"""Whose parameters are fitted anew tonight, as far as that can be told before looking at errors."""

from __future__ import annotations

from datetime import date
from zlib import crc32

import numpy as np
import polars as pl

from replenish.steps.panel import KEY, Bools


def due_for_fit(
    nodes: pl.DataFrame, stored: pl.DataFrame, *, as_of: date, member_count: int, rotation_nights: int
) -> Bools:
    """Nodes [N] whose members are all fitted anew.

    They are those whose turn it is, those fitted `rotation_nights` days ago or longer (skipped nights starve nobody),
    those that lack one of the members, and those whose history was handed in anew: the checksum of `nodes` for the days
    of the previous fit is not the one stored with it. `stored` holds the previous fits of the members wanted.
    """
    last = stored.group_by(KEY).agg(
        pl.col("fitted_date").min(), fitted_checksum=pl.col("checksum").first(), fitted_count=pl.len()
    )
    age = (pl.lit(as_of) - pl.col("fitted_date")).dt.total_days()
    is_kept = (
        (pl.col("fitted_count") == member_count)
        & age.is_between(0, rotation_nights - 1)
        & (pl.col("fitted_checksum") == pl.col("previous_checksum"))
    )
    known = nodes.select(*KEY, "previous_checksum").join(last, on=KEY, how="left", maintain_order="left")
    kept = known.select(is_kept.fill_null(value=False)).to_series().to_numpy()
    return ~kept | has_turn(nodes, as_of, rotation_nights)


def has_turn(nodes: pl.DataFrame, as_of: date, rotation_nights: int) -> Bools:
    """Nodes [N] whose night it is: a checksum of their ids deals them out evenly over the nights."""
    ids = nodes.select(pl.concat_str(KEY, separator="\x1f")).to_series()
    place = np.array([crc32(one.encode()) for one in ids], dtype=np.int64)
    return place % rotation_nights == as_of.toordinal() % rotation_nights
