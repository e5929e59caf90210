from __future__ import annotations

import numpy as np
import pytest

from replenish.numerics.spike import spikes


def test_twenty_times_the_next_largest():
    found = spikes(np.array([[5.0, 4.0, 6.0, 5.0, 500.0], [5.0, 4.0, 6.0, 5.0, 90.0], [np.nan, 4.0, 0.0, 0.0, 0.0]]))
    assert np.argwhere(found).tolist() == [[0, 4]]


def test_few_other_sales_are_held_against_everybody():
    value = np.array([[0.0, 3.0, 1e6], [5.0, 5.0, 6.0], [900.0, 0.0, 0.0]])
    assert np.argwhere(spikes(value)).tolist() == [[0, 2]]
    assert not spikes(value[:1]).any(), "nobody else is there to tell"


def test_two_or_three_of_a_kind_must_be_wilder():
    few = [1.0, 2.0, 1.0, 2.0]
    assert np.argwhere(spikes(np.array([[*few, 1e9, 1e9]]))).tolist() == [[0, 4], [0, 5]]
    assert spikes(np.array([[*few, 1e12, 1e9, 1e9]])).sum() == 3
    assert spikes(np.array([[*few, 1e12, 1e9, 30.0]])).sum() == 2
    assert not spikes(np.array([[*few, 60.0, 60.0]])).any()
    assert not spikes(np.array([[*few, 1e9, 1e9, 1e9, 1e9]])).any(), "it is what it sells now"


@pytest.mark.parametrize("value", [np.zeros((0, 0)), np.zeros((2, 0)), np.zeros((3, 4)), np.full((2, 2), np.nan)])
def test_nothing_sold_is_no_spike(value):
    assert not spikes(value).any()
