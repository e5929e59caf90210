"""Levels and reorder points by fill rate: they serve what the policy asks for, and tonight's order follows them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from replenish.numerics import loss, stationary_policy
from replenish.numerics.lost_sales_target import Stationary, lost_sales_fill
from replenish.tables import plan
from replenish.tables.plan import Target
from tests.golden_cases import cases
from tests.steps import demand_world as world
from tests.steps.supply_world import Company, centre_and_stores, lead_times, shop

BACKORDER = {"shortage_rule": "backorder"}


def _asked(kind: str = "fill", fill: float = 0.9, mean: float = 3.0, **changes: Any) -> Company:
    """One node of Poisson demand a week, weekly reviews; `changes` of node, arc and law."""
    node = {"target_kind": kind, "fill_target": fill} | changes.pop("node", {})
    arc = {"lead_time_days": 14.0} | changes.pop("arc", {})
    return shop(1, mean=mean, phi=1.0, kappa=0.0, node=node, arc=arc, **changes)


def _row(company: Company) -> dict[str, Any]:
    return company.target().row(0, named=True)


def test_levels_follow_the_target_that_the_policy_names() -> None:
    service, fill, both = (_row(_asked(kind, 0.99, node=BACKORDER)) for kind in ("service", "fill", "both"))
    assert fill["order_up_to_qty"] == fill["fill_order_up_to_qty"] == both["fill_order_up_to_qty"]
    assert fill["safety_stock_qty"] == fill["order_up_to_qty"] - fill["protection_qty"]
    assert service["order_up_to_qty"] != fill["order_up_to_qty"]
    assert both["order_up_to_qty"] == max(service["order_up_to_qty"], fill["order_up_to_qty"])
    assert [one["target_kind"] for one in (service, fill, both)] == ["service", "fill", "both"]


@pytest.mark.parametrize("known", cases("stationary_policy", "reorder_point_pack"), ids=lambda c: c["name"])
def test_the_textbook_reorder_point_of_packs_comes_out_of_the_line(known: Any) -> None:
    """The fill rate of a golden case, asked for by policy, gives its reorder point; daily and weekly buckets."""
    given = known["inputs"]
    company = _asked(
        fill=known["expected"]["fill_rate"] - 1e-9,
        mean=float(given["mean_per_bucket"]),
        node=BACKORDER | {"method": "reorder_point"},
        arc={
            "lead_time_days": float(given["lead_time_buckets"]),
            "review_days": float(given["review_buckets"]),
            "multiple_qty": float(given["pack"]),
        },
        days=1,
    )
    row = _row(company)
    assert row["reorder_point_qty"] == given["reorder_point"]
    assert row["order_up_to_qty"] == given["reorder_point"] + given["pack"]


@pytest.mark.parametrize(("on_hand", "qty"), [(0.0, 12.0), (9.0, 6.0), (10.0, 0.0), (3.0, 12.0), (4.0, 6.0)])
def test_tonights_order_lifts_the_position_above_the_point_by_the_fewest_packs(on_hand: float, qty: float) -> None:
    rule = BACKORDER | {"method": "reorder_point"}
    company = _asked(fill=0.9064, node=rule, arc={"multiple_qty": 6.0}, on_hand=on_hand)
    assert _row(company)["reorder_point_qty"] == 9.0
    assert company.wish().row(0, named=True)["qty"] == qty


@pytest.mark.parametrize("rule", ["lost_sales", "backorder"])
def test_tonights_order_goes_up_to_the_level_of_the_fill_target(rule: str) -> None:
    low, high = (
        _asked(fill=fill, node={"shortage_rule": rule, "method": "order_up_to"}, on_hand=2.0) for fill in (0.8, 0.98)
    )
    for company in (low, high):
        row = _row(company)
        assert row["order_up_to_qty"] == row["fill_order_up_to_qty"]
        assert company.wish().row(0, named=True)["qty"] == row["order_up_to_qty"] - 2.0
    assert _row(low)["order_up_to_qty"] < _row(high)["order_up_to_qty"]


def test_order_up_to_knows_no_lots() -> None:
    lots = _asked(node=BACKORDER | {"method": "order_up_to"}, arc={"multiple_qty": 10.0})
    assert _row(lots)["order_up_to_qty"] == _row(_asked(node=BACKORDER))["order_up_to_qty"]


@pytest.mark.parametrize(("pack", "fill"), [(1.0, 0.9), (4.0, 0.95), (24.0, 0.9)])
def test_where_sales_are_lost_the_point_serves_its_share_in_a_long_simulation(pack: float, fill: float) -> None:
    """Ten thousand buckets of other luck than the target's own: within half a point below, never far above."""
    rule = {"method": "reorder_point"}
    row = _row(_asked(fill=fill, node=rule, arc={"multiple_qty": pack}))
    behind = _row(_asked(fill=fill, node=rule | BACKORDER, arc={"multiple_qty": pack}))
    assert row["reorder_point_qty"] <= behind["reorder_point_qty"]

    def served(point: float) -> float:
        each = {name: np.full(20, value) for name, value in {"mean": 3.0, "variance": 3.0, "lot": pack}.items()}
        whole = {name: np.full(20, value) for name, value in {"family": loss.POISSON, "lead": 2, "review": 1}.items()}
        nodes = Stationary(**each, **whole, seed=np.arange(20), delay_law=np.zeros((20, 0)))
        return float(lost_sales_fill(np.full(20, point + 1.0), nodes, buckets=2000).mean())

    assert served(row["reorder_point_qty"]) >= fill - 0.012  # one sampled year of 182 buckets chose it
    assert served(row["reorder_point_qty"] - 2.0) < fill + 0.012


