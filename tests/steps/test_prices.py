"""What a unit costs in the quantity ordered."""

from __future__ import annotations

import polars as pl
import pytest

from replenish.steps.prices import paid_cost


def _cost(qty: float, *, above_only: bool = False, most: float | None = None) -> float:
    line = pl.DataFrame(
        {"item_id": "a", "location_id": "l", "qty": qty, "unit_cost": 5.0, "max_qty": most, "pack": 1.0,
         "break_qty": [[10.0, 20.0]], "break_unit_cost": [[4.0, 3.0]], "is_incremental": above_only},
        schema_overrides={"max_qty": pl.Float64},
    )  # fmt: skip
    return float(paid_cost(line)[0])


@pytest.mark.parametrize(("qty", "cost"), [(0.0, 5.0), (9.0, 5.0), (10.0, 4.0), (19.0, 4.0), (20.0, 3.0), (500.0, 3.0)])
def test_all_units_cost_what_the_largest_break_says(qty: float, cost: float) -> None:
    assert _cost(qty) == pytest.approx(cost)


@pytest.mark.parametrize(("qty", "total"), [(9.0, 45.0), (10.0, 50.0), (15.0, 70.0), (30.0, 50.0 + 40.0 + 30.0)])
def test_an_incremental_discount_is_a_mean(qty: float, total: float) -> None:
    assert _cost(qty, above_only=True) * qty == pytest.approx(total)


def test_each_line_of_a_split_order_has_its_own_price() -> None:
    assert _cost(24.0, most=12.0) == pytest.approx(4.0)  # two lines of 12


def test_an_arc_without_breaks_costs_what_it_costs() -> None:
    line = pl.DataFrame(
        {"item_id": ["a"], "location_id": ["l"], "qty": [7.0], "unit_cost": [5.0], "max_qty": [None], "pack": [1.0],
         "break_qty": [None], "break_unit_cost": [None], "is_incremental": [None]},
        schema_overrides={"max_qty": pl.Float64, "break_qty": pl.List(pl.Float64),
                          "break_unit_cost": pl.List(pl.Float64), "is_incremental": pl.Boolean},
    )  # fmt: skip
    assert paid_cost(line).to_list() == [5.0]
    assert paid_cost(line.clear()).to_list() == []
