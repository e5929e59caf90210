"""Step schedule on small plants: hours, materials, delays through levels, frozen jobs, hostile input."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import pairwise

import pytest

from replenish.steps.schedule.plant import spans_of
from tests.golden_cases import golden
from tests.steps.schedule_world import (
    TONIGHT,
    day,
    made,
    open_order,
    operation,
    scheduled,
    taken,
    work_days,
)

MIDNIGHT = datetime.combine(TONIGHT, time())
SAW = [{"work_center_id": "saw"}]


def at(days: int, hour: float) -> datetime:
    return MIDNIGHT + timedelta(days=days, hours=hour)


def test_orders_run_in_open_hours_by_due_date() -> None:
    """Shifts of 8 hours from 6: 6 hours for the order due first, then 10 for the other, over night."""
    orders, jobs = scheduled(
        **made("a", "b"),
        work_center=SAW,
        operation=[operation("a", "saw"), operation("b", "saw")],
        open_supply=[open_order("a", "O1", 10, day(3)), open_order("b", "O2", 6, day(0))],
    )
    assert [(job["job_id"], job["start_at"], job["end_at"]) for job in jobs] == [
        ("O2/1", at(0, 6), at(0, 12)),
        ("O1/1", at(0, 12), at(1, 14)),
    ]
    assert orders["O1/1"]["load_hours"] == 10
    assert orders["O1/1"]["bottleneck_id"] == "saw"
    assert orders["O2/1"]["tardy_days"] == 0
    assert {order["search"] for order in orders.values()} == {"proven"}


def test_tardy_days_count_from_the_end_of_the_due_day() -> None:
    orders, _ = scheduled(
        **made("a"), work_center=SAW, operation=[operation("a", "saw")], open_supply=[open_order("a", "O1", 6, day(-2))]
    )
    assert orders["O1/1"]["tardy_days"] == pytest.approx(1.5)


def test_quantities_started_are_more_than_those_that_come_out() -> None:
    orders, jobs = scheduled(
        **made("a"),
        work_center=SAW,
        operation=[operation("a", "saw", run_hours_per_unit=0.5, start_qty_per_good=1.25, setup_hours=0.5)],
        order=[{"item_id": "a", "qty": 8.0, "need_date": day(5), "receipt_date": day(6)}],
    )
    assert (jobs[0]["setup_hours"], jobs[0]["run_hours"]) == (0.5, 5.0)
    assert orders["proposal/a/works/0"]["start_qty"] == 10
    assert orders["proposal/a/works/0"]["due_date"] == day(5)


def test_a_delay_reaches_the_top_in_one_run() -> None:
    """The golden trap: three levels, two days each; a purchased part five days late delays the end item by five."""
    inputs, expected, _ = golden("traps", "delay_reaches_the_top_in_one_run")
    lead, late = inputs["lead_time_days_each"], inputs["component_delay_days"]
    finishes = []
    for delay in (0, late):
        items = [f"level{n}" for n in range(inputs["levels"])]  # level0 is the end item
        orders = [open_order(item, f"O{n}", lead * 24, day(20)) for n, item in enumerate(items)]
        pegs = [
            taken(part, {"supply_kind": "open_order", "supply_id": f"O{n + 1}/1", "supply_date": day(1)}, f"O{n}/1",
                  "production_order", 1.0)
            for n, part in enumerate(items[1:])
        ]  # fmt: skip
        bought = {"supply_kind": "open_order", "supply_id": "PO/1", "supply_date": day(delay)}
        pegs.append(taken("bolt", bought, f"O{inputs['levels'] - 1}/1", "production_order", 1.0))
        found, _ = scheduled(
            **made(*items),
            work_center=[{"work_center_id": f"c{n}"} for n in range(len(items))],
            work_day=work_days({f"c{n}": [24] for n in range(len(items))}),
            operation=[operation(item, f"c{n}") for n, item in enumerate(items)],
            open_supply=orders,
            peg=pegs,
        )
        finishes.append(found["O0/1"]["finish_at"])
        assert found["O2/1"]["short_item_id"] == (None if delay == 0 else "bolt")
    assert (finishes[1] - finishes[0]).days == expected["end_item_delay_days"]
    assert finishes[0] == MIDNIGHT + timedelta(days=lead * inputs["levels"])


def test_the_oldest_supply_goes_to_the_job_due_first() -> None:
    """Tonight's job takes the stock, the planned one the parts that a job of tonight makes."""
    stock = {"supply_kind": "stock", "supply_date": TONIGHT}
    own = {"supply_kind": "proposal", "supply_date": day(4)}
    orders, _ = scheduled(
        **made("pump", "motor"),
        work_center=[*SAW, {"work_center_id": "wind"}],
        operation=[operation("pump", "saw"), operation("motor", "wind")],
        bom_line=[{"parent_item_id": "pump", "component_item_id": "motor"}],
        order=[{"item_id": "pump", "qty": 2.0, "need_date": day(1)},
               {"item_id": "motor", "qty": 9.0, "need_date": day(8)}],
        planned_make=[{"item_id": "pump", "bucket_index": 1, "qty": 3.0}],
        peg=[taken("motor", stock, "pump@works", "requirement", 2.0),
             taken("motor", own, "pump@works", "requirement", 3.0, 1)],
    )  # fmt: skip
    assert orders["proposal/pump/works/0"]["start_at"] == at(0, 6)
    assert orders["planned/pump/works/1"]["start_at"] == orders["proposal/motor/works/0"]["finish_at"] == at(1, 7)
    assert orders["planned/pump/works/1"]["short_item_id"] == "motor"


