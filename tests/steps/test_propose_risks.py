"""LATE_DEMAND by the schedule, AT_RISK_* with one root a chain, and OVERLOAD."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import polars as pl
import pytest

from tests.steps.propose_frames import NODE, Row, arriving, codes, day, only, ordered, planned, projection

PLANT = {"item_id": "BIKE", "location_id": "PLANT"}
WHEEL = {"item_id": "WHEEL", "location_id": "PLANT"}
FACTS = {"shortage_cost": 6.0, "has_money": True, "service_target": 0.95, "fill_target": 0.95, "uom": "each"}
NODES = [
    {**NODE, **FACTS, "item_name": "Bicycle", "location_name": "Oslo"},
    {**PLANT, **FACTS, "item_name": "Bicycle", "location_name": "Works"},
    {**WHEEL, **FACTS, "item_name": "Wheel", "location_name": "Works"},
]
SOLD = {"order_id": "SO1", "line_id": "1", **NODE, "open_qty": 10.0, "due_date": day(12)}
ROOT = {"root_kind": "sales_order", "root_id": "SO1/1", "root_item_id": "X", "root_location_id": "Y"}


def at(offset: int, hour: int = 12) -> datetime:
    """An hour of a day from tonight on."""
    return datetime.combine(day(offset), time(hour))


def made(finish: int, start: int = 2, **changes: Any) -> Row:
    """Production order MO1 of ten bicycles, due on day 8 at the works, four days from the customer."""
    name = {"job_id": "MO1/1", "kind": "open_order", "order_id": "MO1", "line_id": "1", **PLANT, "source_id": "PLANT"}
    when = {"start_at": at(start), "finish_at": at(finish), "due_date": day(8), "tardy_days": max(finish - 8.0, 0.0)}
    return {**name, "qty": 10.0, "weight": 1.0, **when, "bottleneck_id": "PAINT", "method": "cp_sat", **changes}


def served(supply: Row, index: int = 0, qty: float = 10.0, way: float = 4.0, **changes: Any) -> Row:
    """A full peg of a supply to the customer's order."""
    where = {"supply_date": day(8), "root_date": day(12), "way_days": way}
    return {**PLANT, "peg_index": index, **supply, **ROOT, **where, "qty": qty, "root_qty": qty, **changes}


OPEN = {"supply_kind": "open_order", "supply_id": "MO1/1"}
STOCK = {"supply_kind": "stock", "supply_date": day(0)}
AT_CUSTOMER = {**NODE, **STOCK, "demand_kind": "sales_order", "demand_id": "SO1/1", "demand_date": day(12), "qty": 10.0}


def works(**changes: Any) -> dict[str, pl.DataFrame]:
    """Lists of the works: ten bicycles sold for day 12, made by MO1."""
    plain = {"node": NODES, "open_demand": [SOLD], "peg": [AT_CUSTOMER], "full_peg": [served(OPEN)]}
    order = arriving(8, order_id="MO1", kind="production", qty=10.0, **PLANT, source_id="PLANT")
    plain |= {"open_supply": [order], "projection": projection(0.0)}
    return planned(**{**plain, **changes})


def test_an_order_is_late_when_its_job_is_done_too_late_to_reach_the_customer() -> None:
    """Done on day 11, four days on the way: three days late for day 12, though the plan knew nothing of it."""
    found = works(job_order=[made(11)])["exception"]
    late = only(found, code="LATE_DEMAND")
    assert (late["qty"], late["value_at_stake"], late["cause_id"]) == (10.0, 60.0, "PAINT")
    assert "supply for all of it is there by Tue 24 Nov" in late["explanation"]
    risk = only(found, code="AT_RISK_CAPACITY")
    assert (risk["order_id"], risk["cause_id"], risk["value_at_stake"]) == ("SO1", "PAINT", 60.0)
    assert risk["explanation"] == (
        "Customer order SO1 line 1 (10 of Bicycle at Oslo): MO1/1 (Bicycle) is done Fri 20 Nov, held up at PAINT, "
        "3 days late; nothing else makes it late; about 10 units or 60 EUR of margin at stake."
    )


def test_an_order_is_in_time_when_its_job_reaches_the_customer() -> None:
    """Late against its own date, in time for the customer: only the job is told, for the forecast it serves."""
    found = works(job_order=[made(8, tardy_days=30.0)])["exception"]
    assert "LATE_DEMAND" not in set(found["code"])
    job = only(found, code="AT_RISK_CAPACITY")
    assert (job["item_id"], job["order_id"], job["cause_id"], job["value_at_stake"]) == (
        "BIKE",
        "MO1/1",
        "PAINT",
        300.0,
    )


