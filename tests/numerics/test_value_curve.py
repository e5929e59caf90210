"""Needs, marginal values and quantities against worked answers, exact laws and brute force."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from replenish.numerics import projection as pr
from replenish.numerics import value_curve as vc
from tests.golden_cases import assert_golden, case

FOREVER = 10**6


def _needs(given: dict[str, Any], lost_share: float = 1.0, end_bucket: int = FOREVER) -> tuple[Any, Any, Any, Any]:
    demand = np.array(given["demand_paths"], dtype=np.float64)
    supply = np.tile(np.array(given["receipt_qty"], dtype=np.float64), (len(demand), 1))
    start = np.full(len(demand), given["on_hand_qty"] - given.get("backorder_qty", 0.0))
    arrival = np.full(len(demand), given["lead_time_buckets"])
    stock, short = np.empty(len(demand)), np.empty(len(demand))
    pr.stocks_at_arrival(start, demand, supply, arrival, lost_share, stock, short)
    count = given["windows"]
    running, held = np.empty((count, len(demand))), np.empty((count + 1, len(demand)))
    review = np.full(count, given["review_buckets"])
    pr.needs(stock, demand, supply, arrival, review, end_bucket, demand.shape[1], lost_share, running, held)
    return stock, short, running, held


def _curve(running: Any, held: Any, shortage_cost: float, holding: float, terminal: float = 0.0) -> vc.Curve:
    cost = np.append(np.full(len(held) - 1, holding), terminal)
    return vc.build_curve(running[0], held, shortage_cost, cost)


def _marginals(curve: vc.Curve, count: int) -> list[float]:
    return [vc.gain(curve, k, k + 1.0) for k in range(count)]


def _list_curve(marginal: list[float]) -> vc.Curve:
    """A curve with the given falling marginal values: each price step is a row of needs."""
    drops = -np.diff(np.append(marginal, marginal[-1]))
    paths = np.full((len(marginal) + 1, 2), 1e9)
    for k in range(len(marginal)):
        paths[k + 1] = k + 1.0
    return vc.build_curve(paths[0], paths[1:], marginal[0], drops)


def test_projection_beats_net_position() -> None:
    known = case("order_engine", "projection_versus_net_position")
    given, expected = known["inputs"], known["expected"]
    forecast, receipts = np.array([given["forecast_qty"]], dtype=float), np.array([given["receipt_qty"]], dtype=float)
    stock, short = pr.mean_stock_at(np.array([given["on_hand_qty"]]), forecast, receipts, np.array([2]), np.ones(1))
    assert (stock[0], short[0]) == (expected["stock_at_arrival"], expected["lost_before_arrival"])
    assert forecast[0, 2:].sum() - stock[0] == expected["order_projected"]
    assert forecast.sum() - given["on_hand_qty"] - receipts.sum() == expected["order_net_position"]
    behind, _ = pr.mean_stock_at(np.array([given["on_hand_qty"]]), forecast, receipts, np.array([2]), np.zeros(1))
    assert behind[0] == -80.0


def test_eight_paths() -> None:
    known = case("order_engine", "value_curve_eight_paths")
    given, expected = known["inputs"], known["expected"]
    stock, _, running, held = _needs(given)
    assert_golden(stock, expected["stock_at_arrival"], 0)
    assert_golden(running.T, expected["need"], 0)
    curve = _curve(running, held, given["shortage_cost"], given["holding_cost_per_bucket"] * given["review_buckets"])
    assert_golden(_marginals(curve, 9), expected["marginal_value"], known["tolerance"])
    qty = vc.best_quantity(curve, 1.0, 0.0)
    assert qty == expected["order_qty"]
    assert_golden(vc.gain(curve, 0.0, qty), expected["value"], known["tolerance"])


def test_terms_of_the_explanation() -> None:
    known = case("order_engine", "explanation_terms")
    _, short, running, _ = _needs(known["inputs"])
    qty, first = known["inputs"]["order_qty"], running[0]
    got = {
        "stockout_probability_before_arrival": (short > 0).mean(),
        "stockout_probability_without": (first > 0).mean(),
        "expected_lost_without": first.mean(),
        "expected_lost_with": np.maximum(first - qty, 0).mean(),
        "expected_leftover": np.maximum(qty - first, 0).mean(),
    }
    assert got == pytest.approx(known["expected"], abs=known["tolerance"])


@pytest.mark.parametrize("name", ["need_uses_running_maximum", "need_backorder", "need_backlog_added"])
def test_need_rules(name: str) -> None:
    known = case("order_engine", name)
    expected = known["expected"]
    lost_share = 1.0 if "need" in expected else 0.0
    stock, _, running, held = _needs(known["inputs"], lost_share)
    if "need" in expected:
        assert_golden(running.T, expected["need"], 0)
        return
    assert_golden(stock, expected["stock_at_arrival"], 0)
    assert_golden(running[:1].T, [expected["need_peak"][0][:1]], 0)
    assert_golden(held[:2].T, expected["need_end"], 0)


@pytest.mark.parametrize("name", ["one_window_is_newsvendor", "two_windows_exact"])
def test_exact_law(name: str) -> None:
    known = case("order_engine", name)
    given, expected = known["inputs"], known["expected"]
    size, chance = given["demand_mean"] ** 2 / (given["demand_variance"] - given["demand_mean"]), 0.5
    grid = np.arange(61)
    pmf = stats.nbinom.pmf(grid, size, chance)
    # The exact law as weighted paths: every pair of window demands, repeated in proportion, is replaced by expectation.
    first_tail = [pmf[grid >= k].sum() for k in range(1, 16)]
    both = np.convolve(pmf, pmf)
    windows = given["windows"]
    gains = []
    for k in range(1, 16):
        unsold = (1 - first_tail[k - 1]) + (both[:k].sum() if windows == 2 else 0.0)
        gains.append(given["shortage_cost"] * first_tail[k - 1] - given["holding_cost_per_review"] * unsold)
    wanted = expected["marginal_value"]
    assert_golden(gains[: len(wanted)], wanted, 1e-7)
    # and the kernel on a large sample of the same law agrees within its sampling error
    rng = np.random.default_rng(5)
    demand = rng.negative_binomial(size, chance, (40_000, windows)).astype(float)
    inputs = {
        "demand_paths": demand,
        "receipt_qty": [0.0] * windows,
        "on_hand_qty": 0.0,
        "lead_time_buckets": 0,
        "review_buckets": 1,
        "windows": windows,
    }
    _, _, running, held = _needs(inputs)
    curve = _curve(running, held, given["shortage_cost"], given["holding_cost_per_review"])
    assert np.allclose(_marginals(curve, len(wanted)), wanted, atol=0.012)
    assert abs(vc.best_quantity(curve, 1.0, 0.0) - expected["order_qty"]) <= 1
    assert vc.gain(curve, 0.0, 9.0) == pytest.approx(expected["value"], abs=0.06)


def test_pack_choice_by_value() -> None:
    known = case("order_engine", "pack_choice_by_value")
    curve = _list_curve(known["inputs"]["marginal_value"])
    best = vc.best_quantity(curve, 1.0, 0.0)
    got = [vc.pack_quantity(curve, best, float(pack), np.inf, np.inf) for pack in known["inputs"]["pack"]]
    assert_golden(got, known["expected"]["order_qty"], known["tolerance"])
    values = [vc.gain(curve, 0.0, q) for q in (6.0, 4.0, 8.0, 10.0, 12.0)]
    assert_golden(values, known["expected"]["value"], known["tolerance"])


def test_caps_and_packs() -> None:
    curve = _list_curve([3, 2.6, 2, 1.4, 0.9, 0.3, -0.2, -0.9, -1.5, -2.2, -3, -3.8])
    assert vc.pack_quantity(curve, 6.0, 4.0, 3.0, np.inf) == 4.0  # one earning pack may exceed the cover
    assert vc.pack_quantity(curve, 6.0, 4.0, 7.0, np.inf) == 4.0  # a second may not
    assert vc.pack_quantity(curve, 6.0, 4.0, np.inf, 3.0) == 0.0  # the shelf never gives way
    assert vc.pack_quantity(curve, 6.0, 12.0, 3.0, np.inf) == 0.0  # nor does a pack that loses money
    assert vc.pack_quantity(curve, 6.0, 1.0, 0.0, np.inf) == 0.0  # covered already


def test_minimum_now_or_wait() -> None:
    known = case("order_engine", "moq_now_or_wait")
    given = known["inputs"]
    got = [
        vc.order_now(now, later, given["order_cost"])
        for now, later in zip(given["value_now"], given["value_next_review"], strict=True)
    ]
    assert got == known["expected"]["order_now"]


def test_shadow_price_shortens_the_order() -> None:
    known = case("order_engine", "shadow_price")
    curve = _list_curve(known["inputs"]["marginal_value"])
    got = [
        vc.best_quantity(curve, 1.0, price * known["inputs"]["unit_cost"]) for price in known["inputs"]["shadow_price"]
    ]
    assert_golden(got, known["expected"]["order_qty"], known["tolerance"])


def test_zero_variance_orders_the_first_window() -> None:
    known = case("order_engine", "deterministic_paths")
    given = known["inputs"]
    _, _, running, held = _needs(given)
    got = [
        vc.best_quantity(_curve(running, held, p, given["holding_cost_per_bucket"]), 1.0, 0.0)
        for p in given["shortage_cost"]
    ]
    assert_golden(got, known["expected"]["order_qty"], known["tolerance"])


def test_windows_are_cut_at_the_end_of_sale() -> None:
    known = case("edge_cases", "coverage_cut_at_end_date")
    given = known["inputs"]
    ends = np.empty(2, dtype=np.int64)
    active = pr.window_ends(
        given["lead_time_buckets"], np.array([given["review_buckets"]] * 2), given["end_bucket"], 20, ends
    )
    windows = [list(range(start, end)) for start, end in zip([given["lead_time_buckets"], *ends], ends, strict=False)][
        :2
    ]
    assert windows == [known["expected"]["window_1_buckets"], known["expected"]["window_2_buckets"]]
    assert active == 1


def test_what_is_left_at_the_end_of_sale_is_written_off() -> None:
    inputs = {
        "demand_paths": [[0, 3, 3], [0, 5, 1]],
        "receipt_qty": [0, 0, 0],
        "on_hand_qty": 0,
        "lead_time_buckets": 1,
        "review_buckets": 1,
        "windows": 2,
    }
    _, _, running, held = _needs(inputs, end_bucket=2)
    assert running[0].tolist() == [3.0, 5.0]
    assert np.isinf(held[:2]).all()
    assert held[2].tolist() == [3.0, 5.0]
    # a newsvendor at (price - cost) / (price - salvage): the fourth unit sells on every other path only
    assert vc.best_quantity(_curve(running, held, 2.0, 0.1, terminal=1.9), 1.0, 0.0) == 5.0
    assert vc.best_quantity(_curve(running, held, 2.0, 0.1, terminal=2.1), 1.0, 0.0) == 3.0


paths = st.lists(st.lists(st.integers(0, 9), min_size=6, max_size=6), min_size=1, max_size=6)
receipt = st.lists(st.integers(0, 6), min_size=6, max_size=6)


@given(paths, receipt, st.integers(0, 12), st.integers(0, 3), st.integers(0, 20))
def test_need_is_the_number_of_units_lost(
    demand: list[list[int]], receipts: list[int], on_hand: int, lead: int, extra: int
) -> None:
    inputs = {
        "demand_paths": demand,
        "receipt_qty": receipts,
        "on_hand_qty": on_hand,
        "lead_time_buckets": lead,
        "review_buckets": 1,
        "windows": 3,
    }
    _, _, running, _ = _needs(inputs)
    for m, row in enumerate(demand):
        for window in range(3):
            stock, lost = float(on_hand), 0.0
            for t in range(lead + window + 1):
                stock += receipts[t] + (extra if t == lead else 0)
                sold = min(stock, row[t])
                lost += row[t] - sold if t >= lead else 0.0
                stock -= sold
            assert lost == max(0.0, running[window, m] - extra)


@given(paths, st.integers(0, 12), st.floats(0.1, 5), st.floats(0.01, 2), st.integers(1, 12))
def test_quantity_moves_the_right_way(demand: list[list[int]], on_hand: int, p: float, h: float, shift: int) -> None:
    base = {
        "demand_paths": demand,
        "receipt_qty": [0] * 6,
        "on_hand_qty": on_hand,
        "lead_time_buckets": 2,
        "review_buckets": 2,
        "windows": 2,
    }

    def quantity(on_hand: int, p: float, h: float, price: float = 0.0) -> float:
        _, _, running, held = _needs({**base, "on_hand_qty": on_hand})
        return vc.best_quantity(_curve(running, held, p, h), 1.0, price)

    here = quantity(on_hand, p, h)
    assert quantity(on_hand, 1.5 * p, h) >= here
    assert quantity(on_hand, p, 1.5 * h) <= here
    assert quantity(on_hand + shift, p, h) <= here
    assert quantity(on_hand, p, h, price=0.3) <= here


@given(paths, st.integers(0, 12), st.floats(0.1, 5), st.floats(0.01, 2))
def test_marginal_values_never_rise(demand: list[list[int]], on_hand: int, p: float, h: float) -> None:
    inputs = {
        "demand_paths": demand,
        "receipt_qty": [0] * 6,
        "on_hand_qty": on_hand,
        "lead_time_buckets": 1,
        "review_buckets": 2,
        "windows": 2,
    }
    _, _, running, held = _needs(inputs)
    curve = _curve(running, held, p, h)
    values = _marginals(curve, 40)
    assert (np.diff(values) <= 1e-9).all()
    best = vc.best_quantity(curve, 1.0, 0.0)
    total = [vc.gain(curve, 0.0, float(k)) for k in range(41)]
    assert vc.gain(curve, 0.0, best) == pytest.approx(max(total))
