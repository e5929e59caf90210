from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from replenish.steps.measure_plant import WEEKS, measure_plant
from replenish.tables import core, plan
from tests.steps.propose_frames import frame

AS_OF = date(2026, 11, 8)
FIRST = AS_OF - timedelta(days=7 * WEEKS - 1)


def figures(log, orders=(), routing=()):
    return measure_plant(
        frame(core.PlantLog, log), frame(core.ProductionOrder, orders), frame(core.Operation, routing), as_of=AS_OF
    )


def line(days_ago, **columns):
    day = AS_OF - timedelta(days=days_ago)
    usual = {"planned_hours": 8.0, "run_hours": 7.0, "good_qty": 950.0, "scrap_qty": 50.0, "ideal_qty_per_hour": 160.0}
    return {"work_center_id": "w", "date": day, "order_id": "", **usual, **columns}


def order(number, due_ago, finish_ago, **columns):
    finish = None if finish_ago is None else AS_OF - timedelta(days=finish_ago)
    due = AS_OF - timedelta(days=due_ago)
    named = {"order_id": f"o{number}", "line_id": "1", "item_id": "a", "location_id": "dc", "source_id": "m"}
    return {**named, "due_date": due, "finish_date": finish, **columns}


ROUTING = [
    {"item_id": "a", "location_id": "m", "operation_seq": seq, "work_center_id": where, "alternate_rank": rank}
    for seq, where, rank in ((10, "w", 1), (11, "spare", 2), (20, "v", 1))
]


def test_nothing_comes_of_nothing_and_of_what_lies_outside_the_weeks():
    assert figures([]).height == 0
    outside = [line(-1), line(7 * WEEKS)]
    assert figures(outside, [order(1, 7 * WEEKS, 0), order(2, -1, None)], ROUTING).height == 0


def test_weeks_end_with_as_of_and_all_of_them_together_are_sums_not_means():
    rows = figures([line(0), line(7, run_hours=4.0, good_qty=300.0, scrap_qty=0.0, ideal_qty_per_hour=100.0)])
    assert rows.select("span", "week_start").rows() == [
        ("total", FIRST),
        ("week", AS_OF - timedelta(days=13)),
        ("week", AS_OF - timedelta(days=6)),
    ]
    total = rows.row(0, named=True)
    assert total["oee_rate"] == pytest.approx(0.55859375)
    assert total["cycle_hours"] == pytest.approx(11 / 1250)
    assert total["throughput_qty"] == pytest.approx(625.0)
    assert rows["oee_rate"][2] == pytest.approx(0.7421875)


def test_a_day_of_two_orders_is_one_day_and_days_that_stood_still_are_none():
    rows = [line(0, order_id="o1", good_qty=10.0), line(0, order_id="o2", good_qty=30.0), line(1, run_hours=0.0)]
    total = figures(rows).filter(span="total")
    assert total["throughput_qty"].item() == (10 + 30 + 950)
    only_still = figures([line(1, run_hours=0.0, good_qty=0.0, scrap_qty=0.0)]).row(0, named=True)
    assert only_still["oee_rate"] == 0.0
    assert only_still["throughput_qty"] is None
    assert only_still["cycle_hours"] is None
    assert only_still["performance_rate"] is None


def test_a_low_ideal_rate_is_flagged_and_kept():
    row = figures([line(0, ideal_qty_per_hour=100.0)]).row(0, named=True)
    assert row["is_ideal_low"]
    assert row["performance_rate"] == pytest.approx(1000 / 700)


def test_adherence_counts_orders_due_at_every_work_centre_of_the_routing():
    orders = [order(1, 0, 0), order(2, 1, 0), order(3, 2, None), order(4, 8, 9), order(5, 3, 5, item_id="z")]
    rows = figures([], orders, ROUTING)
    share = {(row["work_center_id"], row["span"], row["week_start"]): row["adherence_share"] for row in rows.to_dicts()}
    for where in ("v", "w"):
        assert share[where, "week", AS_OF - timedelta(days=6)] == pytest.approx(1 / 3)
        assert share[where, "week", AS_OF - timedelta(days=13)] == 1.0
        assert share[where, "total", FIRST] == 0.5
    assert len(share) == 6
    assert rows["oee_rate"].null_count() == 6


def test_rows_are_as_the_table_says():
    assert plan.PlantFigure.is_valid(figures([line(k) for k in range(200)], [order(1, 0, 0)], ROUTING))
    assert isinstance(figures([line(0)]), pl.DataFrame)
