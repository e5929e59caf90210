"""Levelling where nobody works on some days: tonight's order stays, and closed days ask for no hours."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.steps.plant_world import Plant

EVENING = Plant({"a": [10.0, 0.0, 0.0, 60.0]}, {"m": [0.0, 0.0, 40.0, 40.0]})
TWO_STEPS = [{"item_id": "a", "work_center_id": "m"}, {"item_id": "a", "work_center_id": "n", "step_seq": 20}]


def by_bucket(levelled: pl.DataFrame, column: str) -> dict[int, float]:
    told = levelled.filter(pl.col(column) > 0).select("bucket_index", column)
    return {bucket: round(value, 4) for bucket, value in told.iter_rows()}


def test_on_the_evening_before_a_closed_day_tonights_order_is_begun_on_the_next_open_one() -> None:
    load, levelled, _, order = EVENING.level()
    assert order["qty"].to_list() == [30.0]
    assert by_bucket(levelled, "qty") == {0: 30.0, 3: 40.0}
    assert levelled["late_qty"].max() == 0.0
    assert load.select("bucket_index", "levelled_hours").rows() == [(0, 0.0), (1, 0.0), (2, 30.0), (3, 40.0)]


def test_what_is_planned_for_a_closed_day_is_made_before_it() -> None:
    plant = Plant({"a": [30.0, 0.0, 20.0]}, {"m": [40.0, 25.0, 0.0]}, stock={})
    load, levelled, relaxation, order = plant.level()
    assert load["overload_hours"].max() == 0.0
    assert relaxation.is_empty()
    assert order["qty"].to_list() == [30.0]
    assert by_bucket(levelled, "qty") == {0: 30.0, 2: 20.0}


def test_no_second_operation_falls_on_a_closed_day() -> None:
    plan, hours = {"a": [10.0, 0.0, 10.0, 0.0]}, [40.0, 0.0, 40.0, 0.0]
    wish = {"a": {"lead_time_buckets": 2}}
    plant = Plant(plan, {"m": hours, "n": hours}, operation=TWO_STEPS, wish=wish)
    load, _, relaxation, order = plant.level()
    assert load["overload_hours"].max() == 0.0
    assert relaxation.is_empty()
    assert order["qty"].to_list() == [10.0]


@given(
    st.lists(st.floats(0.0, 50.0), min_size=6, max_size=6),
    st.lists(st.sampled_from([0.0, 0.0, 20.0, 30.0]), min_size=6, max_size=6),
    st.integers(0, 3),
)
@settings(max_examples=25, deadline=None)
def test_all_that_is_planned_is_made_early_in_time_or_late(plan: list[float], hours: list[float], wait: int) -> None:
    plant = Plant({"a": plan}, {"m": hours}, wish={"a": {"order_bucket_index": wait}})
    load, levelled, _, order = plant.level()
    so_far = [pl.col(name).cum_sum().over("item_id").alias(name) for name in ("qty", "planned_qty")]
    gap = levelled.with_columns(so_far).select(
        (pl.col("qty") + pl.col("late_qty") - pl.col("planned_qty") - pl.col("early_qty")).abs().max()
    )
    assert (gap.item() or 0.0) < 1e-4
    tonight = levelled.filter(bucket_index=wait)["qty"].sum()
    assert abs(order["qty"].sum() - tonight) < 1e-4
    assert load.height == len(hours)
    assert (load["levelled_hours"] <= load["capacity_hours"] + load["overtime_hours"] + 1e-6).all()


def test_a_lot_that_takes_a_week_need_not_fit_into_its_first_day() -> None:
    """Sixty units of an hour: five days of twelve hours, as the lead time says; in four they do not fit."""
    days = [12.0] * 6
    week = Plant({"a": [60.0, 0.0, 0.0, 0.0, 0.0, 0.0]}, {"m": days}, wish={"a": {"lead_time_buckets": 5}})
    load, _, relaxation, order = week.level()
    assert order["qty"].to_list() == [60.0]
    assert load["levelled_hours"].to_list() == [12.0] * 5 + [0.0]
    assert relaxation.is_empty()
    hurried = week.with_(wish={"a": {"lead_time_buckets": 4}})
    assert hurried.level()[0]["overload_hours"].max() == 3.0
