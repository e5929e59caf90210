"""Safety stock by date: as many days of demand as tonight, in as few rows as say it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from replenish import steps
from replenish.tables import core, plan
from tests.steps.propose_frames import NODE, day, frame

WEEKS = 6


def phased(demand: list[float], safety: float = 6.0, span: int = 7, dialects: tuple[str, ...] = ("frepple",)) -> list:
    """Rows (start, end, level) of a node that wants these units a day."""
    buckets = [
        {"bucket_index": t, "bucket_start": day(t), "bucket_end": day(t), "bucket_days": 1, "week_index": t // 7}
        for t in range(7 * WEEKS)
    ]
    rows = [{**NODE, "bucket_index": t, "bucket_start": day(t), "demand_qty": qty} for t, qty in enumerate(demand)]
    found = steps.phase_safety(
        frame(plan.Target, [{**NODE, "safety_stock_qty": safety, "protection_buckets": span}]),
        frame(plan.Projection, rows),
        frame(core.Bucket, buckets),
        dialects=dialects,
    )
    return found.select("start_date", "end_date", "safety_stock_qty").rows()


def test_steady_demand_needs_one_row() -> None:
    assert phased([2.0] * 42) == [(day(0), day(42), 6.0)]


def test_the_level_follows_demand_from_each_week_on() -> None:
    demand = [1.0] * 14 + [3.0] * 14 + [0.5] * 14
    assert phased(demand) == [(day(0), day(14), 6.0), (day(14), day(28), 18.0), (day(28), day(42), 3.0)]


def test_weeks_whose_span_ends_beyond_the_horizon_keep_the_last_level() -> None:
    assert phased([1.0] * 35 + [2.0] * 7, span=14)[-1] == (day(28), day(42), 9.0)


def test_nothing_is_said_without_demand_stock_or_a_planner_that_asks() -> None:
    assert phased([0.0] * 7 + [1.0] * 35) == []
    assert phased([1.0] * 42, safety=0.0) == []
    assert phased([1.0] * 42, dialects=("odoo",)) == []


@given(st.lists(st.floats(0, 50), min_size=42, max_size=42), st.integers(1, 42))
def test_rows_cover_the_horizon_without_a_gap_and_begin_with_tonights_level(demand: list[float], span: int) -> None:
    rows = phased(demand, span=span)
    if sum(demand[:span]) <= 0:
        assert rows == []
        return
    assert rows[0][0] == day(0)
    assert rows[0][2] == 6.0
    assert rows[-1][1] == day(41) + timedelta(days=1)
    assert all(end == start for (_, end, _), (start, _, _) in pairwise(rows))
    assert all(one[2] != other[2] for one, other in pairwise(rows))


def test_two_nodes_do_not_run_into_each_other() -> None:
    buckets = [
        {"bucket_index": t, "bucket_start": day(t), "bucket_end": day(t), "week_index": t // 7} for t in range(14)
    ]
    nodes = [("A", 1.0), ("B", 2.0)]
    target = [{"item_id": i, "location_id": "Y", "safety_stock_qty": 5.0, "protection_buckets": 7} for i, _ in nodes]
    rows = [
        {"item_id": i, "location_id": "Y", "bucket_index": t, "bucket_start": day(t), "demand_qty": qty}
        for i, qty in nodes
        for t in range(14)
    ]
    tables = (frame(plan.Target, target), frame(plan.Projection, rows), frame(core.Bucket, buckets))
    found = steps.phase_safety(*tables, dialects=("frepple",))
    assert found.select("item_id", "start_date", "end_date").rows() == [("A", day(0), day(14)), ("B", day(0), day(14))]
    assert isinstance(found, pl.DataFrame)
