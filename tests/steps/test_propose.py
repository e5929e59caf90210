"""New lines: ids, sentences, holds, promises, supplier totals and the count list."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.steps.propose.counts import count_value
from replenish.steps.propose.identity import with_new_ids
from replenish.tables import core, proposal
from tests.golden_cases import case, golden
from tests.steps.propose_frames import (
    LIMITS,
    NODE,
    TABLES,
    TODAY,
    arriving,
    codes,
    company,
    day,
    doubt,
    frame,
    only,
    ordered,
    pegged,
    planned,
    projection,
)


def line(**changes: Any) -> dict[str, Any]:
    return only(planned(**{"order": [ordered()], **changes})["proposal"], action="NEW")


def test_a_healthy_node_needs_nothing() -> None:
    assert all(one.is_empty() for one in planned().values())


def test_more_than_the_largest_line_is_several_lines_of_one_date() -> None:
    told = {"expected_lost_without_qty": 9.0, "expected_lost_sales_value_without": 54.0}
    made = planned(order=[ordered(48.0)], arc={"max_qty": 20.0, "multiple_qty": 6.0, "min_qty": 12.0}, wish=told)
    lines = made["proposal"].filter(pl.col("action") == "NEW")
    assert sorted(lines["qty"]) == [12.0, 18.0, 18.0]
    assert lines["proposal_id"].n_unique() == 3
    assert lines["order_date"].n_unique() == lines["need_date"].n_unique() == 1
    assert lines["expected_lost_sales_value_without"].sum() == pytest.approx(54.0)
    assert lines["value"].sum() == pytest.approx(192.0)
    promised = made["promise"]
    assert promised["expected_sales_qty"].n_unique() == 1  # the lines promise together


def test_a_price_break_is_told() -> None:
    row = line(order=[ordered(24.0, reason_code="price_break", unit_cost=3.5)], wish={"unrounded_qty": 17.0})
    assert row["explanation"].endswith(" 24 instead of 17: from 24 on the price is 3.50 EUR.")


def test_the_sentence_of_the_specification() -> None:
    row = line(
        order=[ordered(pack_count=2.0)],
        wish={"lead_time_buckets": 3, "need_90_qty": 41.0, "stockout_probability_without": 0.38,
              "expected_lost_without_qty": 7.2, "expected_lost_sales_value_without": 52.0},
        projection=projection(2.7),
        target={"protection_qty": 99.0},  # of end customers alone: what supplied locations order is in the projection
        record={"on_hand_qty": 9.0},
        open_supply=[arriving(5, 6.0, status="released")],
        peg=[pegged("1", 5, 6.0)],
    )  # fmt: skip
    assert row["explanation"] == (
        "Order 24 (2 packs) of Milk for Oslo today, arriving Mon 16 Nov: you have 9, 6 are due; the next 10 days need "
        "27 (90 %: 41); without it 38 % risk of running out, about 7 units or 52 EUR of margin."
    )


def test_beyond_the_horizon_the_sentence_tells_the_need_of_the_target() -> None:
    row = line(order=[ordered()], wish={"lead_time_buckets": 5000}, target={"protection_qty": 31.0})
    assert " days need 31;" in row["explanation"]


def test_the_need_told_is_the_one_behind_the_risk() -> None:
    """What limits left of it later is not; a quantile that says no more is not told either."""
    row = line(order=[ordered()], wish={"need_qty": 119.0, "need_90_qty": 117.0, "stockout_probability_without": 1.0})
    assert " days need 119; without it 100 % risk" in row["explanation"]


def test_an_order_that_no_shortage_asks_for_says_so() -> None:
    assert line(order=[ordered()])["explanation"].endswith("without it enough until the next order is in.")


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"reason": "cost"}, "Dairy before T: 4.25 EUR a unit all told, against 5.50 EUR."),
        ({"reason": "quota", "quota_share": 0.6}, "Dairy is furthest behind its quota of 60 %."),
        ({"reason": "priority"}, "Dairy before T by priority."),
    ],
)
def test_the_line_says_why_it_comes_from_this_source(choice: dict[str, Any], sentence: str) -> None:
    both = {**NODE, "kind": "buy", "landed_cost": 4.25, "other_landed_cost": 5.5, **choice}
    ranks = [
        {**both, "source_id": "S", "source_rank": 1, "other_source_id": "T"},
        {**both, "source_id": "T", "source_rank": 2, "other_source_id": "S"},
    ]
    assert line(order=[ordered()], source_rank=ranks)["explanation"].endswith(" " + sentence)
    assert "Dairy" not in line(order=[ordered()])["explanation"]


def test_the_line_says_what_a_truck_did_to_it() -> None:
    less = line(order=[ordered(18.0, wish_qty=24.0, reason_code="truck")])["explanation"]
    assert less.endswith(" It is what a truck pays for: 24 were wished.")
    more = line(order=[ordered(30.0, wish_qty=24.0, reason_code="truck")])["explanation"]
    assert more.endswith(" Part of it fills the truck: 24 were wished.")


def test_explanation_terms_reach_the_line() -> None:
    """The terms stored with a wish are those of the sentence and of the contract's columns."""
    _, terms, _ = golden("order_engine", "explanation_terms")
    wish = {
        "stockout_probability_without": terms["stockout_probability_without"],
        "expected_lost_without_qty": terms["expected_lost_without"],
        "expected_lost_sales_value_without": terms["expected_lost_without"] * 2.0,
    }
    row = line(order=[ordered(2.0)], wish=wish)
    assert row["stockout_probability_without"] == terms["stockout_probability_without"]
    assert row["expected_lost_sales_value_without"] == 2.5
    assert "without it 50 % risk of running out, about 1.2 units or 2.50 EUR of margin" in row["explanation"]


