"""Whole trucks by value: worked answers, everything enumerated on small loads, and what could go wrong."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics.trucks import FULL_SHARE, Fleet, Packs, load_trucks, room_price, trucks_of
from tests.golden_cases import assert_golden, golden

FREE = np.inf
ENOUGH = np.array([FREE])


def packs(lines: list[tuple[float, float]], after: list[int] | None = None, must: list[bool] | None = None) -> Packs:
    """Packs of (gain, volume); each is the first of its node unless told, and none has to ride."""
    gain, volume = np.array([line[0] for line in lines]), np.array([line[1] for line in lines])
    return Packs(
        gain.astype(float),
        np.column_stack([volume, np.zeros(len(lines))]).astype(float),
        np.array(after or [-1] * len(lines), dtype=np.int64),
        np.array(must or [False] * len(lines)),
        np.zeros((len(lines), 1)),
        np.zeros(2),
    )


def fleet(volume: float, cost: float, *, weight: float = FREE, full_only: bool = False) -> Fleet:
    """Trucks of one size."""
    return Fleet(np.array([volume, weight]), cost, full_only)


def net(trucks: Fleet, load: Packs, count: int, chosen: np.ndarray) -> float:
    """Value of a load less its trucks."""
    return float(load.gain[chosen].sum()) - count * trucks.cost


def test_worked_answers() -> None:
    """Two trucks at 4, one at 6, none at 12."""
    told, expected, tolerance = golden("constraints", "whole_trucks")
    load = packs(told["lines"])
    found = [fleet(told["truck_volume"], cost) for cost in told["truck_cost"]]
    chosen = [load_trucks(each, load, ENOUGH) for each in found]
    assert [count for count, _ in chosen] == expected["trucks"]
    values = [net(trucks, load, *each) for trucks, each in zip(found, chosen, strict=True)]
    assert_golden(values, expected["net_value"], tolerance)


def room(trucks: Fleet, count: int) -> np.ndarray:
    """Volume and weight of so many trucks."""
    return np.array([count * each if np.isfinite(each) else FREE for each in trucks.capacity])


def enumerated(trucks: Fleet, load: Packs, money_left: float) -> float:
    """Best value over every set of packs; only sets that may drive."""
    best = -np.inf
    for flags in product([False, True], repeat=len(load.gain)):
        chosen = np.array(flags, dtype=bool)
        in_order = all(not taken or load.after[k] < 0 or chosen[load.after[k]] for k, taken in enumerate(chosen))
        if not in_order or (load.must & ~chosen).any() or load.extra[chosen].sum() > money_left:
            continue
        count = trucks_of(trucks, load, chosen)
        share = load.use[chosen].sum(axis=0) / (max(count, 1) * trucks.capacity)
        if trucks.full_only and count and share.max() < FULL_SHARE:
            continue
        best = max(best, net(trucks, load, count, chosen))
    return best


SIZES = st.sampled_from([0.5, 1.0, 1.5, 2.0, 3.0])
GAINS = st.integers(-6, 12).map(float)


@st.composite
def small_loads(draw: st.DrawFn) -> tuple[Fleet, Packs, float]:
    """Up to seven packs of nodes with falling gains, one or two limits of a truck."""
    count = draw(st.integers(1, 7))
    gain, use = draw(st.lists(GAINS, min_size=count, max_size=count)), []
    use = [[draw(SIZES), draw(SIZES)] for _ in range(count)]
    after = [-1] + [k - 1 if draw(st.booleans()) else -1 for k in range(1, count)]
    must = np.array([draw(st.integers(0, 5)) == 0 for _ in range(count)])
    for k in range(count - 1, 0, -1):
        must[after[k]] |= must[k] if after[k] >= 0 else False
    money = np.where(must, 0.0, [draw(st.sampled_from([0.0, 1.0, 2.0])) for _ in range(count)])
    load = Packs(np.array(gain), np.array(use), np.array(after, dtype=np.int64), must, money[:, None], np.zeros(2))
    weight = draw(st.sampled_from([FREE, 3.0, 4.0]))
    trucks = fleet(draw(st.sampled_from([2.0, 4.0])), draw(st.integers(0, 9)) * 1.0, weight=weight)
    return trucks, load, draw(st.sampled_from([FREE, 3.0]))


@settings(max_examples=150, deadline=None)
@given(small_loads())
def test_no_other_load_is_worth_more(case: tuple[Fleet, Packs, float]) -> None:
    """Every set of packs and number of trucks enumerated."""
    trucks, load, money_left = case
    count, chosen = load_trucks(trucks, load, np.array([money_left]))
    assert count == trucks_of(trucks, load, chosen)
    assert (load.use[chosen].sum(axis=0) <= room(trucks, count) + 1e-9).all()
    assert load.extra[chosen].sum() <= money_left + 1e-9
    assert net(trucks, load, count, chosen) == pytest.approx(enumerated(trucks, load, money_left), abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(small_loads())
def test_only_full_trucks_drive_and_none_that_could_is_worth_more(case: tuple[Fleet, Packs, float]) -> None:
    """Nothing rides where no set of packs fills a truck; what rides fills it, or leaves no room for any pack."""
    trucks, load, money_left = case
    trucks = trucks._replace(full_only=True)
    count, chosen = load_trucks(trucks, load, np.array([money_left]))
    best = enumerated(trucks, load, money_left)
    left = room(trucks, count) - load.use[chosen].sum(axis=0)
    if count:
        is_full = (left <= (1 - FULL_SHARE) * room(trucks, count) + 1e-9) | (left < load.use.min(axis=0))
        assert is_full[np.isfinite(trucks.capacity)].any()
    assert net(trucks, load, count, chosen) >= best - 1e-6 or (not count and best == -np.inf)


def test_losses_ride_only_to_fill_a_truck_that_must_be_full() -> None:
    """20 of gain in half a truck: the filler that loses least joins it, and only where trucks must be full."""
    load = packs([(20.0, 5.0), (-1.0, 5.0), (-0.5, 5.0)])
    assert load_trucks(fleet(10.0, 2.0), load, ENOUGH)[1].tolist() == [True, False, False]
    assert load_trucks(fleet(10.0, 2.0, full_only=True), load, ENOUGH)[1].tolist() == [True, False, True]
    poor = packs([(2.0, 5.0), (-1.0, 5.0)])
    assert load_trucks(fleet(10.0, 2.0, full_only=True), poor, ENOUGH) == (0, pytest.approx([False, False]))


def test_what_must_ride_pays_for_its_truck_and_others_use_the_rest() -> None:
    """A shelf's pack loses 3 and takes its truck at 50; the pack that earns 1 rides along, the one that loses stays."""
    load = packs([(-3.0, 2.0), (1.0, 2.0), (-1.0, 1.0)], must=[True, False, False])
    count, chosen = load_trucks(fleet(4.0, 50.0), load, ENOUGH)
    assert (count, chosen.tolist()) == (1, [True, True, False])


