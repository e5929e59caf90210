"""Levelling: what is asked of the plant fits into its hours, and nothing changes where it does already."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.steps.plant_world import PLANT, TONIGHT, Plant

QUIET = Plant({"a": [10.0, 0.0, 20.0]}, {"m": [40.0, 40.0, 40.0]})
LATER = Plant({"a": [10.0, 0.0, 60.0]}, {"m": [40.0, 10.0, 40.0]}, stock={"steel": 1000.0})
STEEL = [{"parent_item_id": "a", "component_item_id": "steel", "qty_per": 2.0}]


def tonight(plant: Plant) -> dict[str, float]:
    return dict(plant.level()[3].select("item_id", "qty").iter_rows())


def made(plant: Plant, item: str = "a", column: str = "qty") -> list[float]:
    found = plant.level()[1].filter(item_id=item)
    by_bucket = dict(found.select("bucket_index", column).iter_rows())
    return [round(by_bucket.get(t, 0.0), 4) for t in range(len(plant.plans[item]))]


def test_a_plan_that_fits_stays_as_it_is() -> None:
    load, levelled, relaxation, order = QUIET.level()
    assert order.equals(QUIET.order)
    assert relaxation.is_empty()
    assert load["levelled_hours"].to_list() == load["planned_hours"].to_list() == [10.0, 0.0, 20.0]
    assert load["hour_value"].max() == 0.0
    assert levelled.select("qty", "planned_qty").rows() == [(10.0, 10.0), (20.0, 20.0)]


def test_what_later_hours_do_not_suffice_for_is_made_before() -> None:
    load, _, _, order = LATER.level()
    assert made(LATER) == [20.0, 10.0, 40.0]
    line = order.row(0, named=True)
    assert (line["qty"], line["pack_count"], line["reason_code"], line["binding_limit"]) == (
        20,
        20,
        "capacity",
        "capacity",
    )
    assert load["overload_hours"].to_list() == [0.0, 0.0, 20.0]
    assert load["hour_value"][2] > 0


def test_no_more_is_started_tonight_than_there_are_components_for() -> None:
    assert tonight(LATER.with_(bill=STEEL, stock={"steel": 26.0})) == {"a": 13.0}
    assert tonight(LATER.with_(bill=STEEL, stock={})) == {"a": 10.0}


def test_open_production_orders_keep_their_components() -> None:
    firm = [{"order_id": "mo", "line_id": "1", "item_id": "steel", "open_qty": 2.0}]
    assert tonight(LATER.with_(bill=STEEL, stock={"steel": 26.0}, firm=firm)) == {"a": 12.0}


def test_components_are_those_of_tonights_bill() -> None:
    before, after = TONIGHT - timedelta(days=1), TONIGHT + timedelta(days=1)
    lines = [STEEL[0] | {"last_date": TONIGHT}, STEEL[0] | {"component_item_id": "tin", "first_date": after}]
    assert tonight(LATER.with_(bill=lines, stock={"steel": 26.0})) == {"a": 13.0}
    over = [STEEL[0] | {"first_date": before, "last_date": before}]
    assert tonight(LATER.with_(bill=over, stock={})) == {"a": 20.0}


def test_components_are_shared_by_what_grows() -> None:
    both = Plant({"a": [0.0, 30.0], "b": [0.0, 30.0]}, {"m": [40.0, 40.0]}, stock={"steel": 20.0})
    bill = [{"parent_item_id": item, "component_item_id": "steel", "qty_per": 2.0} for item in "ab"]
    assert sum(tonight(both.with_(bill=bill)).values()) == 10.0
    two = [{"item_id": "a", "work_center_id": "m"}, {"item_id": "b", "work_center_id": "n"}]
    apart = both.with_(bill=bill, operation=two, hours={"m": [40.0, 20.0], "n": [40.0, 20.0]})
    assert sum(tonight(apart).values()) == 10.0


@pytest.mark.parametrize(
    "change",
    [
        {"node": {"a": {"approval_date": TONIGHT + timedelta(days=30)}}},
        {"limit": [{"kind": "volume", "scope_id": PLANT}]},
        {"node": {"a": {"shelf_life_days": 14}}},
        {"arc": {"a": {"fence_days": 10, "lead_time_days": 7.0}}},
    ],
    ids=["not approved", "no space", "spoils", "inside the planning fence"],
)
def test_an_order_that_must_not_grow_does_not(change: dict[str, object]) -> None:
    assert tonight(LATER.with_(**change)) == {"a": 10.0}


def test_an_order_that_waits_is_levelled_in_the_bucket_it_is_placed_in() -> None:
    """It is cut where the hours of that bucket end, nothing is begun before, and it takes no stock of tonight."""
    waits = {"a": {"order_bucket_index": 1}}
    short = Plant({"a": [0.0, 60.0, 0.0]}, {"m": [40.0, 33.0, 40.0]}, wish=waits, bill=STEEL)
    assert tonight(short) == {"a": 33.0}
    assert made(short) == [0.0, 33.0, 27.0]
    grows = Plant({"a": [0.0, 10.0, 60.0]}, {"m": [40.0, 40.0, 10.0]}, wish=waits)
    assert tonight(grows) == {"a": 10.0}
    beyond = Plant({"a": [0.0], "b": [60.0]}, {"m": [33.0]}, wish=waits)
    assert (tonight(beyond), made(beyond)) == ({"a": 0.0, "b": 33.0}, [0.0])


def test_only_the_bill_of_tonight_takes_the_components_of_tonight() -> None:
    tomorrow = {**STEEL[0], "qty_per": 90.0, "first_date": TONIGHT + timedelta(days=1)}
    bill = [{**STEEL[0], "last_date": TONIGHT}, tomorrow]
    assert tonight(LATER.with_(bill=bill)) == tonight(LATER.with_(bill=STEEL)) == {"a": 20.0}


def test_what_finds_no_hours_is_late_and_tonight_is_cut_to_whole_packs() -> None:
    short = Plant(
        {"a": [50.0, 0.0, 0.0]}, {"m": [33.0, 40.0, 40.0]}, arc={"a": {"multiple_qty": 10.0, "min_qty": 20.0}}
    )
    assert tonight(short) == {"a": 30.0}
    assert made(short, column="late_qty") == [20.0, 0.0, 0.0]
    too_few = short.with_(hours={"m": [17.0, 40.0, 40.0]})
    assert tonight(too_few) == {"a": 0.0}


def test_overtime_comes_before_lateness_and_both_have_their_price() -> None:
    longer = Plant({"a": [50.0, 0.0]}, {"m": [40.0, 40.0]}, center={"m": {"overtime_hours": 4.0}})
    load, levelled, relaxation, order = longer.level()
    assert load["overtime_hours"].to_list() == [4.0, 0.0]
    assert levelled["late_qty"].to_list()[0] == pytest.approx(6.0)
    assert order["qty"].to_list() == [44.0]
    assert relaxation.select("kind", "work_center_id", "bucket_index").rows() == [("due", "a", 0)]
    assert relaxation.select("hours", "cost").row(0) == pytest.approx((10.0, 10.0 * 1.05 * 15.0))


def test_the_value_of_a_cut_order_is_that_of_its_curve() -> None:
    curve = [{"item_id": "a", "pack_index": k, "pack_qty": 10.0, "pack_value": 60.0 - 10 * k} for k in range(1, 6)]
    cut = Plant({"a": [50.0, 0.0]}, {"m": [25.0, 40.0]}, curve=curve)
    assert cut.level()[3].select("qty", "value").row(0) == (25.0, 50.0 + 40.0 + 15.0)


def test_open_production_orders_take_their_hours_first() -> None:
    running = [
        {"order_id": "mo", "line_id": "1", "item_id": "a", "open_qty": 30.0, "due_date": TONIGHT + timedelta(days=8)}
    ]
    busy = QUIET.with_(running=running)
    load = busy.level()[0]
    assert load["planned_hours"].to_list() == [40.0, 0.0, 20.0]
    assert tonight(busy) == {"a": 10.0}
    assert tonight(busy.with_(hours={"m": [36.0, 40.0, 40.0]})) == {"a": 6.0}


def test_open_orders_of_an_item_that_is_made_no_more_still_take_hours() -> None:
    running = [{"order_id": "mo", "line_id": "1", "item_id": "gone", "open_qty": 90.0, "due_date": TONIGHT}]
    routing = [{"item_id": item, "work_center_id": "m"} for item in ("a", "gone")]
    load, _, _, order = QUIET.with_(running=running, operation=routing).level()
    assert load["levelled_hours"].to_list() == [40.0, 40.0, 40.0]
    assert order["qty"].to_list() == [0.0]


def test_a_closed_week_pushes_its_load_ahead() -> None:
    assert made(QUIET.with_(hours={"m": [40.0, 15.0, 0.0]})) == [15.0, 15.0, 0.0]


def test_operations_after_the_first_take_their_hours_later() -> None:
    steps = [{"item_id": "a", "work_center_id": "m", "operation_seq": k, "step_seq": k} for k in (10, 20)]
    load = QUIET.with_(operation=steps, wish={"a": {"lead_time_buckets": 2}}).level()[0]
    assert load["planned_hours"].to_list() == [10.0, 10.0, 20.0]


def test_the_same_night_on_a_slow_and_a_fast_machine() -> None:
    plans = {name: [30.0, 0.0, 25.0 + k, 40.0, 10.0] for k, name in enumerate("abcd")}
    busy = Plant(plans, {"m": [90.0, 60.0, 80.0, 95.0, 80.0]}, center={"m": {"overtime_hours": 10.0}})
    for few, many in zip(busy.level(time_limit_seconds=60.0), busy.level(time_limit_seconds=6e5), strict=True):
        assert few.equals(many)
    assert not busy.level()[0]["is_stopped"].any()


HOSTILE = [
    {"item_id": "a", "work_center_id": "m", "run_hours_per_unit": float("nan")},
    {"item_id": "b", "work_center_id": "nowhere"},
    {"item_id": "c", "work_center_id": "m", "run_hours_per_unit": 0.0},
    {"item_id": "d", "work_center_id": "m", "setup_hours": float("inf"), "start_qty_per_good": float("nan")},
    {"item_id": "e", "work_center_id": "m", "run_hours_per_unit": -3.0, "setup_hours": -1.0},
    {"item_id": "f", "work_center_id": "m", "run_hours_per_unit": 1e12},
    {"item_id": "unknown", "work_center_id": "m"},
]


def test_hostile_routings_stop_nobody_else() -> None:
    names = {name: [5.0, 0.0, 5.0] for name in "abcdefg"}
    hostile = Plant(names, {"m": [40.0, 40.0, 40.0]}, operation=HOSTILE)
    load, levelled, _, order = hostile.level()
    qty = dict(order.select("item_id", "qty").iter_rows())
    assert {name for name, units in qty.items() if units == 5.0} == set("abcdeg")
    assert qty["f"] == 0.0
    assert load.select(pl.col("levelled_hours").is_finite().all()).item()
    assert levelled.filter(item_id="f")["late_qty"].to_list() == [5.0, 5.0, 10.0]


def test_a_plant_without_centres_or_without_production_is_no_error() -> None:
    assert Plant({"a": [5.0]}, {"m": [0.0]}, operation=[{"item_id": "x", "work_center_id": "m"}]).level()[3].height == 1
    empty = Plant({}, {"m": [8.0]}).level()
    assert empty[0].height == 1
    assert all(frame.is_empty() for frame in empty[1:])


@st.composite
def plants(draw: st.DrawFn) -> Plant:
    buckets = draw(st.integers(1, 5))
    units = st.lists(st.integers(0, 30).map(float), min_size=buckets, max_size=buckets)
    names = ["a", "b", "c"][: draw(st.integers(1, 3))]
    routing = [
        {
            "item_id": name,
            "work_center_id": draw(st.sampled_from("mn")),
            "operation_seq": seq,
            "step_seq": seq,
            "run_hours_per_unit": draw(st.sampled_from([0.0, 0.5, 1.0])),
            "setup_hours": draw(st.sampled_from([0.0, 2.0, 50.0])),
            "setup_family": draw(st.sampled_from([None, "red"])),
        }
        for name in names
        for seq in (10, 20)
    ]
    hours = {
        name: draw(st.lists(st.sampled_from([0.0, 9.0, 40.0]), min_size=buckets, max_size=buckets)) for name in "mn"
    }
    waits = {name: draw(st.sampled_from([0, 0, 1, 5])) for name in names}
    return Plant(
        {name: [0.0] * waits[name] + draw(units)[waits[name] :] for name in names},
        hours,
        operation=routing,
        arc={name: {"multiple_qty": draw(st.sampled_from([1.0, 4.0])), "min_qty": 4.0} for name in names},
        center={name: {"overtime_hours": draw(st.sampled_from([0.0, 5.0]))} for name in "mn"},
        wish={name: {"order_bucket_index": wait} for name, wait in waits.items()},
        running=[{"order_id": "mo", "line_id": "1", "item_id": "a", "open_qty": 12.0, "due_date": TONIGHT}],
    )


@settings(max_examples=20, deadline=None)
@given(plants())
def test_any_plant_keeps_its_hours_and_its_units(plant: Plant) -> None:
    load, levelled, _, order = plant.level()
    room = pl.col("capacity_hours") + pl.col("overtime_limit_hours") + 1e-4
    assert load.select((pl.col("levelled_hours") <= room).all()).item() is not False
    sums = levelled.with_columns(pl.col("planned_qty", "qty").cum_sum().over("item_id", "location_id"))
    off = pl.col("planned_qty") + pl.col("early_qty") - pl.col("qty") - pl.col("late_qty")
    assert sums.filter(off.abs() > 1e-4).is_empty()
    wait = pl.col("item_id").map_elements(plant.waits, return_dtype=pl.Int32)
    assert levelled.filter(pl.col("bucket_index") < wait, pl.col("qty") > 0).is_empty()
    first = levelled.filter(pl.col("bucket_index") == wait).select("item_id", made="qty")
    both = order.join(first, on="item_id", how="left")
    assert both.filter((pl.col("qty") - pl.col("made").fill_null(0.0)).abs() > 0).is_empty()
    if load["overload_hours"].max() == 0.0:
        assert order.equals(plant.order)