def test_no_money_no_numbers_of_money() -> None:
    row = line(node={"has_money": False}, wish={"expected_lost_sales_value_without": 52.0})
    assert (row["unit_cost"], row["value"], row["expected_lost_sales_value_without"]) == (None, None, None)
    assert "EUR" not in row["explanation"]
    assert row["reason_code"] == "value"


@pytest.mark.parametrize(
    ("kind", "verb", "contract_kind"),
    [("buy", "Order 24", "purchase"), ("move", "Move 24", "transfer"), ("make", "Make 24", "production")],
)
def test_kinds_of_order(kind: str, verb: str, contract_kind: str) -> None:
    row = line(order=[ordered(kind=kind)])
    assert row["kind"] == contract_kind
    assert row["explanation"].startswith(verb)


def test_a_cut_line_names_the_wish() -> None:
    row = line(order=[ordered(24.0, wish_qty=48.0, reason_code="shared_shortage")])
    assert row["explanation"].endswith("Stock at the source is short: 48 were wished.")


def test_hostile_names_are_plain_text() -> None:
    name = "=1+1 {} <script>'; drop table --😀" + "x" * 300
    row = line(node={"item_name": name, "location_name": "{0}"}, supplier={"name": "{}"})
    assert f"of {name} for {{0}} today" in row["explanation"]


def test_nodes_of_the_graph_issues_get_no_line() -> None:
    lists = planned(order=[ordered()], graph_issue=[{**NODE, "code": "NO_SOURCE", "detail": "no line is valid"}])
    assert lists["proposal"].is_empty()
    assert codes(lists) == {"NO_SOURCE"}


def test_orders_of_nothing_are_no_line() -> None:
    assert planned(order=[ordered(0.0, reason_code="moq_deferred")])["proposal"].is_empty()


# --- ids


