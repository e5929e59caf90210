"""Mart tables that read other mart tables: the series of a node, the work of the night, the overview."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from scipy.stats import gamma

from tests.reporting.company import mart_tables, plan_tables
from tests.sql.given_expect import AS_OF, empty_warehouse, holding

NODE = {"item_id": "a", "location_id": "p"}
KNOWN = {**NODE, "has_money": True, "has_demand": True, "unit_cost": 2.0, "unit_price": 5.0, "shortage_cost": 3.0}


def built(given: dict[str, list[dict[str, Any]]], name: str) -> list[dict[str, Any]]:
    """Rows of a mart table after the whole mart was built over the given rows."""
    with empty_warehouse() as house, holding(house, given):
        house.build("mart")
        return house.query(f"select * from mart.{name}").to_dicts()


def test_series_holds_the_past_in_order_with_a_letter_for_each_state() -> None:
    history = [{**NODE, "bucket_index": -3 + i, "sales_qty": float(i), "closing_qty": 9.0 - i} for i in range(3)]
    states = [("full", False), ("censored", True), ("partial", True)]
    demand = [
        {**NODE, "bucket_index": -3 + i, "state": state, "is_estimate": guessed, "demand_qty": 4.0 + i}
        for i, (state, guessed) in enumerate(states)
    ]
    buckets = [{"bucket_index": index, "week_index": -1} for index in (-3, -2, -1)]
    given = {"core.node": [KNOWN], "core.bucket": buckets, "core.demand_history": history[::-1], "plan.demand": demand}
    (row,) = built(given, "series")
    assert row["history_index"] == -3
    assert row["sales_qty"] == [0.0, 1.0, 2.0]
    assert row["state"] == "fcp"
    assert row["estimate_qty"] == [None, 5.0, 6.0], "only what is an estimate"
    assert row["stock_qty"] == [9.0, 8.0, 7.0]
    assert row["forecast_qty"] is None


def test_a_closed_day_keeps_its_place_and_the_stock_of_the_day_before() -> None:
    buckets = [{"bucket_index": index, "week_index": -1} for index in (-4, -3, -2, -1)]
    history = [{**NODE, "bucket_index": -3, "sales_qty": 4.0, "closing_qty": 9.0}]
    given = {"core.node": [KNOWN], "core.bucket": buckets, "core.demand_history": history}
    (row,) = built(given, "series")
    assert (row["history_index"], row["state"]) == (-3, "fxx")
    assert row["sales_qty"] == [4.0, 0.0, 0.0]
    assert row["stock_qty"] == [9.0, 9.0, 9.0]


@pytest.mark.parametrize(("mean", "phi", "kappa"), [(10.0, 1.0, 0.0), (40.0, 1.5, 0.05), (3.0, 1.2, 0.1)])
def test_fan_holds_eight_of_ten_values(mean: float, phi: float, kappa: float) -> None:
    given = {
        "core.node": [KNOWN],
        "plan.forecast": [{**NODE, "bucket_index": 0, "forecast_qty": mean}, {**NODE, "bucket_index": 1}],
        "plan.parameter": [{**NODE, "phi": phi, "kappa": kappa}],
    }
    (row,) = built(given, "series")
    variance = phi * mean + kappa * mean**2
    law = gamma(mean**2 / variance, scale=variance / mean)
    assert row["low_qty"] == pytest.approx([law.ppf(0.1), 0.0], rel=0.03)
    assert row["high_qty"] == pytest.approx([law.ppf(0.9), 0.0], rel=0.03)


def test_action_adds_up_source_by_source_and_leaves_holds_out_of_the_money() -> None:
    line = {**NODE, "kind": "purchase", "source_id": "acme", "action": "NEW", "expected_lost_sales_value_without": 2.0}
    proposals = [
        {**line, "proposal_id": "1", "value": 10.0},
        {**line, "proposal_id": "2", "value": 5.0, "location_id": "q"},
        {**line, "proposal_id": "3", "value": 99.0, "hold": True},
        {**line, "proposal_id": "4", "value": 1.0, "action": "CANCEL"},
        {**line, "proposal_id": "5", "value": 1.0, "action": "ON_SCHEDULE"},
    ]
    rows = built({"plan.proposal": proposals}, "action")
    assert [(row["action"], row["line_count"], row["hold_count"], row["value"]) for row in rows] == [
        ("NEW", 3, 1, 15.0),
        ("CANCEL", 1, 0, 1.0),
    ]
    assert (rows[0]["location_count"], rows[0]["protected_value"]) == (2, 4.0)


LOST = {"sales_qty": 5.0, "demand_qty": 15.0, "lost_sales_qty": 10.0, "lost_sales_value": 20.0}


def test_overview_counts_and_adds_only_known_money() -> None:
    unknown = {**KNOWN, "item_id": "b", "has_money": False}
    given = {
        "core.node": [KNOWN, unknown],
        "core.position": [
            {**NODE, "recorded_on_hand_qty": 10.0},
            {**NODE, "item_id": "b", "recorded_on_hand_qty": 0.0},
        ],
        "plan.wish": [{**NODE, "expected_lost_sales_value_without": 9.0, "expected_lost_with_qty": 1.0}],
        "plan.proposal": [
            {**NODE, "proposal_id": "1", "action": "NEW", "kind": "purchase", "value": 8.0, "run_id": "r"},
            {**NODE, "proposal_id": "2", "action": "NEW", "kind": "transfer", "value": 6.0, "run_id": "r"},
            {**NODE, "proposal_id": "3", "action": "DEFER", "kind": "purchase", "value": 7.0, "run_id": "r"},
            {
                **NODE,
                "proposal_id": "4",
                "action": "NEW",
                "kind": "purchase",
                "value": 70.0,
                "run_id": "r",
                "hold": True,
            },
        ],
        "plan.exception": [{**NODE, "exception_id": "x", "rank": 1, "value_at_stake": 4.0}],
        "plan.demand": [
            {**NODE, **LOST, "bucket_index": -1, "bucket_start": AS_OF, "estimate_variance_qty2": 9.0},
            {**NODE, **LOST, "bucket_index": -60, "bucket_start": AS_OF - timedelta(days=60)},
        ],
    }
    (row,) = built(given, "overview")
    spread = 1.645 * 3.0 * KNOWN["shortage_cost"]
    assert row["lost_28_high_value"] - 20.0 == pytest.approx(spread) == 20.0 - row["lost_28_low_value"]
    expected = {
        "lost_28_value": 20.0,
        "lost_364_value": 40.0,
        "node_count": 2,
        "planned_count": 1,
        "money_node_count": 1,
        "empty_count": 1,
        "stock_value": 20.0,
        "expected_lost_sales_value_without": 9.0,
        "expected_lost_sales_value_with": 3.0,
        "new_count": 2,
        "message_count": 1,
        "hold_count": 1,
        "purchase_value": 8.0,
        "internal_value": 6.0,
        "exception_count": 1,
        "exception_value": 4.0,
        "run_id": "r",
    }
    assert {name: row[name] for name in expected} == expected


def test_an_empty_night_has_an_overview_and_no_rows_elsewhere() -> None:
    (row,) = built({}, "overview")
    assert (row["node_count"], row["new_count"], row["stock_value"], row["run_id"]) == (0, 0, None, None)
    assert built({}, "action") == []


def test_sums_do_not_depend_on_the_order_of_rows() -> None:
    tables = plan_tables(24)
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=3) for name, frame in tables.items()}
    one, other = mart_tables(tables), mart_tables(shuffled)
    stock = ("mart.inventory_node", "mart.inventory_group", "mart.excess_node", "mart.broken_promise")
    for name in ("mart.overview", "mart.week", "mart.action", "mart.node", "mart.series", *stock):
        assert isinstance(one[name], pl.DataFrame)
        assert one[name].equals(other[name]), name
