from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from replenish.steps import audit as step
from replenish.steps.learn_counts import learn_counts
from replenish.tables.core import CountLine, Node
from replenish.tables.plan import Record
from tests.steps.demand_world import AS_OF, buckets, history, nodes, position

NO_COUNTS, BUCKET = CountLine.create_empty(), buckets(20, 2, days=1)


def world(sales, closing=None, recorded=None, **columns):
    node = nodes([f"i{n}" for n in range(len(sales))], ["l"])
    sales = np.array(sales, dtype=float)
    closing = np.full(sales.shape, 9.0) if closing is None else np.array(closing, dtype=float)
    past = history(node, BUCKET, sales, opening_qty=closing, closing_qty=closing, **columns)
    return past, position(node, recorded or [9.0] * node.height)


def audit(past, stock, counts, bucket):
    return step(past, stock, Node.create_empty(), counts, learn_counts(counts), bucket)


def counted(rows, moved=None):
    frame = pl.DataFrame(rows, schema=CountLine.column_names()[:5], orient="row")
    frame = frame.with_columns(category=pl.lit("c"), moved_qty=pl.lit(moved, dtype=pl.Float64))
    return CountLine.cast(frame).sort(CountLine.primary_key())


def test_a_long_silence_with_stock_recorded_is_a_ghost():
    past, stock = world([[2.0] * 30 + [0.0] * 10, [2.0] * 38 + [0.0] * 2])
    record = audit(past, stock, NO_COUNTS, BUCKET)
    Record.validate(record)
    assert record["is_ghost"].to_list() == [True, False]
    assert record["silent_buckets"].to_list() == [10, 2]
    assert record["silent_from_index"].to_list() == [-10, None]
    assert record["silence_probability"][0] == pytest.approx(np.exp(-2.0 * 10))
    assert record["ghost_probability"][0] > 0.99
    assert record["ghost_probability"][1] == pytest.approx(0.02 / (0.02 + 0.98 * np.exp(-4)))


def test_erratic_demand_needs_a_longer_silence_than_steady_demand():
    rng = np.random.default_rng(1)
    wild = rng.negative_binomial(0.3, 0.3 / 2.3, 60).astype(float)
    wild[-1] = 5.0
    past, stock = world([[2.0] * 60 + [0.0] * 4, [*wild, *[0.0] * 4]])
    record = audit(past, stock, NO_COUNTS, BUCKET)
    assert record["is_ghost"].to_list() == [True, False]


@pytest.mark.parametrize("what", ["receipt", "count", "empty_record"])
def test_receipts_counts_and_empty_records_end_the_silence(what):
    sales = [[0.7] * 30 + [0.0] * 10]
    columns, counts, recorded = {}, NO_COUNTS, [9.0]
    if what == "receipt":
        receipt = np.zeros((1, 40))
        receipt[0, 36] = 5.0
        columns["receipt_qty"] = receipt
    if what == "count":
        counts = counted([("i0", "l", AS_OF - timedelta(days=3), 9.0, 9.0)])
    if what == "empty_record":
        recorded = [0.0]
    record = audit(*world(sales, recorded=recorded, **columns), counts, BUCKET)
    assert not record["is_ghost"][0]
    assert record["silent_buckets"][0] == (0 if what == "empty_record" else 3)


def test_closed_days_neither_end_nor_lengthen_a_silence():
    is_open = np.ones((1, 40))
    is_open[0, [34, 37]] = 0.0
    record = audit(*world([[2.0] * 30 + [0.0] * 10], open_share=is_open), NO_COUNTS, BUCKET)
    assert record["silent_buckets"][0] == 8


def test_days_the_history_leaves_out_are_closed_days():
    past, stock = world([[2.0] * 30 + [0.0] * 10])
    left_out = past.filter(~pl.col("bucket_index").is_in([-6, -1]))
    record = audit(left_out, stock, NO_COUNTS, BUCKET)
    assert record["silent_buckets"][0] == 8
    assert record["is_ghost"][0]


def test_usable_stock_is_never_negative_and_the_adjustment_explains_it():
    node = nodes(["a", "b"], ["l"])
    stock = position(node, [10.0, -3.0], blocked_qty=[1.0, 0.0], expired_qty=[2.0, 0.0], reserved_qty=[3.0, 0.0])
    weeks = buckets(2, 1)
    record = audit(history(node, weeks, np.ones((2, 2))), stock, NO_COUNTS, weeks)
    assert record["on_hand_qty"].to_list() == [4.0, 0.0]
    assert record["record_adjustment_qty"].to_list() == [-6.0, 3.0]
    assert record["is_negative"].to_list() == [False, True]


def test_a_hundred_counts_replace_the_default_prior():
    found = [("x", f"l{n:03d}", AS_OF, 5.0, 0.0 if n < 30 else 5.0) for n in range(100)]
    past, stock = world([[1.0] * 39 + [0.0]])
    few = audit(past, stock, counted(found[:99]), BUCKET)["ghost_probability"][0]
    many = audit(past, stock, counted(found), BUCKET)["ghost_probability"][0]
    silence = np.exp(-1.0)
    assert few == pytest.approx(0.02 / (0.02 + 0.98 * silence))
    assert many == pytest.approx(0.3 / (0.3 + 0.7 * silence))


def test_nodes_without_history_and_an_empty_company():
    past, _ = world([[2.0] * 30])
    stock = position(nodes(["i0", "new"], ["l"]), [1.0, 7.0])
    record = audit(past, stock, NO_COUNTS, BUCKET)
    assert record["on_hand_qty"].to_list() == [1.0, 7.0]
    assert record["ghost_probability"].to_list() == [0.0, 0.0]
    assert audit(past.clear(), stock.clear(), NO_COUNTS, BUCKET).height == 0
    assert audit(past.clear(), stock, NO_COUNTS, BUCKET).height == 2


def test_errors_grow_with_units_moved_since_the_count_and_a_year_at_most_without_one():
    sales = [[1.0] * 600, [1.0] * 600]
    bucket = buckets(600, 2, days=1)
    node = nodes(["i0", "i1"], ["l"])
    past = history(
        node, bucket, np.array(sales), opening_qty=np.full((2, 600), 9.0), closing_qty=np.full((2, 600), 9.0)
    )
    counts = counted([("i0", "l", AS_OF - timedelta(days=10), 9.0, 9.0)])
    record = audit(past, position(node, [9.0, 9.0]), counts, bucket)
    assert record["moved_qty"].to_list() == [10.0, 365.0]
    assert record["last_count_date"].to_list() == [AS_OF - timedelta(days=10), None]
    np.testing.assert_allclose(record["error_sd_qty"], np.sqrt(0.002 * np.array([10.0, 365.0])))