def previous_of(lists: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    names = list(core.PreviousProposal.column_names())
    lines = lists["proposal"].with_columns(is_decided=pl.lit(value=False))
    return core.PreviousProposal.validate(lines.select(names).sort("proposal_id"))


@pytest.mark.parametrize(("moved", "is_same"), [(0, True), (14, True), (-14, True), (15, False), (-15, False)])
def test_a_need_at_most_one_protection_time_away_keeps_its_id(moved: int, is_same: bool) -> None:
    first = planned(order=[ordered()])
    frames = company(order=[ordered(need_date=day(9 + moved))])
    frames["previous"] = previous_of(first)
    second = planned(frames)
    before, after = first["proposal"].row(0, named=True), second["proposal"].row(0, named=True)
    assert (after["proposal_id"] == before["proposal_id"]) == is_same
    assert (after["first_need_date"] == before["first_need_date"]) == is_same
    third = {**frames, "previous": previous_of(second)}
    assert planned(third)["proposal"]["proposal_id"].to_list() == [after["proposal_id"]]


def test_another_source_is_another_id() -> None:
    assert line()["proposal_id"] != line(order=[ordered(source_id="T")])["proposal_id"]


def test_an_accepted_proposal_keeps_its_id_to_itself() -> None:
    """It is an order now: the next need of the node, even of the same date, is a new line."""
    first = planned(order=[ordered()])
    name = first["proposal"]["proposal_id"][0]
    frames = company(order=[ordered()], open_supply=[{**arriving(7), "order_id": name, "line_id": name}])
    for before in (core.PreviousProposal.create_empty(), previous_of(first)):
        row = only(planned({**frames, "previous": before})["proposal"], action="NEW")
        assert row["proposal_id"] != name
        assert row["id_counter"] == 1


def test_a_decided_proposal_gives_its_id_to_nobody_even_under_the_books_own_number() -> None:
    first = planned(order=[ordered()])
    decided = previous_of(first).with_columns(is_decided=pl.lit(value=True))
    row = only(planned({**company(order=[ordered()]), "previous": decided})["proposal"], action="NEW")
    assert row["proposal_id"] != first["proposal"]["proposal_id"][0]


def test_messages_of_last_night_give_no_id_to_new_lines() -> None:
    told = planned(open_supply=[arriving(10)], peg=[])
    frames = {**company(order=[ordered()]), "previous": previous_of(told)}
    assert (
        planned(frames)["proposal"]["proposal_id"].to_list()
        == planned(order=[ordered()])["proposal"]["proposal_id"].to_list()
    )


NEEDS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 60)), max_size=12)


def _lines(needs: list[tuple[str, int]]) -> pl.DataFrame:
    texts = dict.fromkeys(("kind", "item_id", "location_id", "source_id"), pl.String)
    schema = {**texts, "need_date": pl.Date, "receipt_date": pl.Date, "qty": pl.Float64, "protection_days": pl.Float64}
    rows = [("purchase", item, "Y", "S", day(need), day(need), 1.0, 10.0) for item, need in needs]
    return pl.DataFrame(rows, schema=schema, orient="row")


@given(first=NEEDS, second=NEEDS)
def test_ids_are_unique_stable_and_move_at_most_one_protection_time(
    first: list[tuple[str, int]], second: list[tuple[str, int]]
) -> None:
    changes = ("existing_order_id", "existing_line_id", "old_qty", "old_date")
    empty = core.PreviousProposal.create_empty().drop("is_decided", "action", *changes)
    before = with_new_ids(_lines(first), empty, [])
    after = with_new_ids(_lines(second), before.select(empty.columns), [])
    for lines in (before, after):
        assert lines["proposal_id"].is_unique().all()
    both = after.join(before, on="proposal_id", suffix="_before")
    assert ((both["need_date"] - both["need_date_before"]).dt.total_days().abs() <= 10).all()
    assert both["item_id"].equals(both["item_id_before"])
    again = with_new_ids(_lines(second), after.select(empty.columns), [])
    assert sorted(again["proposal_id"]) == sorted(after["proposal_id"])


# --- holds


