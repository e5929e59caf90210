"""Economic lots of the line: every textbook case comes out of a night's tables, and clamps hold for hostile ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from replenish.tables import core
from replenish.tables.plan import Target
from tests.golden_cases import assert_golden, cases
from tests.steps.supply_world import Company, plant, shop

# Reviews are so short that no lot of a textbook is below the demand of one.
REVIEW = 1e-4


def _rates(speed: float | None, setup: float = 0.0) -> pl.DataFrame:
    """core.make_rate of the product of `plant`."""
    rows = [("product", "plant", speed, setup)]
    return core.MakeRate.cast(pl.DataFrame(rows, schema=core.MakeRate.column_names(), orient="row"))


def _made(order_cost: float, holding: float, rate: float, speed: float | None, setup: float = 0.0) -> dict[str, Any]:
    company = plant(mean=rate, days=1, phi=1.0, kappa=0.0)
    arc = company.arc.with_columns(order_cost=pl.lit(order_cost), review_days=pl.lit(REVIEW))
    node = company.node.with_columns(holding_cost_per_day=pl.lit(holding))
    company = company.with_(arc=arc, node=node, make_rate=_rates(speed, setup))
    return company.target().filter(pl.col("item_id") == "product").row(0, named=True)


def _bought(company: Company) -> dict[str, Any]:
    return company.target().row(0, named=True)


@pytest.mark.parametrize("known", cases("economic_order", "epq"), ids=lambda c: c["name"])
def test_items_made_build_their_lot_up(known: Any) -> None:
    given, expected = known["inputs"], known["expected"]
    row = _made(*(float(given[name]) for name in ("order_cost", "holding_cost", "demand_rate", "production_rate")))
    if expected.get("error") == "no_capacity":
        assert row["lot_rule"] == "no_capacity"
        assert row["economic_order_qty"] == pytest.approx(REVIEW * given["demand_rate"])
        return
    assert row["lot_rule"] == "epq"
    assert_golden(row["economic_order_qty"], expected["order_qty"], known["tolerance"])


def test_without_a_known_speed_a_lot_of_what_is_made_arrives_at_once() -> None:
    assert _made(8.0, 0.2, 5.0, None)["economic_order_qty"] == pytest.approx(np.sqrt(2 * 8 * 5 / 0.2), rel=0.02)
    # a set-up costs what its hours cost where the master states no order cost
    assert _made(0.0, 0.2, 5.0, 1e9, setup=8.0)["economic_order_qty"] == pytest.approx(np.sqrt(400.0), rel=1e-6)
    assert _made(0.0, 0.2, 5.0, 1e9)["lot_rule"] == "review"


@pytest.mark.parametrize("known", cases("economic_order", "eoqb"), ids=lambda c: c["name"])
def test_nodes_that_owe_plan_to(known: Any) -> None:
    given = {name: float(value) for name, value in known["inputs"].items()}
    node = {
        "shortage_rule": "backorder",
        "holding_cost_per_day": given["holding_cost"],
        "shortage_cost": given["backorder_cost"] * REVIEW,
    }
    arc = {"order_cost": given["order_cost"], "review_days": REVIEW}
    row = _bought(shop(1, mean=given["demand_rate"], days=1, node=node, arc=arc))
    assert row["lot_rule"] == "eoqb"
    assert_golden(row["economic_order_qty"], known["expected"]["order_qty"], known["tolerance"])


def _discounted(given: dict[str, Any], *, incremental: bool, **node: Any) -> Company:
    least, price = given["min_qty"], [float(one) for one in given["unit_cost"]]
    arc = {
        "order_cost": float(given["order_cost"]),
        "review_days": REVIEW,
        "unit_cost": price[0],
        "break_qty": [[float(one) for one in least[1:]]],
        "break_unit_cost": [price[1:]],
        "is_incremental": incremental,
    }
    holding = {"holding_cost_per_day": float(given["holding_rate"]) * price[0]}
    return shop(1, mean=float(given["demand_rate"]), days=1, arc=arc, node=holding | node)


@pytest.mark.parametrize("rule", ["all_units", "incremental"])
def test_price_breaks(rule: str) -> None:
    known_cases = cases("economic_order", rule)
    assert len(known_cases) >= 4
    for known in known_cases:
        row = _bought(_discounted(known["inputs"], incremental=rule == "incremental"))
        assert_golden(row["economic_order_qty"], known["expected"]["order_qty"], known["tolerance"])
        assert row["lot_rule"] == ("eoq" if known["expected"].get("bracket") == 0 else rule)


def test_a_break_beyond_the_cover_or_the_shelf_life_is_none() -> None:
    given = cases("economic_order", "all_units_k200")[0]["inputs"]
    plain = {"order_cost": 0.0, "holding_rate": 0.001, "unit_cost": [10.0, 5.0], "demand_rate": 2.0}
    reached = _bought(_discounted(plain | {"min_qty": [0, 179]}, incremental=False))
    beyond = _bought(_discounted(plain | {"min_qty": [0, 181]}, incremental=False))
    spoilt = _bought(_discounted(plain | {"min_qty": [0, 179]}, incremental=False, shelf_life_days=30.0))
    assert (reached["lot_rule"], reached["economic_order_qty"]) == ("all_units", 179.0)
    assert beyond["lot_rule"] == spoilt["lot_rule"] == "review"
    assert len(given["min_qty"]) == len(given["unit_cost"])


def test_a_break_that_saves_less_than_its_holding_is_left() -> None:
    dear = {"order_cost": 0.0, "holding_rate": 0.02, "unit_cost": [10.0, 9.99], "demand_rate": 2.0, "min_qty": [0, 150]}
    assert _bought(_discounted(dear, incremental=False))["lot_rule"] == "review"
    assert _bought(_discounted(dear, incremental=True))["lot_rule"] == "review"


@pytest.mark.parametrize("arc", [{"unit_cost": 0.0}, {"order_cost": 1e15}, {"break_qty": [[]]}], ids=str)
@pytest.mark.parametrize(
    "node", [{"holding_cost_per_day": 0.0}, {"shortage_cost": -1.0}, {"shelf_life_days": 0.0}], ids=str
)
@pytest.mark.parametrize("mean", [0.0, 1e-12, 1e9])
def test_hostile_money_and_demand_give_valid_lots(arc: Any, node: Any, mean: float) -> None:
    breaks = {"break_qty": [[10.0, 100.0]], "break_unit_cost": [[0.5, 0.0]]} | arc
    got = shop(1, mean=mean, arc=breaks, node={"shortage_rule": "backorder"} | node).target()
    assert Target.validate(got).height == 1
    assert all(got.select(pl.col(pl.Float64).is_finite().all()).row(0))
