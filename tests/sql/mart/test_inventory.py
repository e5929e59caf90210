"""Marts of inventory, which read other marts: worked answers of the measures, and the groups they add up to."""

from __future__ import annotations

from datetime import date

import pytest

from tests.golden_cases import golden
from tests.sql.mart.test_mart import KNOWN, NODE, built

NIGHT = [{"as_of": date(2025, 3, 30)}]
BUCKETS = [
    {"bucket_index": -2, "bucket_start": date(2025, 1, 1), "bucket_days": 45},
    {"bucket_index": -1, "bucket_start": date(2025, 2, 15), "bucket_days": 45},
]


def days(closing: list[float], sold: list[float], **key: str) -> dict[str, list[dict[str, object]]]:
    """History and demand of a node over the two buckets."""
    place = NODE | key
    at = [{**place, "bucket_index": one["bucket_index"], "bucket_start": one["bucket_start"]} for one in BUCKETS]
    rows = zip(at, closing, sold, strict=True)
    history = [{**one, "closing_qty": left, "sales_qty": gone} for one, left, gone in rows]
    demand = [
        {**one, "sales_qty": gone, "demand_qty": gone, "state": "full"} for one, gone in zip(at, sold, strict=True)
    ]
    return {"core.demand_history": history, "plan.demand": demand}


def test_turns_days_and_cover_are_the_worked_answers() -> None:
    inputs, expected, _ = golden("kpi", "turns_and_cover")
    cost = 10.0
    flow = days([2 * inputs["mean_stock_value"] / cost, 0.0], [inputs["cogs"] / cost, 0.0])
    given = {
        "meta.night": NIGHT,
        "core.bucket": [*BUCKETS, {"bucket_index": 0, "bucket_start": date(2025, 3, 31), "bucket_days": 7}],
        "core.node": [KNOWN | {"unit_cost": cost}],
        "core.position": [{**NODE, "recorded_on_hand_qty": inputs["on_hand_qty"]}],
        "plan.projection": [{**NODE, "bucket_index": 0, "demand_qty": 7 * inputs["forecast_per_day"]}],
        **flow,
    }
    (row,) = built(given, "inventory_node")
    assert row["turns_rate"] == pytest.approx(expected["turns"])
    assert row["stock_days"] == pytest.approx(expected["days_of_stock"])
    assert row["cover_days"] == pytest.approx(expected["cover_days"])
    quiet, known, _ = golden("kpi", "cover_no_forecast")
    given |= {"plan.projection": [], "core.position": [{**NODE, "recorded_on_hand_qty": quiet["on_hand_qty"]}]}
    assert built(given, "inventory_node")[0]["cover_days"] is known["cover_days"]


def test_carrying_cost_is_the_holding_cost_of_a_year() -> None:
    """The worked answer is that of its three weeks: seventeen and a bit of them are a year."""
    inputs, expected, _ = golden("kpi", "holding_cost")
    weeks = [date(2025, 3, 10), date(2025, 3, 17), date(2025, 3, 24)]
    buckets = [{"bucket_index": n - 3, "bucket_start": day, "bucket_days": 7} for n, day in enumerate(weeks)]
    at = [{**NODE, "bucket_index": one["bucket_index"], "bucket_start": one["bucket_start"]} for one in buckets]
    per_day = inputs["holding_rate"] * inputs["unit_cost"] / 365
    given = {
        "meta.night": NIGHT,
        "core.bucket": buckets,
        "core.node": [KNOWN | {"unit_cost": inputs["unit_cost"], "holding_cost_per_day": per_day}],
        "core.demand_history": [
            {**one, "closing_qty": qty} for one, qty in zip(at, inputs["closing_qty"], strict=True)
        ],
        "plan.demand": at,
    }
    (row,) = built(given, "inventory_node")
    assert row["carrying_year_cost"] * 21 / 365 == pytest.approx(expected["cost"], abs=1e-6)


def test_groups_are_ratios_of_sums_and_know_what_is_too_much() -> None:
    other = {"item_id": "b", "location_id": "q"}
    first, second = days([10.0, 10.0], [45.0, 45.0]), days([30.0, 30.0], [9.0, 9.0], **other)
    given = {
        "meta.night": NIGHT,
        "core.bucket": BUCKETS,
        "core.node": [KNOWN | {"category": "fruit"}, KNOWN | other | {"category": "fruit"}],
        "plan.segment": [
            {**NODE, "abc_class": "A", "xyz_class": "X", "value_year": 80.0},
            {**other, "abc_class": "C", "value_year": 20.0},
        ],
        "plan.excess": [{**other, "code": "DEAD_STOCK", "position_qty": 30.0, "qty": 30.0, "value": 60.0}],
        **{name: first[name] + second[name] for name in first},
    }
    rows = {(row["scope"], row["group_id"]): row for row in built(given, "inventory_group")}
    whole = rows["all", "all"]
    assert whole["stock_value"] == 80.0
    assert whole["turns_rate"] == pytest.approx(365 * (2 * 108.0) / (90 * 80.0))
    assert rows["category", "fruit"]["turns_rate"] == whole["turns_rate"]
    assert rows["cell", "AX"]["demand_share"] == 0.8
    assert rows["cell", "CZ"]["dead_value"] == 60.0, "without a coefficient it is erratic"
    assert (rows["abc", "A"]["dead_count"], rows["location", "q"]["dead_count"]) == (0, 1)
    (cause,) = built(given, "excess_cause")
    assert cause == {"code": "DEAD_STOCK", "cause": "other", "node_count": 1, "value": 60.0}


def test_today_stands_beside_the_curve() -> None:
    point = {"rule": "targets", "dial_index": 0, "dial_rate": 1.0, "stock_value": 90.0, "fill_rate": 0.97}
    given = {
        "meta.night": NIGHT,
        "core.bucket": BUCKETS,
        "core.node": [KNOWN],
        "plan.exchange_curve": [point],
        **days([10.0, 20.0], [4.0, 4.0]),
    }
    rows = {row["rule"]: (row["stock_value"], row["fill_rate"]) for row in built(given, "exchange_curve")}
    assert rows == {"targets": (90.0, 0.97), "today": (30.0, 1.0)}
    assert [row["rule"] for row in built(given | {"plan.demand": []}, "exchange_curve")] == ["targets"]
