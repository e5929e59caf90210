"""What expires because of an order follows its quantity, in units and in money."""

from __future__ import annotations

import polars as pl
import pytest

from replenish.steps.waste import waste_of_new_qty, with_waste
from tests.steps.propose_frames import only, ordered, planned

_NODE = {"item_id": ["X"], "location_id": ["Y"]}


def _wasted(qty: float, **money: float | None) -> dict[str, float]:
    """An order of `qty` where the wish was 10 units, of which 4 would expire."""
    lines = pl.DataFrame({**_NODE, "qty": [qty], "wish_qty": [10.0]})
    wish = pl.DataFrame({**_NODE, "expected_waste_qty": [4.0]})
    known = {"unit_cost": 3.0, "salvage_value": 1.0, "disposal_cost": 0.5, **money}
    node = pl.DataFrame({**_NODE, **{name: pl.Series([value], dtype=pl.Float64) for name, value in known.items()}})
    return with_waste(lines, wish, node).row(0, named=True)


@pytest.mark.parametrize(("qty", "units"), [(10.0, 4.0), (5.0, 2.0), (0.0, 0.0), (100.0, 40.0)])
def test_waste_goes_with_the_quantity(qty: float, units: float) -> None:
    row = _wasted(qty)
    assert row["expected_waste_qty"] == pytest.approx(units)
    assert row["expected_waste_value"] == pytest.approx(2.5 * units)


@pytest.mark.parametrize(
    ("money", "unit"),
    [
        ({"salvage_value": None, "disposal_cost": None}, 3.0),
        ({"unit_cost": None}, 0.0),
        ({"salvage_value": 99.0}, 0.0),  # what is worth more old than new is no loss
    ],
)
def test_unknown_or_strange_money_is_no_loss(money: dict[str, float | None], unit: float) -> None:
    assert _wasted(10.0, **money)["expected_waste_value"] == pytest.approx(4.0 * unit)


def test_a_node_without_wish_wastes_nothing() -> None:
    lines = pl.DataFrame({**_NODE, "qty": [7.0], "wish_qty": [0.0]})
    nothing = pl.DataFrame(schema={"item_id": pl.String, "location_id": pl.String, "expected_waste_qty": pl.Float64})
    money = dict.fromkeys(("unit_cost", "salvage_value", "disposal_cost"), pl.Float64)
    node = pl.DataFrame(schema={"item_id": pl.String, "location_id": pl.String, **money})
    row = with_waste(lines, nothing, node).row(0, named=True)
    assert (row["expected_waste_qty"], row["expected_waste_value"]) == (0.0, 0.0)


@pytest.mark.parametrize(("qty", "units"), [(5.0, 1.0), (0.0, 0.0), (20.0, 4.0)])
def test_an_order_cut_or_lifted_later_takes_its_waste_along(qty: float, units: float) -> None:
    told = {"expected_waste_qty": [2.0], "expected_waste_value": [6.0]}
    before = pl.DataFrame({**_NODE, "qty": [10.0], **told})
    after = waste_of_new_qty(before.with_columns(qty=pl.lit(qty)), before).row(0, named=True)
    assert (after["expected_waste_qty"], after["expected_waste_value"]) == (units, 3 * units)


def test_a_proposal_tells_its_waste() -> None:
    """Two lines of an order share it by quantity; money is empty where none is known; messages have none."""
    line = ordered(24.0, expected_waste_qty=3.0, expected_waste_value=12.0)
    row = only(planned(order=[line])["proposal"], action="NEW")
    assert (row["expected_waste_qty"], row["expected_waste_value"]) == (3.0, 12.0)
    assert row["explanation"].endswith("About 3 of it will expire (12 EUR).")
    both = planned(order=[line], arc={"max_qty": 16.0})["proposal"]
    assert both.height == 2
    assert both.select(pl.col("expected_waste_qty") / pl.col("qty")).to_series().to_list() == pytest.approx([0.125] * 2)
    free = only(planned(order=[line], node={"has_money": False})["proposal"], action="NEW")
    assert (free["expected_waste_qty"], free["expected_waste_value"]) == (3.0, None)
