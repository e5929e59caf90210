"""Edge cases of the spec, run through the steps themselves; the cases of kernels are tested beside the kernels."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from replenish.numerics.unconstrain import unconstrain
from replenish.steps.audit import audit
from replenish.steps.learn_counts import learn_counts
from replenish.tables.core import CountLine, Node
from tests.golden_cases import cases, golden
from tests.steps import demand_world as world
from tests.steps.supply_world import AS_OF, TONIGHT, bill, centre_and_stores, company, sales_orders, shop, supply

_COVER_WEEKS = 90 // 7

NO_COUNTS = CountLine.create_empty()


def given(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    inputs, expected, _ = golden("edge_cases", name)
    return inputs, expected


def one(frame: pl.DataFrame) -> dict[str, Any]:
    assert frame.height == 1
    return frame.row(0, named=True)


def test_every_case_is_run_somewhere() -> None:
    """All but levelling, which is no part of the nightly line; given/expect files say the name in a comment."""
    tests = Path(__file__).parent
    text = "".join(file.read_text(encoding="utf-8") for kind in ("*.py", "*.yaml") for file in tests.rglob(kind))
    words = set(re.findall(r"\w+", text))
    assert {case["name"] for case in cases("edge_cases")} - words <= {"capacity" + "_zero_bucket"}


@pytest.mark.parametrize("name", ["no_forecast_no_demand", "no_forecast_with_presentation"])
def test_without_forecast_only_the_shelf_is_filled(name: str) -> None:
    inputs, expected = given(name)
    floor = float(inputs["presentation_qty"])
    idle = shop(1, mean=0.0, on_hand=float(inputs.get("on_hand_qty", 0)), node={"min_stock_qty": floor})
    wish = one(idle.wish())
    assert (wish["qty"], wish["reason_code"]) == (expected["order_qty"], expected["reason"])
    assert one(idle.target())["order_up_to_qty"] == expected["target_qty"]


def test_zero_variance() -> None:
    inputs, expected = given("zero_variance")
    sure = shop(1, mean=inputs["forecast_protection"] / 2, phi=0.0, kappa=0.0)
    target = one(sure.target())
    assert target["order_up_to_qty"] == expected["order_up_to"]
    assert target["safety_stock_qty"] == expected["safety_stock"]
    assert one(sure.wish())["qty"] == inputs["forecast_protection"] / 2  # the other half is lost before it arrives


@pytest.mark.parametrize(
    ("name", "target"), [("service_level_one", "service_target"), ("fill_target_one", "fill_target")]
)
def test_a_target_of_all_is_clipped(name: str, target: str) -> None:
    inputs, expected = given(name)
    found = one(shop(1, node={target: inputs[target]}).target())
    assert found[target] == expected[f"{target}_used"]
    assert found["is_clipped"] == (expected["flag"] == "target_clipped")
    assert not one(shop(1).target())["is_clipped"]


def test_margin_not_positive() -> None:
    inputs, expected = given("margin_not_positive")
    margin = float(inputs["unit_price"] - inputs["unit_cost"])
    poor = shop(1, mean=9.0, node={"shortage_cost": margin, "shortage_rule": "backorder"})
    wish = one(poor.wish())
    assert (wish["qty"], wish["reason_code"]) == (expected["stock_order_qty"], expected["flag"])
    owed = poor.with_(open_demand=sales_orders([("so", "i00", "store", float(inputs["backorder_qty"]), AS_OF)]))
    assert one(owed.wish())["qty"] == expected["backorder_order_qty"]


def test_on_hand_negative_lost_sales() -> None:
    inputs, expected = given("on_hand_negative_lost_sales")
    node, bucket = world.nodes(["a"], ["l"]), world.buckets(4, 1)
    past = world.history(node, bucket, np.full((1, 4), 2.0))
    record = one(
        audit(
            past,
            world.position(node, [float(inputs["on_hand_qty"])]),
            Node.create_empty(),
            NO_COUNTS,
            learn_counts(NO_COUNTS),
            bucket,
        )
    )
    assert record["on_hand_qty"] == expected["on_hand_used"]
    assert record["is_negative"]  # what DATA_INVALID is raised by


def test_on_order_beyond_max_cover() -> None:
    inputs, expected = given("on_order_beyond_max_cover")
    mean = inputs["max_cover_demand"] / _COVER_WEEKS
    coming = [("po", "i00", "store", float(inputs["on_order_qty"]), TONIGHT + timedelta(days=2))]
    rich = shop(1, mean=mean, node={"holding_cost_per_day": 0.0}).with_(open_supply=supply(coming))
    assert one(rich.wish())["qty"] == expected["order_qty"]


def test_pack_larger_than_max_cover() -> None:
    inputs, expected = given("pack_larger_than_max_cover")
    mean = inputs["max_cover_demand"] / _COVER_WEEKS
    arc, node = {"multiple_qty": float(inputs["pack"])}, {"holding_cost_per_day": 0.01}
    wish = one(shop(1, mean=mean, arc=arc, node=node).wish())
    assert (wish["qty"], wish["reason_code"]) == (expected["order_qty"], expected["reason"])
    # a pack that sells within the longest cover is not too big: it only does not pay tonight
    fair = one(shop(1, mean=mean, on_hand=8.0, arc={"multiple_qty": 39.0}, node=node).wish())
    assert (fair["qty"], fair["reason_code"]) == (0.0, "value")


def test_moq_not_worth_it() -> None:
    inputs, expected = given("moq_not_worth_it")
    arc = {"min_qty": float(inputs["moq"]), "order_cost": inputs["order_cost"]}
    waiting = one(shop(1, mean=2.0, on_hand=4.0, phi=1.0, kappa=0.0, arc=arc).wish())
    assert (waiting["qty"], waiting["reason_code"]) == (expected["order_qty"], expected["reason"])


def test_shelf_life_not_longer_than_lead_time() -> None:
    """A shelf life counts from the first receipt: what a move uses up cannot be sold any more."""
    inputs, expected = given("shelf_life_not_longer_than_lead_time")
    life, transit = float(inputs["shelf_life_days"]), float(inputs["lead_time_days"])

    def stores(days: float) -> pl.DataFrame:
        company = centre_and_stores(2, centre_stock=100.0)
        arc = company.arc.with_columns(lead_time_days=pl.lit(transit))
        company = company.with_(arc=arc, node=company.node.with_columns(shelf_life_days=pl.lit(days)))
        orders, projection, _ = company.project()
        moved = projection.filter(pl.col("location_id") != "centre")
        return orders.filter(pl.col("kind") == "move").with_columns(planned=pl.lit(moved["planned_qty"].sum()))

    never = stores(life)
    assert never["qty"].to_list() == [expected["order_qty"]] * 2
    assert set(never["reason_code"]) == {expected["reason"]}
    assert never["planned"][0] == 0
    fresh = stores(life + 7.0)
    assert (fresh["qty"] > 0).all()
    assert fresh["planned"][0] > 0


@pytest.mark.parametrize("method", ["curve", "order_up_to", "reorder_point", "min_max", "simple"])
def test_item_ended(method: str) -> None:
    inputs, expected = given("item_ended")
    last = TONIGHT + timedelta(days=inputs["end_bucket"] - 1)
    node = {"listed_to": last, "min_stock_qty": 4.0, "method": method}
    ending = shop(1, days=1, arc={"lead_time_days": float(inputs["lead_time_buckets"])}, node=node)
    wish = one(ending.wish())
    assert (wish["qty"], wish["reason_code"]) == (expected["order_qty"], expected["reason"])


def test_history_all_sold_out() -> None:
    inputs, expected = given("history_all_sold_out")
    sold = np.full((1, 30), inputs["raw_mean"])
    found = unconstrain(sold, np.ones_like(sold), np.ones_like(sold, dtype=bool))
    assert found.theta[0] == pytest.approx(expected["theta"])
    assert not found.level_identified[0]
    node, bucket = world.nodes(["a"], ["l"]), world.buckets(30, 4)
    past = world.history(node, bucket, sold, opening_qty=sold, closing_qty=sold * 0)
    assert one(world.run(past, node, bucket).parameter)["window_count"] == expected["windows"]


def test_history_short_decides_with_the_full_spread() -> None:
    inputs, expected = given("history_short")
    node, bucket = world.nodes(["a"], ["l"]), world.buckets(inputs["buckets_of_history"], 4)
    past = world.history(node, bucket, np.full((1, inputs["buckets_of_history"]), 3.0))
    parameter = one(world.run(past, node, bucket).parameter)
    assert parameter["method"] == expected["method"]
    spread = shop(1, mean=6.0, phi=3.0, kappa=0.5)
    new = spread.with_(parameter=spread.parameter.with_columns(window_count=pl.lit(parameter["window_count"])))
    quantities = [one(new.wish(decision_dispersion=delta))["qty"] for delta in (0.4, expected["delta"])]
    assert quantities[0] == quantities[1]
    known = [one(spread.wish(decision_dispersion=delta))["qty"] for delta in (0.4, expected["delta"])]
    assert known[0] < known[1]


def test_forecast_null() -> None:
    _, expected = given("forecast_null")
    both = shop(2)
    unknown = pl.when(pl.col("item_id") == "i00").then(pl.lit("no history"))
    wish = both.with_(parameter=both.parameter.with_columns(reason=unknown)).wish()
    assert wish["reason_code"].to_list() == [expected["reason"], "value"]
    assert wish["qty"][0] == 0  # a table knows no missing quantity: the reason says that a person must decide
    assert wish["qty"][1] > 0


def test_component_consumption_is_demand() -> None:
    inputs, expected, _ = golden("traps", "component_consumption_is_demand")
    sold, consumed = float(inputs["sales_qty"]), float(inputs["consumed_by_production_qty"])
    nodes = world.nodes(["part", "product"], ["plant"], level=[1, 0], is_component=[True, False])
    arcs = world.arcs(nodes, kind=["buy", "make"], source_id=["supplier", "plant"], lead_time_days=7.0)
    certain = {"phi": 0.0, "kappa": 0.0, "on_hand": [500.0, 0.0], "horizon_weeks": 20}
    both = company(nodes, arcs, mean=[sold, consumed / 3], **certain).with_(bom_line=bill(("product", "part", 3.0)))
    projection = both.project()[1].filter((pl.col("item_id") == "part") & pl.col("bucket_index").is_between(2, 13))
    assert projection["demand_qty"].mean() == pytest.approx(expected["demand_qty"], rel=0.05)
    assert projection["forecast_qty"].mean() == pytest.approx(sold)
