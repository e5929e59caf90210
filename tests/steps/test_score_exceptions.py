"""Announced stock-outs are held against what came, and what came against what was announced."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from replenish.steps import score_exceptions
from replenish.tables.core import Bucket, PreviousAnnouncement, PreviousSteadiness
from replenish.tables.plan import Demand, ExceptionScore

AS_OF = date(2026, 3, 1)  # a Sunday
WEEKS = 12


def _day(back: int) -> date:
    return AS_OF - timedelta(days=back)


def _bucket() -> pl.DataFrame:
    index = pl.Series("bucket_index", list(range(-7 * WEEKS, 7)), dtype=pl.Int32)
    frame = pl.DataFrame({"bucket_index": index}).with_columns(
        bucket_start=pl.lit(AS_OF) + pl.duration(days=index + 1), bucket_days=pl.lit(1), week_index=index // 7
    )
    missing = [name for name in Bucket.column_names() if name not in frame.columns]
    frame = frame.with_columns(**{name: pl.lit(None) for name in missing})
    return frame.with_columns(bucket_end=pl.col("bucket_start"))


def _demand(out: dict[str, list[int]], items: str = "ab") -> pl.DataFrame:
    """plan.demand of days: `out` tells how many days ago each item ran out."""
    rows = [
        {
            "item_id": item,
            "location_id": "l",
            "bucket_index": -back,
            "bucket_start": _day(back - 1),
            "state": "censored" if back - 1 in out.get(item, []) else "full",
            "lost_sales_qty": 0.0,
        }
        for item in items
        for back in range(1, 7 * WEEKS + 1)
    ]
    frame = pl.DataFrame(rows)
    missing = [name for name in Demand.column_names() if name not in frame.columns]
    return frame.with_columns(**{name: pl.lit(None) for name in missing})


def _said(item: str, seen: int, last: int, names: int, code: str = "SHORTAGE", **rest: Any) -> dict[str, Any]:
    """First and last said, and the day it names, in days ago."""
    told = {"exception_id": f"E-{item}-{code}", "seen_date": _day(seen), "last_seen_date": _day(last)}
    return {**told, "code": code, "item_id": item, "location_id": "l", "date": _day(names), **rest}


def _scores(out: dict[str, list[int]], *said: dict[str, Any], first_night: int = 60, parts: int = 1) -> pl.DataFrame:
    announced = (
        PreviousAnnouncement.create_empty()
        if not said
        else PreviousAnnouncement.cast(pl.DataFrame(said).select(PreviousAnnouncement.column_names()))
    )
    night = {"as_of": [_day(first_night)], "run_id": ["r"], "proposal_value": [1.0], "line_count": [1]}
    nights = pl.DataFrame(night).with_columns(flipped_share=None, is_stopped=False, cause=None)
    blocks = [(_demand(out),)] if parts == 1 else [(_demand(out, item),) for item in "ab"]
    nights = PreviousSteadiness.cast(nights.select(PreviousSteadiness.column_names()))
    return ExceptionScore.validate(score_exceptions(blocks, announced, nights, _bucket(), as_of=AS_OF))


def _total(scores: pl.DataFrame, code: str = "all") -> tuple[int, ...]:
    names = ("judged_count", "true_count", "stockout_count", "foreseen_count")
    return tuple(scores.filter(pl.col("code") == code).select(pl.col(names).sum()).row(0))


def test_what_was_announced_and_came_counts_for_both() -> None:
    """Said 30 days ago for the day 25 days ago; it ran out 26 and 25 days ago: one stock-out, four days' notice."""
    got = _scores({"a": [26, 25]}, _said("a", 30, 28, 25))
    assert _total(got) == (1, 1, 1, 1)
    assert _total(got, "SHORTAGE") == (1, 1, 1, 1)
    assert _total(got, "POTENTIAL_STOCKOUT") == (0, 0, 1, 0)
    event = got.filter((pl.col("code") == "all") & (pl.col("stockout_count") > 0)).row(0, named=True)
    assert (event["lead_days"], event["recall_share"]) == (4.0, 1.0)
    assert event["week_start"] <= _day(26) < event["week_start"] + timedelta(7)


def test_false_alarms_and_surprises() -> None:
    got = _scores({"b": [20]}, _said("a", 30, 28, 25))
    assert _total(got) == (1, 0, 1, 0)
    rows = got.filter(pl.col("code") == "all")
    assert rows["precision_share"].drop_nulls().to_list() == [0.0]
    assert rows["recall_share"].drop_nulls().to_list() == [0.0]


@pytest.mark.parametrize(("ran_out", "expected"), [(30, 0), (29, 1), (18, 1), (17, 0)])
def test_it_must_run_out_after_it_was_said_and_within_a_week_of_the_day_named(ran_out: int, expected: int) -> None:
    judged, true, happened, foreseen = _total(_scores({"a": [ran_out]}, _said("a", 30, 28, 25)))
    assert (judged, true, happened, foreseen) == (1, expected, 1, expected)


def test_what_may_still_come_is_not_judged_and_what_was_before_the_nights_not_counted() -> None:
    assert _total(_scores({}, _said("a", 5, 1, 0))) == (0, 0, 0, 0)
    assert _total(_scores({"a": [55]}, first_night=40)) == (0, 0, 0, 0)
    assert _total(_scores({"a": [55]}, first_night=60)) == (0, 0, 1, 0)


def test_two_kinds_of_one_node_foresee_one_stock_out() -> None:
    both = (_said("a", 30, 27, 25), _said("a", 40, 31, 30, "POTENTIAL_STOCKOUT"))
    got = _scores({"a": [26]}, *both)
    assert _total(got) == (2, 2, 1, 1)
    assert got.filter(pl.col("code") == "all")["lead_days"].drop_nulls().to_list() == [14.0]


def test_parts_of_the_company_change_nothing_and_nothing_known_is_nothing_said() -> None:
    said = (_said("a", 30, 28, 25), _said("b", 20, 18, 15))
    out = {"a": [26, 3], "b": [14]}
    assert _scores(out, *said).equals(_scores(out, *said, parts=2))
    empty = score_exceptions(
        [], PreviousAnnouncement.create_empty(), PreviousSteadiness.create_empty(), _bucket(), as_of=AS_OF
    )
    assert empty.is_empty()
