"""How real exports look: other delimiters and encodings, text where a number belongs, lines that come twice."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO

import polars as pl


def filled(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without columns that hold nothing."""
    return frame.select(name for name in frame.columns if frame[name].null_count() < frame.height)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every value as the text a CSV file would hold, so that any of them can be spoilt."""
    return frame.with_columns(pl.col(pl.Float64).round(4)).cast(pl.String)


def spoilt(frame: pl.DataFrame, column: str, places: Mapping[int, str | None]) -> pl.DataFrame:
    """Put these texts into a column, by row; a row counted from the end may be negative."""
    values = frame[column].to_list()
    for place, value in places.items():
        values[place] = value
    return frame.with_columns(pl.Series(column, values, dtype=pl.String))


def repeated(frame: pl.DataFrame, every: int) -> pl.DataFrame:
    """Every so many rows, one comes twice."""
    return pl.concat([frame, frame.gather_every(every, every - 1)])


def csv_bytes(frame: pl.DataFrame, *, delimiter: str = ",", decimal: str = ".", encoding: str = "utf-8") -> bytes:
    """A CSV file; a decimal comma is written into every column of numbers."""
    if decimal != ".":
        frame = frame.with_columns(pl.col(pl.Float64).cast(pl.String).str.replace(".", decimal, literal=True))
    return frame.write_csv(separator=delimiter).encode(encoding)


def parquet_bytes(frame: pl.DataFrame) -> bytes:
    """A Parquet file."""
    buffer = BytesIO()
    frame.write_parquet(buffer, compression="zstd")
    return buffer.getvalue()