def test_a_negative_record_holds_the_line() -> None:
    inputs, expected, _ = golden("edge_cases", "on_hand_negative_lost_sales")
    books = {
        "recorded_on_hand_qty": inputs["on_hand_qty"],
        "on_hand_qty": expected["on_hand_used"],
        "is_negative": True,
    }
    below = doubt("the books show -3; planned as empty")
    lists = planned(order=[ordered()], record=books, data_doubt=below)
    row = lists["proposal"].row(0, named=True)
    assert row["hold"]
    assert row["hold_cause"] == "DATA_INVALID: the books show -3; planned as empty"
    assert only(lists["exception"], code=expected["exception"])["hold"]
    assert lists["supplier_order"].is_empty()


@pytest.mark.parametrize(("posterior", "qty", "hold"), [(0.9, 20.0, True), (0.4, 20.0, False), (0.9, 80.0, False)])
def test_a_ghost_holds_only_what_rests_on_it(posterior: float, qty: float, hold: bool) -> None:
    """40 in the books: with 90 % chance of an empty shelf, 36 of an order of 80 rest on it, but 18 of one of 20."""
    ghost = {"is_ghost": True, "ghost_probability": posterior, "silent_buckets": 14}
    lists = planned(order=[ordered(qty)], record=ghost)
    row = lists["proposal"].row(0, named=True)
    assert row["hold"] == hold
    assert ("nothing sold for 14 open days; count first" in (row["hold_cause"] or "")) == hold
    assert only(lists["exception"], code="GHOST_STOCK")["hold"] == hold


# --- priority, promises, suppliers, counts


def two_nodes(values: list[float]) -> dict[str, pl.DataFrame]:
    frames = company()
    for name in ("wish", "target", "node", "arc", "record"):
        other = frames[name].with_columns(item_id=pl.lit("Z"))
        frames[name] = pl.concat([frames[name], other]).sort(TABLES[name].primary_key())
    frames["order"] = frame(TABLES["order"], [ordered(value=values[0]), ordered(item_id="Z", value=values[1])])
    return frames


def test_priority_is_by_value_and_ties_are_by_id() -> None:
    dear = planned(two_nodes([10.0, 90.0]))["proposal"]
    assert only(dear, item_id="Z")["priority"] == 1
    tied = planned(two_nodes([50.0, 50.0]))["proposal"].sort("priority")
    assert tied["proposal_id"].to_list() == sorted(tied["proposal_id"])


def test_the_supplier_minimum_is_met_once_for_the_order() -> None:
    inputs, expected, _ = golden("traps", "moq_met_once_per_order")
    frames = two_nodes([1.0, 1.0])
    quantities = pl.Series("qty", [value / 4.0 for value in inputs["line_value"]])
    frames["order"] = frames["order"].with_columns(quantities, quantities.alias("wish_qty"))
    minimum = {"supplier_id": "S", "min_order_value": float(inputs["supplier_min_order_value"])}
    frames["supplier"] = frame(TABLES["supplier"], [minimum])
    row = planned(frames)["supplier_order"].row(0, named=True)
    assert row["value"] == expected["order_value"]
    assert row["line_count"] == 2
    assert not row["is_below_minimum"]
    frames["supplier"] = frame(TABLES["supplier"], [{**minimum, "min_order_value": 111.0}])
    short = planned(frames)
    assert short["supplier_order"]["is_below_minimum"].to_list() == [True]
    bought = short["proposal"].filter(pl.col("kind") == "purchase", pl.col("action") == "NEW")
    assert bought["explanation"].str.contains("below the supplier's minimum of 111 EUR").all()
    assert bought.height > 0


def test_a_promise_speaks_of_the_first_window_with_the_line_as_ordered() -> None:
    wish = {"window_1_qty": 7.0, "stockout_probability_without": 0.8, "stockout_probability_with": 0.2,
            "expected_lost_without_qty": 4.0, "expected_lost_with_qty": 1.0}  # fmt: skip
    whole = planned(order=[ordered()], wish=wish)["promise"].row(0, named=True)
    assert (whole["window_start"], whole["window_end"]) == (day(7), day(13))
    assert whole["stockout_probability"] == pytest.approx(0.2)
    assert whole["expected_sales_qty"] == pytest.approx(6.0)
    half = planned(order=[ordered(24.0, wish_qty=48.0)], wish=wish)["promise"].row(0, named=True)
    assert half["stockout_probability"] == pytest.approx(0.5)
    assert half["expected_sales_qty"] == pytest.approx(4.5)


