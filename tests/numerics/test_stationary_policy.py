"""Service levels and fill rates against closed-form answers and a simulation of the stated order of events."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics import loss as law
from replenish.numerics import stationary_policy as policy
from tests.golden_cases import assert_golden, case, cases


def _windows(inputs: dict[str, Any]) -> policy.Windows:
    mean = inputs["mean_per_bucket"]
    variance = inputs.get("variance_per_bucket", (inputs["cv"] * mean) ** 2 if "cv" in inputs else mean)
    family = law.GAMMA if "cv" in inputs else law.NEGATIVE_BINOMIAL
    lead, protection = inputs["lead_time_buckets"], inputs["lead_time_buckets"] + inputs["review_buckets"]
    return policy.windows(lead * mean, lead * variance, protection * mean, protection * variance, family)


@pytest.mark.parametrize("known", cases("stationary_policy", "periodic_review"), ids=lambda c: c["name"])
def test_periodic_review(known: Any) -> None:
    window, expected, tolerance = _windows(known["inputs"]), known["expected"], known["tolerance"]
    if "fill_target" in known["inputs"]:
        got = policy.order_up_to_for_fill(known["inputs"]["fill_target"], window)
        assert_golden(got, [expected["order_up_to"]], tolerance)
        if "safety_stock" in expected:
            assert_golden(got - window.protection_mean, [expected["safety_stock"]], tolerance)
    level = expected.get("order_up_to", known["inputs"].get("order_up_to"))
    if "fill_rate" in expected:
        assert_golden(policy.periodic_review_fill(level, window), [expected["fill_rate"]], tolerance)
    if "cycle_service" in expected:
        served = law.cumulative(level, window.protection_mean, window.protection_variance, window.family)
        assert_golden(served, [expected["cycle_service"]], tolerance)


@pytest.mark.parametrize("known", cases("stationary_policy", "reorder_point_pack"), ids=lambda c: c["name"])
def test_packs_under_backorders(known: Any) -> None:
    window, given = _windows(known["inputs"]), known["inputs"]
    got = policy.reorder_point_fill(given["reorder_point"], given["pack"], window)
    assert_golden(got, [known["expected"]["fill_rate"]], known["tolerance"])
    # and back: the smallest reorder point of that fill rate is this one
    assert policy.reorder_point_for_fill(got, given["pack"], window)[0] == given["reorder_point"]


def test_reorder_point_is_the_smallest_that_reaches_the_target() -> None:
    rng = np.random.default_rng(2)
    mean, lot = rng.uniform(0.2, 6, 40), rng.integers(1, 30, 40).astype(float)
    window = policy.windows(2 * mean, 5 * mean, 4 * mean, 10 * mean, law.NEGATIVE_BINOMIAL)
    point = policy.reorder_point_for_fill(0.94, lot, window)
    assert (policy.reorder_point_fill(point, lot, window) >= 0.94).all()
    assert (policy.reorder_point_fill(point - 1, lot, window) < 0.94).all()


def test_continuous_packs_are_the_limit_of_small_steps() -> None:
    window = policy.windows(20.0, 60.0, 30.0, 90.0, law.GAMMA)
    steps = 20.0 + 12.0 * (np.arange(4000) + 0.5) / 4000
    by_steps = policy.periodic_review_fill(steps, window.at(np.zeros(4000, dtype=np.int64))).mean()
    assert policy.reorder_point_fill(20.0, 12.0, window)[0] == pytest.approx(by_steps, abs=1e-7)


@pytest.mark.parametrize("known", cases("stationary_policy", "safety_factor_csl"), ids=lambda c: c["name"])
def test_safety_factor(known: Any) -> None:
    assert_golden(
        policy.safety_factor(known["inputs"]["cycle_service"]), known["expected"]["safety_factor"], known["tolerance"]
    )


def test_levels_are_clipped_and_say_so() -> None:
    known = case("stationary_policy", "cycle_service_clip")
    used, clipped = policy.usable_level(known["inputs"]["level"])
    assert_golden(used, known["expected"]["level_used"], known["tolerance"])
    assert clipped.tolist() == [False, True, True]
    assert policy.usable_level(np.nan, default=0.9)[0] == 0.9
    assert (
        policy.order_up_to_for_service(0.0, 5.0, 9.0, law.GAMMA)
        == case("edge_cases", "service_level_zero")["expected"]["order_up_to"]
    )


def test_zero_variance_needs_no_safety_stock() -> None:
    known = case("edge_cases", "zero_variance")
    mean = known["inputs"]["forecast_protection"]
    assert policy.order_up_to_for_service(0.95, mean, 0.0, law.NEGATIVE_BINOMIAL) == known["expected"]["order_up_to"]


def test_random_lead_time_is_a_mixture() -> None:
    chance = np.array([[0.5, 0.5], [1.0, 0.0], [0.0, 1.0]])
    mean = np.tile([4.0, 20.0], (3, 1))
    family = np.full(mean.shape, law.POISSON)
    got = policy.order_up_to_for_service_mixture(np.full(3, 0.95), chance, mean, mean, family)
    share = 0.5 * law.cumulative(got[0], 4.0, 4.0, law.POISSON) + 0.5 * law.cumulative(got[0], 20.0, 20.0, law.POISSON)
    before = 0.5 * law.cumulative(got[0] - 1, 4.0, 4.0, law.POISSON) + 0.5 * law.cumulative(
        got[0] - 1, 20.0, 20.0, law.POISSON
    )
    assert before < 0.95 <= share
    assert got[1:].tolist() == law.quantile(0.95, [4.0, 20.0], [4.0, 20.0], law.POISSON).tolist()


def test_min_and_max_for_an_erp() -> None:
    known = case("stationary_policy", "min_max_from_policy")
    given = known["inputs"]
    floor = policy.shelf_floor(given["presentation_qty"], given["pack"], given["forecast_positive"])
    least, most = policy.min_max_from_policy(
        given["reorder_point"], given["order_up_to"], given["presentation_qty"], floor
    )
    assert (least, most) == (known["expected"]["min_qty"], known["expected"]["max_qty"])


def test_each_slot_protects_until_the_next_slot_arrives() -> None:
    known = case("stationary_policy", "review_calendar_protection")
    got = policy.protection_days(known["inputs"]["slot_day"], known["inputs"]["lead_time_days"])
    assert_golden(got, known["expected"]["protection_days"], known["tolerance"])


def test_no_demand_needs_no_stock() -> None:
    window = policy.windows([0.0, np.nan], 0.0, [0.0, 4.0], [0.0, 4.0], law.POISSON)
    assert policy.periodic_review_fill(0.0, window)[0] == 1.0
    assert policy.order_up_to_for_fill(0.95, window)[0] == 0.0
    assert np.isnan(policy.order_up_to_for_fill(0.95, window)[1])


@given(st.floats(0.1, 30), st.floats(1.0, 4.0), st.integers(0, 6), st.integers(1, 7), st.integers(0, 80))
def test_fill_rises_with_stock(mean: float, ratio: float, lead: int, review: int, level: int) -> None:
    protection = lead + review
    window = policy.windows(
        lead * mean, lead * mean * ratio, protection * mean, protection * mean * ratio, law.NEGATIVE_BINOMIAL
    )
    low, high = policy.periodic_review_fill(level, window), policy.periodic_review_fill(level + 1, window)
    assert high >= low - 1e-9


def test_fill_rate_agrees_with_a_simulation() -> None:
    mean, lead, review, level, buckets = 2.0, 3, 4, 15, 400_000
    demand = np.random.default_rng(11).poisson(mean, buckets)
    position, net, arrivals, short = float(level), float(level), np.zeros(buckets + lead + 1), 0.0
    for t in range(buckets):
        net += arrivals[t]
        if t % review == 0:
            arrivals[t + lead] += level - position
            if lead == 0:
                net += level - position
            position = level
        short += min(demand[t], max(demand[t] - max(net, 0.0), 0.0))
        net -= demand[t]
        position -= demand[t]
    window = policy.windows(lead * mean, lead * mean, (lead + review) * mean, (lead + review) * mean, law.POISSON)
    # standard error of the simulated fill rate is about 0.0008
    assert policy.periodic_review_fill(level, window)[0] == pytest.approx(1 - short / demand.sum(), abs=0.003)


def test_large_lots_are_summed_over_units_spread_evenly() -> None:
    """500 units by 64 of them: as the plain mean over all 500, and a lot of a thousand million takes no memory."""
    window = policy.windows([20.0], [60.0], [30.0], [90.0], law.NEGATIVE_BINOMIAL)
    all_units = window.at(np.zeros(500, dtype=np.int64))
    plain = policy.periodic_review_fill(5.0 + np.arange(1, 501), all_units).mean()
    assert policy.reorder_point_fill(5.0, 500.0, window)[0] == pytest.approx(plain, abs=1e-3)
    assert policy.reorder_point_fill(5.0, 1e9, window)[0] == pytest.approx(1.0, abs=0.02)


def _mixture() -> policy.Mixture:
    """Poisson demand of 5 a bucket, one or two buckets of lead time, a review every second bucket: no order crosses."""
    each = [
        policy.windows([5.0 * lead], [5.0 * lead], [5.0 * (lead + 2)], [5.0 * (lead + 2)], law.POISSON)
        for lead in (1, 2)
    ]
    return policy.Mixture(np.array([[0.6, 0.4]]), tuple(each))


@pytest.mark.parametrize("level", [14.0, 18.0, 22.0])
def test_fill_over_a_random_lead_time_is_that_of_a_simulation(level: float) -> None:
    """Stock played bucket by bucket with backlog; demand served from the shelf, within four standard errors."""
    rng = np.random.default_rng(4)
    nodes, buckets = 4000, 120
    stock, due = np.full(nodes, level), np.zeros((nodes, buckets + 4))
    position, wanted, served = np.full(nodes, level), np.zeros(nodes), np.zeros(nodes)
    for t in range(buckets):
        if t % 2 == 0:
            due[np.arange(nodes), t + np.where(rng.random(nodes) < 0.6, 1, 2)] += level - position
            position[:] = level
        stock += due[:, t]
        demand = rng.poisson(5.0, nodes)
        if t >= 20:
            wanted += demand
            served += np.clip(stock, 0.0, demand)
        stock -= demand
        position -= demand
    ratio = served.sum() / wanted.sum()
    error = (served - ratio * wanted).std() / np.sqrt(nodes) / wanted.mean()
    assert policy.periodic_review_fill(level, _mixture())[0] == pytest.approx(ratio, abs=4.0 * error)


def test_levels_and_points_over_a_random_lead_time_are_the_smallest() -> None:
    mixture = _mixture()
    level = policy.order_up_to_for_fill(0.95, mixture)
    assert policy.periodic_review_fill(level, mixture)[0] >= 0.95 > policy.periodic_review_fill(level - 1, mixture)[0]
    point = policy.reorder_point_for_fill(0.95, 6.0, mixture)
    assert policy.reorder_point_fill(point, 6.0, mixture)[0] >= 0.95
    assert policy.reorder_point_fill(point - 1, 6.0, mixture)[0] < 0.95
    assert policy.reorder_point_for_fill(0.95, 1.0, mixture) == level - 1.0


def test_one_lead_time_of_a_mixture_for_certain_is_plain() -> None:
    plain = policy.windows([10.0], [12.0], [15.0], [18.0], law.NEGATIVE_BINOMIAL)
    other = policy.windows([90.0], [99.0], [95.0], [99.0], law.NEGATIVE_BINOMIAL)
    mixture = policy.Mixture(np.array([[1.0, 0.0]]), (plain, other))
    assert policy.order_up_to_for_fill(0.97, mixture) == policy.order_up_to_for_fill(0.97, plain)