def test_by_service_a_reorder_point_without_lots_is_a_pack_below_the_level() -> None:
    row = _row(_asked("service", node=BACKORDER | {"method": "reorder_point"}))
    assert row["order_up_to_qty"] == row["reorder_point_qty"] + 1.0 == _row(_asked("service"))["order_up_to_qty"]


def test_an_economic_lot_is_whole_packs_above_its_reorder_point() -> None:
    dear = _asked(node=BACKORDER | {"holding_cost_per_day": 0.01}, arc={"order_cost": 9.0, "multiple_qty": 4.0})
    row = _row(dear)
    lot = row["order_up_to_qty"] - row["reorder_point_qty"]
    assert lot % 4.0 == 0.0
    assert row["economic_order_qty"] <= lot < row["economic_order_qty"] + 4.0
    window = stationary_policy.windows(6.0, 6.0, 9.0, 9.0, loss.POISSON)
    served = stationary_policy.reorder_point_fill([row["reorder_point_qty"]], [lot], window)[0]
    assert served >= 0.9
    # a lot this long would serve the share from a lower point than the level of cycle service
    assert row["reorder_point_qty"] < _row(_asked("service", node=BACKORDER))["order_up_to_qty"]


@pytest.mark.parametrize("shortage_rule", ["lost_sales", "backorder"])
@pytest.mark.parametrize("method", ["reorder_point", "order_up_to", "curve"])
@pytest.mark.parametrize(
    "hostile",
    [
        {"fill": 1.0},
        {"fill": 0.0},
        {"mean": 0.0},
        {"mean": 1e-9},
        {"arc": {"multiple_qty": 1e9}},
        {"arc": {"multiple_qty": 0.0}},
        {"node": {"is_continuous": True}, "arc": {"multiple_qty": 0.0}},
        {"node": {"max_stock_qty": 0.0}},
        {"arc": {"lead_time_days": 0.0}},
        {"arc": {"order_cost": 1e12}},
    ],
    ids=str,
)
def test_hostile_targets_give_finite_levels_and_orders(shortage_rule: str, method: str, hostile: Any) -> None:
    rules = {"shortage_rule": shortage_rule, "method": method} | hostile.get("node", {})
    company = _asked(**(hostile | {"node": rules}))
    target = company.target()
    assert Target.validate(target).height == 1
    assert all(target.select(pl.col(pl.Float64).is_finite().all()).row(0))
    qty = company.wish().row(0, named=True)["qty"]
    assert np.isfinite(qty)
    assert qty >= 0.0
    if hostile.get("fill") == 1.0:
        assert target["is_clipped"].all()


def test_a_policy_of_minimum_and_maximum_is_taken_as_given() -> None:
    given = _row(_asked("service", node={"method": "min_max", "min_stock_qty": 4.0, "max_stock_qty": 40.0}))
    assert (given["min_qty"], given["max_qty"]) == (4.0, 40.0)
    derived = _row(_asked("service", node={"method": "min_max", "min_stock_qty": 4.0}))
    assert derived["max_qty"] != 40.0
    contrary = _row(_asked("service", node={"method": "min_max", "min_stock_qty": 9.0, "max_stock_qty": 4.0}))
    assert contrary["max_qty"] >= contrary["min_qty"] >= 9.0


def _ending(weeks: int, over: float, under: float, mean: float, **node: Any) -> dict[str, Any]:
    """The last row of a node whose item ends after so many weeks; two weeks of lead time, weekly reviews."""
    money = {"unit_cost": over + 1.0, "salvage_value": 1.5, "disposal_cost": 0.5, "shortage_cost": under}
    end = world.AS_OF + timedelta(days=7 * weeks)
    company = _asked("service", mean=mean, node={"listed_to": end, **money, **node})
    ahead = company.forecast.with_columns(
        pl.when(pl.col("bucket_index") < weeks).then("forecast_qty").otherwise(0.0).alias("forecast_qty")
    )
    spread = pl.col("forecast_qty").cum_sum().over(["item_id", "location_id"])
    return _row(company.with_(forecast=plan.Forecast.cast(ahead.with_columns(variance_qty2=spread))))


