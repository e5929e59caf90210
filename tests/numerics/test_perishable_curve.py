"""Orders of what expires: worked answers, the newsvendor of a day, and promises against independent simulation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics import node_facts as nf
from replenish.numerics import order_engine as oe
from tests.golden_cases import assert_golden, golden
from tests.numerics.engine_nodes import decided, plain_nodes, projected, promised, with_lines

FRESH: dict[str, Any] = {"lead": 1, "review": 1, "holding_cost": 0.0, "terminal_cost": 1.0, "shortage_cost": 1.8}


def perishable(life: int, *, ages: Any = None, **facts: Any) -> nf.Nodes:
    """One node whose arrivals live so many buckets, with stock on hand by last selling bucket."""
    facts = {**FRESH, "life": life, "buckets": 16, **facts}
    facts.setdefault("sampled", min(16, facts["lead"] + max(2 * facts["review"], life)))
    stock = np.zeros(16)
    if ages is not None:
        stock[: len(ages)] = ages
        facts.setdefault("on_hand", stock.sum())
    nodes = plain_nodes(age_row=-1 if ages is None else 0, **facts)
    return nodes._replace(ages=stock[None, :])


def test_bread_is_the_newsvendor_of_a_day() -> None:
    told, expected, _ = golden("newsvendor", "newsvendor_bread")
    lost, wasted = told["price"] - told["cost"], told["cost"] - told["salvage_value"]
    assert lost / (lost + wasted) == pytest.approx(expected["critical_ratio"])
    phi = told["demand_variance"] / told["demand_mean"]
    bread = perishable(1, demand=told["demand_mean"], phi=phi, kappa=0.0, shortage_cost=lost, terminal_cost=wasted)
    assert decided(bread, paths=8000).choice["qty"][0] == expected["order_up_to"]


def test_a_unit_expires_where_demand_over_its_life_is_less() -> None:
    """Worked answer, path by path: the waste of k units is the sum of the chances of units 1 to k."""
    told, expected, tolerance = golden("perishable", "expiry_cap_per_path")
    life, chances = told["shelf_life_buckets"], []
    for path in told["demand_paths"]:
        node = perishable(life, demand=[[0.0, *path, *[0.0] * 12]], phi=0.0, kappa=0.0)
        waste = [promised(node, float(k), paths=2)["waste_with"][0] for k in range(8)]
        chances.append(np.diff(waste))
    assert_golden(np.mean(chances, axis=0), expected["expiry_probability_by_unit"], tolerance)


def test_expiring_stock_is_not_there_later() -> None:
    """30 for two buckets at 10 a bucket: 10 expire, bucket 2 starts empty, and tonight's order fills it."""
    told, expected, _ = golden("traps", "expiring_stock_not_available_later")
    ages = np.zeros(told["sellable_buckets"])
    ages[-1] = told["lot_qty"]
    node = perishable(4, ages=ages, lead=2, demand=told["demand_qty"][0], phi=0.0, kappa=0.0)
    assert decided(node).choice["qty"][0] == expected["lost_qty_bucket_2"]
    got = promised(node, 0.0)
    assert (got["waste_without"][0], got["lost_without"][0], got["stock_mean"][0]) == (10.0, 10.0, 0.0)
    rolled = projected(node, 0.0, 0.0)
    assert rolled.expired[0, :3].tolist() == [0.0, expected["expired_qty"], 0.0]
    assert rolled.lost[0, 2] == expected["lost_qty_bucket_2"]
    # on a shelf without dates the stock would have lasted
    assert decided(node._replace(fact=_changed(node.fact, life=0))).choice["qty"][0] == 0.0


def _changed(fact: np.ndarray, **values: Any) -> np.ndarray:
    other = fact.copy()
    for name, value in values.items():
        other[name] = value
    return other


@pytest.mark.parametrize("lost_share", [0.0, 1.0])
def test_what_keeps_long_enough_is_ordered_as_if_it_kept_for_ever(lost_share: float) -> None:
    facts = {"demand": 2.5, "on_hand": 2.0, "lost_share": lost_share, "review": 2, "holding_cost": 0.2}
    keeps = with_lines(plain_nodes(**{**FRESH, **facts}, buckets=16, sampled=13), [(0, 2, 4.0)])
    ages = with_lines(perishable(12, **facts, sampled=13), [(0, 2, 4.0)])
    one, other = decided(keeps), decided(ages)
    assert other.choice["qty"][0] == one.choice["qty"][0]
    # the value of a unit is the same as long as it is sold before the end of its life, as well as the grid can tell
    assert other.step_gain[0, :4] == pytest.approx(one.step_gain[0, :4], abs=0.05)


@settings(max_examples=15, deadline=None)
@given(st.floats(0.5, 12), st.integers(1, 5), st.integers(0, 2), st.sampled_from([0.0, 0.4, 1.0]), st.integers(0, 9))
def test_laws_of_waste(mean: float, life: int, lead: int, lifo: float, seed: int) -> None:
    ages = [2.0] * life
    facts = {"demand": mean, "ages": ages, "lead": lead, "lifo_share": lifo, "seed": seed}
    some = perishable(life, **facts)
    waste = [promised(some, float(q), paths=100)["waste_with"][0] for q in (0, 5, 10, 40)]
    assert waste == sorted(waste)  # more ordered, more wasted
    assert all(
        b - a <= q + 1e-9 for a, b, q in zip(waste, waste[1:], (5, 5, 30), strict=False)
    )  # and no more than that
    cheap, dear = (decided(perishable(life, **facts, terminal_cost=cost)).choice["qty"][0] for cost in (0.2, 5.0))
    assert dear <= cheap  # dear waste, smaller order
    outcome = decided(some)
    assert (np.diff(outcome.unit_gain[0]) <= 1e-9).all()  # gains do not rise