def test_a_pack_larger_than_a_truck_takes_several() -> None:
    """Room is pooled: 2.5 trucks of volume are three trucks, where that pays."""
    load = packs([(10.0, 10.0)])
    assert load_trucks(fleet(4.0, 3.0), load, ENOUGH)[0] == 3
    assert load_trucks(fleet(4.0, 4.0), load, ENOUGH)[0] == 0
    assert load_trucks(fleet(1e-9, 4.0), load, ENOUGH)[0] == 0


def test_packs_without_volume_ride_in_one_truck() -> None:
    """They use no room, but a truck has to come."""
    load = packs([(10.0, 0.0), (1.0, 0.0)])
    assert load_trucks(fleet(4.0, 3.0), load, ENOUGH) == (1, pytest.approx([True, True]))
    assert load_trucks(fleet(4.0, 12.0), load, ENOUGH)[0] == 0


def test_room_is_worth_what_the_best_refused_pack_earns_in_it() -> None:
    """One truck of 4 at 6: the pack of 4 on 2 stays, 2 a unit; with a second truck nothing that earns stays."""
    told, _, _ = golden("constraints", "whole_trucks")
    load, trucks = packs(told["lines"]), fleet(4.0, 6.0)
    count, chosen = load_trucks(trucks, load, ENOUGH)
    assert room_price(trucks, load, chosen, count).tolist() == [2.0, 0.0]
    wide = fleet(400.0, 1.0)
    assert room_price(wide, load, load_trucks(wide, load, ENOUGH)[1], 1).tolist() == [0.0, 0.0]


def test_thousands_of_lines_and_huge_numbers_are_loaded_in_a_moment() -> None:
    """20,000 packs over many trucks; nothing overflows where a truck is a millionth of a pack."""
    rng = np.random.default_rng(1)
    size = 20_000
    load = Packs(
        rng.normal(5.0, 4.0, size), rng.uniform(0.1, 2.0, (size, 2)), np.full(size, -1, dtype=np.int64),
        np.zeros(size, dtype=bool), np.zeros((size, 1)), np.zeros(2),
    )  # fmt: skip
    trucks = fleet(150.0, 40.0, weight=160.0)
    count, chosen = load_trucks(trucks, load, ENOUGH)
    assert count > 90
    assert (load.use[chosen].sum(axis=0) <= room(trucks, count) + 1e-6).all()
    assert net(trucks, load, count, chosen) >= net(trucks, load, *_all_that_earns(trucks, load)) - 1e-6
    assert load_trucks(fleet(1e-6, 1e9, weight=1e-6), load, ENOUGH)[0] == 0


def _all_that_earns(trucks: Fleet, load: Packs) -> tuple[int, np.ndarray]:
    chosen = load.gain > 0
    return trucks_of(trucks, load, chosen), chosen
