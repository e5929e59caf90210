"""Levels at which demand can be read: a category or any of its parents or all, at a location or at all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy import sparse

from replenish.steps.pools import ALL, pools_of


@dataclass(frozen=True)
class Levels:
    """Levels (category, location_id, node_count), sorted, and which nodes each of them adds up [L, N]."""

    frame: pl.DataFrame
    summing: sparse.csr_matrix


def levels_of(nodes: pl.DataFrame) -> Levels:
    """Every level that some node (category, location_id in the order of its rows) belongs to."""
    names, inside = pools_of(nodes["category"].to_list())
    pool, row = np.nonzero(inside)
    place = nodes["location_id"].gather(row)
    members = pl.DataFrame({"category": pl.Series(names, dtype=pl.String).gather(pool), "row": row.astype(np.int64)})
    both = [members.with_columns(location_id=place), members.with_columns(location_id=pl.lit(ALL))]
    pairs = pl.concat(both).unique(maintain_order=True)  # a location may be called `all` itself
    frame = pairs.group_by("category", "location_id").agg(node_count=pl.len()).sort("category", "location_id")
    numbered = pairs.join(frame.with_row_index("level"), on=["category", "location_id"], how="left")
    numbered = numbered.sort("level", "row")
    cells = numbered["level"].to_numpy(), numbered["row"].to_numpy()
    summing = sparse.csr_matrix((np.ones(numbered.height), cells), shape=(frame.height, nodes.height))
    return Levels(frame, summing)