def test_count_value() -> None:
    found = case("records", "count_value")
    one = found["inputs"]
    ghost = one["ghost_probability"] * one["daily_margin"] * one["days_to_correction"]
    got = count_value(
        ghost, one["error_probability"], one["unit_cost"], one["expected_abs_error_qty"], one["count_cost"]
    )
    assert got == pytest.approx(found["expected"]["value"], rel=found["tolerance"])


def test_the_count_list_ranks_by_money() -> None:
    """A ghost that loses 0.9 of a 6 EUR margin a day for 60 days beats the error of a negative record."""
    frames = two_nodes([0.0, 0.0])
    ghost = {
        **NODE,
        "recorded_on_hand_qty": 5.0,
        "on_hand_qty": 5.0,
        "is_ghost": True,
        "ghost_probability": 0.9,
        "silence_probability": 0.0,
    }
    negative = {
        "item_id": "Z",
        "location_id": "Y",
        "recorded_on_hand_qty": -3.0,
        "is_negative": True,
        "silence_probability": 1.0,
    }
    frames["record"] = frame(TABLES["record"], [ghost, negative])
    counts = planned(frames)["count_list"].sort("rank")
    assert counts["reason"].to_list() == ["ghost_stock", "negative_stock"]
    assert counts["value"].to_list() == pytest.approx([0.9 * 6 * 60 - 1, 3 * 4 - 1], abs=1e-9)


def test_nothing_in_nothing_out() -> None:
    empty = {name: table.create_empty() for name, table in TABLES.items()}
    assert all(one.is_empty() for one in planned(empty).values())


def test_lists_are_whole_tables_sorted_by_key() -> None:
    lists = planned(two_nodes([10.0, 90.0]))
    for table, found in zip(proposal.PROPOSAL_TABLES, lists.values(), strict=True):
        assert table.is_valid(found)
        assert found.equals(found.sort(table.primary_key()))


def test_the_same_night_twice_is_the_same() -> None:
    first, second = (planned(order=[ordered()], open_supply=[arriving(10)], peg=[]) for _ in range(2))
    assert all(first[name].equals(second[name]) for name in first)


def many(count: int) -> dict[str, pl.DataFrame]:
    """The company with `count` items, all of which order, wait for an order and run short."""
    frames = company(
        order=[ordered()],
        projection=projection(4.0, on_hand=6.0)[:60],
        open_supply=[arriving(10)],
        peg=[pegged("1", 2)],
    )
    names = pl.DataFrame({"new": [f"item{n:06}" for n in range(count)]})
    wide = {}
    for name, found in frames.items():
        if "item_id" not in found.columns:
            wide[name] = found
            continue
        grown = found.join(names, how="cross").with_columns(item_id="new")
        if name == "open_supply":
            grown = grown.with_columns(order_id="new")
        if name == "peg":
            grown = grown.with_columns(supply_id=pl.col("new") + "/1")
        wide[name] = grown.drop("new").sort(TABLES[name].primary_key())
    return wide


def test_thousands_of_nodes_take_about_a_second() -> None:
    frames = many(3000)
    start = time.perf_counter()
    lists = planned(frames)
    assert time.perf_counter() - start < 4.0  # measured: well under one; a loop over nodes would take minutes
    assert lists["proposal"].height == 6000
    assert lists["exception"]["rank"].max() == lists["exception"].height
    ranked = lists["exception"].sort("rank")
    assert ranked["value_at_stake"].is_sorted(descending=True)


def test_dates_are_told_as_of_the_night() -> None:
    assert LIMITS["as_of"] == date(2026, 11, 8)
    assert line(order=[ordered(order_date=TODAY + timedelta(days=1))])["explanation"].startswith(
        "Order 24 of Milk for Oslo on Tue 10 Nov"
    )
