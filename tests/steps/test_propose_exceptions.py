"""Every exception code: when it is raised, when not, and what it says is at stake."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from replenish.tables import core
from tests.golden_cases import golden
from tests.steps.propose_frames import (
    AS_OF,
    NODE,
    arriving,
    codes,
    company,
    day,
    doubt,
    only,
    ordered,
    pegged,
    planned,
    projection,
)

EMPTY = {"recorded_on_hand_qty": 0.0, "on_hand_qty": 0.0}


def raised(code: str, **changes: Any) -> dict[str, Any]:
    return only(planned(**changes)["exception"], code=code)


# --- stock: SHORTAGE > POTENTIAL_STOCKOUT > BELOW_SAFETY_STOCK


def test_shortage_is_told_with_what_is_lost_before_supply_can_arrive() -> None:
    """2 on hand, 5 a day wanted: empty on the first day, 33 of 35 lost in the 7 days before an order can be there."""
    books = {"recorded_on_hand_qty": 2.0, "on_hand_qty": 2.0}
    row = raised("SHORTAGE", projection=projection(5.0, on_hand=2.0), record=books)
    assert (row["date"], row["qty"], row["value_at_stake"]) == (day(0), 33.0, 33 * 6.0)
    assert row["explanation"] == (
        "Milk at Oslo runs short on Mon 9 Nov: 2 on hand, 0 due, but 35 are wanted in the 7 days before supply can "
        "arrive; about 33 units or 198 EUR of margin lost."
    )


def test_a_firm_receipt_ends_the_window() -> None:
    """The next receipt comes on day 3: only what is lost before it counts."""
    rows = projection(5.0, on_hand=2.0, receipts={3: 100.0})
    assert raised("SHORTAGE", projection=rows, limits={"min_value": 0.0})["qty"] == 13.0


def test_shortage_beats_potential_stockout_beats_safety_stock() -> None:
    risky = {"stockout_probability_before_arrival": 0.5}
    assert codes(planned(projection=projection(5.0, 2.0), wish=risky)) == {"SHORTAGE"}
    thin = [{**row, "lost_without_qty": 1.0 if row["bucket_index"] < 7 else 0.0} for row in projection(1.0, 8.0)]
    assert codes(planned(projection=thin, wish=risky)) == {"POTENTIAL_STOCKOUT"}
    calm = planned(projection=thin, wish={"stockout_probability_before_arrival": 0.1}, limits={"min_value": 0.0})
    assert codes(calm) == {"BELOW_SAFETY_STOCK"}


def test_potential_stockout_names_the_risk() -> None:
    thin = [{**row, "lost_without_qty": 1.0} for row in projection(1.0, 8.0)]
    row = raised("POTENTIAL_STOCKOUT", projection=thin, wish={"stockout_probability_before_arrival": 0.38})
    assert row["value_at_stake"] == 7 * 6.0
    assert "38 % risk in the 7 days before supply can arrive" in row["explanation"]


def test_below_safety_stock_counts_tonights_order_from_its_arrival() -> None:
    """8 on hand and one a day: 1 is left on day 6. An order of tonight cannot help before day 7, but does after."""
    thin = [{**row, "lost_without_qty": 1.0} for row in projection(1.0, 8.0)]
    low = raised("BELOW_SAFETY_STOCK", projection=thin, limits={"min_value": 0.0}, order=[ordered(40.0)])
    assert (low["date"], low["qty"]) == (day(6), 2.0)
    high = planned(projection=projection(1.0, 12.0), order=[ordered(40.0)], limits={"min_value": 0.0})
    assert "BELOW_SAFETY_STOCK" not in codes(high)


def test_too_little_money_is_not_worth_a_person() -> None:
    short = {"projection": projection(1.0, on_hand=2.0)}
    assert codes(planned(**short)) == {"SHORTAGE"}
    assert codes(planned(**short, limits={"min_value": 31.0})) == set()
    assert codes(planned(**short, node={"has_money": False}, limits={"min_value": 31.0})) == {"SHORTAGE"}


# --- weekly buckets


def weekly(closing: list[float], lost: list[float]) -> list[dict[str, Any]]:
    """Projection of weeks of which the first has three days left."""
    starts = [day(0), *(day(3 + 7 * week) for week in range(len(closing) - 1))]
    facts = {"demand_qty": 5.0, "forecast_qty": 5.0}
    return [
        {
            **NODE,
            "bucket_index": t,
            "bucket_start": starts[t],
            "closing_without_qty": closing[t],
            "lost_without_qty": lost[t],
            **facts,
        }
        for t in range(len(closing))
    ]


def test_weeks_are_counted_by_their_own_dates() -> None:
    """Two weeks of lead time: the rest of this week and the next; the need falls into the second."""
    rows = weekly([5.0, 0.0, 0.0, 0.0], [0.0, 4.0, 8.0, 16.0])
    late = ordered(70.0, receipt_date=day(10), need_date=day(5), is_release_past_due=True)
    weeks = {"wish": {"lead_time_buckets": 2, "review_buckets": 1}, "limits": {"bucket_days": 7, "min_value": 0.0}}
    lists = planned(order=[late], projection=rows, forecast=[], record=EMPTY, **weeks)
    assert only(lists["exception"], code="RELEASE_PAST_DUE")["qty"] == 4.0
    short = only(lists["exception"], code="SHORTAGE")
    assert short["qty"] == 4.0
    assert lists["promise"]["window_end"].to_list() == [day(10 + 6)]


# --- supply


def test_past_due_release() -> None:
    """Worked answer: 70 are released now, 60 of which should have been released earlier."""
    inputs, expected, _ = golden("material_plan", "past_due_release")
    rows = projection([float(qty) for qty in inputs["gross_qty"]], on_hand=float(inputs["on_hand_qty"]))
    lead = inputs["lead_time_buckets"]
    late = ordered(70.0, receipt_date=day(lead), need_date=day(0), is_release_past_due=True)
    row = raised("RELEASE_PAST_DUE", order=[late], projection=rows, wish={"lead_time_buckets": lead})
    assert row["qty"] == expected["past_due_release_qty"]
    assert row["value_at_stake"] == 60 * 6.0
    assert row["date"] == day(0)
    assert "2 days late" in row["explanation"]


def test_supply_past_due_waits_by_the_residual_law() -> None:
    """Ordered 10 days ago; lead times are 8, 12 or 16 days: left are 12 and 16, 4 days from as-of on average."""
    law = {"lead_time_pmf": [0.0] * 8 + [0.5, 0, 0, 0, 0.25, 0, 0, 0, 0.25]}
    late = arriving(-2, order_date=day(-11), is_past_due=True)
    rows = projection(5.0, on_hand=0.0)
    row = raised("SUPPLY_PAST_DUE", open_supply=[late], peg=[pegged("1", 0)], lead_time=law, projection=rows)
    assert row["value_at_stake"] == 4 * 5 * 6.0
    assert "was due Sat 7 Nov, 1 day ago: expected about Fri 13 Nov" in row["explanation"]


def test_an_order_older_than_three_lead_times_is_told_whatever_it_is_worth() -> None:
    inputs, expected, _ = golden("edge_cases", "open_order_very_late")
    age = inputs["age_days"]
    old = arriving(-age + 14, order_date=day(-1 - age), is_past_due=True, is_lost=True)
    row = raised(expected["exception"], open_supply=[old], lead_time={"lead_time_days": 14.0})
    assert "it is no longer counted on" in row["explanation"]
    assert row["value_at_stake"] == 0.0


def test_actions_are_exceptions_and_confirmations_are_not() -> None:
    lists = planned(open_supply=[arriving(10), arriving(10, line_id="2")], peg=[pegged("2", 10)])
    row = only(lists["exception"], order_id="PO1")
    assert row["code"] == "CANCEL"
    assert row["cause_id"] == only(lists["proposal"], action="CANCEL")["proposal_id"]


# --- demand


def customer(due: int, qty: float = 10.0) -> dict[str, Any]:
    return {"order_id": "SO1", "line_id": "1", **NODE, "open_qty": qty, "due_date": day(due)}


def served(qty: float, supply: int, due: int, index: int = 0) -> dict[str, Any]:
    demand = {"demand_kind": "sales_order", "demand_id": "SO1/1", "demand_date": day(due), "peg_index": index}
    return {
        **NODE,
        "supply_kind": "open_order",
        "supply_date": day(supply),
        **demand,
        "qty": qty,
        "is_late": supply > due,
    }


def test_demand_past_due_is_worth_its_price() -> None:
    row = raised("DEMAND_PAST_DUE", open_demand=[customer(-4)])
    assert (row["qty"], row["value_at_stake"], row["order_id"]) == (10.0, 100.0, "SO1")
    assert "was due Thu 5 Nov, 3 days ago, and is not shipped, worth 100 EUR" in row["explanation"]


def test_late_demand_counts_late_and_missing_units() -> None:
    late = raised("LATE_DEMAND", open_demand=[customer(5)], peg=[served(4.0, 3, 5), served(6.0, 8, 5, index=1)])
    assert (late["qty"], late["value_at_stake"]) == (6.0, 36.0)
    assert "there by Tue 17 Nov" in late["explanation"]
    missing = raised("LATE_DEMAND", open_demand=[customer(5)], peg=[served(4.0, 3, 5)])
    assert missing["qty"] == 6.0
    assert "6 of it have no supply" in missing["explanation"]
    assert codes(planned(open_demand=[customer(5)], peg=[served(10.0, 3, 5)])) == set()


# --- too much


def test_excess_is_what_lies_above_the_quantile_of_cover() -> None:
    """104 days of one a day: mean 104, and the variance of the forecast table; 500 on hand are far beyond."""
    row = raised("EXCESS", record={"recorded_on_hand_qty": 500.0, "on_hand_qty": 500.0})
    assert 500 - 104 - 3 * 104**0.5 < row["qty"] < 500 - 104
    assert row["value_at_stake"] == pytest.approx(row["qty"] * 4.0)
    assert "500 on hand and 0 due, but 104 days need 104 (95 %: 1" in row["explanation"]


def test_excess_names_a_pack_beyond_cover() -> None:
    books = {"recorded_on_hand_qty": 500.0, "on_hand_qty": 500.0}
    assert "its pack or minimum is 400" in raised("EXCESS", record=books, arc={"multiple_qty": 400.0})["explanation"]


def test_dead_stock_excludes_excess() -> None:
    dead = {"parameter": {"method": "dead"}, "projection": projection(0.0, 40.0), "forecast": []}
    row = raised("DEAD_STOCK", **dead, node={"salvage_value": 1.0, "successor_item_id": "X2"})
    assert row["value_at_stake"] == 40 * 3.0
    assert row["explanation"].endswith("120 EUR are tied up in them; X2 takes over.")
    assert "EXCESS" not in codes(planned(**dead))
    assert codes(planned(**dead, node={"listed_from": day(-300)})) == {"EXCESS"}


def test_all_that_is_too_much_is_a_table_whatever_money_lies_in_it() -> None:
    """The worked answer: 150 where 90 may lie there are 60 too many, told or not."""
    inputs, expected, _ = golden("kpi", "excess")
    books = {"recorded_on_hand_qty": inputs["position_qty"], "on_hand_qty": inputs["position_qty"]}
    still = {
        "projection": projection(0.0, 150.0),
        "forecast": [],
        "target": {"order_up_to_qty": inputs["cover_demand_q95"]},
    }
    lists = planned(record=books, **still, node={"unit_cost": inputs["unit_cost"]}, limits={"min_value": 1000.0})
    (row,) = lists["excess"].to_dicts()
    assert (row["code"], row["qty"], row["value"]) == ("EXCESS", expected["excess_qty"], expected["excess_value"])
    assert row["position_qty"] - row["kept_qty"] == row["qty"]
    assert "EXCESS" not in codes(lists)
    unknown = planned(record=books, **still, node={"has_money": False})["excess"]
    assert unknown["value"].to_list() == [None]


def test_dead_stock_is_in_the_table_as_a_whole() -> None:
    dead = {"parameter": {"method": "dead"}, "projection": projection(0.0, 40.0), "forecast": []}
    (row,) = planned(**dead)["excess"].to_dicts()
    assert (row["code"], row["position_qty"], row["kept_qty"], row["qty"]) == ("DEAD_STOCK", 40.0, 0.0, 40.0)


# --- lots


def test_expired_lots_are_a_loss() -> None:
    row = raised("EXPIRED", position={"expired_qty": 12.0}, node={"disposal_cost": 0.5})
    assert (row["qty"], row["value_at_stake"]) == (12.0, 12 * 4.5)


def test_expiry_risk_sells_first_what_expires_first() -> None:
    """30 until day 10 and 30 until day 20 at two a day: 20 of the first sell; of the second again 20."""
    lots = [
        {**NODE, "lot_id": "A", "qty": 30.0, "expiry_date": day(10)},
        {**NODE, "lot_id": "B", "qty": 30.0, "expiry_date": day(20)},
        {**NODE, "lot_id": "C", "qty": 30.0, "expiry_date": None},
        {**NODE, "lot_id": "D", "qty": 3000.0, "expiry_date": day(1000)},
    ]
    found = planned(lot=lots, projection=projection(2.0, 60.0))["exception"].filter(pl.col("code") == "EXPIRY_RISK")
    assert dict(found.select("cause_id", "qty").iter_rows()) == {"A": 10.0, "B": 10.0}
    assert only(found, cause_id="A")["value_at_stake"] == 40.0


def test_expiring_stock_not_available_later() -> None:
    """Worked answer: a lot of 30 sold at 10 a bucket for two buckets leaves 10 to expire."""
    inputs, expected, _ = golden("traps", "expiring_stock_not_available_later")
    lot = [{**NODE, "lot_id": "A", "qty": inputs["lot_qty"], "expiry_date": day(inputs["sellable_buckets"])}]
    demand = [float(qty) for qty in inputs["demand_qty"]]
    row = raised("EXPIRY_RISK", lot=lot, projection=projection(demand, 30.0))
    assert row["qty"] == expected["expired_qty"]


# --- structure and evidence


def test_the_network_speaks_in_its_own_words() -> None:
    issues = [
        {**NODE, "code": code, "detail": "line 7"} for code in ("BOM_CYCLE", "NO_BOM", "NO_SOURCE", "DATA_INVALID")
    ]
    lists = planned(graph_issue=issues)
    assert codes(lists) == {"BOM_CYCLE", "NO_BOM", "NO_SOURCE", "DATA_INVALID"}
    row = only(lists["exception"], code="NO_SOURCE")
    assert row["qty"] == 182 - 40
    assert row["explanation"].startswith("Milk at Oslo has no valid source: line 7. At stake: about 142 units")


def test_all_doubts_about_a_node_are_one_exception() -> None:
    lists = planned(
        record={"recorded_on_hand_qty": -3.0, "on_hand_qty": 0.0, "is_negative": True},
        data_doubt=doubt("the books show -3"),
        node={"min_stock_qty": 9.0, "max_stock_qty": 4.0},
        wish={"reason_code": "manual"},
        parameter={"method": "none", "reason": "forecast_null"},
        projection=projection(1.0, 0.0),
    )
    row = only(lists["exception"], code="DATA_INVALID")
    for part in ("the books show -3", "(4) is below the least (9)", "no quantity can be computed: forecast_null"):
        assert part in row["explanation"]
    assert row["value_at_stake"] == 14 * 6.0


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("forecast_null", {"wish": {"reason_code": "manual"}}),
        ("shelf_life_not_longer_than_lead_time", {"wish": {"reason_code": "never_sellable"}}),
    ],
)
def test_edge_cases_that_are_data_invalid(name: str, change: dict[str, Any]) -> None:
    _, expected, _ = golden("edge_cases", name)
    assert expected["exception"] in codes(planned(**change))


def test_ghost_stock_is_worth_its_margin_until_corrected() -> None:
    ghost = {"is_ghost": True, "ghost_probability": 0.9, "silent_buckets": 14}
    row = raised("GHOST_STOCK", record=ghost)
    assert row["value_at_stake"] == pytest.approx(0.9 * 6 * 60)
    assert "nothing sold for 14 open days in a row" in row["explanation"]
    soon = raised("GHOST_STOCK", record=ghost, projection=projection(1.0, 40.0, receipts={9: 5.0}))
    assert soon["value_at_stake"] == pytest.approx(0.9 * 6 * 10)


def test_drifts_are_told_with_the_old_and_the_new_value() -> None:
    seen = {"kind": "buy", "source_id": "S", "observation_count": 9}
    time = {"old_days": 7.0, "observed_days": 10.0, "new_days": 10.0, "low_days": 8.4, "high_days": 11.6}
    lead = {**NODE, **seen, **time, "parameter": "lead_time", "effect_value": 80.0}
    pack = {**NODE, **seen, "parameter": "pack", "old_qty": 7.0, "new_qty": 10.0, "effect_value": 30.0}
    lists = planned(drift=[lead, pack])
    row = only(lists["exception"], code="LEAD_TIME_DRIFT")
    assert row["value_at_stake"] == 80.0
    assert "from Dairy: the master says 7 days of lead time, 9 receipts say 10 (+/- 1.6)" in row["explanation"]
    row = only(lists["exception"], code="PARAMETER_DRIFT")
    assert row["cause_id"] == "pack"
    assert "7 units of pack, 9 complete lines say 10: " in row["explanation"]


def test_a_supplier_to_be_ordered_from_less_often_is_one_finding_without_an_item() -> None:
    told = {"item_id": "", "location_id": NODE["location_id"], "kind": "buy", "source_id": "S", "observation_count": 3}
    told |= {"parameter": "supplier_review", "old_days": 7.0, "new_days": 14.0, "effect_value": 70.0}
    row = only(planned(drift=[told])["exception"], code="PARAMETER_DRIFT")
    assert row["item_id"] is None
    assert (row["location_id"], row["value_at_stake"]) == (NODE["location_id"], 70.0)
    assert "every 7 days for 3 items; with the costs of orders and lines shared, every 14 days" in row["explanation"]


def test_what_the_plant_does_otherwise_is_told_of_the_item_or_of_the_work_centre() -> None:
    rates = {"old_rate": 0.98, "new_rate": 0.9213, "low_rate": 0.91123, "high_rate": 0.93, "kind": "make"}
    seen = {**NODE, **rates, "location_id": "plant", "source_id": "OVEN", "observation_count": 11}
    good = {**seen, "parameter": "yield_rate", "effect_value": 80.0}
    speed = {**seen, "item_id": "", "parameter": "efficiency_rate", "effect_value": 60.0}
    row, other = planned(drift=[good, speed])["exception"].filter(code="PARAMETER_DRIFT").to_dicts()
    assert (row["item_id"], row["location_id"], row["value_at_stake"]) == ("X", "plant", 80.0)
    assert row["explanation"] == (
        "Milk at OVEN: yield 0.98 in the master data, 0.921 (0.911 to 0.93) by 11 lines of the production log, "
        "worth 80 EUR a year. Proposed: 0.921."
    )
    assert (other["item_id"], other["cause_id"]) == (None, "efficiency_rate OVEN")
    assert other["explanation"].startswith("OVEN: efficiency 0.98 in the master data")
    dearless = planned(drift=[{**good, "effect_value": None, "parameter": "ideal_qty_per_hour"}])
    assert only(dearless["exception"], code="PARAMETER_DRIFT")["value_at_stake"] == 0.0


# --- the list


def test_the_list_is_ranked_by_money_then_id() -> None:
    lists = planned(
        projection=projection(5.0, 2.0),
        open_demand=[customer(-4), {**customer(-4), "line_id": "2"}],
        position={"expired_qty": 12.0},
    )
    found = lists["exception"].sort("rank")
    assert found["rank"].to_list() == list(range(1, found.height + 1))
    keys = [(-value, name) for value, name in found.select("value_at_stake", "exception_id").iter_rows()]
    assert keys == sorted(keys)
    assert found["value_at_stake"].min() >= 0


def test_the_same_trouble_keeps_its_id_and_the_run_that_showed_it_first() -> None:
    short = {"projection": projection(5.0, 2.0)}
    first = planned(**short)["exception"]
    frames = company(**short)
    names = list(core.PreviousException.column_names())
    frames["previous_exception"] = core.PreviousException.validate(first.select(names))
    second = planned(frames, limits={"run_id": "tomorrow", "as_of": AS_OF})["exception"]
    assert second.select(names).equals(first.select(names))
    fresh = planned(company(**short), limits={"run_id": "tomorrow"})["exception"]
    assert fresh["first_seen_run"].to_list() == ["tomorrow"]


def test_no_money_no_numbers_of_money_in_any_sentence() -> None:
    lists = planned(
        node={"has_money": False},
        projection=projection(5.0, 2.0),
        open_supply=[arriving(10), arriving(-3, line_id="2", is_past_due=True), arriving(20, line_id="3")],
        peg=[pegged("1", 5), pegged("2", 0, index=1)],
        order=[ordered(is_release_past_due=True, need_date=day(0))],
        open_demand=[customer(-4), {**customer(4), "line_id": "2"}],
        position={"expired_qty": 12.0},
        record={"recorded_on_hand_qty": 900.0, "on_hand_qty": 900.0, "is_ghost": True, "ghost_probability": 0.9},
        lot=[{**NODE, "lot_id": "A", "qty": 900.0, "expiry_date": day(10)}],
        lead_time={"lead_time_days": 10.0, "observation_count": 9, "source": "receipts"},
        graph_issue=[],
    )
    assert len(codes(lists)) >= 10
    told = lists["exception"]["explanation"].to_list() + lists["proposal"]["explanation"].to_list()
    assert not [one for one in told if "EUR" in one]


def test_every_sentence_is_whole() -> None:
    """No sentence is empty: an empty part would swallow it whole."""
    other = {"item_id": "?", "location_id": "?"}
    lists = planned(
        graph_issue=[{**other, "code": "NO_SOURCE", "detail": "gone"}],
        open_supply=[arriving(-3, is_past_due=True, is_lost=True, **other)],
        open_demand=[{**customer(-4), **other}],
        position={"expired_qty": 20.0, **other},
        limits={"min_value": 0.0},
    )
    assert lists["exception"]["explanation"].null_count() == 0
    assert codes(lists) == {"NO_SOURCE", "SUPPLY_PAST_DUE", "DEMAND_PAST_DUE", "EXPIRED"}


def test_shelf_empty_without_demand_is_no_shortage() -> None:
    assert codes(planned(record=EMPTY, projection=projection(0.0, 0.0), forecast=[])) == set()


def test_a_project_is_told_and_what_it_was_worth() -> None:
    line = {
        **NODE,
        "date": day(-5),
        "customer_id": "Builder & Sons",
        "order_id": "SO-9",
        "qty": 500.0,
        "limit_qty": 12.0,
    }
    old = {**line, "date": day(-40)}
    found = only(planned(project_line=[line, old])["exception"], code="OUTLIER")
    assert found["value_at_stake"] == 500.0 * 6.0
    assert (found["order_id"], found["date"], found["qty"], found["hold"]) == ("SO-9", day(-5), 500.0, False)
    assert "Builder & Sons took 500 of Milk at Oslo in order SO-9" in found["explanation"]
    nameless = only(planned(project_line=[{**line, "customer_id": "-", "order_id": "-"}])["exception"], code="OUTLIER")
    assert nameless["explanation"].startswith("one customer took 500 of Milk at Oslo on ")
    assert nameless["order_id"] is None


SPIKE = {**NODE, "origin_item_id": "X", "origin_location_id": "Y", "bucket_start": day(-9), "qty": 1e6, "next_qty": 4.0}


def test_a_sale_beyond_reason_holds_its_node() -> None:
    lists = planned(order=[ordered()], demand_outlier=[SPIKE])
    line = only(lists["proposal"], action="NEW")
    assert line["hold"]
    assert line["hold_cause"].startswith("OUTLIER: 1000000 of Milk at Oslo sold on ")
    found = only(lists["exception"], code="OUTLIER")
    assert found["hold"]
    assert found["value_at_stake"] == (1e6 - 4.0) * 6.0


def test_a_sale_beyond_reason_holds_its_suppliers_too() -> None:
    """Node X, Y here supplies the shop that sold so much; the exception is the shop's."""
    here = company()["node"].row(0, named=True)
    shop = {**here, "location_id": "shop", "location_name": "Bergen"}
    spike = {**SPIKE, "origin_location_id": "shop"}
    lists = planned(order=[ordered()], node=[here, shop], demand_outlier=[spike])
    assert only(lists["proposal"], action="NEW")["hold_cause"].startswith("OUTLIER: 1000000 of Milk at Bergen")
    assert "OUTLIER" not in codes(lists)


def test_a_trifle_beyond_reason_is_nobodys_business() -> None:
    lists = planned(
        order=[ordered()], demand_outlier=[{**SPIKE, "qty": 5.0, "next_qty": 0.2}], limits={"min_value": 50.0}
    )
    assert not only(lists["proposal"], action="NEW")["hold"]
    assert "OUTLIER" not in codes(lists)
