"""Scarce stock goes where the next unit is worth most; dates and packs of the resulting orders."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from replenish.tables.plan import Order
from tests.steps.supply_world import AS_OF, TONIGHT, Company, centre_and_stores, plant, sales_orders, shop, supply


def _orders(company: Company) -> pl.DataFrame:
    return company.allocate(*company.order())


def _stores(orders: pl.DataFrame) -> pl.DataFrame:
    return orders.filter(pl.col("kind") == "move")


def test_enough_for_all_changes_nothing() -> None:
    rich = centre_and_stores(3, centre_stock=500.0)
    orders = _orders(rich)
    assert Order.validate(orders).equals(orders)
    assert orders["qty"].to_list() == orders["wish_qty"].to_list()
    assert orders["shadow_price"].to_list() == [0.0] * 4
    assert set(orders["reason_code"]) == {"value"}


def test_a_short_source_gives_all_it_has_to_the_neediest() -> None:
    poor = centre_and_stores(3, centre_stock=20.0, store_stock=[0.0, 12.0, 25.0], mean=10.0)
    stores = _stores(_orders(poor))
    assert stores["qty"].sum() == 20.0
    assert stores["qty"][0] > stores["qty"][1] >= stores["qty"][2]
    assert set(stores.filter(pl.col("qty") < pl.col("wish_qty"))["reason_code"]) == {"shared_shortage"}
    assert stores["shadow_price"].max() > 0
    # worth less than the wish, by the node's own curve
    wished = poor.wish().filter(pl.col("location_id") == "store0")["value"][0]
    assert 0 < stores["value"][0] <= wished


def test_receipts_of_the_first_bucket_count_later_ones_do_not() -> None:
    empty = centre_and_stores(2)
    assert _stores(_orders(empty))["qty"].to_list() == [0.0, 0.0]
    soon = empty.with_(open_supply=supply([("po", "item", "centre", 9.0, TONIGHT + timedelta(6))]))
    assert _stores(_orders(soon))["qty"].sum() == 9.0
    later = empty.with_(open_supply=supply([("po", "item", "centre", 9.0, TONIGHT + timedelta(7))]))
    assert _stores(_orders(later))["qty"].sum() == 0.0


def test_a_source_on_a_cycle_is_not_planned_and_yet_gives_no_more_than_it_has() -> None:
    company = centre_and_stores(2, centre_stock=5.0)
    broken = company.with_(node=company.node.with_columns(is_cyclic=pl.col("location_id") == "centre"))
    orders = _orders(broken)
    assert orders["location_id"].to_list() == ["store0", "store1"]
    assert orders["wish_qty"].sum() > 20.0
    assert orders["qty"].sum() == 5.0


def test_customers_of_the_source_come_before_its_stores() -> None:
    """The centre's lead time is two weeks: what its customers want until then is not given away."""
    company = centre_and_stores(2, centre_stock=20.0)
    owed = {
        "overdue": (3.0, AS_OF - timedelta(4)),
        "soon": (4.0, TONIGHT + timedelta(9)),
        "later": (5.0, TONIGHT + timedelta(14)),
    }
    owing = company.with_(open_demand=sales_orders([(name, "item", "centre", *line) for name, line in owed.items()]))
    assert _stores(_orders(owing))["qty"].sum() == 13.0
    # a receipt in between serves the customers
    served = owing.with_(open_supply=supply([("po", "item", "centre", 5.0, TONIGHT + timedelta(8))]))
    assert _stores(_orders(served))["qty"].sum() == 18.0
    short = company.with_(open_demand=sales_orders([("so", "item", "centre", 50.0, TONIGHT)]))
    assert _stores(_orders(short))["qty"].sum() == 0.0


def test_shares_are_whole_packs() -> None:
    company = centre_and_stores(3, centre_stock=20.0)
    company = company.with_(arc=company.arc.with_columns(multiple_qty=pl.lit(6.0)))
    stores = _stores(_orders(company))
    assert (stores["qty"] % 6 == 0).all()
    assert stores["qty"].sum() == 18.0
    assert stores["pack_count"].sum() == 3.0


def test_a_share_below_the_minimum_is_not_sent() -> None:
    company = centre_and_stores(2, centre_stock=10.0)
    company = company.with_(arc=company.arc.with_columns(min_qty=pl.lit(8.0)))
    stores = _stores(_orders(company))
    assert set(stores["qty"]) <= {0.0, 8.0, 9.0, 10.0}


def test_production_waits_for_its_components() -> None:
    orders = _orders(plant(stock=(30.0, 0.0), qty_per=3.0))
    product = orders.filter(pl.col("item_id") == "product").row(0, named=True)
    assert (product["qty"], product["reason_code"]) == (10.0, "shared_shortage")
    assert product["wish_qty"] > 10.0
    part = orders.filter(pl.col("item_id") == "part").row(0, named=True)
    assert part["qty"] == part["wish_qty"] > 0


