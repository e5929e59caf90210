"""INCREASE: when a need joins an open order, when it must not, and that no unit is ordered twice or lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.steps.propose_frames import arriving, codes, day, only, ordered, pegged, planned, projection

WISH = {
    "stockout_probability_without": 0.38,
    "expected_lost_without_qty": 7.2,
    "expected_lost_sales_value_without": 52.0,
}


def lines(order: Any = None, due: int = 8, changes: Any = None, **more: Any) -> pl.DataFrame:
    """Proposals where 24 units are needed and arrive on day 7, and an order of 50 is due, all of it needed."""
    supply = [arriving(due, **(changes or {}))]
    given = {"order": order or [ordered()], "wish": WISH, "open_supply": supply, "peg": [pegged("1", due)], **more}
    return planned(**given)["proposal"]


def test_a_need_joins_the_order_that_arrives_with_it() -> None:
    row = lines().row(0, named=True)
    assert (row["action"], row["qty"], row["old_qty"], row["existing_order_id"]) == ("INCREASE", 74.0, 50.0, "PO1")
    assert row["receipt_date"] == row["old_date"] == day(8)
    assert row["value"] == 74 * 4.0
    assert row["reason_code"] == "increase"
    assert row["explanation"] == (
        "Raise order PO1 line 1 (50 of Milk for Oslo from Dairy) to 74, due Tue 17 Nov as before: 24 more are needed; "
        "without them 38 % risk of running out, about 7 units or 52 EUR of margin."
    )


def test_it_is_an_exception_worth_what_the_need_is_worth() -> None:
    supply = {"open_supply": [arriving(8)], "peg": [pegged("1", 8)]}
    lists = planned(order=[ordered()], wish=WISH, **supply)
    raised = only(lists["exception"], code="INCREASE")
    assert (raised["value_at_stake"], raised["qty"], raised["order_id"]) == (80.0, 24.0, "PO1")
    assert raised["cause_id"] == lists["proposal"]["proposal_id"].item()


@pytest.mark.parametrize(
    ("why", "given"),
    [
        ("too far apart", {"due": 11}),
        ("released", {"changes": {"status": "released"}}),
        ("accepted tonight", {"changes": {"status": "accepted"}}),
        ("another source", {"changes": {"source_id": "T"}}),
        ("another kind", {"changes": {"kind": "transfer"}}),
        ("too small to say", {"order": [ordered(5.0)]}),
        ("too little money", {"order": [ordered(value=24.0)]}),
        ("beyond the largest line", {"arc": {"max_qty": 70.0}}),
        ("no whole pack", {"arc": {"multiple_qty": 12.0}}),
        ("the order hears to come sooner or later", {"peg": [pegged("1", 40)], "node": {"holding_cost_per_day": 1.0}}),
        ("the supplier has a minimum", {"supplier": {"supplier_id": "S", "name": "Dairy", "min_order_value": 10.0}}),
        ("the supplier's trucks", {"supplier": {"supplier_id": "S", "name": "Dairy", "truck_volume": 10.0}}),
        ("not approved", {"node": {"approval_date": date(2030, 1, 1)}}),
    ],
)
def test_a_need_is_ordered_anew_where_it_cannot_join(why: str, given: dict[str, Any]) -> None:
    found = lines(**given)
    assert "INCREASE" not in found["action"].to_list(), why
    assert only(found, action="NEW")["qty"] == (given.get("order") or [ordered()])[0]["qty"]


def test_of_two_orders_the_nearer_one_is_raised_and_only_once() -> None:
    supply = [arriving(9, order_id="PO0"), arriving(8), arriving(8, line_id="2")]
    pegs = [pegged("1", 8), pegged("2", 8, index=1), {**pegged("1", 9, index=2), "supply_id": "PO0/1"}]
    found = planned(order=[ordered()], wish=WISH, open_supply=supply, peg=pegs)["proposal"]
    assert only(found, action="INCREASE")["existing_line_id"] == "1"
    assert found["action"].to_list().count("NEW") == 0


def test_inside_the_planning_fence_a_make_hears_nothing_but_to_hurry() -> None:
    make = {"changes": {"kind": "production"}, "order": [ordered(kind="make")], "arc": {"kind": "make"}}
    fence = {"planning_fence_days": 20}
    assert lines(**make)["action"].to_list() == ["INCREASE"]
    assert sorted(lines(**make, limits=fence)["action"]) == ["NEW", "ON_SCHEDULE"]
    unwanted = {"open_supply": [arriving(10, kind="production")], "peg": []}
    assert planned(**unwanted)["proposal"]["action"].to_list() == ["CANCEL"]
    assert planned(**unwanted, limits=fence)["proposal"]["action"].to_list() == ["ON_SCHEDULE"]
    bought = {"open_supply": [arriving(10)], "peg": []}
    assert planned(**bought, limits=fence)["proposal"]["action"].to_list() == ["CANCEL"], "what is bought has no fence"
    late = {"open_supply": [arriving(19, kind="production")], "peg": [pegged("1", 6)]}
    short = {"projection": projection([10.0] * 40, on_hand=60.0), "limits": fence}
    assert planned(**late, **short)["proposal"]["action"].to_list() == ["EXPEDITE"]


def test_lines_of_an_item_that_is_not_approved_are_held_until_the_day_it_is() -> None:
    def told(offset: int) -> dict[str, Any]:
        return only(planned(order=[ordered()], node={"approval_date": day(offset)})["proposal"], action="NEW")

    early = told(5)
    assert (early["hold"], early["hold_cause"]) == (True, "NOT_APPROVED: held until the item is approved on Sat 14 Nov")
    assert not told(0)["hold"], "on the day it is approved the hold is gone"
    assert planned(order=[ordered()], node={"approval_date": day(5)})["supplier_order"].is_empty()


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("planning_fence", "inside the planning fence orders change by hand only."),
        ("approval", "It may be ordered once the item is approved on Sat 14 Nov."),
        ("order_day", "of margin."),
    ],
)
def test_the_line_says_what_it_waits_for(reason: str, sentence: str) -> None:
    waits = {"wish": {**WISH, "wait_reason": reason, "wait_days": 3.0}, "node": {"approval_date": day(5)}}
    assert only(planned(order=[ordered()], **waits)["proposal"], action="NEW")["explanation"].endswith(sentence)


def test_a_message_about_a_changed_order_is_another_message() -> None:
    """A decision on the first raise must not answer the second one."""
    first, same = lines()["proposal_id"].item(), lines(order=[ordered(30.0)])["proposal_id"].item()
    second = lines(changes={"open_qty": 74.0}, peg=[pegged("1", 8, 74.0)])["proposal_id"].item()
    assert first == same != second


@settings(deadline=None, max_examples=25)
@given(
    st.floats(1, 200).map(lambda q: round(q, 2)),
    st.integers(0, 20),
    st.floats(0, 200).map(lambda q: round(q, 2)),
    st.sampled_from(["planned", "firm", "released", "hold?", ""]),
    st.sampled_from([None, 10.0, 60.0, 500.0]),
)
def test_what_is_ordered_is_proposed_exactly_once(
    qty: float, due: int, open_qty: float, status: str, most: float | None
) -> None:
    supply = [arriving(due, open_qty, status=status)]
    found = planned(order=[ordered(qty)], open_supply=supply, peg=[pegged("1", due)], arc={"max_qty": most})["proposal"]
    added = pl.when(pl.col("action") == "INCREASE").then(pl.col("qty") - pl.col("old_qty")).otherwise(pl.col("qty"))
    brings = found.filter(pl.col("action").is_in(["NEW", "INCREASE"]))
    assert brings.select(added.sum()).item() == pytest.approx(qty)
    assert found["existing_order_id"].drop_nulls().n_unique() == found["existing_order_id"].drop_nulls().len()
    assert codes({"exception": brings.rename({"action": "code"})}) <= {"NEW", "INCREASE"}
