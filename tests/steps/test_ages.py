"""Which stock is followed by age, and what that does to orders and projections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from replenish.numerics import loss
from replenish.tables import core
from tests.golden_cases import case
from tests.steps.supply_world import TONIGHT, Company, centre_and_stores, lead_times, shop

_DAILY: dict[str, Any] = {"mean": 6.0, "phi": 1.2, "kappa": 0.0}


def _shop(life: float | None, *, lots: Sequence[tuple[int, float]] = (), kind: str = "store") -> Company:
    rows = [("i00", "store", f"l{days}", qty, TONIGHT + timedelta(days)) for days, qty in lots]
    lot = core.Lot.cast(pl.DataFrame(rows, schema=core.Lot.column_names(), orient="row"))
    stock = sum(qty for _, qty in lots)
    return shop(1, **_DAILY, on_hand=stock, node={"shelf_life_days": life, "location_kind": kind}).with_(lot=lot)


def test_orders_fall_with_a_shorter_life() -> None:
    qty = [_shop(life).wish()["qty"][0] for life in (None, 28.0, 14.0, 7.0)]
    assert qty == sorted(qty, reverse=True)
    assert 0.0 < qty[-1] < qty[0]


def test_stock_about_to_expire_is_replaced() -> None:
    fresh, old = _shop(21.0, lots=[(21, 30.0)]), _shop(21.0, lots=[(7, 30.0)])
    assert old.wish()["qty"][0] > fresh.wish()["qty"][0]
    _, projection, _ = old.project()
    assert projection["expired_qty"][0] == pytest.approx(24.0, abs=0.1)  # 30 there, 6 sold in the week


@pytest.mark.parametrize("kind", ["store", "warehouse"])
def test_the_projection_adds_up_with_ages(kind: str) -> None:
    _, rows, _ = _shop(14.0, lots=[(7, 9.0), (14, 4.0)], kind=kind).project()
    change = pl.sum_horizontal("opening_qty", "record_adjustment_qty", "receipt_qty", "proposed_qty", "planned_qty")
    closing = change - pl.col("demand_qty") + pl.col("lost_qty") - pl.col("expired_qty")
    assert rows.select(((closing - pl.col("closing_qty")).abs() < 1e-6).all()).item()
    assert rows["expired_qty"].sum() > 0


def test_waste_of_an_order_is_told_where_stock_expires() -> None:
    lasting, short = (_shop(life).wish()["expected_waste_qty"][0] for life in (None, 7.0))
    assert lasting == 0.0
    assert short > 0.0


def test_customers_who_reach_for_the_newest_let_more_expire() -> None:
    """The share is a setting of shops; elsewhere the oldest is sold first whatever it says."""
    shares = (0.0, 0.4, 1.0)
    lots = [(7, 9.0), (14, 4.0)]
    store = [_shop(14.0, lots=lots).wish(lifo_share=share)["expected_waste_qty"][0] for share in shares]
    assert store[0] < store[1] < store[2]
    depot = [_shop(14.0, lots=lots, kind="warehouse").wish(lifo_share=share) for share in shares]
    assert depot[0].equals(depot[1])
    assert depot[0].equals(depot[2])


def _simple(life: float | None, **company: Any) -> float:
    known = _shop(life, **company)
    return known.with_(node=known.node.with_columns(method=pl.lit("simple"))).wish()["qty"][0]


def test_simple_mode_orders_what_will_expire_on_top() -> None:
    """Of 30 that expire after the first week 6 sell: what is thrown away is bought again."""
    assert _simple(14.0, lots=[(7, 30.0)]) > _simple(14.0, lots=[(300, 30.0)])
    assert _simple(14.0, lots=[(14, 3.0)]) == _simple(None, lots=[(14, 3.0)])  # all of it sells in time


def test_bread_in_simple_mode_is_the_newsvendor_of_its_life() -> None:
    """A week's life and a weekly review: nothing is kept for the second window, and nothing old counts."""
    bread = _shop(7.0)
    node = bread.node.with_columns(method=pl.lit("simple"))
    qty = []
    for price, cost in ((3.0, 1.2), (30.0, 1.2), (1.3, 1.2), (1.0, 1.2)):
        money = {"unit_cost": cost, "unit_price": price, "shortage_cost": price - cost, "salvage_value": 0.2}
        lits = [pl.lit(value).alias(name) for name, value in money.items()]
        qty.append(bread.with_(node=node.with_columns(lits)).wish()["qty"][0])
    assert qty[1] > qty[0] >= 6.0 > qty[2] > qty[3] == 0.0
    ratio = (3.0 - 1.2) / (3.0 - 0.2)
    assert qty[0] == loss.quantile(ratio, 6.0, 1.2 * 6.0, loss.NEGATIVE_BINOMIAL)


def test_an_item_too_old_when_it_arrives_is_never_sellable() -> None:
    """Worked answers: shelf life is used up on the way, nothing is ordered, and the reason is told."""
    one = case("perishable", "never_sellable")
    days = 7.0 * one["inputs"]["lead_time_buckets"]
    known = _shop(7.0 * one["inputs"]["shelf_life_buckets"])
    arc = known.arc.with_columns(kind=pl.lit("move"), lead_time_days=pl.lit(days), source_id=pl.lit("elsewhere"))
    known = known.with_(arc=arc, lead_time=lead_times(arc))
    for method in ("curve", "simple"):
        row = known.with_(node=known.node.with_columns(method=pl.lit(method))).wish().row(0, named=True)
        assert (row["qty"], row["reason_code"]) == (one["expected"]["order_qty"], one["expected"]["reason"])


@pytest.mark.parametrize("method", ["curve", "simple", "order_up_to"])
def test_stock_of_long_life_that_passes_its_date_unsold_is_not_counted_on(method: str) -> None:
    """Of 30 that expire after the first week 6 sell; what expires after the protection time is for another night."""
    qty = []
    for days in (7, 21, 300):
        known = _shop(365.0, lots=[(days, 30.0)])
        qty.append(known.with_(node=known.node.with_columns(method=pl.lit(method))).wish()["qty"][0])
    assert qty[0] > qty[1] == qty[2]


def test_what_a_warehouse_holds_is_asked_for_by_its_shops() -> None:
    """Nothing of its own sells there, and yet what expires next week is not written off: the shops take it."""
    known = centre_and_stores(2, centre_stock=40.0, mean=10.0)
    known = known.with_(node=known.node.with_columns(shelf_life_days=pl.lit(365.0)))
    wishes = []
    for days in (14, 300):
        lot = [("item", "centre", "l", 40.0, TONIGHT + timedelta(days))]
        schema = core.Lot.column_names()
        wishes.append(known.with_(lot=core.Lot.cast(pl.DataFrame(lot, schema=schema, orient="row"))).wish())
    assert wishes[0].equals(wishes[1])
