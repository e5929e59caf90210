"""Projections obey the stock identity row by row, pegs add up, and both tell the same story as the orders."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.tables import core
from replenish.tables.plan import Peg, Projection
from tests.steps.supply_world import (
    AS_OF,
    KEY,
    TONIGHT,
    Company,
    centre_and_stores,
    plant,
    sales_orders,
    shop,
    supply,
)

_BALANCE = (
    pl.col("opening_qty")
    + pl.col("record_adjustment_qty")
    + pl.col("receipt_qty")
    + pl.col("proposed_qty")
    + pl.col("planned_qty")
    - pl.col("demand_qty")
    + pl.col("lost_qty")
    - pl.col("expired_qty")
    - pl.col("closing_qty")
)


def _check(company: Company) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Project, and prove what sql/checks would: identity, continuity, opening, and sums of pegs."""
    orders, projection, pegs = company.project()
    assert Projection.validate(projection).height == projection.height
    assert Peg.validate(pegs).height == pegs.height
    assert projection.select(_BALANCE.abs().max()).item() < 1e-7
    before = pl.col("closing_qty").shift(1).over(KEY)
    inside = projection.filter(pl.col("bucket_index") > 0)
    gaps = projection.with_columns(gap=(pl.col("opening_qty") - before).abs()).filter(pl.col("bucket_index") > 0)
    assert inside.is_empty() or gaps["gap"].max() < 1e-9
    first = projection.filter(pl.col("bucket_index") == 0).join(company.record, on=KEY)
    assert (first["opening_qty"] == first["recorded_on_hand_qty"]).all()
    parts = pl.col("forecast_qty") + pl.col("requirement_qty") + pl.col("order_qty") - pl.col("demand_qty")
    assert projection.select(parts.abs().max()).item() < 1e-9
    open_buckets = company.bucket.filter(pl.col("bucket_index") >= 0).height
    assert projection.height == company.node.filter(~pl.col("is_cyclic")).height * open_buckets
    assert (pegs["is_late"] == (pegs["supply_date"] > pegs["demand_date"])).all()
    shops = company.node.filter(pl.col("shortage_rule") == "lost_sales")
    low = projection.join(shops, on=KEY, how="semi").select(pl.col("^closing_q.*$").min())
    assert all(value is None or value >= 0 for value in low.row(0)), "demand that is lost leaves no backlog"
    _check_pegs(orders, projection, pegs)
    return orders, projection, pegs


def _check_pegs(orders: pl.DataFrame, projection: pl.DataFrame, pegs: pl.DataFrame) -> None:
    """No supply serves more than it holds, no demand is served more than it wants."""
    totals = projection.group_by(KEY).agg(
        pl.col("planned_qty", "forecast_qty", "requirement_qty").sum(),
        stock=(pl.col("opening_qty") + pl.col("record_adjustment_qty")).first().clip(0.0),
    )
    totals = totals.join(orders.select(*KEY, "qty"), on=KEY, how="left")
    for side, kind, column in (
        ("supply_kind", "stock", "stock"),
        ("supply_kind", "planned", "planned_qty"),
        ("supply_kind", "proposal", "qty"),
        ("demand_kind", "forecast", "forecast_qty"),
        ("demand_kind", "requirement", "requirement_qty"),
    ):
        used = pegs.filter(pl.col(side) == kind).group_by(KEY).agg(used=pl.col("qty").sum())
        joined = used.join(totals, on=KEY)
        assert (joined["used"] <= joined[column] + 1e-6).all(), (side, kind)


def test_a_shop() -> None:
    orders, projection, _ = _check(shop(3, mean=[2.0, 10.0, 0.0], on_hand=[30.0, 0.0, 5.0]))
    proposed = projection.group_by(KEY).agg(pl.col("proposed_qty").sum()).sort(KEY)
    assert proposed["proposed_qty"].to_list() == pytest.approx(orders["qty"].to_list())
    forecast = projection.filter(pl.col("item_id") == "i01")["forecast_qty"]
    assert forecast.to_list() == pytest.approx([10.0] * 12)


