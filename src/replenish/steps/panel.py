"""Long tables as arrays of nodes x buckets and back: the one place where rows meet kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

KEY = ["item_id", "location_id"]


@dataclass(frozen=True)
class Panel:
    """Where each row of a long table lies in an array of nodes x times; rows of other nodes or times are left out."""

    nodes: pl.DataFrame  # item_id, location_id, ...: one row a row of the array
    first: int  # time of column 0
    width: int
    kept: Bools | None  # rows of the table that lie inside; None = all
    row: Ints
    column: Ints

    @property
    def shape(self) -> tuple[int, int]:
        """Nodes and times."""
        return self.nodes.height, self.width

    def grid(self, values: pl.Series | NDArray[np.generic], empty: float = np.nan) -> Floats:
        """Values of the table's rows as an array; cells without a row, and nulls, get `empty`."""
        flat = values.cast(pl.Float64).fill_null(empty).to_numpy() if isinstance(values, pl.Series) else values
        out = np.full(self.shape, empty)
        out[self.row, self.column] = flat if self.kept is None else flat[self.kept]
        return out

    def rows(self, grid: NDArray[np.generic]) -> NDArray[np.generic]:
        """An array read back row by row; only for a panel that holds every row of its table."""
        return grid[self.row, self.column]


def panel(
    frame: pl.DataFrame,
    nodes: pl.DataFrame | None = None,
    time: str = "bucket_index",
    last: int | None = None,
    first: int | None = None,
) -> Panel:
    """Lay out a table sorted by (item_id, location_id, time) as nodes x times.

    Times run from `first` (default the table's oldest) to `last` (default its newest). Blocks of one table need the
    same `first`: sums over a row come out alike to the last bit only where rows are equally long. `nodes` names the
    rows of the array and their order; without it they are the table's own nodes.
    """
    runs = frame.group_by(KEY, maintain_order=True).len()
    if nodes is None:
        nodes = runs.select(KEY)
        places: Ints = np.arange(runs.height)
    else:
        numbered = nodes.select(KEY).with_row_index("row")
        found = runs.join(numbered, on=KEY, how="left", maintain_order="left")["row"]
        places = found.cast(pl.Int64).fill_null(-1).to_numpy()
    row = np.repeat(places, runs["len"].to_numpy())
    when = frame[time].to_numpy().astype(np.int64)
    newest = last if last is not None else int(when.max()) if when.size else -1
    inside = (row >= 0) & (when <= newest)
    if first is None:
        first = int(when[inside].min()) if inside.any() else newest + 1
    inside &= when >= first
    kept = None if inside.all() else inside
    if kept is not None:
        row, when = row[kept], when[kept]
    return Panel(nodes, first, newest - first + 1, kept, row, when - first)


def codes(frame: pl.DataFrame, columns: list[str]) -> tuple[Ints, pl.DataFrame]:
    """Number the distinct values of some columns in sorted order: the number of each row, and the values."""
    values = frame.select(columns).unique().sort(columns)
    numbered = values.with_row_index("code")
    code = frame.select(columns).join(numbered, on=columns, how="left", maintain_order="left", nulls_equal=True)["code"]
    return code.cast(pl.Int64).to_numpy(), values
