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
    LOST,
    NOBODY,
    ORDERED,
    RECEIVED,
    SERVED,
    SHIPPED,
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


def played(stock: Shelf, rule: Policy, demand: np.ndarray, slot: np.ndarray) -> np.ndarray:
    """Counts bucket by bucket: [buckets, nodes, COUNTED]."""
    buckets = demand.shape[1]
    counted = np.zeros((buckets, len(stock.on_hand), len(COUNTED)))
    play(stock, rule, demand.astype(np.float32), slot, np.arange(buckets), 0, buckets, counted)
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
