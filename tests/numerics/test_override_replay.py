"""Replayed windows against the simplest shelf, and what is left over against day-by-day sales."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics.override_replay import LONGEST_DAYS, left_over, live

UNITS = st.lists(st.integers(0, 9).map(float), min_size=4, max_size=4)


@given(st.integers(-3, 12).map(float), UNITS, UNITS, st.sampled_from([0.0, 1.0]))
def test_a_window_is_lived_bucket_by_bucket(
    opening: float, arriving: list[float], demand: list[float], lost_share: float
) -> None:
    stock, closing, lost = max(opening, 0.0), 0.0, 0.0
    for came, wanted in zip(arriving, demand, strict=True):
        stock += came
        served = min(max(stock, 0.0), wanted)
        lost += wanted - served
        stock = stock - wanted if lost_share == 0.0 else stock - served
        closing += max(stock, 0.0)
    lived = live(
        *(np.array(one, ndmin=1) for one in (opening,)),
        np.array([arriving]),
        np.array([demand]),
        np.array([lost_share]),
    )
    assert (lived.closing[0], lived.lost[0], lived.left[0]) == pytest.approx((closing, lost, max(stock, 0.0)))


@pytest.mark.parametrize(
    ("left", "window", "pace", "life"),
    [
        (50.0, 20.0, 3.0, np.inf),
        (5000.0, 0.0, 2.0, np.inf),
        (50.0, 20.0, 3.0, 4.0),
        (9.0, 20.0, 1.0, 3.0),
        (7.0, 0.0, 0.0, 30.0),
    ],
)
def test_what_is_left_over_is_sold_at_the_usual_pace_or_expires(
    left: float, window: float, pace: float, life: float
) -> None:
    extra, held, parts = max(left - window, 0.0), 0.0, 1000
    for _ in range(int(min(life, LONGEST_DAYS) * parts)):
        held += extra / parts
        extra = max(extra - pace / parts, 0.0)
    got_held, got_wasted = left_over(*(np.array([one]) for one in (left, window, pace, life)))
    assert got_held[0] == pytest.approx(held, rel=2e-3, abs=0.1)
    assert got_wasted[0] == pytest.approx(extra if life < LONGEST_DAYS else 0.0, abs=0.01)
