"""Lines of production carry the schedule and whom they serve; lines of purchase name the production that waits."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import pytest

from tests.steps.propose_frames import NODE, Row, arriving, company, day, only, ordered, planned

PARENT = {"item_id": "BIKE", "location_id": "Y"}
MAKE = ordered(kind="make", source_id="PLANT", need_date=day(3))


def at(offset: int, hour: int) -> datetime:
    """An hour of a day from tonight on."""
    return datetime.combine(day(offset), time(hour))


def job(job_id: str = "proposal/X/Y/1", kind: str = "proposal", **changes: Any) -> Row:
    """A job of node X, Y: from tomorrow morning to noon of the tenth day, eight hours at the paint shop."""
    plain = {"job_id": job_id, "kind": kind, **NODE, "source_id": "PLANT", "qty": 24.0, "start_qty": 24.0}
    when = {"start_at": at(1, 8), "finish_at": at(10, 12), "due_date": day(3), "tardy_days": 7.0}
    work = {"load_hours": 8.0, "bottleneck_id": "PAINT", "method": "cp_sat", "weight": 1.0}
    return {**plain, **when, **work, **changes}


def root(index: int, kind: str, qty: float, root_id: str | None = None, **changes: Any) -> Row:
    """A full peg of tonight's order of node X, Y."""
    end = {"root_kind": kind, "root_id": root_id, "root_item_id": "X", "root_location_id": "Y"}
    return {**NODE, "peg_index": index, "supply_kind": "proposal", **end, "qty": qty, "root_qty": qty, **changes}


def wanting(supply: Row) -> Row:
    """A peg of a supply of node X, Y to the production of bicycles."""
    return {**NODE, "peg_index": 1, "demand_kind": "requirement", "demand_id": "BIKE@Y", "qty": 9.0, **supply}


SOLD = [root(k, "sales_order", 2.0 + k, f"SO{k}/1", root_date=day(9 - k)) for k in range(5)]
REST = [root(5, "forecast", 8.3), root(6, "safety_stock", 1.5), root(7, "surplus", 0.4)]


def test_production_carries_its_schedule_and_its_customers() -> None:
    """Start, end, hours and whom it serves, as columns; what hinders it, in the sentence too."""
    short = {"short_item_id": "X", "material_date": day(1)}
    given = {"order": [MAKE], "job_order": [job(**short)], "full_peg": [*SOLD, *REST]}
    line = only(planned(**given)["proposal"], action="NEW")
    assert (line["start_at"], line["finish_at"]) == (at(1, 8), at(10, 12))
    assert (line["load_hours"], line["bottleneck_id"]) == (8.0, "PAINT")
    assert (line["material_date"], line["short_item_id"]) == (day(1), "X")
    served = "SO4/1 (6), SO3/1 (5), SO2/1 (4) and 2 more; forecast 8; safety stock 1.5"
    assert line["pegged_demand"] == served
    assert line["explanation"].endswith(
        " It waits for X, there Tue 10 Nov."
        " It is done Thu 19 Nov, 7 days too late for the first that it serves, held up at PAINT."
    )


def test_production_is_there_when_its_job_is_done_and_not_before() -> None:
    """A late finish moves the receipt; the need and the id stay, and the promise is the finish."""
    plain = only(planned(order=[MAKE])["proposal"], action="NEW")
    late = only(planned(order=[MAKE], job_order=[job()])["proposal"], action="NEW")
    early = only(planned(order=[MAKE], job_order=[job(finish_at=at(2, 9))])["proposal"], action="NEW")
    assert (plain["receipt_date"], plain["promise_date"]) == (day(7), None)
    assert (late["receipt_date"], late["promise_date"]) == (day(10), day(10))
    assert (early["receipt_date"], early["promise_date"]) == (day(7), day(2))
    assert len({(line["proposal_id"], line["need_date"]) for line in (plain, late, early)}) == 1


def test_lines_split_from_an_order_share_its_job() -> None:
    """The source takes ten at a time: every line has the dates of the one job."""
    frames = company(order=[MAKE], arc={"max_qty": 10.0}, job_order=[job()])
    lines = planned(frames)["proposal"]
    assert lines.height == 3
    assert lines["finish_at"].unique().to_list() == [at(10, 12)]


def test_an_open_production_order_has_the_dates_of_its_own_job() -> None:
    """Its finish is its promise; the date asked for stays."""
    mine = job("MO1/1", "open_order", order_id="MO1", line_id="1", finish_at=at(6, 9))
    order = arriving(3, order_id="MO1", kind="production", source_id="PLANT")
    line = only(planned(open_supply=[order], job_order=[mine])["proposal"], existing_order_id="MO1")
    assert (line["finish_at"], line["promise_date"]) == (at(6, 9), day(6))


@pytest.mark.parametrize("supply", [{"supply_kind": "open_order", "supply_id": "PO1/1"}, {"supply_kind": "proposal"}])
def test_a_purchase_names_the_production_that_waits_for_it(supply: Row) -> None:
    """Jobs that have it pegged, lack its item, and could not begin before it is there; others do not wait."""
    lacking = {**PARENT, "short_item_id": "X", "material_date": day(5), "source_id": "Y"}
    jobs = [job(f"planned{k}", "planned", **lacking, start_at=at(6 + k, 8)) for k in range(3)]
    jobs.append(job("MO1/1", "open_order", **lacking, order_id="MO1", line_id="1"))
    jobs.append(job("other", "planned", **{**lacking, "short_item_id": "Z"}))
    jobs.append(job("earlier", "planned", **{**lacking, "material_date": day(4)}))
    pegs = [wanting({**supply, "supply_date": day(5)})]
    pegs.append({**pegs[0], "peg_index": 2, "demand_kind": "production_order", "demand_id": "MO1/1"})
    lists = planned(order=[ordered()], open_supply=[arriving(5)], peg=pegs, job_order=jobs)
    is_new = supply["supply_kind"] == "proposal"
    line = only(lists["proposal"], action="NEW") if is_new else only(lists["proposal"], existing_order_id="PO1")
    assert line["waiting_orders"] == (
        "MO1/1 (24 of BIKE), a planned order (24 of BIKE), a planned order (24 of BIKE) and 1 more"
    )
    assert line["explanation"].endswith(f" Production waits for it: {line['waiting_orders']}.")


def test_alerts_about_purchases_name_the_production_that_waits() -> None:
    """A supplier past its day: the exception says which production order it stops."""
    lacking = {"short_item_id": "X", "material_date": day(5), "source_id": "Y", **PARENT}
    supply = {"supply_kind": "open_order", "supply_id": "PO1/1", "supply_date": day(5)}
    past = arriving(-3, is_past_due=True)
    given = {"open_supply": [past], "peg": [wanting(supply)], "job_order": [job(**lacking)]}
    found = only(planned(**given, node={"has_money": False})["exception"], code="SUPPLY_PAST_DUE")
    assert found["explanation"].endswith("Production waits for it: a new order (24 of BIKE).")


def test_a_company_without_a_plant_has_empty_columns() -> None:
    """Nothing is said where nothing is made."""
    line = only(planned(order=[ordered()], full_peg=SOLD)["proposal"], action="NEW")
    empty = ("start_at", "finish_at", "material_date", "short_item_id", "load_hours", "bottleneck_id")
    assert not [name for name in (*empty, "pegged_demand", "promise_date", "waiting_orders") if line[name] is not None]
