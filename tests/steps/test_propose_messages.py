"""Messages on open orders: what each open order should hear, and when silence is better."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from tests.golden_cases import golden
from tests.steps.propose_frames import NODE, arriving, codes, day, only, pegged, planned, projection

SHORT = projection([10.0] * 40, on_hand=60.0)  # runs out on day 6: moving an order is worth money


def told(**changes: Any) -> dict[str, Any]:
    return only(planned(**changes)["proposal"], existing_order_id="PO1")


def test_reschedule_messages() -> None:
    """An order hears EXPEDITE, DEFER or CANCEL by the date its first peg needs it, nothing inside the tolerance."""
    inputs, expected, _ = golden("material_plan", "reschedule_messages")
    got = []
    for due, need in zip(inputs["open_due_day"], inputs["need_day"], strict=True):
        pegs = [] if need is None else [pegged("1", need)]
        dear = {"holding_cost_per_day": 1.0}
        limits = {"tolerance_days": inputs["tolerance_days"]}
        lists = planned(open_supply=[arriving(due)], peg=pegs, node=dear, projection=SHORT, limits=limits)
        got.append(only(lists["proposal"], existing_order_id="PO1")["action"])
    assert got == expected["message"]


def test_on_order_beyond_max_cover_is_excess_and_cancelled() -> None:
    """Edge case: on order 500 where 200 cover the longest time is EXCESS, and the surplus order is to be cancelled."""
    inputs, expected, _ = golden("edge_cases", "on_order_beyond_max_cover")
    wanted = inputs["max_cover_demand"] / 104  # 90 days of cover and 14 of protection time
    supply = [arriving(5, inputs["on_order_qty"])]
    lists = planned(open_supply=supply, peg=[], projection=projection(wanted, on_hand=300.0), segment=[])
    assert lists["proposal"]["action"].to_list() == [expected["message"]]
    assert {expected["exception"], expected["message"]} <= codes(lists)
    assert lists["proposal"]["qty"].to_list() == [expected["order_qty"]]


def test_an_order_needed_only_after_the_longest_cover_is_cancelled() -> None:
    dear = {"holding_cost_per_day": 1.0}
    assert told(open_supply=[arriving(5)], peg=[pegged("1", 5 + 90)], node=dear)["action"] == "DEFER"
    assert told(open_supply=[arriving(5)], peg=[pegged("1", 5 + 91)], node=dear)["action"] == "CANCEL"


def test_cancel_tells_the_money_freed() -> None:
    row = told(open_supply=[arriving(10)], peg=[])
    assert (row["qty"], row["value"], row["old_qty"]) == (0.0, 200.0, 50.0)
    assert row["explanation"] == (
        "Cancel order PO1 line 1 (50 of Milk for Oslo from Dairy), due Thu 19 Nov: nothing needs it; frees 200 EUR."
    )


def test_expedite_is_worth_what_would_be_lost() -> None:
    """60 units last six days of ten; the order of 50 due on day 10 would serve what is lost on days 6 to 9."""
    row = told(open_supply=[arriving(10)], peg=[pegged("1", 6)], projection=SHORT)
    assert row["action"] == "EXPEDITE"
    assert row["receipt_date"] == day(6)
    assert row["old_date"] == day(10)
    assert row["expected_lost_sales_value_without"] == 40 * 6.0
    assert "about 40 units or 240 EUR of margin would be lost" in row["explanation"]


def test_expedite_is_silent_inside_the_shortest_transit() -> None:
    """Nothing ever came in under 12 days: an order placed three days ago cannot be there before day 9."""
    law = {"lead_time_pmf": [0.0] * 12 + [1.0], "source": "receipts"}
    supply = {"open_supply": [arriving(10)], "peg": [pegged("1", 5)], "projection": SHORT}
    assert told(**supply)["action"] == "EXPEDITE"
    assert told(**supply, lead_time=law)["action"] == "ON_SCHEDULE"


@pytest.mark.parametrize("min_value", [25.0, 500.0])
def test_below_the_money_limit_there_is_silence(min_value: float) -> None:
    row = told(open_supply=[arriving(10)], peg=[pegged("1", 6)], projection=SHORT, limits={"min_value": min_value})
    assert row["action"] == ("EXPEDITE" if min_value < 240 else "ON_SCHEDULE")


def test_a_released_order_is_expedited_or_cancelled_only() -> None:
    node = {"holding_cost_per_day": 1.0}
    early = {"peg": [pegged("1", 30)], "node": node}
    assert told(open_supply=[arriving(10)], **early)["action"] == "DEFER"
    assert told(open_supply=[arriving(10, status="released")], **early)["action"] == "ON_SCHEDULE"
    assert told(open_supply=[arriving(10, status="released")], peg=[])["action"] == "CANCEL"


def test_decrease_keeps_packs_and_minimum() -> None:
    """20 of 50 are needed: in packs of 12 that is 24, with a minimum of 30 it is 30."""
    part = {"open_supply": [arriving(10)], "peg": [pegged("1", 10, 20.0)]}
    row = told(**part, arc={"multiple_qty": 12.0})
    assert (row["action"], row["qty"], row["value"]) == ("DECREASE", 24.0, 96.0)
    assert told(**part, arc={"multiple_qty": 12.0, "min_qty": 30.0})["qty"] == 30.0
    assert told(open_supply=[arriving(10)], peg=[pegged("1", 10, 46.0)])["action"] == "ON_SCHEDULE"


def test_what_a_source_usually_leaves_out_is_no_reason_to_order_less() -> None:
    """Four of five units come, so the projection counts on 40 of 50: all needed, nothing to reduce."""
    usual = {"delivered_share": 0.8}
    whole = {"open_supply": [arriving(10)], "peg": [pegged("1", 10, 40.0)]}
    assert told(**whole, lead_time=usual)["action"] == "ON_SCHEDULE"
    assert told(**whole)["action"] == "DECREASE"
    less = told(open_supply=[arriving(10)], peg=[pegged("1", 10, 20.0)], lead_time=usual)
    assert (less["action"], less["qty"]) == ("DECREASE", 25.0), "25 ordered bring 20"
    nothing = told(**whole, lead_time={"delivered_share": 0.0, "never_share": 1.0})
    assert nothing["action"] == "ON_SCHEDULE"


def test_two_pegs_of_an_order_count_together_and_the_earliest_dates_it() -> None:
    pegs = [pegged("1", 12, 25.0), pegged("1", 10, 25.0, index=1)]
    row = told(open_supply=[arriving(10)], peg=pegs)
    assert (row["action"], row["need_date"]) == ("ON_SCHEDULE", day(10))


@pytest.mark.parametrize(
    "unknown",
    [
        {"wish": {"reason_code": "manual"}},
        {"parameter": {"method": "none", "reason": "no history"}},
        {"graph_issue": [{**NODE, "code": "NO_SOURCE", "detail": "none"}]},
        {"node": {"is_cyclic": True}},
        {"projection": []},
    ],
)
def test_no_order_is_cancelled_where_nobody_knows_the_need(unknown: dict[str, Any]) -> None:
    assert planned(open_supply=[arriving(10)], peg=[], **unknown)["proposal"].height == 0


def test_past_due_and_lost_orders_are_no_confirmation() -> None:
    late = arriving(-5, is_past_due=True)
    assert planned(open_supply=[late], peg=[pegged("1", 0)])["proposal"].height == 0
    assert planned(open_supply=[late], peg=[])["proposal"]["action"].to_list() == ["CANCEL"]
    lost = arriving(-50, is_past_due=True, is_lost=True)
    assert planned(open_supply=[lost], peg=[])["proposal"].height == 0


def test_each_line_of_an_order_keeps_its_own_id() -> None:
    supply = [arriving(10), arriving(10, line_id="2")]
    first = planned(open_supply=supply, peg=[])
    assert first["proposal"]["proposal_id"].n_unique() == 2
    assert first["exception"].filter(pl.col("code") == "CANCEL").height == 2
    later = planned(open_supply=supply, peg=[], limits={"as_of": day(0), "run_id": "next"})
    assert set(later["proposal"]["proposal_id"]) == set(first["proposal"]["proposal_id"])


def test_messages_say_nothing_of_money_where_there_is_none() -> None:
    row = told(open_supply=[arriving(10)], peg=[], node={"has_money": False})
    assert row["value"] is None
    assert row["unit_cost"] is None
    assert "EUR" not in row["explanation"]


def test_expires_one_review_after_the_next_morning() -> None:
    assert told(open_supply=[arriving(10)], peg=[])["expires_at"] == day(0) + timedelta(days=7)
