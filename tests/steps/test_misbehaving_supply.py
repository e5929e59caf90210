"""Open orders that come late, early, short, out of order or never: what tonight's order and the projection do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from replenish.tables import plan
from tests.steps.supply_world import AS_OF, TONIGHT, Company, shop, supply

WEEK = 7


def _learned(some: Company, **columns: Any) -> Company:
    """The company whose lane taught these things."""
    told = {name: value if isinstance(value, pl.Expr) else pl.lit(value) for name, value in columns.items()}
    return some.with_(lead_time=plan.LeadTime.cast(some.lead_time.with_columns(**told)))


def _lateness(days: int, at: float = 1.0) -> dict[str, Any]:
    law = [0.0] * abs(days) + [at] if days >= 0 else [at, *[0.0] * abs(days)]
    law[0 if days >= 0 else -1] += 1.0 - at if days else 0.0
    return {"lateness_from_days": min(days, 0), "lateness_pmf": pl.lit(law, dtype=pl.List(pl.Float64))}


def _coming(some: Company, *due_in: int, qty: float = 12.0, **columns: Any) -> Company:
    rows = [(f"po{at}", "i00", "store", qty, TONIGHT + timedelta(days)) for at, days in enumerate(due_in)]
    return some.with_(open_supply=supply(rows, source_id=pl.lit("s"), **columns))


def _tonight(some: Company) -> float:
    return float(some.wish()["qty"][0])


def _projected(some: Company) -> tuple[pl.DataFrame, pl.DataFrame]:
    _, projection, pegs = some.project()
    return projection.sort("bucket_index"), pegs.filter(pl.col("supply_kind") == "open_order")


@pytest.fixture
def store() -> Company:
    """Ten a week wanted, ten on the shelf, a week of lead time and of review: tonight serves the second week."""
    return shop(1, mean=10.0, phi=1.0, kappa=0.0, on_hand=10.0)


def test_a_line_that_comes_late_is_not_there_when_it_is_needed(store: Company) -> None:
    due = _coming(store, WEEK)
    late = _learned(due, **_lateness(4 * WEEK))
    assert _tonight(due) < _tonight(late) == pytest.approx(_tonight(store), abs=1.0)
    projection, pegs = _projected(late)
    assert projection.filter(pl.col("receipt_qty") > 0)["bucket_index"].to_list() == [5]
    assert (pegs["supply_date"] == TONIGHT + timedelta(5 * WEEK)).all()


def test_a_line_that_comes_early_serves_the_week_before(store: Company) -> None:
    due = _coming(store, 4 * WEEK)
    early = _learned(due, **_lateness(-3 * WEEK))
    assert _tonight(early) < _tonight(due) == pytest.approx(_tonight(store), abs=1.0)
    projection, _ = _projected(early)
    assert projection.filter(pl.col("receipt_qty") > 0)["bucket_index"].to_list() == [1]


def test_a_line_that_usually_comes_short_is_counted_on_in_part(store: Company) -> None:
    due = _coming(store, WEEK)
    short = _learned(due, delivered_share=0.5)
    assert _tonight(due) < _tonight(short) < _tonight(store)
    assert _tonight(short) == pytest.approx(_tonight(due) + 6.0, abs=1.0)
    projection, pegs = _projected(short)
    assert projection.select(pl.col("receipt_qty", "undelivered_qty").sum()).row(0) == (6.0, 6.0)
    assert pegs["qty"].sum() == pytest.approx(6.0)
    whole, _ = _projected(due)
    assert (projection["closing_without_qty"] <= whole["closing_without_qty"] + 1e-9).all()
    assert projection["lost_without_qty"].sum() == pytest.approx(whole["lost_without_qty"].sum() + 6.0)


def test_of_a_line_that_may_never_come_its_chance_counts(store: Company) -> None:
    overdue = _coming(store, -2 * WEEK, order_date=pl.lit(AS_OF - timedelta(3 * WEEK)))
    law = {"lead_time_pmf": pl.lit([0.0] * 7 + [0.9] + [0.0] * 20 + [0.1], dtype=pl.List(pl.Float64))}
    sure, doubtful = _learned(overdue, **law), _learned(overdue, **law, never_share=0.3)
    assert _tonight(sure) < _tonight(doubtful) <= _tonight(store)
    # so late, one in 0.07 + 0.3 still comes: 0.7 * 0.1 against 0.3 that never does
    projection, pegs = _projected(doubtful)
    assert projection["receipt_qty"].sum() == pytest.approx(12.0 * 0.07 / 0.37)
    assert projection["undelivered_qty"].sum() == pytest.approx(12.0 * 0.3 / 0.37)
    assert pegs["qty"].sum() == pytest.approx(12.0 * 0.07 / 0.37)
    lost = _coming(store, -9 * WEEK, is_lost=pl.lit(True))
    assert _tonight(lost) == _tonight(store)
    assert _projected(lost)[0].select(pl.col("receipt_qty", "undelivered_qty").sum()).row(0) == (0.0, 0.0)


def test_lines_come_in_order_unless_their_lane_crosses(store: Company) -> None:
    """Two lines, each on time or six weeks late: in order, the first to come is the one due first."""
    two = _coming(store, WEEK, 2 * WEEK, qty=6.0)
    straight = _learned(two, **_lateness(6 * WEEK, 0.5))
    crossing = _learned(two, **_lateness(6 * WEEK, 0.5), is_crossing=True)
    for one in (straight, crossing):
        projection, _ = _projected(one)
        assert projection["receipt_qty"].sum() == pytest.approx(12.0)
    assert _tonight(straight) == pytest.approx(_tonight(crossing), abs=2.0)


@pytest.mark.parametrize("share", [0.0, float("nan"), 7.0, -1.0])
def test_a_share_that_cannot_be_breaks_nothing(store: Company, share: float) -> None:
    hostile = _coming(store, WEEK)
    told = hostile.lead_time.with_columns(delivered_share=pl.lit(share), never_share=pl.lit(0.0))
    projection, _ = _projected(hostile.with_(lead_time=told))
    counted, rest = projection.select(pl.col("receipt_qty", "undelivered_qty").sum()).row(0)
    assert 0.0 <= counted <= 12.0
    assert counted + rest == pytest.approx(12.0)
