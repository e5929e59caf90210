"""Lost-sales levels against long simulations, and the laws any such level obeys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replenish.numerics import loss
from replenish.numerics.lost_sales_target import Stationary, lost_sales_fill, order_up_to_for_lost_sales
from tests.golden_cases import case, golden_names

FILE = "lost_sales"
NODES, BUCKETS = 100, 10_000


def _nodes(inputs: dict[str, Any], count: int = NODES, family: int = loss.GAMMA) -> Stationary:
    def each(value: float) -> Any:
        return np.full(count, value)

    mean = inputs["mean_per_bucket"]
    return Stationary(
        each(mean),
        each((inputs["cv"] * mean) ** 2),
        each(family),
        each(inputs["lead_time_buckets"]),
        each(inputs["review_buckets"]),
        np.arange(count),
        each(0.0),
        np.zeros((count, 0)),
    )


@pytest.mark.parametrize("name", golden_names(FILE, "lost_sales_fill"))
def test_fill_of_a_level(name: str) -> None:
    known = case(FILE, name)
    nodes = _nodes(known["inputs"])
    got = lost_sales_fill(np.full(NODES, known["inputs"]["order_up_to"]), nodes, buckets=BUCKETS)
    assert got.mean() == pytest.approx(known["expected"]["fill_rate_lost_sales"], abs=known["tolerance"])


@pytest.mark.parametrize("name", golden_names(FILE, "lost_sales_target"))
def test_level_for_a_fill(name: str) -> None:
    known = case(FILE, name)
    inputs, expected = known["inputs"], known["expected"]
    nodes, upper = _nodes(inputs, 20), np.full(20, expected["order_up_to_backorder_formula"])
    got, reached = order_up_to_for_lost_sales(np.full(20, inputs["fill_target"]), upper, nodes, buckets=BUCKETS)
    assert reached.all()
    assert got.mean() == pytest.approx(expected["order_up_to_by_simulation"], rel=known["tolerance"])


def test_what_cannot_be_reached_stays_and_says_so() -> None:
    nodes = _nodes({"mean_per_bucket": 10.0, "cv": 0.6, "lead_time_buckets": 2, "review_buckets": 1}, 3)
    got, reached = order_up_to_for_lost_sales(np.full(3, 0.95), np.full(3, 5.0), nodes)
    assert not reached.any()
    assert (got == 5.0).all()


@pytest.mark.parametrize("variance", [0.2, 0.5, 3.0])
def test_counts_get_whole_levels_that_hold(variance: float) -> None:
    nodes = _nodes({"mean_per_bucket": 0.5, "cv": variance**0.5 / 0.5, "lead_time_buckets": 3, "review_buckets": 2}, 5)
    nodes = nodes._replace(family=np.full(5, loss.NEGATIVE_BINOMIAL))
    got, reached = order_up_to_for_lost_sales(np.full(5, 0.9), np.full(5, 40.0), nodes)
    assert reached.all()
    assert (got == np.floor(got)).all()
    assert (lost_sales_fill(got, nodes) >= 0.9).all()
    assert (lost_sales_fill(got - 1.0, nodes) < 0.9).all()


def test_a_node_meets_the_same_luck_whoever_is_beside_it() -> None:
    facts = {"mean_per_bucket": 4.0, "cv": 1.0, "lead_time_buckets": 2, "review_buckets": 1}
    nodes = _nodes(facts, 1500)
    nodes = nodes._replace(lead=np.arange(1500) % 3, review=1 + np.arange(1500) % 2)
    target, upper = np.full(1500, 0.95), np.full(1500, 60.0)
    alone = np.array([1400, 7])
    together, _ = order_up_to_for_lost_sales(target, upper, nodes)
    apart, _ = order_up_to_for_lost_sales(target[alone], upper[alone], nodes.at(alone))
    np.testing.assert_array_equal(together[alone], apart)


def test_hostile_laws_keep_their_upper_level() -> None:
    nodes = _nodes({"mean_per_bucket": 4.0, "cv": 1.0, "lead_time_buckets": 2, "review_buckets": 1}, 4)
    nodes = nodes._replace(mean=np.array([np.nan, 0.0, -1.0, 4.0]), variance=np.array([1.0, 1.0, 1.0, np.inf]))
    got, reached = order_up_to_for_lost_sales(np.full(4, 0.95), np.full(4, 9.0), nodes)
    assert (got == 9.0).all()
    assert reached.all()


def test_lots_serve_the_share_from_a_lower_level_and_plain_levels_are_lots_of_one() -> None:
    facts = {"mean_per_bucket": 4.0, "cv": 0.5, "lead_time_buckets": 2, "review_buckets": 1}
    nodes = _nodes(facts, 5, loss.POISSON)
    target, upper = np.full(5, 0.95), np.full(5, 40.0)
    plain, ones, dozens = (
        order_up_to_for_lost_sales(target, upper, nodes._replace(lot=np.full(5, lot)))[0] for lot in (0.0, 1.0, 12.0)
    )
    np.testing.assert_array_equal(plain, ones)
    assert (dozens < plain).all()


def test_random_lead_times_need_more_and_a_certain_law_is_the_planned_one() -> None:
    facts = {"mean_per_bucket": 10.0, "cv": 0.4, "lead_time_buckets": 3, "review_buckets": 1}
    nodes = _nodes(facts, 5)
    sure, unsure = (
        nodes._replace(delay_law=np.tile(law, (5, 1))) for law in ([0, 0, 0, 1.0], [0, 0.5, 0.5, 0.5, 0.5, 1.0])
    )
    target, upper = np.full(5, 0.95), np.full(5, 150.0)
    planned, certain, random = (order_up_to_for_lost_sales(target, upper, one)[0] for one in (nodes, sure, unsure))
    np.testing.assert_array_equal(planned, certain)
    assert (random > planned).all()
    assert (lost_sales_fill(random, unsure) >= 0.95).all()
