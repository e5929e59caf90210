"""Fences of made items, and orders that wait for approval: what is planned when, and what components hear of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.steps.demand_ahead import OrderRule, demand_ahead
from replenish.steps.network import network_of
from tests.golden_cases import golden
from tests.steps.supply_world import AS_OF, TONIGHT, Company, centre_and_stores, plant, sales_orders, shop


def wanted(company: Company, orders: pl.DataFrame, rule: OrderRule) -> pl.DataFrame:
    network = network_of(company.node, company.arc, company.lead_time, company.bom_line, company.bucket)
    ahead = demand_ahead(network, company.forecast, company.parameter, orders, 2, rule=rule)
    rows = [[name, *row[:4]] for name, row in zip(network.nodes["item_id"], ahead.mean.tolist(), strict=True)]
    return pl.DataFrame(rows, schema=["item_id", "0", "1", "2", "3"], orient="row")


def demand_of(company: Company, item: str, orders: pl.DataFrame, **rule: int) -> list[float]:
    return list(wanted(company, orders, OrderRule(**rule)).filter(item_id=item).row(0)[1:])


def test_orders_and_unconsumed_forecast_not_the_larger_of_both() -> None:
    known, expected, _ = golden("traps", "forecast_consumed_not_maximised")
    due = [("C", "i00", "store", float(known["order_qty"][0]), TONIGHT)]
    one = shop(mean=float(known["forecast_qty"][0]))
    got = demand_of(one, "i00", sales_orders(due), back_days=0, forward_days=7)
    assert got[:2] == expected["demand_qty"] != expected["wrong_demand_qty"]


@pytest.mark.parametrize(
    ("back", "forward", "wished"),
    [(7, 7, [15, 25, 20, 20]), (0, 0, [20, 25, 20, 20]), (0, 14, [20, 25, 15, 20]), (0, 3, [20, 25, 15, 20])],
)
def test_settings_say_how_far_an_order_reaches(back: int, forward: int, wished: list[float]) -> None:
    """An order of 25 in week 1 takes its own 20, then 5 of the week before or after it, as far as it may reach."""
    orders = sales_orders([("C", "i00", "store", 25.0, TONIGHT + timedelta(7))])
    assert demand_of(shop(mean=20.0), "i00", orders, back_days=back, forward_days=forward) == wished


def test_inside_the_demand_fence_made_items_want_what_customers_ordered() -> None:
    some = plant(mean=20.0)
    orders = sales_orders([("C", "product", "plant", 8.0, TONIGHT + timedelta(7))])
    assert demand_of(some, "product", orders, fence_days=14) == [0.0, 8.0, 20.0, 20.0]
    assert demand_of(some, "product", orders, fence_days=0) == [20.0, 20.0, 20.0, 20.0]
    bought = shop(mean=20.0)
    assert demand_of(bought, "i00", some.open_demand, fence_days=14) == [20.0] * 4, "what is bought has no fence"


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 90), min_size=4, max_size=4), st.integers(0, 40), st.integers(0, 40), st.integers(0, 60))
def test_no_unit_is_wanted_twice(orders: list[int], back: int, forward: int, fence: int) -> None:
    """Demand is never less than the orders, nor more than orders and forecast; without a fence nor than is left."""
    some = plant(mean=20.0)
    rows = [(f"C{t}", "product", "plant", float(q), TONIGHT + timedelta(7 * t)) for t, q in enumerate(orders) if q]
    got = np.array(
        demand_of(some, "product", sales_orders(rows), back_days=back, forward_days=forward, fence_days=fence)
    )
    assert (got >= np.array(orders)).all()
    assert (got <= np.array(orders) + 20.0).all()
    inside = np.arange(4) * 7 < fence
    assert (got[inside] == np.array(orders)[inside]).all()


def fenced(company: Company, days: float) -> Company:
    fence = pl.when(pl.col("kind") == "make").then(pl.lit(float(days))).otherwise(0.0)
    return company.with_(arc=company.arc.with_columns(fence_days=fence))


@pytest.mark.parametrize("days", [0, 5, 7, 8, 30, 60])
def test_nothing_new_is_made_inside_the_planning_fence(days: int) -> None:
    some = fenced(plant(mean=10.0), days)
    orders, projection, _ = some.project()
    product = orders.filter(item_id="product").row(0, named=True)
    assert product["receipt_date"] >= TONIGHT + timedelta(days)
    assert product["receipt_date"] >= product["order_date"] + timedelta(7), "the fence shortens no lead time"
    arriving = projection.filter(item_id="product").with_columns(new=pl.col("proposed_qty") + pl.col("planned_qty"))
    inside = arriving.filter(pl.col("bucket_start") + pl.duration(days=7) <= TONIGHT + timedelta(days))
    assert inside["new"].sum() == 0.0
    told = some.wish().filter(item_id="product")["wait_reason"].item()
    assert told == ("planning_fence" if days > 7 else None)


def test_a_learned_lead_time_keeps_out_of_the_fence_as_well() -> None:
    quick = fenced(plant(mean=10.0, lead_time_pmf=[0.0, 0.0, 1.0]), 30)
    product = quick.project()[0].filter(item_id="product").row(0, named=True)
    assert product["receipt_date"] >= TONIGHT + timedelta(30)


def waiting(company: Company, days: float, **which: Any) -> Company:
    wait = pl.when(*[pl.col(name) == value for name, value in which.items()]).then(days).otherwise(pl.col("wait_days"))
    approved = pl.lit(TONIGHT + timedelta(days))
    item = pl.when(pl.col("item_id") == which.get("item_id", pl.col("item_id"))).then(approved)
    return company.with_(
        arc=company.arc.with_columns(wait_days=wait), node=company.node.with_columns(approval_date=item.cast(pl.Date))
    )


def test_components_of_a_waiting_order_are_wanted_when_it_starts() -> None:
    some = waiting(plant(mean=10.0), 21.0, item_id="product")
    _, wish, requirement = some.order()
    product = wish.filter(item_id="product").row(0, named=True)
    assert (product["wait_days"], product["wait_reason"], product["order_bucket_index"]) == (21.0, "approval", 3)
    assert product["qty"] > 0
    asked = requirement.filter(dependant_item_id="product")
    assert asked["bucket_index"].min() == 3
    assert asked.filter(pl.col("tonight_qty") > 0)["bucket_index"].to_list() == [3]
    order = some.project()[0].filter(item_id="product").row(0, named=True)
    assert order["order_date"] == TONIGHT + timedelta(21)
    assert order["receipt_date"] == TONIGHT + timedelta(28)


def test_a_waiting_order_takes_nothing_of_tonights_stock() -> None:
    some = centre_and_stores(2, centre_stock=10.0)
    late = some.arc.with_columns(wait_days=pl.when(location_id="store1").then(28.0).otherwise(pl.col("wait_days")))
    orders = some.with_(arc=late).project()[0]
    store0, store1 = (orders.filter(location_id=name)["qty"].item() for name in ("store0", "store1"))
    assert store0 == 10.0, "the store that may order tonight gets all there is"
    assert store1 > 0.0


def test_approval_beyond_the_horizon_plans_nothing_and_breaks_nothing() -> None:
    never = shop(2, node={"approval_date": AS_OF.replace(year=9999)})
    assert never.wish()["reason_code"].unique().to_list() == ["not_approved"]
    assert never.project()[0]["qty"].sum() == 0.0