def test_crumbs_of_plans_become_jobs_where_they_make_a_lot() -> None:
    lots = made("a")
    lots["arc"][0] |= {"multiple_qty": 5.0}
    orders, _ = scheduled(
        **lots,
        work_center=SAW,
        operation=[operation("a", "saw")],
        planned_make=[{"item_id": "a", "bucket_index": n, "qty": 2.0} for n in range(8)],
    )
    assert {name: order["qty"] for name, order in orders.items()} == {"planned/a/works/3": 5, "planned/a/works/5": 5}


def test_an_order_of_tonight_that_waits_is_one_job() -> None:
    """The plan holds it too, in the bucket in which it is placed."""
    orders, _ = scheduled(
        **made("a"),
        work_center=SAW,
        operation=[operation("a", "saw")],
        order=[{"item_id": "a", "qty": 5.0, "order_date": day(7), "need_date": day(9)}],
        planned_make=[{"item_id": "a", "bucket_index": 1, "qty": 5.0, "tonight_qty": 5.0},
                      {"item_id": "a", "bucket_index": 3, "qty": 4.0}],
    )  # fmt: skip
    assert {name: order["qty"] for name, order in orders.items()} == {"proposal/a/works/0": 5, "planned/a/works/3": 4}
    assert orders["proposal/a/works/0"]["start_at"] == at(7, 6)


def test_levelled_quantities_are_what_is_scheduled() -> None:
    """The plan asks for 8 on day 2, the hours are there a day before; an item that was not levelled stays planned."""
    orders, _ = scheduled(
        **made("a", "b"),
        work_center=SAW,
        operation=[operation("a", "saw"), operation("b", "saw")],
        planned_make=[{"item_id": item, "bucket_index": 2, "qty": 8.0} for item in "ab"],
        levelled_make=[{"item_id": "a", "bucket_index": 1, "qty": 8.0},
                       {"item_id": "a", "bucket_index": 2, "planned_qty": 8.0}],
    )  # fmt: skip
    assert set(orders) == {"planned/a/works/1", "planned/b/works/2"}


def test_planned_jobs_begin_sooner_only_where_one_is_late_otherwise() -> None:
    """Both are planned to begin on day 2. The job due then has nothing to wait for, and goes ahead; the other stays."""
    peg = [{"item_id": "a", "supply_kind": "planned", "supply_date": day(2), "demand_date": day(1), "qty": 8.0}]
    tables = {
        **made("a", "b"),
        "work_center": SAW,
        "operation": [operation("a", "saw"), operation("b", "saw")],
        "planned_make": [
            {"item_id": "a", "bucket_index": 2, "qty": 8.0},
            {"item_id": "b", "bucket_index": 2, "qty": 1.0},
        ],
        "peg": peg,
    }
    orders, _ = scheduled(**tables)
    ahead, stays = orders["planned/a/works/2"], orders["planned/b/works/2"]
    assert (ahead["due_date"], ahead["start_at"], ahead["tardy_days"]) == (day(1), at(0, 6), 0)
    assert stays["start_at"] >= at(2, 6)
    late = {"supply_kind": "open_order", "supply_id": "PO/1", "supply_date": day(1)}
    parts = {"bom_line": [{"parent_item_id": "a", "component_item_id": "bolt"}]}
    tables["peg"] = [*peg, taken("bolt", late, "a@works", "requirement", 8.0)]
    orders, _ = scheduled(**tables, **parts)
    assert orders["planned/a/works/2"]["start_at"] == at(1, 6), "not before its material"
    tables["peg"] = [*peg, taken("bolt", late, "a@works", "requirement", 7.0)]
    orders, _ = scheduled(**tables, **parts)
    assert orders["planned/a/works/2"]["start_at"] == at(2, 6), "nobody knows when all its material comes"


