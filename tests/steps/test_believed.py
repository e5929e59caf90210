"""Doubtful buckets say nothing of demand, whatever stands in them; all others say what they said."""

from __future__ import annotations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from replenish.steps import audit, believed, season
from replenish.steps.learn_counts import learn_counts
from replenish.tables.core import CountLine, DoubtfulBucket
from tests.steps.demand_world import buckets, demand_of, history, no_events, nodes, position

NODE = nodes(["a", "b"], ["l"])
BUCKET = buckets(16, 2)
NO_COUNTS = CountLine.create_empty()


def doubtful(*index: int) -> pl.DataFrame:
    rows = pl.DataFrame({"item_id": "b", "location_id": "l", "bucket_index": sorted(index)})
    return DoubtfulBucket.cast(rows)


def demand(past: pl.DataFrame) -> pl.DataFrame:
    stock = position(NODE, [5.0, 5.0])
    record = audit(past, stock, NODE, NO_COUNTS, learn_counts(NO_COUNTS), BUCKET)
    found = season([(past, NODE, no_events())], record, BUCKET)
    return demand_of(past, NODE, record, found, no_events(), BUCKET)[0]


@given(st.integers(1, 5), st.integers(0, 4), st.floats(0, 500))
def test_what_stands_in_doubtful_buckets_changes_nothing(length: int, back: int, wrong: float) -> None:
    sales = np.random.default_rng(3).poisson(6.0, (2, 16)).astype(float)
    index = range(-1 - back - length + 1, -back)
    other = sales.copy()
    other[1, [16 + one for one in index]] = wrong
    told = [demand(believed(history(NODE, BUCKET, one), doubtful(*index))) for one in (sales, other)]
    assert told[0].equals(told[1])
    missing = told[0].filter(state="missing")
    assert missing.select("item_id", "bucket_index").rows() == [("b", one) for one in index]
    assert missing["demand_qty"].null_count() == length


def test_without_doubt_the_history_is_as_it_was() -> None:
    past = history(NODE, BUCKET, np.ones((2, 16)))
    assert believed(past, DoubtfulBucket.create_empty()) is past
    some = believed(past, doubtful(-3))
    inside = pl.col("bucket_index").eq(-3) & pl.col("item_id").eq("b")
    assert some.filter(~inside).equals(past.filter(~inside))
