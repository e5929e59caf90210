"""Tables as Parquet, the same bytes for the same rows: what a night can be replayed and explored from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

_ROWS_A_GROUP = 250_000


def write_tables(folder: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """Every table `layer.name` as `layer/name.parquet`, rows in the order given."""
    for full_name, frame in sorted(tables.items()):
        layer, name = full_name.split(".")
        place = folder / layer
        place.mkdir(parents=True, exist_ok=True)
        write_parquet(place / f"{name}.parquet", frame)


def write_parquet(file: Path, frame: pl.DataFrame) -> None:
    """One file with fixed compression, statistics and row groups; one chunk, so that no thread count shows."""
    frame.rechunk().write_parquet(
        file, compression="zstd", compression_level=3, statistics=True, row_group_size=_ROWS_A_GROUP
    )