def test_alternates_and_machines_side_by_side_share_the_work() -> None:
    """Four jobs of eight hours, due tonight: two machines of the saw and the old saw take one each, the last waits."""
    orders, jobs = scheduled(
        **made("a"),
        work_center=[{"work_center_id": "saw", "machine_count": 2}, {"work_center_id": "old"}],
        operation=[operation("a", "saw"), operation("a", "old", seq=11, step_seq=10, alternate_rank=2)],
        open_supply=[open_order("a", f"O{n}", 8, day(0)) for n in range(4)],
    )
    assert [(job["work_center_id"], job["machine"]) for job in jobs if job["start_at"] < at(1, 0)] == [
        ("old", 1), ("saw", 1), ("saw", 2)
    ]  # fmt: skip
    assert max(order["finish_at"] for order in orders.values()) == at(1, 14)


def test_families_follow_each_other_to_save_set_ups() -> None:
    names = ["red", "blue", "red", "blue"]
    _, jobs = scheduled(
        **made(*"abcd"),
        work_center=SAW,
        operation=[operation(item, "saw", setup_family=family, setup_hours=0.5)
                   for item, family in zip("abcd", names, strict=True)],
        setup_change=[{"work_center_id": "saw", "from_family": "red", "to_family": "blue", "hours": 1.0},
                      {"work_center_id": "saw", "from_family": "blue", "to_family": "red", "hours": 2.0}],
        open_supply=[open_order(item, f"O{item}", 1, day(9)) for item in "abcd"],
    )  # fmt: skip
    assert [job["setup_family"] for job in jobs] == ["red", "red", "blue", "blue"]
    assert [job["setup_hours"] for job in jobs] == [0.5, 0.0, 1.0, 0.0]
    assert all(a["end_at"] <= b["start_at"] for a, b in pairwise(jobs))


def test_a_piece_longer_than_any_shift_is_interrupted_and_says_so() -> None:
    _, jobs = scheduled(
        **made("a", "b"),
        work_center=SAW,
        operation=[operation("a", "saw", is_splittable=False), operation("b", "saw", is_splittable=False)],
        open_supply=[open_order("a", "O1", 10, day(9)), open_order("b", "O2", 7, day(9))],
    )
    told = {job["job_id"]: (job["is_forced_split"], (job["end_at"] - job["start_at"]).total_seconds()) for job in jobs}
    assert told["O1/1"][0]
    assert told["O2/1"] == (False, 7 * 3600)


def test_items_without_a_routing_take_their_lead_time() -> None:
    other = {"supply_kind": "open_order", "supply_id": "O1/1", "supply_date": day(1)}
    tables = made("a", "b")
    tables["arc"][0] |= {"lead_time_days": 3.0}
    orders, jobs = scheduled(
        **tables,
        work_center=SAW,
        operation=[operation("b", "saw")],
        open_supply=[open_order("a", "O1", 5, day(9)), open_order("b", "O2", 2, day(9))],
        peg=[taken("a", other, "O2/1", "production_order", 2.0)],
    )  # fmt: skip
    assert orders["O1/1"]["method"] == "lead_time"
    assert orders["O1/1"]["finish_at"] == MIDNIGHT + timedelta(days=3)
    assert [job["job_id"] for job in jobs] == ["O2/1"]
    assert jobs[0]["start_at"] == at(3, 6)


