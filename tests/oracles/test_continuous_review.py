"""Continuous review against the textbook."""

from __future__ import annotations

from typing import Any

import pytest

from tests.golden_cases import assert_golden, cases
from tests.oracles.continuous_review import continuous_review_safety_factor


@pytest.mark.parametrize("known", cases("stationary_policy", "continuous_review"), ids=lambda c: c["name"])
def test_continuous_review(known: Any) -> None:
    given = known["inputs"]
    got = continuous_review_safety_factor(
        given["order_qty"], given["lead_time_demand_sd"], given["fill_target"], [False, True]
    )
    expected = [known["expected"]["safety_factor_backorder"], known["expected"]["safety_factor_lost_sales"]]
    assert_golden(got, expected, known["tolerance"])
