"""How much a plan changes between two nights."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics.nervousness import changed_rate, flipped
from tests.golden_cases import assert_golden, case

LINES = st.lists(st.tuples(*[st.integers(0, 1000)] * 3), min_size=1, max_size=20)


def test_nervousness() -> None:
    known = case("validation", "nervousness")
    before, now = known["inputs"]["previous_qty"], known["inputs"]["current_qty"]
    assert_golden(changed_rate(before, now), known["expected"]["nervousness"], known["tolerance"])
    came, went = flipped(before, now)
    assert_golden((came | went).mean(), known["expected"]["appeared_or_vanished_share"], known["tolerance"])


@given(LINES)
def test_nothing_changed_is_no_change_and_weights_do_not_scale(lines: list[tuple[int, int, int]]) -> None:
    before, now, weight = np.array(lines, dtype=float).T
    assert changed_rate(before, before) == 0.0 or before.sum() == 0
    share, scaled = changed_rate(before, now, weight), changed_rate(before, now, 7.0 * weight)
    np.testing.assert_allclose(share, scaled, rtol=1e-12)
    assert np.isnan(share) or share >= 0.0
    came, went = flipped(before, now)
    assert not (came & went).any()


def test_a_night_without_orders_before_has_no_share() -> None:
    assert np.isnan(changed_rate([0.0], [5.0]))
    assert np.isnan(changed_rate([], []))