def test_stock_stays_near_its_cover() -> None:
    _, projection, _ = _check(shop(1, mean=10.0, on_hand=20.0))
    tail = projection.filter(pl.col("bucket_index") >= 4)
    assert tail["closing_qty"].min() > 0
    assert tail["closing_qty"].max() < 30.0
    assert tail["lost_qty"].max() < 0.5
    assert projection["closing_without_qty"][-1] == pytest.approx(0.0, abs=1e-9)
    assert projection["lost_without_qty"].sum() == pytest.approx(100.0, abs=1.0)
    assert (projection["closing_q10_qty"] <= projection["closing_q90_qty"] + 1e-9).all()


def test_a_network_with_open_orders_on_both_sides() -> None:
    some = centre_and_stores(3, centre_stock=30.0, store_stock=[0.0, 10.0, 30.0])
    some = some.with_(
        open_supply=supply(
            [
                ("po1", "item", "centre", 40.0, TONIGHT + timedelta(9)),
                ("po0", "item", "centre", 25.0, AS_OF - timedelta(3)),
                ("po9", "item", "centre", 25.0, TONIGHT + timedelta(500)),
            ]
        ),
        open_demand=sales_orders(
            [
                ("so1", "item", "store0", 14.0, TONIGHT + timedelta(9)),
                ("so0", "item", "store1", 3.0, AS_OF - timedelta(1)),
            ]
        ),
    )
    orders, projection, pegs = _check(some)
    centre = projection.filter(pl.col("location_id") == "centre")
    moved = orders.filter(pl.col("kind") == "move")["qty"].sum()
    assert centre["requirement_qty"][0] == pytest.approx(moved)
    assert centre["receipt_qty"].sum() == pytest.approx(65.0)
    store = projection.filter(pl.col("location_id") == "store0")
    assert store["demand_qty"].sum() == pytest.approx(120.0)  # the forecast around it covers the order
    late = projection.filter(pl.col("location_id") == "store1")
    assert late["order_qty"][0] == pytest.approx(3.0)
    sold = (
        pegs.filter(pl.col("demand_kind") == "sales_order")
        .group_by("demand_id")
        .agg(pl.col("qty").sum())
        .sort("demand_id")
    )
    assert sold["demand_id"].to_list() == ["so0/1", "so1/1"]
    assert (sold["qty"] <= pl.Series([3.0, 14.0]) + 1e-9).all()
    assert set(pegs.filter(pl.col("supply_kind") == "open_order")["supply_id"]) <= {"po0/1", "po1/1", "po9/1"}


def test_cut_orders_are_projected_as_cut() -> None:
    orders, projection, _ = _check(centre_and_stores(3, centre_stock=15.0))
    centre = projection.filter(pl.col("location_id") == "centre").row(0, named=True)
    assert centre["requirement_qty"] == pytest.approx(15.0)
    assert centre["closing_qty"] == pytest.approx(0.0, abs=1e-9)
    assert orders.filter(pl.col("kind") == "move")["qty"].sum() == 15.0


def test_netted_components_are_planned_to_their_requirement() -> None:
    _, projection, pegs = _check(plant(stock=(120.0, 30.0), qty_per=3.0))
    part = projection.filter(pl.col("item_id") == "part")
    assert part["planned_qty"].sum() > 0
    assert part["closing_qty"].min() > -1e-6
    assert part["closing_q10_qty"].to_list() == pytest.approx(part["closing_q90_qty"].to_list())
    served = pegs.filter((pl.col("item_id") == "part") & (pl.col("demand_kind") == "requirement"))
    assert set(served["demand_id"]) == {"product@plant"}
    # nothing planned arrives before the next order could
    assert part.filter(pl.col("bucket_index") < 3)["planned_qty"].sum() == 0.0


