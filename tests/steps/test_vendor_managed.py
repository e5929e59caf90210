"""Vendor-managed locations: stock stays between the levels agreed, and the supplier is told so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from replenish.steps.vendor_managed import vendor_managed
from replenish.tables.plan import Vmi
from tests.steps.supply_world import Company, centre_and_stores, shop

AGREED = {"location_kind": "vmi", "min_stock_qty": 15.0, "max_stock_qty": 60.0}


def told(place: Company) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The supplier's table and the projection."""
    orders, projection, _ = place.project()
    return Vmi.validate(vendor_managed(orders, projection, place.record, place.node, place.bucket)), projection


@pytest.mark.parametrize("stock", [0.0, 20.0, 60.0])
def test_orders_keep_the_projection_between_the_levels_agreed(stock: float) -> None:
    got, projection = told(shop(1, on_hand=stock, node=AGREED))
    line = got.row(0, named=True)
    assert (line["min_qty"], line["max_qty"], line["on_hand_qty"]) == (15.0, 60.0, stock)
    after = projection.filter(pl.col("bucket_start") > line["receipt_date"] + timedelta(days=7))
    assert after.height > 5
    assert after["closing_qty"].is_between(15.0 - 1e-9, 60.0).all()
    assert (projection["closing_qty"] + projection["demand_qty"] - projection["lost_qty"]).max() <= 60.0 + 1e-9


def test_the_shipment_is_the_order_and_its_stock_the_projection() -> None:
    place = shop(2, on_hand=5.0, node=AGREED)
    orders, projection, _ = place.project()
    got = vendor_managed(orders, projection, place.record, place.node, place.bucket)
    assert got["shipment_qty"].to_list() == orders.sort("item_id")["qty"].to_list()
    for line in got.iter_rows(named=True):
        day = pl.lit(line["receipt_date"])
        own = projection.filter((pl.col("item_id") == line["item_id"]) & (pl.col("bucket_start") <= day))
        assert line["projected_qty"] == own.sort("bucket_start")["closing_qty"][-1]


def test_other_locations_are_not_told_of() -> None:
    assert told(shop(3))[0].is_empty()


@pytest.mark.parametrize("step", ["target", "rebalance", "wish"])
def test_a_third_partys_warehouse_is_planned_like_a_warehouse(step: str) -> None:
    own = centre_and_stores(2, centre_stock=20.0)
    kind: Any = pl.when(pl.col("location_kind") == "warehouse").then(pl.lit("3pl")).otherwise("location_kind")
    third = own.with_(node=own.node.with_columns(location_kind=kind))
    assert third.node["location_kind"].to_list().count("3pl") == 1
    assert getattr(own, step)().equals(getattr(third, step)())
