"""Promises of earlier nights beside what came: weeks of one shop, told row by row."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from replenish.steps.keep_promises import keep_promises
from replenish.steps.score_promises import score_promises
from replenish.tables.core import PreviousPromise
from replenish.tables.plan import Demand, KeptPromise, PromiseScore
from tests.steps.demand_world import AS_OF, buckets, nodes

WEEKS = 6
BUCKET = buckets(WEEKS, 4)
FULL = ("full", 5.0, 5.0, 0.0)


def demand(*weeks: tuple[str, float, float | None, float] | None, item: str = "a") -> pl.DataFrame:
    """plan.demand of the last weeks: state, sales, demand, lost sales; None = no row."""
    rows: list[dict[str, Any]] = []
    for index, week in zip(range(-len(weeks), 0), weeks, strict=True):
        if week is None:
            continue
        state, sales, wanted, lost = week
        start = AS_OF + timedelta(days=1 + 7 * index)
        told = {"item_id": item, "location_id": "l", "bucket_index": index, "bucket_start": start, "state": state}
        money = dict.fromkeys(("lost_sales_value", "lost_sales_low_value", "lost_sales_high_value"), 0.0)
        rates = {"estimate_variance_qty2": 0.0, "exposure_rate": 1.0, "uplift_rate": 1.0}
        drawn = {"sales_qty": sales, "demand_qty": wanted, "is_estimate": False, "demand_sample_qty": wanted}
        rows.append({**told, **drawn, "lost_sales_qty": lost, **money, **rates})
    return Demand.cast(pl.DataFrame(rows, infer_schema_length=None).select(Demand.column_names()))


def promise(first_day: int, days: int, chance: float = 0.05, name: str = "p", item: str = "a") -> dict[str, Any]:
    """A promise from so many days after as-of."""
    start = AS_OF + timedelta(days=first_day)
    window = {"window_start": start, "window_end": start + timedelta(days=days - 1)}
    told = {"stockout_probability": chance, "expected_demand_qty": 10.0, "expected_sales_qty": 9.5, "width_rate": 1.0}
    return {"proposal_id": name, "item_id": item, "location_id": "l", **window, **told}


def brought(*rows: dict[str, Any]) -> pl.DataFrame:
    """core.previous_promise."""
    if not rows:
        return PreviousPromise.create_empty()
    return PreviousPromise.cast(pl.DataFrame(rows).select(PreviousPromise.column_names()))


def kept(rows: list[dict[str, Any]], came: pl.DataFrame, as_of: date = AS_OF) -> pl.DataFrame:
    """What the step says, held to its contract."""
    return KeptPromise.validate(keep_promises(brought(*rows), came, nodes(["a", "b"], ["l"]), BUCKET, as_of))


def test_demand_and_sales_of_the_windows_buckets_are_added_up() -> None:
    came = demand(FULL, ("full", 3.0, 3.0, 0.0), ("full", 4.0, 4.0, 0.0), FULL)
    (row,) = kept([promise(-20, 14)], came).to_dicts()
    assert (row["achieved_demand_qty"], row["achieved_sales_qty"], row["is_stockout"]) == (7.0, 7.0, False)
    assert (row["category"], row["expected_demand_qty"], row["stockout_probability"]) == ("food", 10.0, 0.05)


@pytest.mark.parametrize("shift", range(7))
def test_a_window_from_inside_a_week_has_as_many_buckets_as_were_promised(shift: int) -> None:
    came = demand(FULL, FULL, ("full", 3.0, 3.0, 0.0), ("full", 4.0, 4.0, 0.0), FULL, FULL)
    (row,) = kept([promise(-27 + shift, 14)], came).to_dicts()
    assert row["achieved_demand_qty"] == 7.0


@pytest.mark.parametrize(
    ("week", "is_stockout"),
    [
        (("censored", 2.0, 4.0, 2.0), True),
        (("partial", 2.0, 2.0, 0.0), True),
        (("full", 2.0, 3.0, 1.0), True),
        (FULL, False),
    ],
)
def test_an_empty_shelf_or_lost_sales_are_a_stockout(
    week: tuple[str, float, float | None, float], is_stockout: bool
) -> None:
    (row,) = kept([promise(-13, 14)], demand(FULL, week)).to_dicts()
    assert row["is_stockout"] is is_stockout
    assert row["achieved_demand_qty"] == 5.0 + (week[2] or 0.0)


@pytest.mark.parametrize(
    ("why", "first_day", "days", "came"),
    [
        ("its window is still open", -6, 8, demand(FULL, FULL)),
        ("it ends after as-of", 1, 7, demand(FULL, FULL)),
        ("its first week is before the history", -7 * WEEKS - 6, 14, demand(*[FULL] * WEEKS)),
        ("all of it is before the history", -7 * WEEKS - 20, 14, demand(*[FULL] * WEEKS)),
        ("a week has no row", -13, 14, demand(None, FULL)),
        ("a week is missing", -13, 14, demand(("missing", 0.0, None, 0.0), FULL)),
        ("nothing is known of the node", -13, 14, demand(FULL, FULL, item="b")),
        ("no bucket ends in it", -12, 3, demand(FULL, FULL)),
    ],
)
def test_a_promise_is_not_judged_when(why: str, first_day: int, days: int, came: pl.DataFrame) -> None:
    judged = promise(-6, 7, name="judged", item="a" if came["item_id"][0] == "a" else "b")
    assert kept([promise(first_day, days), judged], came)["proposal_id"].to_list() == ["judged"], why


def test_without_promises_or_history_there_is_nothing_to_score() -> None:
    nothing = kept([], demand(FULL))
    assert nothing.is_empty()
    assert PromiseScore.validate(score_promises(nothing)).is_empty()
    future = BUCKET.filter(pl.col("bucket_index") >= 0)
    node = nodes(["a"], ["l"])
    assert keep_promises(brought(promise(-6, 7)), Demand.create_empty(), node, future, AS_OF).is_empty()


def scored(rows: list[tuple[str, float, bool]]) -> pl.DataFrame:
    """Score of promises told as category, promised chance, whether it ran out; each sold 8 of 10, promised 9.5."""
    told = pl.DataFrame(rows, schema=["category", "stockout_probability", "is_stockout"], orient="row")
    shared = {"item_id": "a", "location_id": "l", "window_start": AS_OF, "window_end": AS_OF, "width_rate": 1.0}
    qty = {"expected_demand_qty": 10.0, "expected_sales_qty": 9.5, "achieved_demand_qty": 10.0}
    filled = told.with_columns(
        proposal_id=pl.int_range(pl.len()).cast(pl.String),
        achieved_sales_qty=pl.lit(8.0),
        **{name: pl.lit(value) for name, value in {**shared, **qty}.items()},
    )
    return PromiseScore.validate(score_promises(KeptPromise.cast(filled.select(KeptPromise.column_names()))))


def test_scores_are_told_by_category_and_tenth() -> None:
    got = scored([("food", 0.0, False), ("food", 0.95, True), ("food", 1.0, False), ("all", 0.1, True)])
    told = got.select("category", "decile", "promise_count", "achieved_share").rows()
    assert told == [
        ("all", 0, 4, 0.5), ("all", 1, 1, 0.0), ("all", 2, 1, 1.0), ("all", 10, 2, 0.5),
        ("food", 0, 3, 1 / 3), ("food", 1, 1, 0.0), ("food", 10, 2, 0.5),
    ]  # fmt: skip
    everyone = got.row(0, named=True)
    assert everyone["promised_share"] == pytest.approx(2.05 / 4)
    assert (everyone["promised_fill_rate"], everyone["achieved_fill_rate"]) == (0.95, 0.8)
    assert not got["is_alarm"].any()


@pytest.mark.parametrize(("count", "stockouts", "rings"), [(2001, 200, True), (2000, 200, False), (2500, 130, False)])
def test_the_alarm_rings_beyond_two_points_of_many(count: int, stockouts: int, rings: bool) -> None:
    got = scored([("food", 0.05, place < stockouts) for place in range(count)])
    assert got["is_alarm"].to_list() == [rings] * got.height