def test_a_lumpy_source_stays_supplied_for_the_whole_horizon() -> None:
    # stores order every third day, the centre every day: most days nobody wants anything from it
    some = centre_and_stores(2, centre_stock=60.0, store_stock=20.0, mean=3.0, days=1)
    review = pl.when(pl.col("location_id") == "centre").then(1.0).otherwise(3.0)
    lead = pl.when(pl.col("location_id") == "centre").then(4.0).otherwise(2.0)
    some = some.with_(arc=some.arc.with_columns(review_days=review, lead_time_days=lead))
    some = some.with_(lead_time=some.lead_time.with_columns(lead_time_days=lead.sort_by("location_id")))
    _, projection, _ = _check(some)
    centre = projection.filter((pl.col("location_id") == "centre") & (pl.col("bucket_index") >= 20))
    days = centre.height
    assert centre["planned_qty"].sum() == pytest.approx(6.0 * days, rel=0.15)
    assert centre["requirement_qty"].sum() == pytest.approx(6.0 * days, rel=0.15)
    assert centre["closing_qty"].min() > -40
    assert centre["closing_qty"].max() < 80


def test_corrected_records_show_their_correction() -> None:
    some = shop(1, on_hand=20.0)
    record = some.record.with_columns(on_hand_qty=pl.lit(12.0), record_adjustment_qty=pl.lit(-8.0))
    _, projection, pegs = _check(some.with_(record=record))
    assert projection["record_adjustment_qty"].to_list() == [-8.0] + [0.0] * 11
    assert pegs.filter(pl.col("supply_kind") == "stock")["qty"].sum() == pytest.approx(12.0)


def test_dated_stock_expires() -> None:
    some = shop(1, mean=2.0, on_hand=30.0, phi=0.0, kappa=0.0)
    lot = pl.DataFrame(
        [("i00", "store", "a", 30.0, TONIGHT + timedelta(14))], schema=core.Lot.column_names(), orient="row"
    )
    _, projection, _ = _check(some.with_(lot=core.Lot.cast(lot)))
    # two weeks of two units sell, the rest cannot be sold from the third week on
    assert projection["expired_qty"].to_list()[:3] == pytest.approx([0.0, 26.0, 0.0])


def test_the_end_of_sale_ends_demand() -> None:
    _, projection, _ = _check(shop(1, mean=10.0, node={"listed_to": TONIGHT + timedelta(20)}))
    assert projection["demand_qty"].to_list()[3:] == [0.0] * 9
    assert projection["planned_qty"].to_list()[4:] == [0.0] * 8


def test_unknown_demand_is_projected_as_none() -> None:
    some = shop(1, on_hand=5.0)
    parameter = some.parameter.with_columns(reason=pl.lit("no analogue"), method=pl.lit("none"))
    _, projection, _ = _check(some.with_(parameter=parameter, forecast=some.forecast.head(0)))
    assert projection["closing_qty"].to_list() == [5.0] * 12


@settings(max_examples=15)
@given(
    st.integers(0, 60),
    st.integers(0, 40),
    st.floats(0.0, 15.0),
    st.lists(st.tuples(st.integers(-10, 90), st.integers(1, 40)), max_size=4),
    st.lists(st.tuples(st.integers(-10, 90), st.integers(1, 40)), max_size=4),
)
def test_any_company_obeys_the_laws(
    centre: int, store: int, mean: float, coming: list[tuple[int, int]], wanted: list[tuple[int, int]]
) -> None:
    some = centre_and_stores(2, centre_stock=float(centre), store_stock=float(store), mean=mean)
    places = ["centre", "store0", "store1"]
    lines = [
        (f"po{k}", "item", places[k % 3], float(qty), AS_OF + timedelta(days)) for k, (days, qty) in enumerate(coming)
    ]
    orders = [
        (f"so{k}", "item", places[k % 3], float(qty), AS_OF + timedelta(days)) for k, (days, qty) in enumerate(wanted)
    ]
    if lines:
        some = some.with_(open_supply=supply(lines))
    if orders:
        some = some.with_(open_demand=sales_orders(orders))
    _check(some)


def test_the_same_night_twice_is_the_same() -> None:
    some = centre_and_stores(3, centre_stock=30.0)
    first, second = some.project(), some.project()
    assert all(a.equals(b) for a, b in zip(first, second, strict=True))
    assert np.isfinite(first[1]["closing_qty"].to_numpy()).all()
