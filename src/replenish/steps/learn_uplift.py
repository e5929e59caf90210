"""What do events of a kind do to a category?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.uplift import shrunk_uplift
from replenish.steps.events import totals
from replenish.steps.pools import ALL
from replenish.tables.plan import EventEffect, EventUplift

_FOUND = {"category": pl.String, "kind": pl.String, "uplift_rate": pl.Float64, "event_count": pl.Float64}


def learn_uplift(event_effect: dy.DataFrame[EventEffect]) -> dy.DataFrame[EventUplift]:
    """Uplift by kind of event of all nodes, of every top category, and so on down: each shrunk to the one above it."""
    path = pl.col("category").str.split("/")
    depth = event_effect.select(path.list.len().max()).item() or 0
    found = pl.DataFrame(schema=_FOUND)
    for level in range(depth + 1):
        own = event_effect.filter(path.list.len() >= level).with_columns(
            category=path.list.head(level).list.join("/") if level else pl.lit(ALL),
            parent=path.list.head(level - 1).list.join("/") if level > 1 else pl.lit(ALL),
        )
        found = pl.concat([found, _level(own, found)])
    found = found.unique(["category", "kind"], keep="first", maintain_order=True).sort("category", "kind")
    return EventUplift.cast(found.select(EventUplift.column_names()))


def _level(effect: pl.DataFrame, above: pl.DataFrame) -> pl.DataFrame:
    """Uplifts of the categories of one level, given those of the levels above."""
    names, own, worth = totals(effect, ["category", "parent", "kind"])
    parent = above.select("kind", "uplift_rate", parent="category").unique(["parent", "kind"], keep="first")
    pooled = names.join(parent, on=["parent", "kind"], how="left", maintain_order="left")["uplift_rate"].to_numpy()
    pooled = np.where(np.isnan(pooled), np.nan_to_num(own, nan=1.0), pooled)
    rate = pl.Series(shrunk_uplift(worth, own, pooled))
    return names.drop("parent").with_columns(uplift_rate=rate, event_count=pl.Series(worth)).select(list(_FOUND))
