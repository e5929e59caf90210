"""Lines of an order: between the least and the largest, whole packs, the same sum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics.order_lines import MOST_LINES, lots_in_lines, split_lines, whole_lots


@pytest.mark.parametrize(
    ("qty", "least", "most", "pack", "lots"),
    [
        (0.0, 10, 40, 1, 0.0),
        (3.0, 10, 40, 1, 10.0),
        (41.0, 10, 40, 6, 42.0),
        (41.0, 30, 40, 1, 40.0),  # two lines of 30 are more than is wanted
        (41.0, 50, 40, 1, 0.0),  # the largest line is below the smallest
        (41.0, 0, 5, 6, 0.0),  # not even a pack
        (41.0, 0, np.inf, 6, 42.0),
        (1e9, 0, 1, 1, MOST_LINES),
    ],
)
def test_lots_that_lines_add_up_to(qty: float, least: float, most: float, pack: float, lots: float) -> None:
    assert lots_in_lines(qty, least, most, pack) == lots
    assert whole_lots(qty, float(least), float(most), float(pack)) == lots


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 60), st.integers(1, 200)), min_size=1, max_size=6),
    st.sampled_from([1.0, 6.0, 12.0]),
)
def test_lines_are_lots_within_their_limits(orders: list[tuple[int, int, int]], pack: float) -> None:
    qty, least, most = (np.array(column, dtype=float) for column in zip(*orders, strict=True))
    lots = lots_in_lines(qty, least, most, pack)
    assert [whole_lots(*one, pack) for one in zip(qty, least, most, strict=True)] == lots.tolist()
    smallest, largest = np.ceil(least / pack) * pack, np.floor(most / pack) * pack
    order, line = split_lines(lots, np.where(largest > 0, largest, np.inf), np.full(len(lots), pack))
    assert np.bincount(order, line) == pytest.approx(lots)
    kept = line > 0
    assert (line[kept] <= largest[order][kept]).all()
    assert (line[kept] >= smallest[order][kept]).all()
    assert (line % pack == 0).all()
    assert np.bincount(order).max() <= MOST_LINES


def test_weights_divide_at_will() -> None:
    order, line = split_lines([10.0, 3.0], [4.0, np.inf], [0.0, 0.0])
    assert order.tolist() == [0, 0, 0, 1]
    assert line == pytest.approx([10 / 3] * 3 + [3.0])


def test_a_largest_line_that_holds_nothing_splits_nothing() -> None:
    order, line = split_lines([0.0, 7.0], [0.0, 0.0], [1.0, 1.0])
    assert (order.tolist(), line.tolist()) == ([0, 1], [0.0, 7.0])
