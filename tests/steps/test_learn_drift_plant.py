from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from replenish.steps.learn_drift.plant import plant_drifts
from replenish.tables import core, plan
from tests.steps.propose_frames import AS_OF, frame

RUN, SETUP = 0.25, 1.0


def line(k, qty=20.0, **columns):
    named = {"work_center_id": "w", "location_id": "m", "order_id": f"o{k}", "item_id": "a"}
    said = {"routing_hours_per_unit": RUN, "setup_hours": SETUP, "yield_rate": 0.98, "ideal_qty_per_hour": 1 / RUN}
    good = float(round(qty * 0.98)) if qty > 25 else float(qty)
    usual = {"date": AS_OF - timedelta(days=k), "run_hours": qty * RUN / 0.9, "good_qty": good, "scrap_qty": qty - good}
    return {**named, **said, **usual, **columns}


def found(lines, efficiency=0.9, cost=40.0, unit_cost=12.0, has_money=True):
    lines = [{**one, "order_id": one["order_id"] and f"{one['item_id']} {one['order_id']}"} for one in lines]
    drift = plant_drifts(
        frame(core.PlantLog, lines),
        frame(core.WorkCenter, [{"work_center_id": "w", "efficiency_rate": efficiency, "cost_per_hour": cost}]),
        frame(core.Item, [{"item_id": name, "unit_cost": unit_cost, "has_money": has_money} for name in "abc"]),
        as_of=AS_OF,
    )
    assert plan.Drift.is_valid(drift)
    return {(row["parameter"], row["item_id"]): row for row in drift.to_dicts()}


def lots(count, **columns):
    return [line(k, float(10 + 10 * (k % 4)), **columns) for k in range(count)]


def paced(count, pace, **columns):
    return [one | {"run_hours": one["run_hours"] * pace} for one in lots(count, **columns)]


def test_a_routing_that_is_right_is_left_alone_and_nothing_comes_of_nothing():
    assert found([]) == {}
    assert found(lots(40)) == {}
    assert found([one | {"run_hours": one["run_hours"] + SETUP} for one in lots(40)]) == {}, "set-ups are no slowness"


def test_one_slow_item_has_another_run_time_and_the_others_stay():
    log = [*lots(30), *paced(30, 1.15, item_id="b", work_center_id="w"), *lots(30, item_id="c")]
    told = found(log)
    assert set(told) == {("run_hours_per_unit", "b")}
    row = told["run_hours_per_unit", "b"]
    assert (row["old_rate"], row["source_id"], row["observation_count"]) == (RUN, "w", 30)
    assert row["new_rate"] == pytest.approx(RUN * 1.15, rel=1e-3)
    hours = sum(0.15 * one["run_hours"] / 1.15 for one in log if one["item_id"] == "b") * 365 / 30
    assert row["effect_value"] == pytest.approx(hours * 40.0)


def test_a_work_centre_slow_with_all_it_makes_has_another_efficiency():
    told = found([*paced(20, 1.2), *paced(20, 1.22, item_id="b"), *paced(20, 1.18, item_id="c")])
    assert set(told) == {("efficiency_rate", "")}
    assert told["efficiency_rate", ""]["new_rate"] == pytest.approx(0.9 / 1.2, rel=1e-3)
    assert found(paced(20, 1.2)).keys() == {("run_hours_per_unit", "a")}, "one item alone is the item's"


def test_lines_without_an_order_are_judged_by_the_ideal_rate():
    unknown = {"order_id": "", "item_id": None, "routing_hours_per_unit": None, "setup_hours": None, "yield_rate": None}
    told = found(paced(20, 1.25, **unknown))
    assert set(told) == {("efficiency_rate", "")}
    assert told["efficiency_rate", ""]["new_rate"] == pytest.approx(0.72, rel=1e-3)
    assert found(paced(20, 1.25, **unknown, ideal_qty_per_hour=None)) == {}


def test_a_poor_yield_is_proposed_with_what_it_costs():
    rng = np.random.Generator(np.random.PCG64(1))
    drawn = rng.binomial(100, 0.92, 40).astype(float)
    log = [line(k, 100.0, good_qty=good, scrap_qty=100.0 - good) for k, good in enumerate(drawn)]
    row = found(log)["yield_rate", "a"]
    good = sum(one["good_qty"] for one in log)
    assert row["new_rate"] == pytest.approx(0.92, abs=0.01)
    assert row["low_rate"] < good / 4000 < row["high_rate"] < 0.98
    assert row["effect_value"] == pytest.approx((4000 / good - 1 / 0.98) * good * 365 / 40 * 12.0)
    assert found(log, has_money=False)["yield_rate", "a"]["effect_value"] is None
    assert found(log[:7]) == {}, "seven lines are too few"


def test_an_ideal_rate_that_the_plant_beats_is_too_low_and_one_it_misses_is_no_news():
    fast = found(lots(20, ideal_qty_per_hour=2.0, is_ideal_stated=True))["ideal_qty_per_hour", "a"]
    assert (fast["old_rate"], fast["new_rate"], fast["effect_value"]) == (2.0, 3.6, None)
    assert found(lots(20, ideal_qty_per_hour=8.0, is_ideal_stated=True)) == {}
    assert found(lots(20, ideal_qty_per_hour=2.0)) == {}, "the routing's own rate is judged as run time"


@pytest.mark.parametrize(
    "odd",
    [
        {"run_hours": 0.0},
        {"ideal_qty_per_hour": None, "routing_hours_per_unit": 0.0},
        {"good_qty": 0.0, "scrap_qty": 0.0},
        {"good_qty": 0.0},
        {"location_id": None},
        {"setup_hours": 1e9},
        {"work_center_id": "unknown"},
        {"good_qty": 1e15, "run_hours": 1e-9},
        {"run_hours": 1e9},
    ],
)
def test_odd_lines_stop_nothing_and_tell_nothing_of_the_others(odd):
    rows = [{**line(k, item_id="c"), **odd} for k in range(20)]
    told = found([*paced(30, 1.15, item_id="a"), *lots(30, item_id="b"), *rows])
    assert ("run_hours_per_unit", "a") in told
    assert not [key for key in told if key[1] == "b"]