def test_dates_of_an_order() -> None:
    order = _orders(shop(1, mean=7.0, on_hand=3.0, arc={"lead_time_days": 5.0})).row(0, named=True)
    assert order["order_date"] == AS_OF + timedelta(days=1)
    assert order["receipt_date"] == order["order_date"] + timedelta(days=5)
    # three units last three days; it should have been ordered earlier
    assert order["need_date"] == order["order_date"] + timedelta(days=3)
    assert order["is_release_past_due"]
    late = _orders(shop(1, mean=7.0, on_hand=21.0, arc={"lead_time_days": 5.0})).row(0, named=True)
    assert late["need_date"] > late["receipt_date"]
    assert not late["is_release_past_due"]
    idle = _orders(shop(1, mean=0.0)).row(0, named=True)
    assert idle["need_date"] == idle["receipt_date"]


def test_orders_wait_for_the_day_on_which_they_are_accepted() -> None:
    wait = shop(1, days=1, on_hand=30.0, arc={"lead_time_days": 2.0, "wait_days": 3.0, "review_days": 4.0})
    order, wish = _orders(wait).row(0, named=True), wait.wish().row(0, named=True)
    assert order["order_date"] == TONIGHT + timedelta(days=3)
    assert order["receipt_date"] == TONIGHT + timedelta(days=5)
    assert wish["lead_time_buckets"] == 5
    # what is short until then cannot be helped, and the quantity is that of a lead time of five days
    longer = shop(1, days=1, on_hand=30.0, arc={"lead_time_days": 5.0, "review_days": 4.0})
    assert wish["qty"] == longer.wish()["qty"][0]
    # targets are policy: they do not change with the day of the week
    now = shop(1, days=1, on_hand=30.0, arc={"lead_time_days": 2.0, "review_days": 4.0})
    assert wait.target().equals(now.target())


def test_a_learned_lead_time_starts_with_the_order_day() -> None:
    law = [0.0, 0.5, 0.5]
    wait = shop(1, days=1, lead_time_pmf=law, arc={"wait_days": 2.0})
    assert wait.wish()["qty"][0] == shop(1, days=1, lead_time_pmf=[0.0, 0.0, *law]).wish()["qty"][0]


def test_unit_cost_is_that_of_the_arc() -> None:
    order = _orders(shop(1, arc={"unit_cost": 4.5})).row(0, named=True)
    assert order["unit_cost"] == 4.5
    assert order["pack_count"] == pytest.approx(order["qty"])


def test_the_users_policy_may_be_equal_days_of_supply() -> None:
    """20 units for stores with 0, 12 and 25 that sell 10 a week: the first two reach 16, the third has more."""
    poor = centre_and_stores(3, centre_stock=20.0, store_stock=[0.0, 12.0, 25.0], mean=10.0)
    stores = _stores(poor.allocate(*poor.order(), shortage="fair_share"))
    assert stores["qty"].to_list() == [16.0, 4.0, 0.0]
    assert set(stores.filter(pl.col("qty") < pl.col("wish_qty"))["reason_code"]) == {"shared_shortage"}
    packed = poor.with_(arc=poor.arc.with_columns(multiple_qty=pl.lit(6.0)))
    shares = _stores(packed.allocate(*packed.order(), shortage="fair_share"))["qty"]
    assert shares.to_list() == [18.0, 0.0, 0.0]
    rich = centre_and_stores(3, centre_stock=500.0)
    assert rich.allocate(*rich.order(), shortage="fair_share").equals(rich.allocate(*rich.order()))


def test_days_of_supply_decide_at_a_source_whose_dependants_have_no_curve() -> None:
    poor = centre_and_stores(2, centre_stock=20.0, store_stock=[0.0, 4.0], mean=10.0)
    curve, wish, requirement = poor.order()
    without = curve.filter(pl.col("location_id") != "store1")
    assert _stores(poor.allocate(without, wish, requirement))["qty"].to_list() == [12.0, 8.0]


def test_presentation_stock_comes_before_days_of_supply() -> None:
    poor = centre_and_stores(2, centre_stock=20.0, mean=10.0)
    floors = pl.when(pl.col("location_id") == "store1").then(15.0).otherwise(pl.col("min_stock_qty"))
    poor = poor.with_(node=poor.node.with_columns(min_stock_qty=floors))
    stores = _stores(poor.allocate(*poor.order(), shortage="fair_share"))
    assert stores["qty"].to_list() == [5.0, 15.0]
