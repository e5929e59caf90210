"""One season's stock against textbook answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replenish.numerics.newsvendor import Level
from tests.golden_cases import assert_golden, cases
from tests.oracles import newsvendor as nv


def _equal(known: Any, got: Level) -> None:
    assert_golden(np.asarray(got), (known["expected"]["order_up_to"], known["expected"]["cost"]), known["tolerance"])


@pytest.mark.parametrize("known", cases("newsvendor", "newsvendor_discrete"), ids=lambda c: c["name"])
def test_discrete_demand(known: Any) -> None:
    told = known["inputs"]
    demand, chance = (np.array(each, dtype=float) for each in zip(*told["demand_pmf"].items(), strict=True))
    _equal(known, nv.newsvendor_discrete(told["holding_cost"], told["shortage_cost"], demand, chance))
    with pytest.raises(ValueError, match="at least one"):
        nv.newsvendor_discrete(1.0, 1.0, demand[:0], chance[:0])


@pytest.mark.parametrize("known", cases("newsvendor", "newsvendor_lognormal"), ids=lambda c: c["name"])
def test_lognormal_demand(known: Any) -> None:
    names = ("holding_cost", "shortage_cost", "log_mean", "log_sd")
    _equal(known, nv.newsvendor_lognormal(*(known["inputs"][name] for name in names)))


@pytest.mark.parametrize("known", cases("newsvendor", "newsvendor_additive"), ids=lambda c: c["name"])
def test_additive_yield(known: Any) -> None:
    names = ("holding_cost", "shortage_cost", "demand", "yield_low", "yield_high")
    got = nv.newsvendor_additive_yield(*(known["inputs"][name] for name in names))
    assert_golden(got, known["expected"]["order_qty"], known["tolerance"])


@pytest.mark.parametrize("known", cases("newsvendor", "base_stock"), ids=lambda c: c["name"])
def test_a_supplier_that_fails(known: Any) -> None:
    names = ("holding_cost", "shortage_cost", "demand", "disruption_probability", "recovery_probability")
    _equal(known, nv.base_stock_with_disruptions(*(known["inputs"][name] for name in names)))


def test_every_case_of_the_file_is_asked_for() -> None:
    asked = ("normal", "profit", "porteus", "poisson", "discrete", "lognormal", "bread", "additive")
    told = [*(f"newsvendor_{name}" for name in asked), "base_stock"]
    assert len(cases("newsvendor", *told)) == len(cases("newsvendor"))