def test_jobs_inside_the_fence_stay_where_last_night_put_them() -> None:
    """An urgent order may not push out what begins tomorrow; without the fence it may."""
    tables = {
        **made("a", "b"),
        "work_center": SAW,
        "operation": [operation("a", "saw"), operation("b", "saw")],
        "open_supply": [open_order("a", "O1", 4, day(9)), open_order("b", "O2", 12, day(0))],
        "previous_job": [
            {"job_id": "O1/1", "operation_seq": 10, "step_seq": 10, "work_center_id": "saw", "machine": 1,
             "setup_hours": 0.0, "run_hours": 4.0, "start_at": at(1, 6), "end_at": at(1, 10)}
        ],
    }  # fmt: skip
    free, _ = scheduled(**tables)
    assert free["O2/1"]["finish_at"] == at(1, 10)
    kept, jobs = scheduled({"release_fence_days": 2}, **tables)
    assert (kept["O1/1"]["start_at"], kept["O1/1"]["method"]) == (at(1, 6), "frozen")
    assert kept["O2/1"]["start_at"] >= at(1, 10)
    assert [job["is_frozen"] for job in jobs] == [True, False]


def test_a_job_that_has_begun_goes_on() -> None:
    begun = {"job_id": "O1/1", "operation_seq": 10, "step_seq": 10, "work_center_id": "saw", "machine": 1,
             "setup_hours": 0.0, "run_hours": 12.0, "start_at": at(-1, 6), "end_at": at(0, 10)}  # fmt: skip
    orders, _ = scheduled(
        **made("a", "b"),
        work_center=SAW,
        operation=[operation("a", "saw"), operation("b", "saw")],
        open_supply=[open_order("a", "O1", 12, day(9)), open_order("b", "O2", 2, day(0))],
        previous_job=[begun],
    )
    assert (orders["O1/1"]["start_at"], orders["O1/1"]["finish_at"]) == (at(-1, 6), at(0, 10))
    assert orders["O2/1"]["start_at"] == at(0, 10)


def test_a_job_that_has_begun_and_is_late_keeps_its_machine_and_pushes_what_follows() -> None:
    """By last night's plan O1 was to be done; the log says it runs, and 3 are left. O2, due to begin at 7, waits."""
    old = {"operation_seq": 10, "step_seq": 10, "work_center_id": "saw", "setup_hours": 0.0}
    tables = {
        **made("a", "b", "c"),
        "work_center": [{"work_center_id": "saw", "machine_count": 2}],
        "operation": [operation(item, "saw") for item in "abc"],
        "open_supply": [open_order("a", "O1", 3, day(9)), open_order("b", "O2", 2, day(9)),
                        open_order("c", "O3", 1, day(0))],
        "previous_job": [
            {**old, "job_id": "O1/1", "machine": 2, "run_hours": 8.0, "start_at": at(-1, 6), "end_at": at(-1, 14)},
            {**old, "job_id": "O2/1", "machine": 2, "run_hours": 2.0, "start_at": at(0, 7), "end_at": at(0, 9)},
        ],
        "plant_log": [{"work_center_id": "saw", "order_id": "O1", "date": day(-1), "run_hours": 5.0}],
    }  # fmt: skip
    orders, jobs = scheduled({"release_fence_days": 1}, **tables)
    told = {job["job_id"]: (job["machine"], job["start_at"], job["end_at"], job["run_hours"]) for job in jobs}
    assert told["O1/1"] == (2, at(0, 6), at(0, 9), 3)
    assert told["O2/1"] == (2, at(0, 9), at(0, 11), 2)
    assert told["O3/1"] == (1, at(0, 6), at(0, 7), 1)
    assert {name: order["is_frozen"] for name, order in orders.items()} == {
        "O1/1": True, "O2/1": True, "O3/1": False
    }  # fmt: skip
    del tables["plant_log"]
    _, jobs = scheduled({"release_fence_days": 1}, **tables)
    assert {job["job_id"]: job["start_at"] for job in jobs if job["is_frozen"]} == {"O2/1": at(0, 7)}


def test_a_proposal_that_became_an_order_keeps_its_place() -> None:
    """Two orders of the item are in the books: the one that runs as long as the proposal is the proposal."""
    old = {"job_id": "proposal/a/works/0", "operation_seq": 10, "step_seq": 10, "work_center_id": "saw", "machine": 1,
           "setup_hours": 0.0, "run_hours": 4.0, "start_at": at(1, 8), "end_at": at(1, 12)}  # fmt: skip
    orders, _ = scheduled(
        {"release_fence_days": 2},
        **made("a"),
        work_center=SAW,
        operation=[operation("a", "saw")],
        open_supply=[open_order("a", "MO7", 2, day(5)), open_order("a", "MO8", 4, day(5)),
                     open_order("a", "MO9", 4, day(5))],
        previous_job=[old],
    )  # fmt: skip
    assert [name for name, order in orders.items() if order["is_frozen"]] == ["MO8/1"]
    assert orders["MO8/1"]["start_at"] == at(1, 8)


