"""Identifiers, words and yes/no."""

from __future__ import annotations

import polars as pl

from replenish.ingest.parse.unique import by_distinct

LONGEST_TEXT = 300
_YES, _NO = ("yes", "y", "true", "t", "1"), ("no", "n", "false", "f", "0")


def texts_of(column: pl.Series, *, is_word: bool) -> pl.Series:
    """Text trimmed, line breaks and tabs as spaces, words of closed lists in lower case.

    Null where it is longer than 300 characters or holds control characters or bytes that are no text.
    """

    def parse(distinct: pl.Series) -> pl.Series:
        plain = distinct.str.replace_all(r"[\t\r\n]+", " ").str.strip_chars()
        plain = plain.str.to_lowercase() if is_word else plain
        frame = pl.DataFrame({"text": plain})
        clean = ~pl.col("text").str.contains(r"[\p{Cc}\x{FFFD}]") & (pl.col("text").str.len_chars() <= LONGEST_TEXT)
        return frame.select(pl.when(clean & (pl.col("text") != "")).then("text")).to_series()

    return by_distinct(column, parse)


def yes_or_no(column: pl.Series) -> pl.Series:
    """Yes, no, true, false, y, n, t, f, 1 and 0 as booleans; null for anything else."""

    def parse(distinct: pl.Series) -> pl.Series:
        frame = pl.DataFrame({"text": distinct.str.strip_chars().str.to_lowercase()})
        yes = pl.when(pl.col("text").is_in(_YES)).then(True)
        return frame.select(yes.when(pl.col("text").is_in(_NO)).then(False)).to_series()

    return by_distinct(column, parse)
