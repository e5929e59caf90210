"""Stock against fill: the simulator agrees, and more stock never serves less."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics import loss
from replenish.numerics.exchange_curve import fill_and_stock, level_by_cost, level_by_service
from replenish.numerics.policy_simulator import BUCKETS, CLOSING, COUNTED, DEMAND, NOBODY, SERVED, Policy, Shelf, play
from replenish.numerics.stationary_policy import Windows, periodic_review_fill, windows

LEAD, REVIEW = 3, 2


def poisson(mean: float, count: int = 1) -> Windows:
    over = np.full(count, mean)
    return windows(LEAD * over, LEAD * over, (LEAD + REVIEW) * over, (LEAD + REVIEW) * over, loss.POISSON)


def simulated(level: float, mean: float, lot: float, buckets: int = 60_000) -> tuple[float, float]:
    """Fill and mean stock of (R, s, nQ) with backorders: stock between demands, as the formula counts it."""
    demand = np.random.default_rng(1).poisson(mean, (1, buckets)).astype(np.float32)
    time = np.arange(buckets)
    slot = np.where(time % REVIEW == 0, time // REVIEW, -1)
    orders = -(-buckets // REVIEW)
    policy = Policy(
        point=np.full((1, orders), level if lot > 1 else np.inf),
        level=np.full((1, orders), level + (1.0 if lot > 1 else 0.0)),
        given=np.full((1, orders), np.nan),
        delay=np.full((1, orders), LEAD, dtype=np.int64),
        pack=np.full(1, max(lot, 1.0)),
        min_qty=np.zeros(1),
        lost_share=np.zeros(1),
        parent=np.full(1, NOBODY, dtype=np.int64),
        family=np.arange(2, dtype=np.int64),
    )
    counted = np.zeros((1, 1, len(COUNTED)))
    shelf = Shelf(np.full(1, level), np.zeros((1, LEAD + 1)))
    play(shelf, policy, demand, slot, np.zeros(buckets, dtype=np.int64), 0, buckets, counted)
    got = counted[0, 0]
    return float(got[SERVED] / got[DEMAND]), float(got[CLOSING] / got[BUCKETS])


@pytest.mark.parametrize(("level", "lot"), [(28.0, 0.0), (34.0, 0.0), (24.0, 12.0)])
def test_the_simulator_agrees(level: float, lot: float) -> None:
    """5 a bucket, lead time 3, review 2. Closing stock lies half a bucket's demand below the mean over time."""
    fill, stock = fill_and_stock(np.array([level]), poisson(5.0), np.array([lot]))
    served, closing = simulated(level, 5.0, lot)
    assert fill[0] == pytest.approx(served, abs=0.01)
    assert stock[0] == pytest.approx(closing + 2.5, rel=0.06)


def test_without_lots_fill_is_that_of_periodic_review() -> None:
    level, law = np.array([20.0, 25.0]), poisson(4.0, 2)
    fill, _ = fill_and_stock(level, law, np.zeros(2))
    assert fill == pytest.approx(periodic_review_fill(level, law))


@given(
    mean=st.floats(0.05, 80.0),
    spread=st.floats(1.0, 6.0),
    lot=st.sampled_from([0.0, 1.0, 6.0, 40.0]),
    services=st.lists(st.floats(0.05, 0.999), min_size=2, max_size=5),
)
def test_more_service_is_more_stock_and_never_less_fill(
    mean: float, spread: float, lot: float, services: list[float]
) -> None:
    law = windows(3 * mean, 3 * mean * spread, 5 * mean, 5 * mean * spread, loss.NEGATIVE_BINOMIAL)
    points = [fill_and_stock(level_by_service(one, law), law, np.array([lot])) for one in sorted(services)]
    fills, stocks = (np.array([point[side][0] for point in points]) for side in (0, 1))
    assert (np.diff(fills) >= -1e-9).all()
    assert (np.diff(stocks) >= -1e-9).all()
    assert ((fills >= 0) & (fills <= 1)).all()


def test_by_cost_the_dearer_miss_gets_more() -> None:
    law = poisson(5.0, 2)
    level = level_by_cost(1.0, np.array([1.0, 9.0]), np.array([1.0, 1.0]), law)
    assert level == pytest.approx(loss.quantile([0.5, 0.9], 25.0, 25.0, loss.POISSON))
    assert (level_by_cost(0.0, np.ones(2), np.ones(2), law) == 0).all()


def test_nothing_wanted_needs_nothing() -> None:
    law = windows(0.0, 0.0, 0.0, 0.0, loss.POINT)
    assert level_by_service(0.99, law).tolist() == [0.0]
    fill, stock = fill_and_stock(np.zeros(1), law, np.zeros(1))
    assert (fill[0], stock[0]) == (1.0, 0.0)
