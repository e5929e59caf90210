"""Shared orders against textbook answers; many suppliers at once are each as alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from replenish.numerics.joint_replenishment import cost_of_cycle, joint_replenishment
from tests.golden_cases import assert_golden, cases

FILE = "joint_replenishment"


def _arrays(told: dict[str, Any]) -> tuple[Any, ...]:
    names = ("item_order_cost", "holding_cost", "demand_rate")
    return tuple(np.array(told[name], dtype=float) for name in names)


@pytest.mark.parametrize("known", cases(FILE), ids=lambda c: c["name"])
def test_silver(known: Any) -> None:
    own, hold, rate = _arrays(known["inputs"])
    shared = np.array([known["inputs"]["shared_order_cost"]], dtype=float)
    got, expected = joint_replenishment(np.zeros(len(own), dtype=np.int64), shared, own, hold, rate), known["expected"]
    assert_golden(got.base_cycle[0], expected["base_cycle"], known["tolerance"])
    assert got.multiple.tolist() == expected["multiple"]
    assert_golden(got.order_qty, expected["order_qty"], known["tolerance"])
    assert_golden(got.cost_rate[0], expected["cost_rate"], known["tolerance"])


def test_many_groups_at_once_are_each_as_alone() -> None:
    told = [one["inputs"] for one in cases(FILE)]
    group = np.repeat(np.arange(len(told)), [len(one["holding_cost"]) for one in told])
    mixed = np.random.default_rng(1).permutation(len(group))
    arrays = [np.concatenate(each)[mixed] for each in zip(*(_arrays(one) for one in told), strict=True)]
    shared = np.array([one["shared_order_cost"] for one in told], dtype=float)
    got = joint_replenishment(group[mixed], shared, *arrays)
    for known, cycle in zip(cases(FILE), got.base_cycle, strict=True):
        assert_golden(cycle, known["expected"]["base_cycle"], known["tolerance"])


def test_items_without_demand_are_left_out_and_free_items_are_on_every_order() -> None:
    group, shared = np.array([0, 0, 0, 1]), np.array([50.0, 50.0, 50.0])
    own, hold, rate = np.array([0.0, 0.0, 9.0, 1.0]), np.ones(4), np.array([2.0, 1.0, 0.0, 0.0])
    got = joint_replenishment(group, shared, own, hold, rate)
    assert got.multiple.tolist() == [1, 1, 0, 0]
    assert got.base_cycle[0] == pytest.approx(np.sqrt(2 * 50 / 3))
    assert np.isnan(got.base_cycle[1:]).all()
    assert got.cost_rate[1:].tolist() == got.order_qty[2:].tolist() == [0.0, 0.0]
    empty = np.zeros(0)
    assert np.isnan(joint_replenishment(empty.astype(int), shared, empty, empty, empty).base_cycle).all()


@pytest.mark.parametrize("known", cases(FILE), ids=lambda c: c["name"])
def test_cost_of_a_cycle_has_the_best_multiples(known: Any) -> None:
    """At Silver's cycle its multiples cost what it says, and no others within reach cost less than the ones found."""
    own, hold, rate = _arrays(known["inputs"])
    shared = float(known["inputs"]["shared_order_cost"])
    group = np.zeros(len(own), dtype=np.int64)

    def cost(cycle: float, multiple: Any) -> float:
        return (shared + (own / multiple).sum()) / cycle + cycle / 2 * (hold * multiple * rate).sum()

    silver = joint_replenishment(group, np.array([shared]), own, hold, rate)
    assert cost(silver.base_cycle[0], silver.multiple) == pytest.approx(silver.cost_rate[0])
    for share in (0.4, 1.0, 2.5):
        cycle = silver.base_cycle * share
        found, told = cost_of_cycle(cycle, group, np.array([shared]), own, hold, rate)
        assert told[0] == pytest.approx(cost(cycle[0], found))
        for item in range(len(own)):
            for step in (-1, 1):
                other = found.copy()
                other[item] = max(1, other[item] + step)
                assert cost(cycle[0], other) >= told[0] - 1e-9


def test_a_group_without_items_or_cycle_costs_nothing() -> None:
    multiple, cost = cost_of_cycle(
        np.array([7.0, np.nan]), np.array([0, 1]), np.array([5.0, 5.0]), np.zeros(2), np.ones(2), np.array([0.0, 3.0])
    )
    assert multiple.tolist() == [0, 0]
    assert cost.tolist() == [0.0, 0.0]
