"""Data as script files: a page opened from disk may load scripts but not fetch, so tables travel as `data/*.js`.

A shard is JSON, gzipped without a time stamp, in base64, handed to `replenish.receive(name, text)`: the same rows
give the same bytes, and no value can end a script or a string early.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Sequence

import polars as pl
import polars.selectors as cs

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FIGURES = 7


def shard(name: str, text: str) -> str:
    """The script that hands over a JSON text under a name. Raises ValueError for a name that is not plain."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a shard name: {name!r}")
    packed = base64.b64encode(gzip.compress(text.encode(), compresslevel=6, mtime=0)).decode("ascii")
    return f'replenish.receive("{name}", "{packed}");\n'


def columns_text(frame: pl.DataFrame) -> str:
    """A table as JSON, column by column: {"item_id": [...], ...}. Dates are ISO text, numbers keep seven figures."""
    columns = plain(frame).to_dict(as_series=False)
    return json.dumps(columns, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def rows_text(frame: pl.DataFrame) -> str:
    """A table as JSON, row by row, lists and structs included."""
    return plain(frame).write_json()


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates as ISO text and numbers in seven figures, empty where they are not finite."""
    finite = pl.when(cs.float().is_finite()).then(cs.float().round_sig_figs(_FIGURES))
    return frame.with_columns(finite.name.keep(), cs.date().dt.to_string("%Y-%m-%d"))


def quantised(frame: pl.DataFrame, lists: Sequence[str]) -> pl.DataFrame:
    """Lists of numbers as lists of whole numbers, to be divided by the row's own `scale`.

    The scale is a power of ten that keeps four figures of the row's largest number: a tenth of the bytes of
    floating numbers, and no difference that a chart could show.
    """
    largest = pl.max_horizontal(
        *(pl.col(name).list.eval(pl.element().abs()).list.max().fill_nan(None) for name in lists), pl.lit(1e-6)
    )
    digits = (3 - largest.log10().floor()).clip(0, 6)
    scaled = frame.with_columns(pl.lit(10.0).pow(digits).alias("scale"))
    whole = pl.element().round().cast(pl.Int64, strict=False)
    return scaled.with_columns(
        *((pl.col(name) * pl.col("scale")).list.eval(whole) for name in lists), pl.col("scale").cast(pl.Int64)
    )
