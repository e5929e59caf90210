"""Parquet files."""

from __future__ import annotations

import polars as pl

from replenish.ingest.claim import Claim
from replenish.ingest.errors import InputError
from replenish.ingest.headings import headings
from replenish.ingest.rows import FileRows, numbered


def read_parquet(claim: Claim) -> FileRows:
    """Rows of a Parquet file, typed as the file has them. Raises `InputError` when it is none."""
    try:
        frame = pl.read_parquet(claim.path, glob=False, hive_partitioning=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InputError(f"{claim.file} is not a readable Parquet file: {error}. Export it again.") from error
    frame.columns = headings(frame.columns)
    return FileRows(numbered(frame))
