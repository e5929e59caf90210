"""The serial oracle against its worked answers, and the heuristic against the optimum."""

from __future__ import annotations

from typing import Any

import pytest

from tests.golden_cases import assert_golden, golden, golden_names
from tests.oracles.serial_echelon import best_levels, cost_of, heuristic_levels


def _facts(inputs: dict[str, Any]) -> tuple[Any, ...]:
    names = ("echelon_holding_cost", "shortage_cost", "lead_time", "demand_mean", "demand_sd")
    return tuple(inputs[name] for name in names)


@pytest.mark.parametrize("name", golden_names("network", "serial_echelon"))
def test_optimal_levels(name: str) -> None:
    inputs, expected, tolerance = golden("network", name)
    levels, cost = best_levels(*_facts(inputs))
    assert_golden(cost, expected["cost"], tolerance)
    assert_golden(levels, expected["echelon_order_up_to"], tolerance)


@pytest.mark.parametrize("name", golden_names("network", "shang_song"))
def test_heuristic_levels(name: str) -> None:
    inputs, expected, tolerance = golden("network", name)
    levels = heuristic_levels(*_facts(inputs))
    assert_golden(levels, expected["echelon_order_up_to"], tolerance)
    cost = cost_of(levels, *_facts(inputs))
    assert_golden(cost, expected["cost"], tolerance)
    assert cost >= best_levels(*_facts(inputs))[1] - 1e-6
