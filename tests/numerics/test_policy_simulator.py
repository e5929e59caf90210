"""The simulator: the order of events, families, and stock that is never made nor lost."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics.policy_simulator import (
    CLOSING,
    COUNTED,
    DEMAND,
    EXPIRED,
    LASTING,
    LOST,
    NOBODY,
    ORDERED,
    RECEIVED,
    SERVED,
    SHIPPED,
    Ages,
    Policy,
    Shelf,
    families,
    play,
)
from tests.golden_cases import cases


def policy(nodes: int, slots: int, delay: int, parent: list[int] | None = None, lost_share: float = 1.0) -> Policy:
    """A rule that orders nothing, for nodes that stand in the order of their families."""
    above = np.full(nodes, NOBODY) if parent is None else np.array(parent)
    _, family = families(above)
    shape = (nodes, slots)
    return Policy(
        np.full(shape, -np.inf),
        np.zeros(shape),
        np.full(shape, np.nan),
        np.full(shape, delay),
        np.ones(nodes),
        np.zeros(nodes),
        np.full(nodes, lost_share),
        above,
        family,
    )


def shelf(on_hand: list[float], ring: int) -> Shelf:
    """Stock with nothing under way."""
    return Shelf(np.array(on_hand, dtype=np.float64), np.zeros((len(on_hand), ring)))


def played(stock: Shelf, rule: Policy, demand: np.ndarray, slot: np.ndarray, ages: Ages = LASTING) -> np.ndarray:
    """Counts bucket by bucket: [buckets, nodes, COUNTED]."""
    buckets = demand.shape[1]
    counted = np.zeros((buckets, len(stock.on_hand), len(COUNTED)))
    play(stock, rule, demand.astype(np.float32), slot, np.arange(buckets), 0, buckets, counted, ages)
    return counted


@pytest.mark.parametrize("case", cases("validation", "simulator_"), ids=lambda case: case["name"])
def test_events_of_a_bucket(case: dict) -> None:
    """Receive, decide, demand, count: golden cases of lost sales, backorders and no lead time."""
    told, expected = case["inputs"], case["expected"]
    demand, orders, lead = (np.array([told["demand_qty"]]), told["order_qty"], told["lead_time_buckets"])
    rule = policy(1, len(orders), lead, lost_share=0.0 if told.get("rule") == "backorder" else 1.0)
    rule.given[0] = orders
    stock = shelf([told["on_hand_qty"]], lead + 1)
    closing = []
    counted = np.zeros((len(orders), 1, len(COUNTED)))
    for t in range(len(orders)):
        play(stock, rule, demand.astype(np.float32), np.arange(4), np.arange(4), t, t + 1, counted)
        closing.append(stock.on_hand[0])
    assert closing == expected["closing_qty"]
    assert counted[:, 0, SERVED].tolist() == expected["sold_qty"]
    if "lost_qty" in expected:
        assert counted[:, 0, LOST].tolist() == expected["lost_qty"]
    for bucket, qty in expected.get("still_in_transit", {}).items():
        assert stock.pipeline[0, int(bucket) % (lead + 1)] == qty


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), delay=st.integers(0, 5), lost_share=st.sampled_from([0.0, 0.5, 1.0]))
def test_stock_is_never_made_nor_lost(seed: int, delay: int, lost_share: float) -> None:
    """Opening + received = served + shipped + closing, whatever the rule, with and without a parent."""
    rng = np.random.default_rng(seed)
    rule = policy(4, 10, delay, [2, 2, NOBODY, NOBODY], lost_share)
    rule.point[:], rule.level[:] = np.inf, rng.integers(0, 30, rule.level.shape)
    opening = rng.integers(0, 20, 4).astype(float)
    stock = shelf(opening.tolist(), 6)
    demand = rng.integers(0, 6, (4, 40))
    counted = played(stock, rule, demand, np.where(np.arange(40) % 4 == 0, np.arange(40) // 4, -1))
    total = counted.sum(axis=0)
    gone = total[:, SHIPPED] + total[:, DEMAND] - total[:, LOST]
    np.testing.assert_allclose(opening + total[:, RECEIVED] - gone, stock.on_hand, atol=1e-9)
    under_way = total[:, ORDERED] - total[:, RECEIVED]
    np.testing.assert_allclose(under_way, stock.pipeline.sum(axis=1), atol=1e-9)
    assert total[2, SHIPPED] == total[:2, ORDERED].sum()


def test_a_parent_ships_only_what_it_has_in_equal_shares_of_whole_packs() -> None:
    """Two children ask for 8 each, the parent has 9: 4 for each, and one unit stays."""
    rule = policy(3, 1, 1, [2, 2, NOBODY])
    rule.given[:, 0] = [8, 8, 0]
    stock = shelf([0, 0, 9], 2)
    counted = played(stock, rule, np.zeros((3, 2)), np.array([0, -1]))
    assert stock.on_hand.tolist() == [4, 4, 1]
    assert counted[:, 2, SHIPPED].sum() == 8


def test_a_node_is_played_alike_alone_and_beside_others() -> None:
    """Lone nodes take a shorter way through the kernel: the same counts as in a family of one with a stranger."""
    rng = np.random.default_rng(5)
    demand = rng.poisson(2.0, (2, 60))
    slot = np.where(np.arange(60) % 7 == 0, np.arange(60) // 7, -1)
    alone = policy(2, 9, 3)
    together = policy(2, 9, 3)._replace(family=np.array([0, 2]))
    results = []
    for rule in (alone, together):
        rule.point[:], rule.level[:] = np.inf, 20.0
        stock = shelf([10, 10], 4)
        results.append(played(stock, rule, demand, slot).sum(axis=0))
    np.testing.assert_allclose(results[0], results[1])


def test_circles_are_refused() -> None:
    """Two nodes that supply each other cannot be played."""
    with pytest.raises(ValueError, match="circle"):
        families(np.array([1, 0]))


def test_base_stock_of_a_newsvendor() -> None:
    """Level 5 against Poisson demand 5 with no lead time loses E(D - 5)+ a bucket, within 4 standard errors."""
    rng = np.random.default_rng(3)
    demand = rng.poisson(5.0, (200, 200))
    rule = policy(200, 200, 0)
    rule.point[:], rule.level[:] = np.inf, 5.0
    counted = played(shelf([0.0] * 200, 1), rule, demand, np.arange(200))
    lost = np.maximum(demand - 5, 0)
    assert counted[:, :, LOST].sum() == lost.sum()
    expected = sum((k - 5) * math.exp(-5) * 5.0**k / math.factorial(k) for k in range(6, 40))
    assert abs(lost.mean() - expected) < 4 * lost.std() / np.sqrt(lost.size)
    assert counted[:, :, CLOSING].sum() == np.maximum(5 - demand, 0).sum()


def aging(life: list[int], share: float = 0.0) -> Ages:
    """Empty shelves whose stock expires; 0 lasts."""
    there = np.array(life)
    row = np.where(there > 0, np.cumsum(there > 0) - 1, -1)
    kept = there[there > 0]
    return Ages(row, np.zeros((len(kept), int(kept.max(initial=1)))), kept, np.full(len(kept), share))


def test_stock_leaves_after_its_last_bucket() -> None:
    """Ten that live two buckets, two sold in each: six are thrown away, and nothing is there in the third."""
    counted = played(shelf([10.0], 2), policy(1, 3, 1), np.full((1, 3), 2.0), np.full(3, -1), aging([2]))
    assert counted[:, 0, EXPIRED].tolist() == [0.0, 6.0, 0.0]
    assert counted[:, 0, SERVED].tolist() == [2.0, 2.0, 0.0]
    assert counted[:, 0, CLOSING].tolist() == [8.0, 0.0, 0.0]


def test_what_a_parent_ships_is_its_oldest() -> None:
    """A parent with 4 old units gets 5 new ones and ships 4: the new ones are still there a bucket later."""
    rule = policy(2, 3, 1, [1, NOBODY])
    rule.given[:] = [[0.0, 4.0, 0.0], [5.0, 0.0, 0.0]]
    counted = played(shelf([0.0, 4.0], 2), rule, np.zeros((2, 3)), np.arange(3), aging([0, 2]))
    assert counted[1, 1, SHIPPED] == 4.0
    assert counted[:, 1, EXPIRED].tolist() == [0.0, 0.0, 5.0]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    life=st.lists(st.integers(0, 5), min_size=3, max_size=3),
    share=st.floats(0, 1),
    family_of=st.sampled_from([[NOBODY] * 3, [2, 2, NOBODY], [1, 2, NOBODY]]),
    lost_share=st.sampled_from([0.0, 1.0]),
)
def test_nothing_is_made_nor_lost_where_stock_expires(
    seed: int, life: list[int], share: float, family_of: list[int], lost_share: float
) -> None:
    rng = np.random.default_rng(seed)
    buckets, delay = 25, int(rng.integers(0, 4))
    rule, ages = policy(3, buckets, delay, family_of, lost_share), aging(life, share)
    rule.level[:], rule.point[:] = rng.uniform(0, 40, (3, buckets)), np.inf
    stock = shelf(rng.uniform(0, 60, 3).tolist(), delay + 1)
    start = stock.on_hand.copy()
    counted = played(stock, rule, rng.poisson(4.0, (3, buckets)), np.arange(buckets), ages).sum(axis=0)
    gone = counted[:, SERVED] + counted[:, SHIPPED] + counted[:, EXPIRED]
    if lost_share == 1.0:
        assert start + counted[:, RECEIVED] == pytest.approx(gone + stock.on_hand, abs=1e-6)
    lasts = np.array(life) == 0
    assert (counted[lasts, EXPIRED] == 0.0).all()
    assert (counted[:, EXPIRED] >= 0.0).all()
    assert (ages.stock >= -1e-9).all()
    held = np.maximum(stock.on_hand[~lasts], 0.0)
    assert ages.stock.sum(axis=1) == pytest.approx(held, abs=1e-6)


def test_stock_that_lives_long_is_stock_that_lasts() -> None:
    """A life beyond the play, by the path of families, gives the very counts of the quick path without ages."""
    rng = np.random.default_rng(8)
    rule = policy(2, 60, 2)
    rule.level[:], rule.point[:] = 30.0, np.inf
    demand = rng.poisson(4.0, (2, 60)).astype(float)
    lasting = played(shelf([20.0, 20.0], 3), rule, demand, np.arange(60))
    old = aging([100, 100], 0.4)
    assert played(shelf([20.0, 20.0], 3), rule, demand, np.arange(60), old) == pytest.approx(lasting)


def _waste_at_fill(demand: np.ndarray, life: int, share: float, fill: float) -> float:
    """Waste as a share of demand where daily order-up-to, a bucket of lead time, just serves `fill`."""
    levels = np.arange(4.0, 40.0)
    count, buckets = len(levels), demand.shape[1]
    rule, ages = policy(count, buckets, 1), aging([life] * count, share)
    rule.level[:], rule.point[:] = levels[:, None], np.inf
    many = np.repeat(demand, count, axis=0)
    seen = played(shelf([0.0] * count, 2), rule, many, np.arange(buckets), ages).sum(axis=0)
    served, wasted = (seen[:, name] / seen[:, DEMAND] for name in (SERVED, EXPIRED))
    return float(np.interp(fill, served, wasted))


@pytest.mark.slow
def test_waste_of_base_stock_is_that_of_the_specification() -> None:
    """When it pays: waste over demand at 95 % fill, by shelf life and share of customers who take the newest."""
    one = cases("perishable", "waste_at_95_percent_fill")[0]
    told, expected = one["inputs"], one["expected"]["base_stock_waste_share"]
    size, mean = told["size"], told["demand_mean"]
    demand = np.random.default_rng(4).negative_binomial(size, size / (size + mean), (1, 20_000)).astype(float)
    for life, share, waste in zip(told["shelf_life_buckets"], told["lifo_share"], expected, strict=True):
        got = _waste_at_fill(demand, life, float(share), told["fill_target"])
        assert got == pytest.approx(waste, abs=one["tolerance"]), (life, share)
