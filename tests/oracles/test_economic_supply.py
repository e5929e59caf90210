"""Lots under uncertain supply against textbook answers, and against search."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.golden_cases import assert_golden, case, cases
from tests.oracles import economic_supply as es
from tests.oracles.lot_cost import lot_cost_rate

FILE = "economic_order"


@pytest.mark.parametrize("known", cases(FILE, "eoq_yield"), ids=lambda c: c["name"])
def test_random_yield(known: Any) -> None:
    rule = es.multiplicative_yield_lot if "multiplicative" in known["name"] else es.additive_yield_lot
    names = ("order_cost", "holding_cost", "demand_rate", "yield_mean", "yield_sd")
    got, expected = rule(*(known["inputs"][name] for name in names)), known["expected"]
    assert_golden(np.asarray(got), (expected["order_qty"], expected["cost_rate"]), known["tolerance"])


@pytest.mark.parametrize("known", cases(FILE, "eoq_disruption"), ids=lambda c: c["name"])
def test_a_supplier_that_fails_and_recovers(known: Any) -> None:
    names = ("order_cost", "holding_cost", "shortage_cost", "demand_rate", "disruption_rate", "recovery_rate")
    told, expected = tuple(known["inputs"][name] for name in names), known["expected"]
    exact, near = es.disrupted_lot(*told), es.disrupted_lot_approximation(*told)
    assert_golden(np.asarray(exact), (expected["order_qty"], expected["cost_rate"]), known["tolerance"])
    wanted = (expected["approximate_order_qty"], expected["approximate_cost_rate"])
    assert_golden(np.asarray(near), wanted, known["tolerance"])
    tried = float(exact.order_qty) * np.linspace(0.3, 3.0, 50)
    assert min(es.disrupted_cost_rate(one, *told) for one in tried) >= float(exact.cost_rate)


def test_power_of_two_intervals_cost_at_most_six_per_cent_more() -> None:
    best = np.exp(np.random.default_rng(3).uniform(-4, 6, 500))
    near = es.power_of_two_interval(best, 1.0)
    np.testing.assert_array_equal(np.log2(near), np.round(np.log2(near)))
    ratio = near / best
    flat = case(FILE, "eoq_flatness")["expected"]["cost_ratio"][-1]
    assert ((ratio + 1 / ratio) / 2).max() <= flat + 1e-9
    assert es.power_of_two_interval(7.0, 7.0) == 7.0


def test_yield_of_one_is_the_plain_lot_and_cost_is_that_of_a_simulation() -> None:
    plain = es.multiplicative_yield_lot(8.0, 0.225, 1300.0, 1.0, 0.0)
    assert float(plain.order_qty) == pytest.approx(304.046780026)
    # a sawtooth with received lots Z Q: cost of cycles over their length
    got = es.multiplicative_yield_lot(8.0, 0.225, 1300.0, 0.8, 0.2)
    share = np.random.default_rng(5).normal(0.8, 0.2, 400_000)
    lot = share * float(got.order_qty)
    cost, length = 8.0 + 0.225 * lot**2 / 2 / 1300.0, lot / 1300.0
    rate = cost.mean() / length.mean()
    error = np.std(cost - rate * length) / length.mean() / np.sqrt(len(lot))
    assert abs(rate - float(got.cost_rate)) <= 4 * error


def test_economic_order_costs_what_its_sawtooth_costs() -> None:
    qty, rate, hold, fixed = 250.0, 1300.0, 0.225, 8.0
    day = np.linspace(0.0, qty / rate, 20_001)
    stock = qty - rate * (day[:-1] + day[1:]) / 2
    assert (fixed + hold * stock.mean() * day[-1]) / day[-1] == pytest.approx(
        float(lot_cost_rate(qty, fixed, hold, rate))
    )
