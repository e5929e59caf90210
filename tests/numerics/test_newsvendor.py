"""One season's stock against textbook answers, and against the cost of its neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics import newsvendor as nv
from replenish.numerics.loss import NEGATIVE_BINOMIAL, NORMAL, POISSON, loss
from tests.golden_cases import assert_golden, case, cases


def _equal(known: Any, got: nv.Level) -> None:
    assert_golden(np.asarray(got), (known["expected"]["order_up_to"], known["expected"]["cost"]), known["tolerance"])


@pytest.mark.parametrize("known", cases("newsvendor", "newsvendor_normal"), ids=lambda c: c["name"])
def test_normal_demand_over_lead_time_and_one_period(known: Any) -> None:
    given_ = known["inputs"]
    periods = given_["lead_time"] + 1
    mean, variance = given_["demand_mean"] * periods, given_["demand_sd"] ** 2 * periods
    _equal(known, nv.newsvendor(given_["holding_cost"], given_["shortage_cost"], mean, variance, NORMAL))


@pytest.mark.parametrize(
    "known", cases("newsvendor", "newsvendor_profit", "newsvendor_porteus"), ids=lambda c: c["name"]
)
def test_profit_is_the_margin_of_all_demand_less_the_cost(known: Any) -> None:
    told, expected = known["inputs"], known["expected"]
    price, paid = told.get("revenue", told.get("price")), told.get("purchase_cost", told.get("cost"))
    over, under, mean = paid - told.get("salvage_value", 0.0), price - paid, told["demand_mean"]
    got = nv.newsvendor(over, under, mean, told["demand_sd"] ** 2, NORMAL)
    assert_golden(got.order_up_to, expected["order_up_to"], known["tolerance"])
    assert_golden(under * mean - got.cost, expected["expected_profit"], known["tolerance"])
    if "fill_rate" in expected:
        assert_golden(nv.critical_ratio(over, under), expected["critical_ratio"], known["tolerance"])
        assert_golden(got.cost, expected["expected_cost"], known["tolerance"])
        missed = loss(got.order_up_to, mean, told["demand_sd"] ** 2, NORMAL)
        assert_golden(1.0 - missed / mean, expected["fill_rate"], known["tolerance"])


@pytest.mark.parametrize("known", cases("newsvendor", "newsvendor_poisson"), ids=lambda c: c["name"])
def test_poisson_demand(known: Any) -> None:
    told = known["inputs"]
    _equal(
        known,
        nv.newsvendor(told["holding_cost"], told["shortage_cost"], told["demand_mean"], told["demand_mean"], POISSON),
    )


def test_bread() -> None:
    known = case("newsvendor", "newsvendor_bread")
    told = known["inputs"]
    over, under = told["cost"] - told["salvage_value"], told["price"] - told["cost"]
    assert_golden(nv.critical_ratio(over, under), known["expected"]["critical_ratio"], known["tolerance"])
    got = nv.newsvendor(over, under, told["demand_mean"], told["demand_variance"], NEGATIVE_BINOMIAL)
    assert_golden(got.order_up_to, known["expected"]["order_up_to"], known["tolerance"])


@given(
    over=st.floats(0.01, 10),
    under=st.floats(0.01, 10),
    mean=st.floats(0.1, 200),
    ratio=st.sampled_from([1.0, 1.7, 4.0]),
)
def test_no_neighbour_costs_less(over: float, under: float, mean: float, ratio: float) -> None:
    got = nv.newsvendor(over, under, mean, ratio * mean, NEGATIVE_BINOMIAL)
    for step in (-1.0, 1.0):
        other = got.order_up_to + step
        cost = over * (other - mean) + (over + under) * loss(other, mean, ratio * mean, NEGATIVE_BINOMIAL)
        assert other < 0 or cost >= got.cost - 1e-9 * (1 + mean)


def test_costs_that_say_nothing_give_no_level() -> None:
    assert np.isnan(nv.critical_ratio([0.0, np.nan, -1.0], [0.0, 1.0, 0.0])).all()
    assert nv.critical_ratio(-3.0, 1.0) == 1.0
    assert np.isnan(nv.newsvendor(np.nan, 1.0, 5.0, 5.0, POISSON).order_up_to)
