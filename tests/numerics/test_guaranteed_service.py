"""Guaranteed service: worked answers, published optima, brute force on random small networks."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics.guaranteed_service import Placement, Stages, longest_times, place_stock
from tests.examples.real_data import data_file
from tests.golden_cases import assert_golden, golden, golden_names

FREE = 10**6


def stages_of(work: Any, wait: Any, limit: Any, rate: Any, bound: Any, supplier: Any, dependant: Any) -> Stages:
    """Stages whose stock covers bound x sqrt(net time) at `rate` a unit."""
    work, wait, supplier, dependant = (np.array(each, dtype=np.int64) for each in (work, wait, supplier, dependant))
    limit = np.array([FREE if each is None else each for each in limit], dtype=np.int64)
    most = longest_times(work, wait, supplier, dependant)
    cost = (np.array(rate, float) * np.array(bound, float))[:, None] * np.sqrt(np.arange(most.max(initial=0) + 1))
    return Stages(work, wait, limit, cost, supplier, dependant)


def chain(name: str, holding: float) -> tuple[list[str], Stages]:
    """A chain of the data set: direct costs add up along the arcs, sigmas pool as root of squares (pool 2)."""
    rows = [
        line.split(",") for line in data_file(f"gsm_graves_willems/{name}.txt").read_text().splitlines()[1:] if line
    ]
    names = [row[0] for row in rows]
    number = {one: index for index, one in enumerate(names)}
    arcs = [
        (number[row[at]], index, float(row[at + 1]))
        for index, row in enumerate(rows)
        for at in range(8, len(row) - 1, 2)
        if row[at]
    ]
    value = np.array([float(row[3]) for row in rows])
    sigma2 = np.array([float(row[6] or 0) ** 2 for row in rows])
    z = max(float(row[7] or 0) for row in rows)
    total, seen = value.copy(), sigma2.copy()
    for _ in rows:  # as many sweeps as stages: longer than any path
        total, seen = value.copy() + _along(total, arcs, down=True), sigma2 + _along(seen, arcs, down=False)
    limit = [int(row[2]) if row[2] else None for row in rows]
    work = [int(row[1]) for row in rows]
    supplier, dependant = [each[0] for each in arcs], [each[1] for each in arcs]
    made = stages_of(work, [0] * len(rows), limit, holding * total, z * np.sqrt(seen), supplier, dependant)
    return names, made


def _along(values: np.ndarray, arcs: list[tuple[int, int, float]], *, down: bool) -> np.ndarray:
    out = np.zeros_like(values)
    for supplier, dependant, units in arcs:
        if down:
            out[dependant] += units * values[supplier]
        else:
            out[supplier] += units**2 * values[dependant]
    return out


def brute_force(stages: Stages) -> float:
    """Cheapest placement over all promises."""
    most = longest_times(stages.work, stages.least_wait, stages.supplier, stages.dependant)
    best = np.inf
    for promise in itertools.product(
        *[range(int(min(a, b)) + 1) for a, b in zip(most, stages.longest_promise, strict=True)]
    ):
        wait = stages.least_wait.copy()
        np.maximum.at(wait, stages.dependant, np.array(promise)[stages.supplier])
        net = wait + stages.work - np.array(promise)
        if (net >= 0).all():
            best = min(best, float(stages.cost[np.arange(len(net)), net].sum()))
    return best


def check(stages: Stages, found: Placement) -> None:
    """Promises keep to their limits, waits are what suppliers promise, and the cost is theirs."""
    wait = stages.least_wait.copy()
    np.maximum.at(wait, stages.dependant, found.promise[stages.supplier])
    net = wait + stages.work - found.promise
    assert (net >= 0).all()
    assert (found.promise <= stages.longest_promise).all()
    np.testing.assert_array_equal(found.wait, wait)
    assert stages.cost[np.arange(len(net)), net].sum() == pytest.approx(found.cost)
    assert found.bound <= found.cost * (1 + 1e-9)


@pytest.mark.parametrize("name", golden_names("network", "guaranteed_service"))
def test_worked_answers(name: str) -> None:
    inputs, expected, tolerance = golden("network", name)
    names = list(inputs["nodes"])
    parts = [inputs["nodes"][one] for one in names]
    arcs = [(names.index(str(a)), names.index(str(b))) for a, b in inputs["arcs"]]
    fields = ("processing_time", "inbound_service_time", "outbound_limit", "holding_cost", "demand_bound")
    made = stages_of(*[[part[field] for part in parts] for field in fields], *zip(*arcs, strict=True))
    found = place_stock(made)
    check(made, found)
    assert_golden(found.cost, expected["cost"], tolerance)
    assert found.bound == found.cost
    told = np.array([expected["service_time"][one] for one in names])
    wait = made.least_wait.copy()
    np.maximum.at(wait, made.dependant, told[made.supplier])
    # Ties are possible: the told promises cost the same.
    own = made.cost[np.arange(len(told)), wait + made.work - told].sum()
    assert own == pytest.approx(expected["cost"], rel=1e-6)


@pytest.mark.parametrize(("name", "holding", "published"), [("bulldozer", 0.30, 633_000), ("battery", 0.25, 853_000)])
def test_published_optima(name: str, holding: float, published: float) -> None:
    names, made = chain(name, holding)
    found = place_stock(made)
    check(made, found)
    assert round(found.cost, -3) == published
    solution = dict(json.loads(data_file(f"gsm_graves_willems/{name}_solution.json").read_text()))
    assert found.cost == pytest.approx(sum(part["cost"] for part in solution.values()), rel=1e-3)
    assert set(solution) == set(names)


OTHERS = ["chemicals", "cutlery", "digital_camera", "fast_food", "fast_toys", "food", "semiconductors", "toys"]


@pytest.mark.parametrize("name", OTHERS)
def test_other_chains_are_proven_best(name: str) -> None:
    _, made = chain(name, 1.0)
    found = place_stock(made)
    check(made, found)
    assert found.bound == pytest.approx(found.cost, rel=1e-9)


@st.composite
def small_networks(draw: st.DrawFn) -> Stages:
    """Up to five stages, any arcs that do not go round; every fifth cost is a step at zero."""
    size = draw(st.integers(1, 5))
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size)]
    arcs = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    work = draw(st.lists(st.integers(0, 2), min_size=size, max_size=size))
    wait = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    limit = draw(st.lists(st.one_of(st.none(), st.integers(0, 2)), min_size=size, max_size=size))
    rate = draw(st.lists(st.integers(1, 20), min_size=size, max_size=size))
    made = stages_of(work, wait, limit, rate, [1.0] * size, [a for a, _ in arcs], [b for _, b in arcs])
    made.cost[:, 1:] += draw(st.sampled_from([0.0, 3.0]))
    return made


@settings(max_examples=60, deadline=None)
@given(small_networks())
def test_no_placement_is_cheaper(stages: Stages) -> None:
    found = place_stock(stages)
    check(stages, found)
    assert found.cost == pytest.approx(brute_force(stages), abs=1e-9)
    # Cut short, it is still a placement, and what it says of its distance from the best is true.
    hasty = place_stock(stages, most_trees=1)
    check(stages, hasty)
    assert hasty.bound <= found.cost * (1 + 1e-9) + 1e-9


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        stages_of([1, 1], [0, 0], [None, None], [1, 1], [1, 1], [0, 1], [1, 0])
