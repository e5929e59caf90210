"""Scarce stock shared so that all dependants have the same days of supply."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

from replenish.numerics.network import fair_share_of_requests, whole_units
from replenish.steps.panel import KEY, Floats

_NOTHING = 1e-9


def fair_shares(
    pairs: pl.DataFrame,
    available: Floats,
    wish: pl.DataFrame,
    record: pl.DataFrame,
    supply: pl.DataFrame,
    node: pl.DataFrame,
    pack: pl.DataFrame,
) -> Floats:
    """Units of the source for each pair, in whole packs of its dependant.

    `pairs` are the dependants of short sources, sorted by `source` (its place in `available`): tonight_qty wanted and
    the `factor` of units of the source for one of theirs. Stock counts what is on order; demand is that of the first
    coverage window. Minimum stock comes first.
    """
    due = supply.filter(~pl.col("is_lost")).group_by(KEY).agg(due=pl.col("open_qty").sum())
    known = pairs
    for frame in (
        wish.select(*KEY, "window_1_qty", "review_buckets"),
        record.select(*KEY, "on_hand_qty"),
        due,
        node.select(*KEY, "min_stock_qty"),
        pack.select(*KEY, "pack"),
    ):
        known = known.join(frame, on=KEY, how="left", maintain_order="left")
    factor = pl.col("factor")
    stock = pl.col("on_hand_qty").fill_null(0.0).clip(0.0) + pl.col("due").fill_null(0.0)
    known = known.select(
        "source",
        stock=stock * factor,
        rate=pl.col("window_1_qty").fill_null(0.0) / pl.col("review_buckets").fill_null(1).clip(1) * factor,
        floor=(pl.col("min_stock_qty").fill_null(0.0) - stock).clip(0.0) * factor,
        request="tonight_qty",
        pack=pl.col("pack").fill_null(1.0) * factor,
    )
    given = np.zeros(known.height)
    edge = np.searchsorted(known["source"].to_numpy(), np.arange(len(available) + 1))
    columns = [known[name].to_numpy() for name in ("stock", "rate", "floor", "request")]
    size = known["pack"].to_numpy()
    for source, (first, last) in enumerate(pairwise(edge)):
        here = slice(int(first), int(last))
        share = fair_share_of_requests(float(available[source]), *(column[here] for column in columns))
        given[here] = whole_units(share, np.maximum(size[here], _NOTHING))
    return given
