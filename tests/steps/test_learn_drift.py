from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from replenish.steps.learn_drift import learn_drift
from replenish.tables import core, plan
from tests.steps.propose_frames import AS_OF, NODE, frame

ARC = {**NODE, "kind": "buy", "source_id": "S"}


def lines(quantities: Any, gap: int = 7, ordered: Any = None, **columns: Any) -> list[dict[str, Any]]:
    ordered = ordered or quantities
    return [
        {
            **ARC, "order_id": f"o{k:03}", "line_id": "1", "order_date": AS_OF - timedelta(days=10 + gap * k),
            "ordered_qty": float(ordered[k]), "received_qty": float(qty), "is_received": True, **columns,
        }
        for k, qty in enumerate(quantities)
    ]  # fmt: skip


def drifts(
    receipts: list[dict[str, Any]], law: Any = None, arc: Any = None, node: Any = None, reviews: Any = None
) -> pl.DataFrame:
    plain_law = {**ARC, "lead_time_days": 7.0, "observation_count": 9, "source": "receipts"}
    plain_arc = {
        **ARC, "arc_rank": 1, "lead_time_days": 7.0, "lead_time_source": "sourcing", "review_days": 7.0,
        "review_source": "sourcing", "multiple_qty": 12.0,
    }  # fmt: skip
    money = {"has_money": True, "holding_cost_per_day": 0.1, "shortage_cost": 6.0}
    levels = {"protection_qty": 14.0, "own_safety_stock_qty": 3.0, "service_target": 0.95}
    return learn_drift(
        frame(core.ReceiptLine, receipts),
        frame(plan.LeadTime, [{**plain_law, **(law or {})}]),
        frame(plan.Target, [{**NODE, **levels}]),
        frame(core.Arc, [{**plain_arc, **(arc or {})}]),
        frame(core.Node, [{**NODE, **money, **(node or {})}]),
        frame(plan.SupplierReview, reviews or []),
        frame(core.PlantLog, []),
        frame(core.WorkCenter, []),
        frame(core.Item, []),
        as_of=AS_OF,
    )


def named(found: pl.DataFrame) -> dict[str, tuple[float, float]]:
    return {
        row["parameter"]: (row["old_days"] or row["old_qty"], row["new_days"] or row["new_qty"])
        for row in found.to_dicts()
    }


PLAIN = [12, 24, 36, 12, 12, 24, 48, 12, 36, 60]


def test_master_data_that_fit_are_left_alone_and_nothing_comes_of_nothing():
    assert named(drifts(lines(PLAIN))) == {}
    assert drifts([]).height == 0


@pytest.mark.parametrize(
    ("law", "is_raised"),
    [
        ({}, True),
        ({"observation_count": 7}, False),
        ({"lead_time_days": 7.9}, False),
        ({"lead_time_sd_days": 8.0}, False),
        ({"source": "sourcing"}, False),
    ],
)
def test_lead_times_drift_when_the_interval_leaves_the_master_out_by_a_day(law, is_raised):
    found = drifts(lines(PLAIN), {"lead_time_days": 10.2, "lead_time_sd_days": 3.0, **law})
    assert named(found) == ({"lead_time": (7.0, 10.0)} if is_raised else {})
    if is_raised:
        row = found.row(0, named=True)
        assert row["high_days"] - row["low_days"] == pytest.approx(2 * 1.645 * 3 / 3, rel=1e-3)
        assert row["effect_value"] > 0


@pytest.mark.parametrize(
    ("quantities", "expected"),
    [
        ([10, 20, 10, 40, 30, 10, 10, 20], {"pack": (12.0, 10.0)}),  # the master's pack does not fit
        ([24, 48, 72, 24, 24, 48, 24, 96, 24, 24], {"pack": (12.0, 24.0)}),  # chance of 12s: 1 in 1024
        ([24, 48, 72, 24, 24, 48, 24, 96], {}),  # 1 in 256: too few to tell
        ([24] * 30, {}),  # one order quantity, not a pack
        ([10, 20, 10, 40, 30, 10, 10], {}),  # fewer than eight
    ],
)
def test_packs(quantities, expected):
    assert named(drifts(lines(quantities))) == expected


def test_a_pack_is_worth_the_holding_of_half_the_difference_and_nothing_without_money():
    tens = lines([10, 20, 10, 40, 30, 10, 10, 20])
    assert drifts(tens)["effect_value"].to_list() == pytest.approx([365 * 0.1 * 1.0])
    assert drifts(tens, node={"has_money": False})["effect_value"].to_list() == [None]
    kilos = lines([2.5, 5, 7.5, 2.5, 10, 2.5, 5, 2.5])
    assert named(drifts(kilos, arc={"multiple_qty": 1.0}, node={"is_continuous": True})) == {"pack": (1.0, 2.5)}


def test_short_and_open_lines_and_old_ones_tell_nothing_of_packs():
    assert named(drifts(lines([10, 20] * 6, ordered=[12, 24] * 6))) == {}
    assert named(drifts(lines([10, 20] * 6, is_received=False))) == {}
    assert named(drifts(lines([10, 20] * 6, order_date=AS_OF - timedelta(days=400)))) == {}


def test_minimums():
    arc = {"min_qty": 48.0}
    assert named(drifts(lines(PLAIN), arc=arc)) == {"minimum": (48.0, 12.0)}
    assert named(drifts(lines([48, 60, 48, 72, 48, 48, 60, 84]), arc=arc)) == {}
    filled = lines([60] * 8 + [72, 84], ordered=[12, 24] * 4 + [72, 84])
    assert named(drifts(filled, arc=arc)) == {"minimum": (48.0, 60.0)}


def test_review_times_need_a_rhythm_to_grow():
    quick = lines(PLAIN, gap=2)
    assert named(drifts(quick)) == {"review_time": (7.0, 2.0)}
    assert named(drifts(lines(PLAIN, gap=14))) == {"review_time": (7.0, 14.0)}
    assert named(drifts(quick, arc={"review_source": "default"})) == {}
    monday_wednesday_friday = lines(PLAIN * 2)
    for k, line in enumerate(monday_wednesday_friday):
        line["order_date"] = AS_OF - timedelta(days=10 + 7 * (k // 3) + (0, 2, 4)[k % 3])
    assert named(drifts(monday_wednesday_friday, arc={"review_days": 3.0})) == {}
    ragged = lines(PLAIN)
    days = [0, 9, 22, 37, 48, 67, 80, 101, 109, 126]
    for line, day in zip(ragged, days, strict=True):
        line["order_date"] = AS_OF - timedelta(days=10 + day)
    assert named(drifts(ragged)) == {}


def test_reviews_of_whole_suppliers_stand_beside_those_of_items():
    told = {
        "source_id": "S", "location_id": "L", "item_count": 3, "review_days": 7.0, "cycle_days": 15.1,
        "suggested_review_days": 14.0, "cost_value": 100.0, "suggested_cost_value": 70.0,
    }  # fmt: skip
    found = drifts([], reviews=[told | {"is_material": True}, told | {"source_id": "T", "is_material": False}])
    row = found.row(0, named=True)
    assert found.height == 1
    assert (row["item_id"], row["location_id"], row["source_id"], row["parameter"]) == ("", "L", "S", "supplier_review")
    assert (row["old_days"], row["new_days"], row["observed_days"], row["observation_count"]) == (7.0, 14.0, 15.1, 3)
    assert row["effect_value"] == 30.0
