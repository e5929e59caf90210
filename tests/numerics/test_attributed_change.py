"""A change taken apart by replacing one cause after the other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics.attributed_change import State, attributed_change
from tests.golden_cases import assert_golden, case

NUMBERS = st.integers(-50, 50)


def _need(state: State) -> float:
    forecast, cover, stock = (float(str(state[name])) for name in ("forecast", "cover", "stock"))
    return max(0.0, forecast * cover - stock)


def test_attributed_change() -> None:
    known = case("validation", "attributed_change")
    given_, expected = known["inputs"], known["expected"]
    parts = attributed_change(given_["previous"], given_["current"], given_["order"], _need)
    for cause, part in expected["change_by_cause"].items():
        assert_golden(parts[cause], part, known["tolerance"])
    assert list(parts) == given_["order"]
    assert_golden(sum(parts.values()), expected["total_change"], known["tolerance"])
    assert _need(given_["previous"]) == expected["previous_qty"]
    assert _need(given_["current"]) == expected["current_qty"]


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=3), st.permutations(["a", "b", "c"]))
def test_parts_add_up_whatever_the_function_and_the_order(nights: list[tuple[int, int]], order: list[str]) -> None:
    before, now = ({name: night[k] for name, night in zip("abc", nights, strict=True)} for k in (0, 1))
    asked: list[dict[str, object]] = []

    def quantity(state: State) -> np.ndarray:
        asked.append(dict(state))
        a, b, c = (int(str(state[name])) for name in "abc")
        return np.array([max(a * b - c, 0), a + b * c], dtype=np.float64)

    parts = attributed_change(before, now, order, quantity)
    np.testing.assert_array_equal(sum(parts.values()), quantity(now) - quantity(before))
    unchanged = [name for name in "abc" if before[name] == now[name]]
    assert all(not parts[name].any() for name in unchanged)
    assert len(asked) == 1 + 3 - len(unchanged) + 2, "what is the same on both nights is not computed"
