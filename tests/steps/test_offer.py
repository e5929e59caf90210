"""What can still be promised, from a planned company: orders take, forecasts do not, and nothing is promised twice."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from replenish.steps.offer import offer
from replenish.tables.plan import Atp
from tests.steps.supply_world import KEY, TONIGHT, Company, plant, sales_orders, shop, supply


def offered(some: Company) -> pl.DataFrame:
    _, wish, requirement = some.order()
    orders, projection, _ = some.project()
    return Atp.validate(
        offer(projection, requirement, wish, orders, some.open_demand, some.node, some.arc, some.bucket)
    )


def test_customer_orders_take_and_forecasts_do_not() -> None:
    stocked = shop(on_hand=100.0)
    free = offered(stocked)
    first = free.row(0, named=True)
    assert first["supply_qty"] == first["atp_qty"] == 100.0, "a forecast takes nothing"
    due = TONIGHT + timedelta(days=7)
    asked = offered(stocked.with_(open_demand=sales_orders([("C1", "i00", "store", 30.0, due)])))
    assert asked["order_qty"].to_list()[:3] == [0.0, 30.0, 0.0]
    assert asked["cumulative_atp_qty"][0] == 70.0, "the stock must last for the order of the week after"


def test_an_overdue_order_is_served_first_and_one_beyond_the_horizon_takes_nothing() -> None:
    rows = [
        ("C1", "i00", "store", 30.0, TONIGHT - timedelta(days=9)),
        ("C2", "i00", "store", 9.0, TONIGHT.replace(year=2050)),
    ]
    told = offered(shop(on_hand=20.0).with_(open_demand=sales_orders(rows)))
    assert told["order_qty"].sum() == 30.0
    assert told["cumulative_atp_qty"][0] == 0.0


def test_open_orders_are_promised_when_they_are_expected() -> None:
    coming = supply([("PO1", "i00", "store", 50.0, TONIGHT + timedelta(days=14))])
    told = offered(shop(on_hand=10.0).with_(open_supply=coming))
    assert told["supply_qty"].to_list()[0] == 10.0
    assert told["supply_qty"].to_list()[2] >= 50.0


def test_what_is_made_and_sold_is_offered_and_a_bought_part_is_not() -> None:
    told = offered(plant(stock=(500.0, 40.0)))
    assert told.select(KEY).unique().rows() == [("product", "plant")]
    assert told["uom"].null_count() == 0
    assert (told["bucket_end"] >= told["bucket_start"]).all()


def test_tonights_orders_of_dependants_are_taken_as_ordered() -> None:
    maker = plant(stock=(500.0, 0.0))
    sold = maker.node.with_columns(has_demand=pl.lit(value=True))
    part = offered(maker.with_(node=sold)).filter(item_id="part")
    made = maker.project()[0].filter(item_id="product")["qty"].item()
    assert made > 0
    assert part["order_qty"][0] == 3.0 * made


def test_what_is_sure_is_less_than_what_can_be_promised_and_never_falls() -> None:
    told = offered(shop(3, on_hand=[0.0, 60.0, 2000.0]))
    falls = told.select(pl.col("sure_qty").diff().over("item_id").min()).item()
    assert falls >= -1e-9
    assert (told["sure_qty"] <= told["cumulative_atp_qty"] + 1e-6).all()
    assert told.filter(item_id="i02")["sure_qty"][0] > 0.0


def test_a_company_without_anything_to_offer_gets_an_empty_table() -> None:
    bare = shop()
    assert offered(bare.with_(node=bare.node.with_columns(has_demand=pl.lit(value=False)))).is_empty()
