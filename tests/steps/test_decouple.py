"""Decoupling: promises between stages of production, and the safety stock that makes them good."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from replenish.tables.plan import Decoupling
from tests.steps import demand_world as world
from tests.steps.supply_world import Company, bill, company, plant, shop


def chain(holding: tuple[float, float] = (0.01, 0.1), lead: tuple[float, float] = (14.0, 7.0)) -> Company:
    """Raw material, bought, becomes a part, which becomes the product that is sold."""
    nodes = world.nodes(
        ["part", "product", "raw"],
        ["plant"],
        level=[1, 0, 2],
        has_demand=[False, True, False],
        is_component=[True, False, True],
        holding_cost_per_day=[holding[1], 1.0, holding[0]],
        location_kind="plant",
        shortage_rule="backorder",
    )
    sources = ["plant", "plant", "supplier"]
    days = [lead[1], 7.0, lead[0]]
    arcs = world.arcs(nodes, kind=["make", "make", "buy"], source_id=sources, lead_time_days=days)
    bom = bill(("part", "raw", 1.0), ("product", "part", 1.0))
    return company(nodes, arcs, phi=1.0, kappa=0.0).with_(bom_line=bom)


def test_a_part_of_a_product_that_is_stocked_promises_at_once_and_covers_its_lead_time_and_review() -> None:
    got = plant(qty_per=3.0, mean=10.0, phi=1.0, kappa=0.0).decouple().row(0, named=True)
    assert (got["item_id"], got["service_time_days"], got["net_replenishment_days"]) == ("part", 0.0, 14.0)
    assert got["safety_stock_qty"] == np.ceil(
        stats.norm.ppf(0.95) * 3.0 * np.sqrt(30.0)
    )  # three weeks of 10, in threes
    assert got["is_decoupling_point"]


@pytest.mark.parametrize(
    ("holding", "promise"),
    [((0.09, 0.1), 14.0), ((0.01, 0.1), 0.0)],
)
def test_stock_lies_where_it_costs_least(holding: tuple[float, float], promise: float) -> None:
    """Cheap raw material is held; where it costs nearly as much as the part, one stock behind both is less."""
    got = chain(holding).decouple()
    raw, part = got.filter(item_id="raw").row(0, named=True), got.filter(item_id="part").row(0, named=True)
    assert raw["service_time_days"] == part["supply_time_days"] == promise
    assert (part["service_time_days"], part["net_replenishment_days"]) == (0.0, promise + 7.0)
    assert raw["net_replenishment_days"] == 14.0 - promise
    assert raw["is_decoupling_point"] == (raw["safety_stock_qty"] > 0) == (promise == 0)


def test_targets_of_the_stages_hold_that_stock_and_nobody_else_is_touched() -> None:
    world_ = chain((0.09, 0.1))
    target, placed = world_.target(), world_.decouple()
    held = dict(zip(placed["item_id"], placed["safety_stock_qty"], strict=True))
    for line in target.iter_rows(named=True):
        if line["item_id"] in held:
            assert line["safety_stock_qty"] == pytest.approx(held[line["item_id"]])
    assert set(held) == {"raw", "part"}
    assert target.filter(item_id="product")["safety_stock_qty"].item() > 0


def test_without_production_there_is_nothing_to_place() -> None:
    assert shop(3).decouple().height == 0


def test_long_lead_times_are_told_in_coarser_steps() -> None:
    got = Decoupling.validate(chain(lead=(900.0, 7.0)).decouple())
    raw, part = got.filter(item_id="raw").row(0, named=True), got.filter(item_id="part").row(0, named=True)
    assert raw["service_time_days"] + raw["net_replenishment_days"] >= 900.0
    assert part["supply_time_days"] == raw["service_time_days"]


def test_stages_without_a_cost_and_without_demand_are_answered() -> None:
    idle = chain((0.0, 0.0))
    got = idle.with_(forecast=idle.forecast.with_columns(forecast_qty=0.0, variance_qty2=0.0)).decouple()
    assert got["safety_stock_qty"].to_list() == [0.0, 0.0]
