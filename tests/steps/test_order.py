"""Wishes: what the engine decides from tables, level by level, and that nothing but a node's own facts moves it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from replenish.tables.plan import Curve, Requirement, Wish
from tests.steps import demand_world as world
from tests.steps.supply_world import (
    AS_OF,
    KEY,
    TONIGHT,
    Company,
    centre_and_stores,
    company,
    plant,
    sales_orders,
    shop,
    supply,
)


def _one(frame: pl.DataFrame, item: str = "i00") -> dict[str, Any]:
    return frame.filter(pl.col("item_id") == item).row(0, named=True)


def test_tables_are_valid_and_cover_every_node() -> None:
    some = shop(5, mean=[0.0, 1.0, 5.0, 20.0, 700.0], on_hand=[0.0, 9.0, 0.0, 5.0, 100.0])
    curve, wish, requirement = some.order()
    assert wish.height == 5
    assert Wish.validate(wish).equals(wish)
    assert Curve.validate(curve).height == curve.height
    assert Requirement.validate(requirement).is_empty()
    assert all(wish.select(pl.col(pl.Float64).is_finite().all()).row(0))


def test_empty_shelf_orders_about_two_windows_at_most() -> None:
    got = _one(shop(1, mean=10.0).wish())
    assert 10.0 <= got["qty"] <= 25.0
    assert (got["window_1_qty"], got["window_2_qty"]) == (10.0, 10.0)
    assert (got["lead_time_buckets"], got["review_buckets"], got["reason_code"]) == (1, 1, "value")
    assert got["stockout_probability_with"] < got["stockout_probability_without"]
    assert got["expected_lost_sales_value_without"] == pytest.approx(got["expected_lost_without_qty"])  # p = 1


def test_curve_reaches_the_wish_and_falls() -> None:
    curve, wish, _ = shop(1, mean=30.0).order()
    assert (curve["pack_value"].diff().drop_nulls() <= 1e-9).all()
    steps = curve.filter(pl.col("pack_index") * pl.col("pack_qty") <= wish["qty"][0])
    assert steps["pack_value"].sum() == pytest.approx(wish["value"][0], abs=0.1)
    assert curve["pack_value"][-1] <= 0 or curve.height == 24


def test_promises_are_those_of_the_law() -> None:
    got = _one(shop(1, mean=8.0, phi=1.0, kappa=0.0).wish(path_count=4000))
    assert got["expected_lost_without_qty"] == pytest.approx(8.0, abs=0.1)
    assert got["stockout_probability_with"] == pytest.approx(stats.poisson.sf(got["qty"], 8), abs=0.01)
    assert got["need_90_qty"] == pytest.approx(stats.poisson.ppf(0.9, 16), abs=1)
    assert got["stock_at_arrival_qty"] == 0.0


def test_open_orders_and_customer_orders_count() -> None:
    plain = shop(1, mean=10.0, phi=1.0, kappa=0.0, on_hand=10.0, node={"shortage_rule": "backorder"})
    base = _one(plain.wish())["qty"]
    coming = plain.with_(open_supply=supply([("po", "i00", "store", 12.0, TONIGHT + timedelta(8))]))
    assert _one(coming.wish())["qty"] == pytest.approx(base - 12.0, abs=2)
    lost = plain.with_(open_supply=supply([("po", "i00", "store", 12.0, AS_OF - timedelta(99))], is_lost=pl.lit(True)))
    assert _one(lost.wish())["qty"] == base
    overdue = plain.with_(open_demand=sales_orders([("so", "i00", "store", 15.0, AS_OF)]))
    assert _one(overdue.wish())["qty"] == pytest.approx(base + 15.0, abs=1)


def test_doubtful_stock_is_not_relied_on() -> None:
    sure, doubtful = shop(1, on_hand=40.0), shop(1, on_hand=40.0, ghost=0.9)
    assert _one(sure.wish())["qty"] < _one(doubtful.wish())["qty"]


def test_packs_minimums_and_caps() -> None:
    assert _one(shop(1, mean=10.0, arc={"multiple_qty": 12.0}).wish())["qty"] % 12 == 0
    waiting = _one(
        shop(1, mean=3.0, on_hand=5.0, phi=1.0, kappa=0.0, arc={"min_qty": 200.0, "order_cost": 40.0}).wish()
    )
    assert (waiting["qty"], waiting["reason_code"], waiting["binding_limit"]) == (0.0, "moq_deferred", "min_qty")
    capped = _one(shop(1, mean=10.0, node={"max_stock_qty": 7.0}).wish())
    assert (capped["qty"], capped["binding_limit"]) == (7.0, "max_stock")
    short_lived = _one(shop(1, mean=10.0, node={"shelf_life_days": 7.0}).wish())
    assert 0.0 < short_lived["qty"] <= 10.0  # its waste says so, before any cap
    covered = _one(shop(1, mean=10.0).wish(max_cover_days=7.0))
    assert (covered["qty"], covered["binding_limit"]) == (10.0, "max_cover")


def test_weights_are_ordered_in_parts_of_a_unit() -> None:
    got = _one(shop(1, mean=2.5, node={"is_continuous": True}, arc={"multiple_qty": 0.0}).wish())
    assert got["qty"] > 0
    assert got["qty"] != round(got["qty"])
    assert round(got["qty"] * 100) == pytest.approx(got["qty"] * 100)


def test_no_margin_no_stock() -> None:
    got = _one(shop(1, node={"shortage_cost": -1.0}).wish())
    assert (got["qty"], got["reason_code"]) == (0.0, "no_margin")


def test_reasons_for_nothing() -> None:
    assert _one(shop(1, mean=0.0).wish())["reason_code"] == "no_demand"
    assert _one(shop(1, node={"listed_to": AS_OF - timedelta(1)}).wish())["qty"] == 0.0
    ended = _one(shop(1, node={"listed_to": TONIGHT + timedelta(2)}).wish())
    assert (ended["qty"], ended["reason_code"]) == (0.0, "ended_before_arrival")
    early = _one(shop(1, node={"approval_date": TONIGHT + timedelta(365)}).wish())
    assert (early["qty"], early["reason_code"]) == (0.0, "not_approved")


def test_unknown_demand_is_left_to_a_person_and_hurts_nobody_else() -> None:
    both = shop(2)
    alone = both.wish()
    parameter = both.parameter.with_columns(
        reason=pl.Series([None, "no analogue"], dtype=pl.String), method=pl.Series(["seasonal_sma", "none"])
    )
    broken = both.with_(parameter=parameter, forecast=both.forecast.filter(pl.col("item_id") == "i00")).wish()
    assert (_one(broken, "i01")["qty"], _one(broken, "i01")["reason_code"]) == (0.0, "manual")
    assert broken.filter(pl.col("item_id") == "i00").equals(alone.filter(pl.col("item_id") == "i00"))


def test_a_node_without_a_source_gets_no_wish() -> None:
    two = shop(2)
    wish = two.with_(arc=two.arc.filter(pl.col("item_id") == "i00")).wish()
    assert wish["item_id"].to_list() == ["i00"]


@pytest.mark.parametrize("method", ["simple", "order_up_to", "reorder_point", "min_max", "mrp"])
def test_other_rules_order_and_are_still_valued(method: str) -> None:
    got = _one(shop(1, mean=10.0, on_hand=12.0, node={"method": method}).wish())
    assert got["method"] == method
    assert 0 < got["qty"] < 60
    assert got["value"] > 0
    full = _one(shop(1, mean=10.0, on_hand=500.0, node={"method": method}).wish())
    assert full["qty"] == 0.0


@pytest.mark.parametrize("method", ["curve", "simple", "order_up_to", "reorder_point", "min_max", "mrp"])
def test_every_rule_orders_what_the_source_takes(method: str) -> None:
    arc = {"multiple_qty": 6.0, "min_qty": 12.0, "max_qty": 30.0}
    stock = [0.0, 4.0, 9.0, 14.0, 19.0, 24.0]
    for mean in (3.0, 80.0):
        wish = shop(6, mean=mean, on_hand=stock, arc=arc, node={"method": method, "min_stock_qty": 5.0}).wish()
        qty = wish["qty"]
        lines = (qty / 30.0).ceil()
        assert (qty % 6.0 == 0.0).all()
        assert ((qty >= 12.0 * lines) & (qty <= 30.0 * lines)).all()
        assert wish["qty"].sum() > 0


def test_order_up_to_is_level_less_position() -> None:
    some = shop(1, mean=10.0, on_hand=3.0, node={"method": "order_up_to"})
    some = some.with_(open_supply=supply([("po", "i00", "store", 4.0, TONIGHT + timedelta(8))]))
    assert _one(some.wish())["qty"] == _one(some.target())["order_up_to_qty"] - 7.0


def test_source_sees_its_dependants_orders() -> None:
    _, wish, requirement = centre_and_stores(3, mean=6.0).order()
    tonight = requirement.filter(pl.col("bucket_index") == 0)
    stores = wish.filter(pl.col("location_id") != "centre")
    assert tonight["tonight_qty"].to_list() == stores["qty"].to_list()
    assert tonight["qty"].to_list() == stores["qty"].to_list()
    later = requirement.filter(pl.col("bucket_index") > 2).group_by("bucket_index").agg(pl.col("qty").sum())
    assert later["qty"].mean() == pytest.approx(18.0, rel=0.1)
    # the centre must cover what it owes tonight, its lead time and its review
    centre = wish.filter(pl.col("location_id") == "centre").row(0, named=True)
    assert centre["qty"] >= tonight["qty"].sum() + 2 * 18.0


def test_pooled_demand_at_the_centre_needs_less_per_unit() -> None:
    one, ten = centre_and_stores(1, mean=6.0, store_stock=12.0), centre_and_stores(10, mean=6.0, store_stock=12.0)
    share = [each.wish().filter(pl.col("location_id") == "centre")["qty"][0] for each in (one, ten)]
    assert share[1] < 10 * share[0]


def test_components_are_netted_from_the_bill() -> None:
    _, wish, requirement = plant(stock=(40.0, 25.0), qty_per=3.0).order()
    part, product = _one(wish, "part"), _one(wish, "product")
    assert (part["method"], product["method"]) == ("mrp", "curve")
    assert requirement.filter(pl.col("bucket_index") == 0)["qty"][0] == pytest.approx(3 * product["qty"])
    assert requirement["qty"].sum() == pytest.approx(3 * 10.0 * 12, rel=0.25)
    assert part["qty"] >= requirement.filter(pl.col("bucket_index") <= 2)["qty"].sum() - 40.0 - 1e-6


def test_production_planned_is_what_its_bill_asks_for() -> None:
    some = plant(stock=(40.0, 25.0), qty_per=3.0)
    _, wish, requirement, make = some.decided()
    assert make["item_id"].unique().to_list() == ["product"]
    assert make.filter(pl.col("bucket_index") == 0)["qty"][0] == pytest.approx(_one(wish, "product")["qty"])
    assert requirement["bucket_index"].to_list() == make["bucket_index"].to_list()
    assert requirement["qty"].to_list() == pytest.approx((make["qty"] * 3.0).to_list())
    assert make.height == some.planned_make().height == plant(stock=(900.0, 25.0)).planned_make().height
    assert shop(1, mean=30.0).planned_make().is_empty()


def test_same_answer_for_any_neighbours_order_of_rows_and_number_of_nodes() -> None:
    rng = np.random.default_rng(5)
    many = shop(600, mean=list(rng.uniform(0.2, 20, 600)), on_hand=list(rng.integers(0, 40, 600).astype(float)))
    curve, wish, _ = many.order(path_count=40)
    shuffled = many.with_(
        **{
            name: getattr(many, name).sample(fraction=1.0, shuffle=True, seed=3)
            for name in ("node", "arc", "parameter", "record", "lead_time")
        }
    )
    assert shuffled.order(path_count=40)[1].equals(wish)
    keep = pl.col("item_id").is_in(["i03", "i77", "i599"])
    few = many.with_(**{name: getattr(many, name).filter(keep) for name in ("node", "arc", "forecast", "parameter")})
    few = few.with_(record=many.record.filter(keep), lead_time=many.lead_time.filter(keep))
    curve_few, wish_few, _ = few.order(path_count=40)
    assert wish_few.equals(wish.filter(keep))
    assert curve_few.equals(curve.filter(keep))


def test_seed_and_date_move_the_draws_only() -> None:
    some = shop(1, mean=10.0)
    first, second = some.wish(seed=1), some.wish(seed=2)
    assert first.equals(some.wish(seed=1))
    assert not first.equals(second)
    assert first["qty"][0] == pytest.approx(second["qty"][0], abs=4)


def test_hostile_names_are_only_names() -> None:
    names = ["=1+1", "<script>", "'; drop table node", "../../x", "🙂" * 100]
    nodes = world.nodes(names, ["store\x1f"])
    wish = company(nodes, world.arcs(nodes, lead_time_days=7.0)).wish(path_count=20)
    assert sorted(wish["item_id"].to_list()) == sorted(names)


def test_nothing_to_plan_is_not_an_error() -> None:
    empty: Company = shop(1)
    nothing = empty.with_(node=empty.node.head(0), arc=empty.arc.head(0))
    assert [frame.height for frame in nothing.decided()] == [0, 0, 0, 0]
    assert nothing.target().is_empty()
    assert [frame.height for frame in nothing.project()] == [0, 0, 0]


def test_keys_are_sorted() -> None:
    curve, wish, requirement = centre_and_stores(3).order()
    assert wish.select(KEY).equals(wish.select(KEY).sort(KEY))
    assert curve.equals(curve.sort(*KEY, "pack_index"))
    assert requirement.equals(requirement.sort(Requirement.primary_key()))
