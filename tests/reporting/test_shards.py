"""Shards carry any text safely, byte for byte the same each time."""

from __future__ import annotations

import base64
import gzip
import json
import re
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.reporting.shards import columns_text, plain, quantised, rows_text, shard
from tests.reporting.rows import HOSTILE_NAMES


def unpacked(script: str) -> object:
    found = re.fullmatch(r'replenish\.receive\("([a-z0-9_]+)", "([A-Za-z0-9+/=]*)"\);\n', script)
    assert found, script
    return json.loads(gzip.decompress(base64.b64decode(found.group(2))))


@given(st.lists(st.text() | st.sampled_from(HOSTILE_NAMES)))
def test_a_shard_gives_back_every_text_and_holds_none_of_it_in_the_open(texts: list[str]) -> None:
    frame = pl.DataFrame({"name": pl.Series(texts, dtype=pl.String)})
    assert unpacked(shard("names", columns_text(frame))) == {"name": texts}


def test_the_same_rows_give_the_same_bytes() -> None:
    frame = pl.DataFrame({"a": [1.0, 2.0]})
    assert shard("a", columns_text(frame)) == shard("a", columns_text(frame))
    assert gzip.decompress(base64.b64decode(shard("a", "[]").split('"')[3])) == b"[]"
    assert base64.b64decode(shard("a", "[]").split('"')[3])[4:8] == b"\0\0\0\0", "no time stamp"


@pytest.mark.parametrize("name", ["../x", "a b", "", "A", 'a"', "1a"])
def test_a_shard_name_must_be_plain(name: str) -> None:
    with pytest.raises(ValueError, match="shard name"):
        shard(name, "{}")


def test_plain_writes_dates_as_text_and_drops_what_is_not_finite() -> None:
    frame = pl.DataFrame({"day": [date(2026, 3, 1), None, None], "x": [0.1 + 0.2, float("nan"), float("inf")]})
    assert plain(frame).to_dict(as_series=False) == {"day": ["2026-03-01", None, None], "x": [0.3, None, None]}


def test_rows_text_keeps_lists_and_structs() -> None:
    frame = pl.DataFrame({"a": [[1, None]], "b": [[{"c": "<b>"}]]})
    assert json.loads(rows_text(frame)) == [{"a": [1, None], "b": [{"c": "<b>"}]}]


@given(st.lists(st.none() | st.floats(-1e9, 1e9), min_size=1), st.lists(st.floats(0, 1e3)))
def test_quantised_lists_keep_four_figures_of_the_largest_number(one: list[float | None], other: list[float]) -> None:
    frame = pl.DataFrame(
        {"one": [one], "other": [other]}, schema={"one": pl.List(pl.Float64), "other": pl.List(pl.Float64)}
    )
    row = quantised(frame, ("one", "other")).row(0, named=True)
    largest = max([abs(value) for value in [*one, *other] if value is not None], default=0.0)
    step = max(largest * 1e-3, 1e-6)
    for before, after in zip([*one, *other], [*row["one"], *row["other"]], strict=True):
        assert (after is None) == (before is None)
        assert after is None or abs(after / row["scale"] - before) <= step


def test_quantised_leaves_missing_lists_missing() -> None:
    frame = pl.DataFrame({"one": [None, [0.25]]}, schema={"one": pl.List(pl.Float64)})
    assert quantised(frame, ("one",))["one"].to_list() == [None, [2500]]