@pytest.mark.parametrize(
    ("week", "spans"),
    [
        ([24.0] * 7, [(0, None)]),
        ([8.0, 0.0], [(360, 840), (2880 + 360, 2880 + 840)]),
        ([20.0, 0.0], [(240, 1440)]),
        ([0.0, 24.0, 24.0], [(1440, 3 * 1440), (4 * 1440, 6 * 1440)]),
    ],
)
def test_days_become_spans(week: list[float], spans: list[tuple[int, int]]) -> None:
    assert list(spans_of(week, 6.0)[: len(spans)]) == spans


def test_hostile_plants_do_not_stop_the_rest() -> None:
    """A centre that never opens, run hours of 0 and beyond reason, a centre nobody knows, a job that makes itself."""
    itself = {"supply_kind": "open_order", "supply_id": "ring/1", "supply_date": day(1)}
    items = ["closed", "quick", "endless", "lost", "ring", "sound"]
    orders, jobs = scheduled(
        **made(*items),
        work_center=[{"work_center_id": name} for name in ("saw", "shut")],
        work_day=work_days({"saw": [8.0], "shut": [0.0]}),
        operation=[
            operation("closed", "shut"), operation("quick", "saw", run_hours_per_unit=0.0),
            operation("endless", "saw", run_hours_per_unit=1e12), operation("lost", "nowhere"),
            operation("ring", "saw"), operation("sound", "saw"),
        ],
        open_supply=[open_order(item, item, 2, day(1)) for item in items],
        peg=[taken("ring", itself, "ring/1", "production_order", 2.0)],
    )  # fmt: skip
    by_lead_time = {name.split("/")[0] for name, order in orders.items() if order["method"] == "lead_time"}
    assert by_lead_time == {"closed", "endless", "lost"}
    assert {job["job_id"] for job in jobs} == {"quick/1", "ring/1", "sound/1"}
    assert all(job["run_hours"] == (0 if job["job_id"] == "quick/1" else 2) for job in jobs)


def test_a_plant_closed_for_weeks_begins_when_it_opens() -> None:
    """Closed but for day 20; a job longer than all its hours ends after the horizon; no machines count as one."""
    closed = [0.0] * 20 + [8.0] + [0.0] * 7
    orders, _ = scheduled(
        **made("a", "b"),
        work_center=[{"work_center_id": "saw", "machine_count": 0}],
        work_day=work_days({"saw": closed}),
        operation=[operation("a", "saw"), operation("b", "saw")],
        open_supply=[open_order("a", "O1", 3, day(1)), open_order("b", "O2", 60, day(90))],
    )
    assert (orders["O1/1"]["start_at"], orders["O1/1"]["finish_at"]) == (at(20, 6), at(20, 9))
    assert orders["O2/1"]["finish_at"] > at(100, 0)


def test_jobs_that_wait_for_each_other_and_costs_that_are_no_numbers() -> None:
    """A circle of two jobs is opened; a shortage cost that is no number is none."""
    tables = made("a", "b")
    tables["node"] = [{"item_id": "a", "shortage_cost": float("nan")}, {"item_id": "b", "shortage_cost": 1e300}]
    circle = [
        taken(part, {"supply_kind": "open_order", "supply_id": f"{part}/1", "supply_date": day(1)}, f"{whole}/1",
              "production_order", 1.0)
        for part, whole in (("a", "b"), ("b", "a"))
    ]  # fmt: skip
    orders, jobs = scheduled(
        **tables,
        work_center=SAW,
        operation=[operation("a", "saw"), operation("b", "saw")],
        open_supply=[open_order("a", "a", 1, day(1)), open_order("b", "b", 1, day(1))],
        peg=circle,
    )
    assert len(orders) == len(jobs) == 2
    assert max(order["finish_at"] for order in orders.values()) == at(0, 8)


def test_a_plant_without_production_has_no_schedule() -> None:
    assert scheduled() == ({}, [])
