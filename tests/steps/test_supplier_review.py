"""Joint replenishment on a company's tables: textbook cycles, order days, shelf life, and when it is worth telling."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from replenish.steps.supplier_review import supplier_review
from replenish.tables import core, plan
from tests.golden_cases import assert_golden, cases
from tests.reporting.rows import filled
from tests.steps import demand_world as world


def _review(
    rate: list[float],
    holding: list[float],
    own: list[float],
    shared: float | None,
    *,
    open_every: int | None = None,
    cover: float = 1e9,
    safety: float = 0.0,
    arc: dict[str, Any] | None = None,
    node: dict[str, Any] | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items of one supplier at one store, protected for 14 daily buckets; reviews are weekly unless `arc` says."""
    items = [f"i{k:02d}" for k in range(len(rate))]
    nodes = world.nodes(items, ["store"], **({"holding_cost_per_day": holding} | (node or {})))
    arcs = world.arcs(nodes, **({"order_cost": own, "order_calendar_id": "days"} | (arc or {})))
    days = np.full(len(rate), 14)
    target = filled(
        plan.Target, item_id=items, location_id="store", protection_qty=np.array(rate) * 14.0,
        safety_stock_qty=np.full(len(rate), safety), protection_buckets=days,
    )  # fmt: skip
    supplier = filled(core.Supplier, supplier_id=["s"], order_cost=[shared])
    dates = [world.AS_OF + timedelta(days=day) for day in range(60)]
    opened = np.arange(60) % (open_every or 1) == 0
    calendar = filled(core.CalendarDay, calendar_id="days", date=dates, is_open=opened)
    if open_every is None:
        calendar = calendar.clear()
    return supplier_review(target, arcs, nodes, supplier, calendar, bucket_days=1, max_cover_days=cover)


@pytest.mark.parametrize("known", cases("joint_replenishment"), ids=lambda c: c["name"])
def test_the_textbook_cycle_comes_out_of_the_line(known: Any) -> None:
    given, expected = known["inputs"], known["expected"]
    rate, hold, own = (
        [float(one) for one in given[name]] for name in ("demand_rate", "holding_cost", "item_order_cost")
    )
    review, multiple = _review(rate, hold, own, float(given["shared_order_cost"]))
    row = review.row(0, named=True)
    assert_golden(row["cycle_days"], expected["base_cycle"], known["tolerance"])
    assert row["item_count"] == len(rate)
    assert row["suggested_review_days"] == max(1.0, round(expected["base_cycle"]))
    assert multiple.height == len(rate)


def test_costs_are_orders_and_cycle_and_safety_stock() -> None:
    """Two items of 2 and 1 a day, 0.1 and 0.2 to hold, 10 an order and 1 and 30 a line; 3 of safety stock each."""
    review, multiple = _review([2.0, 1.0], [0.1, 0.2], [1.0, 30.0], 10.0, safety=3.0)
    row = review.row(0, named=True)

    def year(days: float, second: int) -> float:
        orders = (10.0 + 1.0 + 30.0 / second) / days
        cycle = days / 2 * (0.2 + 0.2 * second)
        safety = 3.0 * 0.1 * np.sqrt((7 + days) / 14) + 3.0 * 0.2 * np.sqrt((7 + second * days) / 14)
        return float(365.0 * (orders + cycle + safety))

    best = {second: np.sqrt(2 * (11 + 30 / second) / (0.2 + 0.2 * second)) for second in (1, 2)}
    assert row["cycle_days"] == pytest.approx(best[1 if multiple["multiple_count"][1] == 1 else 2])
    assert row["cost_value"] == pytest.approx(year(7.0, 3))
    assert row["suggested_cost_value"] == pytest.approx(
        year(row["suggested_review_days"], multiple["multiple_count"][1])
    )
    assert multiple["joint_order_qty"].to_list() == pytest.approx(
        [2.0 * row["suggested_review_days"], multiple["multiple_count"][1] * row["suggested_review_days"]]
    )


def test_what_is_suggested_are_days_on_which_the_supplier_takes_orders() -> None:
    dear = {"rate": [1.0], "holding": [0.1], "own": [0.0], "shared": 12.0}  # best every 15.5 days
    assert _review(**dear)[0]["cycle_days"].item() == pytest.approx(np.sqrt(240.0))
    assert _review(**dear)[0]["suggested_review_days"].item() == 15.0
    assert _review(**dear, open_every=7)[0]["suggested_review_days"].item() == 14.0
    assert _review(**dear, open_every=30)[0]["suggested_review_days"].item() == 30.0
    assert _review(**dear, open_every=3, node={"shelf_life_days": 20.0})[0]["suggested_review_days"].item() == 9.0
    assert _review(**dear, open_every=7, cover=8.0)[0]["suggested_review_days"].item() == 7.0


def test_a_tenth_of_the_cost_is_material() -> None:
    far = _review([1.0], [0.1], [0.0], 40.0)[0].row(0, named=True)  # best every 28 days, ordered every 7
    near = _review([1.0], [0.1], [0.0], 3.0)[0].row(0, named=True)  # best every 8 days
    assert (far["is_material"], near["is_material"]) == (True, False)
    assert far["suggested_cost_value"] < 0.9 * far["cost_value"]


def test_safety_stock_speaks_against_long_reviews() -> None:
    bare, held = (_review([1.0], [0.1], [0.0], 20.0, safety=safety)[0].row(0, named=True) for safety in (0.0, 200.0))
    assert bare["is_material"]
    assert held["suggested_cost_value"] > held["cost_value"]
    assert not held["is_material"]


@pytest.mark.parametrize(
    "hostile",
    [
        {"shared": None, "own": [0.0, 0.0]},
        {"shared": 0.0, "own": [0.0, 0.0]},
        {"node": {"has_money": False}},
        {"rate": [0.0, 0.0]},
        {"rate": [np.nan, np.nan]},
        {"node": {"holding_cost_per_day": 0.0}},
        {"arc": {"kind": "move"}},
    ],
    ids=str,
)
def test_without_costs_money_or_demand_there_is_no_answer(hostile: Any) -> None:
    plain = {"rate": [2.0, 1.0], "holding": [0.1, 0.2], "own": [1.0, 30.0], "shared": 10.0}
    review, multiple = _review(**(plain | hostile))
    assert review.is_empty()
    assert multiple.is_empty()


@pytest.mark.parametrize("days", [0.0, 1e9])
def test_hostile_reviews_give_finite_costs(days: float) -> None:
    review, _ = _review([2.0], [0.1], [1.0], 10.0, arc={"review_days": days, "order_cost": [1.0]})
    assert all(review.select(pl.col(pl.Float64).is_finite().all()).row(0))
