"""Tonight's quantity: laws of monotonicity and scale, edge cases, and independence of blocks, order and neighbours."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from replenish.numerics import node_facts as nf
from replenish.numerics import order_engine as oe
from replenish.numerics import promise as pr
from tests.golden_cases import case
from tests.numerics.engine_nodes import NOBODY, decided, plain_nodes, promised, some, with_lines


def _reason(out: nf.Decision, i: int = 0) -> str:
    return oe.REASONS[out.choice["reason"][i]]


def test_one_window_is_the_newsvendor() -> None:
    given, expected = (case("order_engine", "one_window_is_newsvendor")[part] for part in ("inputs", "expected"))
    nodes = plain_nodes(
        demand=given["demand_mean"],
        phi=2.0,
        kappa=0.0,
        rho=0.0,
        lead=0,
        windows=1,
        shortage_cost=given["shortage_cost"],
        holding_cost=given["holding_cost_per_review"],
    )
    out = decided(nodes, paths=20_000)
    assert out.choice["qty"][0] == expected["order_qty"]
    assert out.unit_gain[0, :12] == pytest.approx(expected["marginal_value"], abs=0.015)
    assert out.choice["value"][0] == pytest.approx(expected["value"], abs=0.03)
    size = given["demand_mean"] / 1.0
    assert stats.nbinom.ppf(1.0 / 1.2, size, 0.5) == out.choice["qty"][0]


@settings(max_examples=40)
@given(st.floats(0.3, 25), st.floats(1.0, 3.0), st.integers(0, 60), st.floats(0.5, 8), st.floats(0.01, 0.5))
def test_quantity_moves_the_right_way(mean: float, phi: float, on_hand: int, p: float, h: float) -> None:
    def qty(**change: float) -> float:
        facts = {"demand": mean, "phi": phi, "on_hand": float(on_hand), "shortage_cost": p, "holding_cost": h, **change}
        return float(decided(plain_nodes(**facts), paths=100).choice["qty"][0])

    here = qty()
    assert qty(shortage_cost=1.5 * p) >= here
    assert qty(holding_cost=1.5 * h) <= here
    assert qty(on_hand=on_hand + 5.0) <= here


def test_more_demand_orders_more() -> None:
    mean = np.linspace(0.5, 40, 30)
    out = decided(plain_nodes(30, demand=mean[:, None], seed=5, phi=1.0, kappa=0.0), paths=4000)
    assert (np.diff(out.choice["qty"]) >= 0).all()


@settings(max_examples=40)
@given(st.floats(0.3, 12), st.floats(1.0, 3.0), st.integers(0, 40), st.floats(1.01, 2.0), st.floats(0.0, 1.0))
def test_more_demand_never_orders_less(mean: float, phi: float, on_hand: int, more: float, lost: float) -> None:
    """The same luck, a higher mean: inversion keeps every path in order, so the order may not fall."""
    facts = {"phi": phi, "kappa": 0.0, "on_hand": float(on_hand), "lost_share": lost}
    less, more_qty = (
        decided(plain_nodes(demand=one, **facts), paths=200).choice["qty"][0] for one in (mean, more * mean)
    )
    if lost == 0.0:
        assert more_qty >= less
    else:  # what is lost before the order arrives is not wanted any more: one unit of play
        assert more_qty >= less - 1.0


@settings(max_examples=40)
@given(st.floats(0.3, 25), st.integers(0, 40), st.integers(1, 50), st.sampled_from([0.0, 1.0]))
def test_stock_that_is_already_promised_changes_nothing(mean: float, on_hand: int, more: int, lost: float) -> None:
    """A constant added to stock and to what customers take at once leaves the order as it was."""
    nodes = plain_nodes(demand=mean, on_hand=float(on_hand), lost_share=lost)
    both = plain_nodes(demand=mean, on_hand=float(on_hand + more), lost_share=lost)
    both.firm[0, 0] = more
    assert decided(both).choice["qty"][0] == decided(nodes).choice["qty"][0]


def test_weights_scale_with_their_unit() -> None:
    small = plain_nodes(demand=5.0, is_count=False, phi=0.8, step=0.01, pack=0.01, on_hand=4.0)
    large = plain_nodes(demand=50.0, is_count=False, phi=8.0, step=0.1, pack=0.1, on_hand=40.0)
    for money in ("shortage_cost", "holding_cost"):
        large.fact[money] /= 10
    a, b = decided(small), decided(large)
    assert b.choice["qty"][0] == pytest.approx(10 * a.choice["qty"][0], rel=1e-9)
    assert b.choice["value"][0] == pytest.approx(a.choice["value"][0], rel=1e-9)


def test_neighbours_blocks_and_order_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    nodes = plain_nodes(17, demand=rng.uniform(0.2, 30, (17, 1)), on_hand=rng.integers(0, 40, 17))
    whole = decided(nodes)
    parts = nf.empty_decision(17, 10)
    for first in range(0, 17, 4):
        block = decided(nodes, first=first, last=min(17, first + 4))
        for field in parts.choice.dtype.names:
            parts.choice[field][first : first + 4] = block.choice[field][first : first + 4]
    assert parts.choice.tobytes() == whole.choice.tobytes()
    shuffle = rng.permutation(17)
    assert decided(some(nodes, shuffle)).choice.tobytes() == whole.choice[shuffle].tobytes()
    assert decided(some(nodes, [3])).choice.tobytes() == whole.choice[[3]].tobytes()


def test_threads_do_not_matter() -> None:
    from concurrent.futures import ThreadPoolExecutor

    nodes = plain_nodes(40, demand=np.linspace(0.5, 20, 40)[:, None])
    alone = decided(nodes)
    with ThreadPoolExecutor(4) as pool:
        blocks = list(pool.map(lambda first: decided(nodes, first=first, last=first + 5), range(0, 40, 5)))
    joined = np.concatenate([block.choice[k * 5 : k * 5 + 5] for k, block in enumerate(blocks)])
    assert joined.tobytes() == alone.choice.tobytes()


def test_lost_demand_is_not_ordered_again() -> None:
    empty = {
        "demand": [[140.0, 60, 40, 70, 70, 70]],
        "buckets": 6,
        "phi": 0.0,
        "kappa": 0.0,
        "on_hand": 80.0,
        "windows": 2,
    }
    shelf = decided(with_lines(plain_nodes(**empty), [(0, 0, 30.0), (0, 1, 10.0)]))
    late = decided(with_lines(plain_nodes(**empty, lost_share=0.0), [(0, 0, 30.0), (0, 1, 10.0)]))
    assert shelf.choice["qty"][0] == 40.0  # window 1 alone, the 80 units lost before it are gone
    assert late.choice["qty"][0] == 120.0  # customers wait: the backlog is served first


def test_receipts_on_their_way_are_not_ordered_again() -> None:
    nodes = plain_nodes(demand=10.0, phi=0.0, kappa=0.0)
    assert decided(nodes).choice["qty"][0] == 10.0
    assert decided(with_lines(nodes, [(0, 2, 7.0)])).choice["qty"][0] == 3.0
    assert decided(with_lines(nodes, [(0, 9, 7.0)])).choice["qty"][0] == 10.0


def test_no_demand_no_order() -> None:
    known = case("edge_cases", "no_forecast_no_demand")["expected"]
    out = decided(plain_nodes(demand=0.0))
    assert (out.choice["qty"][0], _reason(out)) == (known["order_qty"], known["reason"])


def test_presentation_stock_is_kept_without_demand() -> None:
    given, expected = (case("edge_cases", "no_forecast_with_presentation")[part] for part in ("inputs", "expected"))
    out = decided(plain_nodes(demand=0.0, on_hand=given["on_hand_qty"], floor=given["presentation_qty"]))
    assert (out.choice["qty"][0], _reason(out)) == (expected["order_qty"], expected["reason"])


def test_no_margin_serves_customer_orders_only() -> None:
    given, expected = (case("edge_cases", "margin_not_positive")[part] for part in ("inputs", "expected"))
    nodes = plain_nodes(demand=4.0, shortage_cost=given["unit_price"] - given["unit_cost"], lost_share=0.0)
    assert decided(nodes).choice["qty"][0] == expected["stock_order_qty"]
    nodes.firm[0, 0] = given["backorder_qty"]
    out = decided(nodes)
    assert (out.choice["qty"][0], _reason(out)) == (expected["backorder_order_qty"], expected["flag"])


def test_cover_caps_the_order() -> None:
    given, expected = (case("edge_cases", "on_order_beyond_max_cover")[part] for part in ("inputs", "expected"))
    rich = plain_nodes(demand=20.0, holding_cost=0.0, cover_qty=given["max_cover_demand"])
    covered = with_lines(rich, [(0, 0, float(given["on_order_qty"]))])
    assert decided(covered).choice["qty"][0] == expected["order_qty"]
    capped = decided(plain_nodes(demand=20.0, on_hand=0.0, cover_qty=15.0))
    assert (capped.choice["qty"][0], oe.LIMITS[capped.choice["limit"][0]]) == (15.0, "max_cover")
    shelf = decided(plain_nodes(demand=20.0, on_hand=0.0, max_stock=12.0))
    assert (shelf.choice["qty"][0], oe.LIMITS[shelf.choice["limit"][0]]) == (12.0, "max_stock")


def test_more_than_the_largest_line_is_several_lines() -> None:
    free = decided(plain_nodes(demand=50.0, on_hand=0.0, pack=6.0))
    large = decided(plain_nodes(demand=50.0, on_hand=0.0, pack=6.0, max_qty=20.0))
    assert large.choice["qty"][0] == free.choice["qty"][0] > 20.0
    # two lines of at least 30 would be more than is wanted: one largest line
    sure = {"demand": 50.0, "phi": 0.0, "kappa": 0.0, "windows": 1}
    tight = decided(plain_nodes(**sure, min_qty=30.0, max_qty=40.0))
    assert (tight.choice["qty"][0], oe.LIMITS[tight.choice["limit"][0]]) == (40.0, "max_qty")
    # a largest line below the smallest: nothing can be ordered
    assert decided(plain_nodes(demand=50.0, min_qty=30.0, max_qty=20.0)).choice["qty"][0] == 0.0


def test_pack_too_big() -> None:
    known = case("edge_cases", "pack_larger_than_max_cover")["expected"]
    slow = plain_nodes(demand=0.02, pack=100.0, shortage_cost=20.0, holding_cost=0.05, cover_qty=40.0)
    out = decided(slow, paths=4000)
    assert (out.choice["qty"][0], _reason(out)) == (known["order_qty"], known["reason"])


def test_minimum_waits_until_it_pays() -> None:
    known = case("edge_cases", "moq_not_worth_it")["expected"]
    few = plain_nodes(demand=2.0, min_qty=50.0, order_cost=5.0, phi=1.0, kappa=0.0, on_hand=5.0)
    out = decided(few)
    assert (out.choice["qty"][0], _reason(out)) == (known["order_qty"], known["reason"])
    empty = plain_nodes(demand=12.0, min_qty=50.0, order_cost=5.0, phi=1.0, kappa=0.0, on_hand=0.0)
    assert decided(empty).choice["qty"][0] == 50.0


def test_item_that_ends_before_arrival() -> None:
    given, expected = (case("edge_cases", "item_ended")[part] for part in ("inputs", "expected"))
    out = decided(plain_nodes(lead=given["lead_time_buckets"], end_bucket=given["end_bucket"]))
    assert (out.choice["qty"][0], _reason(out)) == (expected["order_qty"], expected["reason"])


def test_last_order_of_an_item_is_a_newsvendor() -> None:
    # one selling bucket left after arrival; a unit left over is written off at 3, a unit missed costs 2: quantile 0.4
    nodes = plain_nodes(demand=20.0, phi=1.0, kappa=0.0, end_bucket=3, shortage_cost=2.0, terminal_cost=3.0)
    assert decided(nodes, paths=8000).choice["qty"][0] == pytest.approx(stats.poisson.ppf(0.4, 20.0), abs=1)


def test_unknown_forecast_is_left_to_a_person() -> None:
    known = case("edge_cases", "forecast_null")["expected"]
    nodes = plain_nodes(3)
    nodes.forecast[1, 4] = np.nan
    out = decided(nodes)
    assert np.isnan(out.choice["qty"][1])
    assert _reason(out, 1) == known["reason"]
    assert np.isfinite(out.choice["qty"][[0, 2]]).all()


def test_given_quantity_is_kept_and_still_valued() -> None:
    free = decided(plain_nodes())
    fixed = decided(plain_nodes(given=4.0))
    assert fixed.choice["qty"][0] == 4.0
    assert 0 < fixed.choice["value"][0] <= free.choice["value"][0] + 1e-9


def test_doubtful_stock_orders_more() -> None:
    assert (
        decided(plain_nodes(on_hand=30.0, ghost=0.6)).choice["qty"][0]
        > decided(plain_nodes(on_hand=30.0)).choice["qty"][0]
    )


def test_random_lead_time_protects_against_late_arrival() -> None:
    nodes = plain_nodes(demand=5.0, lead=2, sampled=8)
    wide = nodes._replace(lead_law=np.array([[0.0, 0.5, 0.5, 1.0]]))
    out = promised(wide, 10.0, paths=2000)
    assert out["stockout_before"][0] > promised(nodes, 10.0)["stockout_before"][0] - 0.05
    assert decided(wide).choice["qty"][0] >= 5.0


def test_promises_agree_with_the_law() -> None:
    # Poisson window of mean 5 after an empty shelf: all of it is short without an order
    nodes = plain_nodes(demand=5.0, phi=1.0, kappa=0.0, lead=1)
    got = promised(nodes, 6.0, paths=20_000)[0]
    assert got["stockout_without"] == pytest.approx(1 - stats.poisson.pmf(0, 5), abs=0.01)
    assert got["stockout_with"] == pytest.approx(stats.poisson.sf(6, 5), abs=0.01)
    assert got["lost_without"] == pytest.approx(5.0, abs=0.05)
    assert got["lost_with"] == pytest.approx(sum((k - 6) * stats.poisson.pmf(k, 5) for k in range(7, 40)), abs=0.02)
    assert got["leftover"] - got["lost_with"] == pytest.approx(6.0 - got["lost_without"], abs=1e-9)
    assert got["window_demand"] == pytest.approx(5.0, abs=0.05)
    assert got["need_90"] == stats.poisson.ppf(0.9, 10)
    assert (got["stock_mean"], got["stock_q10"]) == (0.0, 0.0)


def test_promises_use_the_full_variance() -> None:
    nodes = plain_nodes(demand=5.0, phi=3.0)
    narrow, wide = decided(nodes, delta=0.4), decided(nodes, delta=1.0)
    assert narrow.choice["qty"][0] < wide.choice["qty"][0]
    assert promised(nodes, 5.0)["lost_with"][0] == promised(nodes, 5.0)["lost_with"][0]


def test_a_holiday_lengthens_the_window_before_it() -> None:
    # point demand of 5 a day: the order lasts until the next one arrives, holding is paid for each window's own length
    sure = {"demand": 5.0, "phi": 0.0, "kappa": 0.0, "buckets": 20, "sampled": 14, "lead": 2, "on_hand": 10.0}
    for window, qty in (((3, 4, 7), 15.0), ((4, 7, 3), 20.0), ((7, 3, 3), 35.0)):
        nodes = plain_nodes(window=window, windows=2, holding_cost=0.01, **sure)
        out = decided(nodes)
        assert out.choice["qty"][0] == qty
        assert promised(nodes, qty)["window_demand"][0] == pytest.approx(5.0 * window[0])
        assert promised(nodes, qty)["next_demand"][0] == pytest.approx(5.0 * window[1])
    # one unit a day sold late in a long window: a unit of the second window pays holding over the first alone
    dear = plain_nodes(window=(2, 6, 6), windows=2, holding_cost=0.3, shortage_cost=1.0, **sure)
    extra = decided(dear)
    assert extra.unit_gain[0, 9] == pytest.approx(1.0)
    assert extra.unit_gain[0, 10] == pytest.approx(-0.3 * 2)


def _with_breaks(steps: list[tuple[float, float]], **facts: object) -> nf.Nodes:
    nodes = plain_nodes(**facts)
    for j, (least, saving) in enumerate(steps):
        nodes.fact["break_qty"][:, j], nodes.fact["break_saving"][:, j] = least, saving
    return nodes


def test_a_price_break_is_taken_where_it_saves_more_than_the_extra_units_lose() -> None:
    sure = {"demand": 10.0, "phi": 0.0, "kappa": 0.0, "lead": 0, "holding_cost": 0.05}
    # 10 are wanted; 10 more lie a window longer: they lose 0.05 each and sell in the second window
    loss = 10 * 0.05
    for saving, qty, reason in ((loss / 20 - 0.001, 10.0, "value"), (loss / 20 + 0.001, 20.0, "price_break")):
        out = decided(_with_breaks([(20.0, saving)], **sure))
        assert (out.choice["qty"][0], _reason(out)) == (qty, reason)
        assert out.choice["unrounded"][0] == 10.0
    for limit in ({"cover_qty": 15.0}, {"max_stock": 15.0}, {"max_qty": 15.0}):
        assert decided(_with_breaks([(20.0, 1.0)], **sure, **limit)).choice["qty"][0] == 10.0
    assert decided(_with_breaks([(20.0, 1.0)], **{**sure, "on_hand": 40.0})).choice["qty"][0] == 0.0


def test_an_incremental_break_pays_only_for_what_lies_above_it() -> None:
    sure = {"demand": 10.0, "phi": 0.0, "kappa": 0.0, "lead": 0, "holding_cost": 0.05, "is_incremental": True}
    # at the break itself nothing is saved; units above it save 0.08 and lose 0.05 up to the end of the second window
    assert decided(_with_breaks([(12.0, 0.04)], **sure)).choice["qty"][0] == 10.0
    assert decided(_with_breaks([(11.0, 0.08)], **sure)).choice["qty"][0] == 20.0
    assert decided(_with_breaks([(18.0, 0.08)], **sure)).choice["qty"][0] == 10.0


@settings(max_examples=40)
@given(
    st.floats(0.5, 20),
    st.lists(st.tuples(st.integers(1, 80), st.floats(0.0, 1.0)), max_size=4),
    st.booleans(),
    st.sampled_from([1.0, 6.0]),
)
def test_a_price_break_is_never_dearer(
    mean: float, steps: list[tuple[int, float]], is_incremental: bool, pack: float
) -> None:
    chances = sorted((float(least), saving) for least, saving in steps)
    facts = {"demand": mean, "pack": pack, "is_incremental": is_incremental}
    nodes = _with_breaks(chances, **facts)
    plain, cheap = decided(plain_nodes(**facts), paths=100).choice[0], decided(nodes, paths=100).choice[0]

    def off(qty: float) -> float:
        reached = [(least, saving) for least, saving in chances if least <= qty]
        if not reached:
            return 0.0
        if not is_incremental:
            return reached[-1][1] * qty
        rates = [0.0, *(saving for _, saving in reached)]
        pairs = zip(rates, reached, strict=False)
        return sum((saving - before) * (qty - least) for before, (least, saving) in pairs)

    assert cheap["value"] + off(cheap["qty"]) >= plain["value"] + off(plain["qty"]) - 1e-6
    assert cheap["qty"] >= plain["qty"]


def test_waiting_is_worth_what_the_next_order_sells_and_a_pair_of_reviews_sells_twice() -> None:
    """Certain demand of 5 a bucket, nothing on hand: each of two windows sells 5 at 2 each, less 0.05 for holding."""
    told = {"phi": 0.0, "kappa": 0.0, "rho": 0.0, "lead": 1, "review": 1, "sampled": 4}
    out = decided(plain_nodes(2, is_joint=np.array([True, False]), **told))
    assert out.choice["qty"].tolist() == [5.0, 5.0]
    assert out.choice["wait_value"][0] == pytest.approx(5 * 2.0)
    assert np.isnan(out.choice["wait_value"][1])
    assert np.isnan(out.pair_gain[1]).all()
    np.testing.assert_allclose(out.pair_gain[0, :12], [2.0] * 5 + [2.0 - 0.05] * 5 + [-0.1] * 2, atol=1e-9)
    np.testing.assert_allclose(out.step_gain[0, :12], [2.0] * 5 + [-0.05] * 5 + [-0.1] * 2, atol=1e-9)
    assert out.choice["room"][0] == np.inf


@pytest.mark.parametrize("lost_share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("facts", [{"order_cost": 1.0}, {"min_qty": 26.0}, {"min_qty": 26.0, "order_cost": 1.0}])
def test_a_customer_who_waits_is_no_reason_to_wait(lost_share: float, facts: dict[str, float]) -> None:
    """An empty shelf is filled tonight, at a small fixed cost or a minimum near the need, whoever waits or leaves."""
    free = decided(plain_nodes(lost_share=lost_share)).choice["qty"][0]
    got = decided(plain_nodes(lost_share=lost_share, **facts)).choice["qty"][0]
    assert free >= 10.0
    assert got >= max(free, facts.get("min_qty", 0.0))
    dear = decided(plain_nodes(lost_share=lost_share, order_cost=1e4))
    assert (dear.choice["qty"][0], _reason(dear)) == (0.0, "moq_deferred")


def test_what_steps_serve_adds_up_to_the_promise() -> None:
    """Sums of the steps up to any order are what it saves from being lost, on the promise's own paths."""
    nodes = plain_nodes(3, lost_share=np.array([0.0, 0.5, 1.0]), on_hand=4.0)
    served, step = np.zeros((3, nf.CURVE_STEPS)), np.full(3, 2.0)
    for steps in (0, 3, 10):
        qty, out = np.full(3, 2.0 * steps), pr.empty_promise(3)
        pr.promise(nodes, qty, step, 0, 3, 200, NOBODY, out, served)
        np.testing.assert_allclose(served[:, :steps].sum(axis=1), out["lost_without"] - out["lost_with"], atol=1e-9)
    assert (np.diff(served, axis=1) <= 1e-12).all()
    assert (served > 0).any()