def test_customers_who_take_the_newest_make_waste_and_smaller_orders() -> None:
    facts: dict[str, Any] = {"demand": 4.0, "phi": 2.0, "kappa": 0.0, "terminal_cost": 4.0, "level": 8.0, "pack": 1.0}
    by_age = perishable(3, ages=[3.0, 4.0], **facts)
    newest = perishable(3, ages=[3.0, 4.0], **facts, lifo_share=0.4)
    assert decided(newest).choice["qty"][0] <= decided(by_age).choice["qty"][0]
    without, with_them = promised(by_age, 6.0), promised(newest, 6.0)
    assert with_them["waste_with"][0] > without["waste_with"][0]


@pytest.mark.parametrize("lifo", [0.0, 0.4])
def test_expected_waste_is_what_a_simulated_shelf_wastes(lifo: float) -> None:
    """Monte-Carlo without later orders: the promise of 4000 paths within four standard errors of 20 000 others."""
    ages, life, qty, lead = [2.0, 3.0], 3, 9.0, 1
    node = perishable(life, ages=ages, demand=4.0, phi=2.0, kappa=0.0, lifo_share=lifo, level=0.0)
    told = promised(node, qty, paths=4000)
    rng = np.random.default_rng(5)
    demand = rng.negative_binomial(4.0, 0.5, (20_000, lead + life))
    waste = np.array([_waste(ages, qty, path, lead, life, lifo) for path in demand])
    lost = np.array([_waste(ages, qty, path, lead, life, lifo, count_lost=True) for path in demand])
    for name, sample in (("waste_with", waste), ("lost_with", lost)):
        error = sample.std() * np.sqrt(1 / 20_000 + 1 / 4000)
        assert abs(told[name][0] - sample.mean()) < 4 * error, name
    # paired by seed: projection and promise say the same of the stock there is
    rolled = projected(node, qty, 0.0, paths=4000)
    assert rolled.expired[0, : lead + life].sum() == pytest.approx(told["waste_with"][0], abs=4 * error)


def _waste(
    ages: list[float], qty: float, demand: np.ndarray, lead: int, life: int, lifo: float, *, count_lost: bool = False
) -> float:
    """One path in plain Python: units [last selling bucket, quantity], picked by hand."""
    batches = [[b, units] for b, units in enumerate(ages)]
    wasted = lost = 0.0
    for t, wanted in enumerate(demand.tolist()):
        if t == lead:
            batches.append([t + life - 1, qty])
        newest_first, left = sorted(batches, key=lambda one: -one[0]), lifo * wanted
        for batch in newest_first:
            taken = min(batch[1], left)
            batch[1], left = batch[1] - taken, left - taken
        left += (1.0 - lifo) * wanted
        for batch in reversed(newest_first):
            taken = min(batch[1], left)
            batch[1], left = batch[1] - taken, left - taken
        if t == lead:
            lost = left
        wasted += sum(units for b, units in batches if b == t)
        batches = [batch for batch in batches if batch[0] > t]
    return lost if count_lost else wasted


def test_an_end_of_sale_is_the_end_of_the_shelf_life() -> None:
    node = perishable(5, demand=4.0, phi=0.0, kappa=0.0, end_bucket=3)
    assert promised(node, 12.0)["waste_with"][0] == 4.0  # bucket 1 and 2 sell 8
    assert decided(node).choice["qty"][0] == 4.0  # the next order can still serve bucket 2


def test_a_minimum_is_weighed_against_its_waste() -> None:
    facts: dict[str, Any] = {"demand": 2.0, "phi": 1.0, "kappa": 0.0, "min_qty": 20.0}
    assert decided(perishable(2, **facts)).choice["qty"][0] == 0.0
    assert oe.REASONS[decided(perishable(2, **facts)).choice["reason"][0]] == "moq_deferred"
    assert decided(perishable(2, **facts, terminal_cost=0.01)).choice["qty"][0] == 20.0


def test_fast_sellers_and_weights_are_found_between_grid_points() -> None:
    """Newsvendor again, with hundreds of units a day: fractile 9/14 of a normal law near 500 and its deviation 39."""
    many = {"demand": 500.0, "phi": 3.0, "kappa": 0.0, "shortage_cost": 1.8, "terminal_cost": 1.0}
    pieces = decided(perishable(1, **many), paths=4000).choice["qty"][0]
    assert pieces == pytest.approx(500 + 0.366 * np.sqrt(1500), abs=4)
    weights = decided(perishable(1, **many, is_count=False, step=0.01, pack=0.01), paths=4000).choice["qty"][0]
    assert weights == pytest.approx(500 + 0.366 * np.sqrt(1500), abs=4)


@pytest.mark.parametrize("hostile", [{"on_hand": -30.0}, {"ghost": 0.5}, {"on_hand": 1e9}, {"demand": 0.0}])
def test_hostile_facts_give_numbers(hostile: dict[str, Any]) -> None:
    for lost_share in (0.0, 0.5, 1.0):
        node = perishable(3, ages=[5.0, 0.0, 1e6], lost_share=lost_share, **{"demand": 3.0, **hostile})
        choice = decided(node).choice
        assert np.isfinite(choice["qty"][0])
        assert all(np.isfinite(promised(node, choice["qty"])[name][0]) for name in ("waste_with", "lost_with"))
        rolled = projected(node, choice["qty"], 1.0, paths=40)
        opening = np.concatenate([[hostile.get("on_hand", 1e6 + 5)], rolled.closing[0, :-1]])
        change = rolled.receipt + rolled.proposed + rolled.planned - node.forecast + rolled.lost - rolled.expired
        if "ghost" not in hostile:
            assert opening + change[0] == pytest.approx(rolled.closing[0], rel=1e-9, abs=1e-6)