@pytest.mark.parametrize(
    ("wheels", "code", "reason"),
    [
        (arriving(-2, is_past_due=True), "AT_RISK_SUPPLIER", "PO1/1 (Wheel) is past due, expected Wed 18 Nov"),
        (arriving(9), "AT_RISK_MATERIAL", "PO1/1 (Wheel) comes Wed 18 Nov"),
    ],
)
def test_a_chain_has_one_root(wheels: Row, code: str, reason: str) -> None:
    """The wheels come late, the job waits for them, the customer waits for the job: all name the wheels' order."""
    peg = {**WHEEL, "supply_kind": "open_order", "supply_id": "PO1/1", "supply_date": day(9)}
    peg |= {"demand_kind": "production_order", "demand_id": "MO1/1", "demand_date": day(1), "qty": 20.0}
    waiting = made(11, start=9, material_date=day(9), short_item_id="WHEEL")
    order = arriving(8, order_id="MO1", kind="production", qty=10.0, **PLANT, source_id="PLANT")
    given = {"peg": [AT_CUSTOMER, peg], "open_supply": [order, {**wheels, **WHEEL}], "job_order": [waiting]}
    found = works(**given)["exception"].filter(pl.col("code").str.contains("AT_RISK|LATE_DEMAND"))
    assert set(found["code"]) == {"LATE_DEMAND", "AT_RISK_MATERIAL", code}
    assert found["cause_id"].unique().to_list() == ["PO1/1"]
    assert reason in only(found, code=code)["explanation"]
    assert "nothing else makes it late" in only(found, code=code)["explanation"]


def test_of_two_causes_neither_alone_makes_it_late() -> None:
    """Half of it comes from a busy plant, half from a supplier past due."""
    bought = {**NODE, "supply_kind": "open_order", "supply_id": "PO1/1", "supply_date": day(14)}
    sold = {"demand_kind": "sales_order", "demand_id": "SO1/1", "demand_date": day(12), "qty": 5.0}
    past = arriving(-2, is_past_due=True, **NODE)
    order = arriving(8, order_id="MO1", kind="production", qty=10.0, **PLANT, source_id="PLANT")
    pegs = [{**AT_CUSTOMER, "qty": 5.0}, {**bought, **sold, "peg_index": 1, "is_late": True}]
    found = works(peg=pegs, open_supply=[order, past], job_order=[made(11)])["exception"]
    assert only(found, code="LATE_DEMAND")["cause_id"] == "PAINT"  # what comes last
    for code in ("AT_RISK_CAPACITY", "AT_RISK_SUPPLIER"):
        assert "it is one of 2 causes" in only(found, code=code)["explanation"]


def test_what_is_ordered_too_late_is_a_lead_time() -> None:
    """Tonight's order cannot be there before day 14."""
    peg = {**NODE, "supply_kind": "proposal", "supply_date": day(14), "is_late": True, "qty": 10.0}
    pegs = [{**peg, "demand_kind": "sales_order", "demand_id": "SO1/1", "demand_date": day(12)}]
    order = ordered(10.0, receipt_date=day(14))
    found = works(peg=pegs, full_peg=[], open_supply=[], order=[order])
    risk = only(found["exception"], code="AT_RISK_LEAD_TIME")
    assert risk["cause_id"] == only(found["proposal"], action="NEW")["proposal_id"]
    assert "Bicycle cannot be at Oslo before Mon 23 Nov, 2 days late" in risk["explanation"]


def test_a_later_order_is_no_cause_while_there_is_time() -> None:
    """Planned for day 40 for a customer of day 38: a plan to be moved. For one of day 12 the lead time is too long."""
    for due, expected in ((38, set()), (12, {"AT_RISK_LEAD_TIME"})):
        peg = {**NODE, "supply_kind": "planned", "supply_date": day(due + 2), "is_late": True, "qty": 10.0}
        pegs = [{**peg, "demand_kind": "sales_order", "demand_id": "SO1/1", "demand_date": day(due)}]
        sold = {**SOLD, "due_date": day(due)}
        found = works(peg=pegs, full_peg=[], open_supply=[], open_demand=[sold])
        assert codes(found) - {"LATE_DEMAND"} == expected


def test_jobs_that_wait_for_each_other_end_the_search() -> None:
    """A circle in the data: the search for the root ends, and something is told."""
    lacking = made(11, start=9, material_date=day(9), short_item_id="BIKE")
    peg = {**PLANT, **OPEN, "supply_date": day(9), "demand_kind": "production_order", "demand_id": "MO1/1", "qty": 1.0}
    found = works(peg=[AT_CUSTOMER, peg], job_order=[lacking])["exception"]
    assert only(found, code="AT_RISK_MATERIAL")["cause_id"] == "BIKE@PLANT"


