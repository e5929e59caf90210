"""Classical targets: quantiles of the right window, demand of dependants, lots, floors and caps."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from replenish.tables.plan import Calibration, Target
from tests.golden_cases import case
from tests.steps.supply_world import centre_and_stores, lead_times, plant, shop


def _poisson(mean: float = 5.0, **facts: Any) -> dict[str, Any]:
    return shop(1, mean=mean, phi=1.0, kappa=0.0, **facts).target().row(0, named=True)


def test_service_level_is_the_quantile_of_lead_plus_review() -> None:
    got = _poisson(5.0, arc={"lead_time_days": 14.0}, node={"service_target": 0.917})
    assert got["protection_buckets"] == 3
    assert got["protection_qty"] == 15.0
    assert got["order_up_to_qty"] == stats.poisson.ppf(0.917, 15) == 20.0
    assert got["safety_stock_qty"] == 5.0


def test_fill_target_has_its_own_level() -> None:
    known = case("stationary_policy", "periodic_review_poisson_invert_mu5_L2_R1_fill0.95")
    node = {"fill_target": known["inputs"]["fill_target"], "shortage_rule": "backorder"}
    got = _poisson(5.0, arc={"lead_time_days": 14.0}, node=node)
    assert got["fill_order_up_to_qty"] == known["expected"]["order_up_to"]


def test_lost_sales_need_less_than_backlog_for_the_same_fill() -> None:
    held = {
        rule: _poisson(20.0, arc={"lead_time_days": 35.0}, node={"fill_target": 0.95, "shortage_rule": rule})
        for rule in ("backorder", "lost_sales")
    }
    level = {rule: got["fill_order_up_to_qty"] for rule, got in held.items()}
    assert 0.85 * level["backorder"] < level["lost_sales"] < level["backorder"]
    assert not held["lost_sales"]["is_clipped"]


def test_random_lead_time_is_mixed_not_averaged() -> None:
    pmf = [0.0] * 7 + [0.9] + [0.0] * 20 + [0.1]
    got = shop(1, mean=5.0, phi=1.0, kappa=0.0, lead_time_pmf=pmf, horizon_weeks=20).target().row(0, named=True)
    level = got["order_up_to_qty"]
    assert 0.9 * stats.poisson.cdf(level, 10) + 0.1 * stats.poisson.cdf(level, 25) >= 0.95
    assert 0.9 * stats.poisson.cdf(level - 1, 10) + 0.1 * stats.poisson.cdf(level - 1, 25) < 0.95


@pytest.mark.parametrize(("level", "used"), [(1.0, 0.9995), (0.0, 0.0)])
def test_impossible_targets_are_clipped(level: float, used: float) -> None:
    got = _poisson(node={"service_target": level})
    assert got["service_target"] == used
    assert got["is_clipped"] == (level >= 1)
    assert (got["order_up_to_qty"] == 1.0) == (level == 0)  # one pack of a listed item stays


def test_no_demand_has_no_target_but_the_shelf() -> None:
    got = _poisson(0.0, node={"min_stock_qty": 4.0})
    assert (got["order_up_to_qty"], got["safety_stock_qty"]) == (4.0, 0.0)
    assert (got["min_qty"], got["max_qty"], got["shelf_floor_qty"]) == (4.0, 4.0, 4.0)


def test_lots_lift_the_order_up_to_level() -> None:
    plain, packed = _poisson(5.0), _poisson(5.0, arc={"multiple_qty": 24.0})
    assert packed["reorder_point_qty"] == plain["order_up_to_qty"]
    assert packed["order_up_to_qty"] == plain["order_up_to_qty"] + 24.0
    assert plain["reorder_point_qty"] == plain["order_up_to_qty"] - 5.0


def test_caps_say_so() -> None:
    got = _poisson(20.0, node={"max_stock_qty": 12.0})
    assert (got["order_up_to_qty"], got["is_capped"]) == (12.0, True)
    # a cap below the shelf floor is an error of the master data: the floor stands
    assert _poisson(20.0, node={"max_stock_qty": 2.0, "min_stock_qty": 6.0})["order_up_to_qty"] == 6.0


def test_economic_order_is_clamped_to_review_and_shelf_life() -> None:
    assert _poisson(7.0)["economic_order_qty"] == pytest.approx(7.0)  # nothing to save: one review
    assert _poisson(7.0, node={"shelf_life_days": 3.0})["economic_order_qty"] == pytest.approx(3.0)
    dear = _poisson(7.0, arc={"order_cost": 50.0}, node={"holding_cost_per_day": 0.01})
    assert dear["economic_order_qty"] == pytest.approx(np.sqrt(2 * 50 * 1 / 0.01), rel=0.2)


def test_upstream_demand_is_the_sum_of_dependants() -> None:
    centre = centre_and_stores(3, mean=4.0).target().row(0, named=True)
    assert centre["location_id"] == "centre"
    assert centre["protection_qty"] == 3 * 3 * 4.0
    # variances add: pooling needs less safety stock than three stores alone
    alone = shop(1, mean=4.0, arc={"lead_time_days": 14.0}).target()["safety_stock_qty"][0]
    assert centre["safety_stock_qty"] < alone
    # a centre that sells to customers of its own keeps their service level
    busy = centre_and_stores(3, mean=[0.0, 4.0, 4.0, 4.0])
    seller = busy.with_(node=busy.node.with_columns(has_demand=pl.lit(value=True))).target().row(0, named=True)
    assert alone < seller["safety_stock_qty"] < 3 * alone
    part = plant(qty_per=3.0).target().filter(pl.col("item_id") == "part").row(0, named=True)
    assert part["protection_qty"] == 3 * 3 * 10.0


def test_every_planned_node_has_one_valid_row() -> None:
    company = centre_and_stores(3)
    got = company.target()
    assert got.height == company.node.height
    assert Target.validate(got).height == got.height
    assert all(got.select(pl.col(pl.Float64).is_finite().all()).row(0))


def test_the_service_level_is_asked_for_where_it_holds():
    """Where the law reaches 95 % only at its 99 % level, the order-up-to level is the higher one."""
    plain = shop(1, mean=5.0, phi=2.0, kappa=0.0)
    rows = [(plain.node["category"][0], "protection", 0.95, 0.9, 900, 0.99, 1.0)]
    told = plain.with_(
        calibration=Calibration.cast(pl.DataFrame(rows, schema=Calibration.column_names(), orient="row"))
    )
    before, after = (one.target().row(0, named=True) for one in (plain, told))
    assert after["order_up_to_qty"] > before["order_up_to_qty"]
    assert after["service_target"] == before["service_target"] == 0.95


def test_locations_supplied_wait_by_metric() -> None:
    """Three stores of 4 a week, Poisson; the centre is two weeks away and looks weekly."""
    place = centre_and_stores(3, mean=4.0, phi=1.0, kappa=0.0)
    got = place.target()
    centre = got.filter(location_id="centre").row(0, named=True)
    level = centre["order_up_to_qty"]
    demand = np.arange(400)
    owed = [(np.maximum(demand - level, 0.0) * stats.poisson.pmf(demand, 12.0 * weeks)).sum() for weeks in (2, 3)]
    assert centre["upstream_delay_days"] == pytest.approx(np.mean(owed) / (12.0 / 7.0), rel=1e-6)
    assert 1.0 < centre["upstream_delay_days"] < 5.0
    assert centre["cover_rate"] == level / 36.0
    stores = got.filter(pl.col("location_id") != "centre")
    assert centre["supplied_cover_rate"] == stores["order_up_to_qty"].sum() / 24.0
    # halfway between a lead time and a protection time, both lengthened by the wait
    wait, stock = centre["upstream_delay_days"] / 7.0, stores["order_up_to_qty"][0]
    fills = [stats.poisson.cdf(stock - 1, 4.0 * (weeks + wait)) for weeks in (1, 2)]
    assert centre["supplied_fill_rate"] == pytest.approx(np.mean(fills), rel=1e-9)
    assert stores.select("cover_rate", "supplied_cover_rate", "supplied_fill_rate").null_count().row(0) == (3, 3, 3)
    assert stores["upstream_delay_days"].null_count() == 3


def test_a_store_covers_the_wait_at_its_centre() -> None:
    place = centre_and_stores(3, mean=4.0)
    store, centre = (place.target().filter(location_id=name).row(0, named=True) for name in ("store0", "centre"))
    alone = shop(1, mean=4.0).target()["order_up_to_qty"][0]
    waited = 4.0 * centre["upstream_delay_days"] / 7.0
    safety = (alone - 8.0) * np.sqrt(1.0 + waited / 8.0)
    assert store["order_up_to_qty"] == np.ceil(8.0 + waited + safety)


@pytest.mark.parametrize(("weekly", "stores", "weeks"), [(4.0, 3, 2), (1.0, 6, 4), (20.0, 3, 3)])
def test_stock_split_by_metric_serves_more_with_less_than_each_location_on_its_own(
    weekly: float, stores: int, weeks: int
) -> None:
    """Simulated, first come first served in proportion, sales lost at stores; against 95 % cycle service everywhere."""
    place = centre_and_stores(stores, mean=weekly, phi=1.0, kappa=0.0)
    arc = place.arc.with_columns(lead_time_days=pl.when(kind="buy").then(7.0 * weeks).otherwise(7.0))
    got = place.with_(arc=arc, lead_time=lead_times(arc)).target()
    centre = got.filter(location_id="centre")["order_up_to_qty"].item()
    store = got.filter(location_id="store0")["order_up_to_qty"].item()
    lone = [float(stats.poisson.ppf(0.95, weekly * n)) for n in (stores * (weeks + 1), 2)]
    fill, stock = _two_levels(centre, store, weekly, stores, weeks)
    lone_fill, lone_stock = _two_levels(lone[0], lone[1], weekly, stores, weeks)
    assert fill > lone_fill
    assert stock < 0.9 * lone_stock


def _two_levels(centre: float, store: float, weekly: float, stores: int, weeks: int) -> tuple[float, float]:
    """Share of demand served, and mean stock of centre and stores, over 4,000 weeks of weekly orders up to levels."""
    rng, upto = np.random.default_rng(5), np.full(stores, store)
    shelf, owed, coming = upto.copy(), np.zeros(stores), np.zeros(stores)
    hold, bought = centre, np.zeros(weeks)
    sold = wanted = stock = 0.0
    for week in range(4000):
        hold, bought = hold + bought[0], np.append(bought[1:], 0.0)
        shelf += coming
        owed += np.maximum(upto - shelf - owed, 0.0)
        coming = owed if owed.sum() <= hold else np.floor(owed * hold / owed.sum())
        hold, owed = hold - coming.sum(), owed - coming
        bought[-1] = max(0.0, centre - hold - bought.sum() + owed.sum())
        demand = rng.poisson(weekly, stores)
        served = np.minimum(shelf, demand)
        shelf = shelf - served
        if week >= 200:
            sold, wanted, stock = sold + served.sum(), wanted + demand.sum(), stock + hold + shelf.sum()
    return sold / wanted, stock / 3800