@pytest.mark.parametrize("known", cases("newsvendor", "newsvendor_poisson"), ids=lambda c: c["name"])
def test_the_last_order_of_an_item_is_a_newsvendors(known: Any) -> None:
    """Three weeks of Poisson demand with the mean of the textbook; then nothing is sold any more."""
    told = known["inputs"]
    row = _ending(3, told["holding_cost"], told["shortage_cost"], told["demand_mean"] / 3.0)
    assert row["is_last_window"]
    assert row["order_up_to_qty"] == known["expected"]["order_up_to"]


def test_what_arrives_after_the_end_is_not_wanted_and_targets_of_the_policy_stay() -> None:
    assert _ending(2, 1.0, 4.0, 6.0)["order_up_to_qty"] == 1.0  # the shelf floor of a pack: demand is still ahead
    assert _ending(2, 1.0, 4.0, 6.0)["safety_stock_qty"] == -12.0
    assert not _ending(4, 1.0, 4.0, 6.0)["is_last_window"]
    asked = _ending(3, 1.0, 4.0, 6.0, target_source="policy", service_target=0.99)
    assert not asked["is_last_window"]
    assert asked["order_up_to_qty"] > _ending(3, 1.0, 4.0, 6.0)["order_up_to_qty"]


@pytest.mark.parametrize(("over", "under"), [(-5.0, 4.0), (1.0, 0.0), (0.0, 0.0), (1e12, 1e-9)])
def test_hostile_money_at_the_end_gives_finite_levels(over: float, under: float) -> None:
    row = _ending(3, over, under, 6.0)
    assert 0.0 <= row["order_up_to_qty"] < 100.0
    assert (row["order_up_to_qty"] > 30.0) == (over < 0.0)


def test_what_the_floor_costs_is_told_apart() -> None:
    """Level 12 and a floor of 20: eight units a year at 0.01 a day; a floor below the level costs nothing."""
    level = _row(_asked(node=BACKORDER))["order_up_to_qty"]
    facts = BACKORDER | {"holding_cost_per_day": 0.01}
    high, low = (_row(_asked(node=facts | {"min_stock_qty": stock})) for stock in (level + 8.0, level - 1.0))
    assert high["floor_cost_value"] == pytest.approx(365.0 * 0.01 * 8.0)
    assert (high["order_up_to_qty"], low["floor_cost_value"]) == (level + 8.0, 0.0)
    assert _row(_asked(node=facts | {"has_money": False}))["floor_cost_value"] is None


@pytest.mark.parametrize("shortage_rule", ["lost_sales", "backorder"])
def test_a_fill_target_of_the_policy_allows_for_random_lead_times(shortage_rule: str) -> None:
    """Two weeks for certain, or one to three with the same mean: the second needs more, by levels and by points."""
    sure, unsure = (
        _asked(fill=0.95, mean=20.0, node={"shortage_rule": shortage_rule, "method": "reorder_point"}) for _ in range(2)
    )
    law = [0.0] * 22
    law[7] = law[21] = 0.5
    unsure = unsure.with_(lead_time=lead_times(unsure.arc, law))
    for name in ("fill_order_up_to_qty", "reorder_point_qty"):
        assert _row(sure)[name] + 4.0 <= _row(unsure)[name]


@pytest.mark.parametrize("pack", [2.0, 4.0, 6.0])
def test_one_review_of_demand_is_no_lot(pack: float) -> None:
    """Ten a review in packs that do not divide it, in a season too: the level is the order-up-to level, not lifted."""
    plain = _asked("service", mean=10.0, node=BACKORDER, arc={"multiple_qty": pack})
    assert _row(plain)["order_up_to_qty"] == _row(_asked("service", mean=10.0, node=BACKORDER))["order_up_to_qty"]
    less_soon = pl.when(pl.col("bucket_index") == 2).then(pl.col("forecast_qty") - 3.0).otherwise("forecast_qty")
    row = _row(plain.with_(forecast=plan.Forecast.cast(plain.forecast.with_columns(forecast_qty=less_soon))))
    assert row["order_up_to_qty"] == row["protection_qty"] + row["safety_stock_qty"]


def test_points_of_stores_cover_the_wait_at_their_centre_as_levels_do() -> None:
    """Stores of a centre, by fill and in packs that are lots: the point is raised by what METRIC raises the level."""
    place = centre_and_stores(3, mean=4.0, phi=1.0, kappa=0.0)
    asked = {"target_kind": pl.lit("fill"), "fill_target": pl.lit(0.98), "method": pl.lit("reorder_point")}
    store = place.node.with_columns(**asked)
    packs = place.with_(node=store, arc=place.arc.with_columns(multiple_qty=pl.lit(12.0)))
    alone = packs.with_(arc=packs.arc.with_columns(kind=pl.lit("buy"), source_id=pl.lit("supplier")))
    linked, free = (one.target().filter(location_id="store0").row(0, named=True) for one in (packs, alone))
    raised = linked["protection_qty"] + linked["safety_stock_qty"] - linked["fill_order_up_to_qty"]
    assert raised > 0.0
    assert linked["reorder_point_qty"] == free["reorder_point_qty"] + raised
    assert linked["order_up_to_qty"] == linked["reorder_point_qty"] + 12.0
