"""Lateral moves: from where stock idles to where it is short before the next order arrives."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from replenish.tables import core
from replenish.tables.plan import Rebalance
from tests.steps import demand_world as world
from tests.steps.supply_world import AS_OF, TONIGHT, Company, centre_and_stores, company, sales_orders


def two_stores(
    stock: tuple[float, float] = (200.0, 2.0), *, lane: dict[str, Any] | None = None, **node: Any
) -> Company:
    """Both buy, two weeks away; a lane in both directions of one day that is not their usual source."""
    nodes = world.nodes(["item"], ["a", "b"], **({"shortage_cost": 2.0, "holding_cost_per_day": 0.001} | node))
    usual = world.arcs(nodes, lead_time_days=14.0)
    facts = {"lead_time_days": 1.0, "order_cost": 0.0} | (lane or {})
    lanes = world.arcs(nodes, kind="move", source_id=["b", "a"], arc_rank=0, **facts)
    arcs = core.Arc.cast(pl.concat([usual, lanes]).sort("item_id", "location_id", "kind", "source_id"))
    return company(nodes, arcs, mean=10.0, on_hand=list(stock))


def test_idle_stock_goes_to_the_store_that_would_run_out() -> None:
    got = Rebalance.validate(two_stores().rebalance())
    assert got.select("location_id", "source_id").rows() == [("b", "a")]
    line = got.row(0, named=True)
    assert 10.0 <= line["qty"] <= 20.0  # two weeks of 10 with 2 on hand, 20 units weighed
    assert line["value"] == pytest.approx(2.0 * 18.0, rel=0.1)  # nearly all of the 18 that are short, at 2 each
    assert (line["receipt_date"] - TONIGHT).days == 1
    assert (line["source_on_hand_qty"], line["on_hand_qty"]) == (200.0, 2.0)


@pytest.mark.parametrize(
    "changed",
    [
        {"stock": (20.0, 20.0)},  # both as well off
        {"lane": {"unit_cost": 100.0}},  # freight beyond any gain
        {"lane": {"order_cost": 1000.0}},  # the move itself costs too much
        {"lane": {"lead_time_days": 30.0}},  # slower than the usual source
        {"lane": {"min_qty": 100.0}},  # less than the least of a line
        {"lane": {"multiple_qty": 500.0}},  # less than a pack
        {"min_stock_qty": 500.0},  # the floor stays
        {"shortage_cost": 0.0},  # nothing to gain
    ],
)
def test_nothing_moves_where_it_does_not_pay(changed: dict[str, Any]) -> None:
    assert two_stores(**changed).rebalance().is_empty()


def test_the_usual_source_is_no_matter_of_lateral_moves() -> None:
    assert centre_and_stores(2, centre_stock=500.0).rebalance().is_empty()


def test_customers_orders_and_doubtful_records_keep_the_stock_where_it_is() -> None:
    owed = sales_orders([("o1", "item", "a", 195.0, AS_OF)])
    assert two_stores().with_(open_demand=owed).rebalance()["qty"].sum() <= 5.0
    ghost = two_stores()
    doubtful = ghost.record.with_columns(is_ghost=pl.lit(value=True))
    assert ghost.with_(record=doubtful).rebalance().is_empty()
    negative = ghost.record.with_columns(on_hand_qty=pl.lit(-5.0))
    assert ghost.with_(record=negative).rebalance().is_empty()


def test_packs_of_the_lane_are_kept() -> None:
    assert two_stores(lane={"multiple_qty": 6.0}).rebalance()["qty"].item() in (12.0, 18.0)
