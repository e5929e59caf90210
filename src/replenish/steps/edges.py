"""Who takes from whom, and in which buckets: the arcs of the planned network as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.steps.panel import Floats, Ints

FOREVER = 10**6  # a bucket that no plan reaches


@dataclass(frozen=True)
class Edges:
    """Who takes from whom: one entry a (dependant, source) pair, sorted by dependant.

    Arrays that go to kernels are writable and contiguous everywhere, so that each kernel is compiled once.
    """

    dependant: Ints
    source: Ints
    factor: Floats  # units of the source for one unit of the dependant
    first_bucket: Ints  # orders of the dependant placed from here on
    last_bucket: Ints  # and before here take from the source

    def factors(self, width: int) -> Floats:
        """Units of the source for one unit ordered in each bucket: edges x buckets."""
        bucket = np.arange(width)
        inside = (bucket >= self.first_bucket[:, None]) & (bucket < self.last_bucket[:, None])
        return np.where(inside, self.factor[:, None], 0.0)


def edges_of(nodes: pl.DataFrame, bom_line: pl.DataFrame) -> Edges:
    """Moves take the same item from their source; makes take each component at the plant, while its line holds.

    `nodes` are those of a network; `bom_line` is core.bom_line with `first` and `last`, the buckets of its days.
    """
    numbered = nodes.select("item_id", "location_id", "level", "kind", "source_id", row=pl.int_range(pl.len()))
    place = numbered.select(wanted="item_id", at="location_id", source="row", source_level="level")
    moves = numbered.filter(pl.col("kind") == "move").select(
        "row", "level", wanted="item_id", at="source_id", factor=pl.lit(1.0), first=pl.lit(0), last=pl.lit(FOREVER)
    )
    lines = bom_line.select(
        "first", "last", item_id="parent_item_id", wanted="component_item_id", at="location_id", factor="qty_per"
    )
    makes = (
        numbered.filter(pl.col("kind").is_in(["make", "pass"]))
        .join(lines, left_on=["item_id", "source_id"], right_on=["item_id", "at"], how="inner")
        .select("row", "level", "wanted", "factor", "first", "last", at="source_id")
    )
    pairs = (
        pl.concat([moves, makes], how="diagonal_relaxed")
        .join(place, on=["wanted", "at"], how="inner")
        .filter(
            (pl.col("source_level") > pl.col("level")) & (pl.col("factor") > 0) & (pl.col("first") < pl.col("last"))
        )
        .sort("row", "source", "first")
    )
    row, source, first, last = (
        pairs[name].cast(pl.Int64).to_numpy(writable=True) for name in ("row", "source", "first", "last")
    )
    return Edges(row, source, pairs["factor"].cast(pl.Float64).to_numpy(writable=True), first, last)