def test_an_id_does_not_hang_on_the_cause() -> None:
    """The same order late from another cause is the same exception."""
    ids = [
        only(works(job_order=[made(11, **{"bottleneck_id": name})])["exception"], code="LATE_DEMAND")["exception_id"]
        for name in ("PAINT", "LATHE")
    ]
    assert ids[0] == ids[1]


def loaded(bucket: int, levelled: float, **changes: Any) -> Row:
    """A bucket of the paint shop, which is open eight hours."""
    plain = {"work_center_id": "PAINT", "bucket_index": bucket, "location_id": "PLANT", "capacity_hours": 8.0}
    return {**plain, "planned_hours": 12.0, "overload_hours": 4.0, "levelled_hours": levelled, **changes}


def test_overload_is_what_levelling_leaves() -> None:
    """One row a work centre, from its first overloaded bucket; the dearer of overtime and late jobs is its price."""
    centre = [{"work_center_id": "PAINT", "location_id": "PLANT", "overtime_cost_per_hour": 20.0}]
    load = [loaded(0, 8.0), loaded(1, 10.0), loaded(2, 11.0, hour_value=50.0)]
    row = only(planned(load=load, work_center=centre)["exception"], code="OVERLOAD")
    assert (row["cause_id"], row["item_id"], row["location_id"]) == ("PAINT", None, "PLANT")
    assert (row["date"], row["qty"], row["value_at_stake"]) == (day(1), 5.0, 2 * 20.0 + 3 * 50.0)
    assert row["explanation"] == (
        "PAINT needs overtime of 5 hours on 2 days from Tue 10 Nov on; before work was levelled 8 hours lay beyond its "
        "capacity. At stake: 190 EUR."
    )
    assert "OVERLOAD" not in codes(planned(load=[loaded(1, 8.0)], work_center=centre))


def test_what_the_hours_never_suffice_for_is_at_risk() -> None:
    """Backlog at the end of the plan; a backlog that is caught up is none."""
    made_late = [{**NODE, "bucket_index": t, "late_qty": late} for t, late in ((0, 9.0), (1, 7.0))]
    row = only(planned(levelled_make=made_late)["exception"], code="AT_RISK_CAPACITY")
    assert (row["qty"], row["value_at_stake"], row["cause_id"]) == (7.0, 42.0, "X@Y")
    caught_up = [*made_late[:1], {**made_late[1], "late_qty": 0.0}]
    assert "AT_RISK_CAPACITY" not in codes(planned(levelled_make=caught_up))


def test_what_is_put_off_for_want_of_hours_is_told_even_where_nothing_is_left_of_the_order() -> None:
    """Nine were wished and none is made tonight; what stays behind to the end is told once."""
    cut = ordered(0.0, wish_qty=9.0, kind="make", reason_code="capacity")
    row = only(planned(order=[cut])["exception"], code="AT_RISK_CAPACITY")
    assert (row["qty"], row["value_at_stake"], row["date"]) == (9.0, 54.0, day(9))
    assert "9 of Milk for Oslo are put off for want of hours: 0 are made of the 9 wished" in row["explanation"]
    for_good = [{**NODE, "bucket_index": 1, "late_qty": 7.0}]
    assert only(planned(order=[cut], levelled_make=for_good)["exception"], code="AT_RISK_CAPACITY")["qty"] == 7.0
    raised = ordered(12.0, wish_qty=9.0, kind="make", reason_code="capacity")
    assert "AT_RISK_CAPACITY" not in codes(planned(order=[raised]))


@pytest.mark.parametrize(("start", "code"), [(6, "AT_RISK_LEAD_TIME"), (9, "AT_RISK_CAPACITY")])
def test_what_may_not_begin_sooner_is_not_held_up_by_its_machine(start: int, code: str) -> None:
    """Ordered for day 6, as a fence or an approval has it: the job that then begins is late for that alone."""
    job = made(11, start, kind="proposal", order_id=None, line_id=None)
    fresh = ordered(10.0, **PLANT, source_id="PLANT", kind="make", order_date=day(6))
    supply = {"supply_kind": "proposal", "supply_id": None}
    found = works(job_order=[job], order=[fresh], full_peg=[served(supply)], open_supply=[])["exception"]
    risk = only(found, code=code)
    assert ("may not be begun before" in risk["explanation"]) == (start == 6)
