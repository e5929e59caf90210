"""Frames handed over in memory: polars, pandas, pyarrow, or lists of dicts."""

from __future__ import annotations

import hashlib
from typing import Any

import polars as pl

from replenish.ingest.errors import InputError
from replenish.ingest.headings import headings
from replenish.ingest.rows import ROW, FileRows, as_text, numbered


def rows_of(table: str, data: Any) -> FileRows:
    """Rows of a frame; rows count from 2, as under a heading. Raises `InputError` when polars cannot read it."""
    try:
        frame = _polars(data)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        cause = str(error).splitlines()[0]
        raise InputError(
            f"<frame {table}> is no table: {cause}. Hand over a polars, pandas or pyarrow table."
        ) from error
    frame.columns = headings(frame.columns)
    return FileRows(numbered(frame))


def content_of(frame: pl.DataFrame) -> str:
    """Hash of names, types and values, the same on every machine."""
    digest = hashlib.sha256(repr(frame.schema).encode())
    for column in frame.drop(ROW):
        digest.update(_bytes_of(column))
    return digest.hexdigest()


def _polars(data: Any) -> pl.DataFrame:
    if isinstance(data, pl.LazyFrame):
        return data.collect()
    if isinstance(data, pl.DataFrame):
        return data.clone()
    if type(data).__module__.split(".")[0] == "pandas":
        return pl.from_pandas(data)
    return pl.DataFrame(data, infer_schema_length=None)


def _bytes_of(column: pl.Series) -> bytes:
    nulls = column.is_null().to_physical().cast(pl.UInt8).to_numpy().tobytes()
    if column.dtype.is_numeric() or column.dtype in (pl.Date, pl.Datetime, pl.Boolean):
        physical = column.to_physical()
        return nulls + physical.fill_null(False if column.dtype == pl.Boolean else 0).to_numpy().tobytes()
    text = as_text(column).fill_null("")
    return nulls + text.str.len_bytes().to_numpy().tobytes() + "".join(text.to_list()).encode()
