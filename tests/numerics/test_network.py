"""Levels, the deterministic pass and the sharing of scarce stock, against worked answers and enumeration."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from replenish.numerics import network as nw
from tests.golden_cases import assert_golden, case, cases


def _graph(arcs: list[list[Any]]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, dependant and supplier of each arc; a parent item is the dependant of its component."""
    names = sorted({name for arc in arcs for name in arc[:2]})
    number = {name: k for k, name in enumerate(names)}
    return names, np.array([number[arc[0]] for arc in arcs]), np.array([number[arc[1]] for arc in arcs])


def test_days_become_buckets() -> None:
    known = case("network", "unit_conversion_lead_time")
    assert_golden(nw.days_to_buckets(known["inputs"]["lead_time_days"], 7), known["expected"]["lead_time_buckets"], 0)
    assert nw.days_to_buckets([0.0, 3.0], 7, least=1).tolist() == [1, 1]
    with pytest.raises(ValueError, match="at least one day"):
        nw.days_to_buckets([3.0], 0)


def test_review_time_below_a_bucket_is_refused() -> None:
    known = case("edge_cases", "protection_zero")
    with pytest.raises(ValueError, match=known["expected"]["error"]):
        nw.protection_buckets([0], [0])
    assert nw.protection_buckets([2], [1]).tolist() == [3]


def test_low_level_codes() -> None:
    known = case("material_plan", "low_level_code")
    names, dependant, supplier = _graph(known["inputs"]["bom"])
    level, cyclic = nw.levels(len(names), dependant, supplier)
    assert dict(zip(names, level.tolist(), strict=True)) == known["expected"]["level"]
    assert not cyclic.any()


@pytest.mark.parametrize(
    ("file", "name", "members", "others"),
    [
        ("material_plan", "low_level_code_cycle", "cycle_items", "level_outside"),
        ("edge_cases", "bom_cycle", "exception_items", "planned_items"),
    ],
)
def test_cycles_are_named_and_the_rest_goes_on(file: str, name: str, members: str, others: str) -> None:
    known = case(file, name)
    names, dependant, supplier = _graph(known["inputs"]["bom"])
    level, cyclic = nw.levels(len(names), dependant, supplier)
    assert [name for name, bad in zip(names, cyclic, strict=True) if bad] == known["expected"][members]
    assert all(not cyclic[names.index(other)] for other in known["expected"][others])
    if others == "level_outside":
        assert all(level[names.index(other)] == code for other, code in known["expected"][others].items())


def test_node_upstream_of_a_cycle_is_still_planned() -> None:
    # 0 <-> 1 is a cycle supplied by 2, which also supplies 3
    level, cyclic = nw.levels(4, np.array([0, 1, 0, 3]), np.array([1, 0, 2, 2]))
    assert cyclic.tolist() == [True, True, False, False]
    assert level.tolist() == [-1, -1, 1, 0]


def test_deterministic_pass() -> None:
    known = case("network", "distribution_pass")
    given, expected = known["inputs"], known["expected"]

    def plan(one: dict[str, Any], demand: Any) -> tuple[Any, Any, Any]:
        args = (one["on_hand_qty"], one["receipt_qty"], demand, one["target_qty"], one["pack"])
        arrays = [np.array([each], dtype=float) for each in args]
        arrival, closing = nw.arrivals_to_target(*arrays)
        return arrival[0], nw.releases(arrival, np.array([one["lead_time"]]))[0][0], closing[0]

    _, a, a_closing = plan(given["child_a"], given["child_a"]["demand_qty"])
    _, b, b_closing = plan(given["child_b"], given["child_b"]["demand_qty"])
    arrival, release, closing = plan(given["parent"], a + b)
    got = {
        "a_release_qty": a,
        "b_release_qty": b,
        "parent_gross_qty": a + b,
        "parent_arrival_qty": arrival,
        "parent_release_qty": release,
        "a_projected_qty": a_closing,
        "b_projected_qty": b_closing,
        "parent_projected_qty": closing,
    }
    for name, value in expected.items():
        assert_golden(got[name], value, known["tolerance"])


@pytest.mark.parametrize("known", cases("constraints", "fair_share_equal", "fair_share_child"), ids=lambda c: c["name"])
def test_fair_share(known: dict[str, Any]) -> None:
    given = known["inputs"]
    days, share = nw.fair_share(
        given["available_qty"], np.array(given["child_stock"], float), np.array(given["child_demand_per_day"], float)
    )
    assert_golden(days, known["expected"]["days_of_supply"], known["tolerance"])
    assert_golden(share, known["expected"]["allocated_qty"], known["tolerance"])


def test_fair_share_in_whole_units_and_edges() -> None:
    known = case("constraints", "fair_share_integer")
    assert_golden(nw.whole_units(np.array(known["inputs"]["share"])), known["expected"]["allocated_qty"], 0)
    assert nw.whole_units(np.array([10.0, 14.0]), unit=12.0).tolist() == [12.0, 12.0]
    assert nw.fair_share(0.0, np.ones(2), np.ones(2))[1].tolist() == [0.0, 0.0]
    assert nw.fair_share(9.0, np.zeros(2), np.array([0.0, 3.0]))[1].tolist() == [0.0, 9.0]


@given(st.floats(1, 500), st.lists(st.tuples(st.floats(0, 100), st.floats(0.1, 20)), min_size=1, max_size=8))
def test_fair_share_gives_everything_and_levels(available: float, children: list[tuple[float, float]]) -> None:
    stock, demand = np.array(children).T
    days, share = nw.fair_share(available, stock, demand)
    assert share.sum() == pytest.approx(available)
    assert (share >= -1e-9).all()
    cover = (stock + share) / demand
    assert cover[share > 1e-9] == pytest.approx(days)
    assert (cover >= days - 1e-6).all()


def test_scarce_stock_goes_to_the_highest_value() -> None:
    known = case("constraints", "allocate_by_value")
    curves = known["inputs"]["marginal_value"]
    child = np.repeat(np.arange(3), [len(each) for each in curves.values()])
    gain = np.concatenate([np.array(each, float) for each in curves.values()])
    given, price = nw.allocate_by_value(known["inputs"]["available_qty"], child, gain, np.ones(len(gain)))
    assert dict(zip(curves, given.tolist(), strict=True)) == known["expected"]["allocated_qty"]
    assert price == known["expected"]["shadow_price"]


falling = st.lists(st.floats(0.01, 9), min_size=1, max_size=4).map(lambda each: sorted(each, reverse=True))


@given(st.integers(0, 9), st.lists(falling, min_size=1, max_size=3))
def test_sharing_by_value_is_optimal_in_units(available: int, curves: list[list[float]]) -> None:
    child = np.repeat(np.arange(len(curves)), [len(each) for each in curves])
    gain = np.concatenate(curves)
    given, price = nw.allocate_by_value(float(available), child, gain, np.ones(len(gain)))
    value = sum(sum(curve[: int(qty)]) for curve, qty in zip(curves, given, strict=True))
    choices = product(*(range(len(each) + 1) for each in curves))
    best = max(sum(sum(c[:q]) for c, q in zip(curves, pick, strict=True)) for pick in choices if sum(pick) <= available)
    assert value == pytest.approx(best)
    assert price <= min([curve[int(q) - 1] for curve, q in zip(curves, given, strict=True) if q > 0], default=np.inf)
    if available >= len(gain):
        assert price == 0.0


def test_a_pack_that_does_not_fit_closes_its_child_only() -> None:
    child, gain, qty = np.array([0, 0, 1, 1]), np.array([50.0, 40.0, 6.0, 5.0]), np.array([5.0, 5.0, 1.0, 1.0])
    given, price = nw.allocate_by_value(7.0, child, gain, qty)
    assert given.tolist() == [5.0, 2.0]
    assert price == 8.0


_UNITS = st.floats(0, 100)
_CHILD = st.tuples(_UNITS, st.just(0.0) | st.floats(1e-3, 100), _UNITS, _UNITS)


@given(available=st.floats(-10, 300), children=st.lists(_CHILD, min_size=1, max_size=6))
def test_fair_share_of_requests_keeps_floors_requests_and_level(
    available: float, children: list[tuple[float, float, float, float]]
) -> None:
    """Nobody gets more than requested, and who got less is no better off than anybody who got more than the floor."""
    stock, rate, floor, request = np.array(children).T
    given_qty = nw.fair_share_of_requests(available, stock, rate, floor, request)
    assert (given_qty >= 0).all()
    assert (given_qty <= request + 1e-9).all()
    assert given_qty.sum() <= max(available, 0.0) + 1e-6
    least = np.minimum(floor, request)
    if least.sum() >= available:
        return
    assert (given_qty >= least - 1e-9).all()
    usable = rate > 0
    wanted = request[usable].sum() + least[~usable].sum()
    assert abs(given_qty.sum() - min(available, wanted)) < 1e-6
    days = (stock + given_qty)[usable] / rate[usable]
    short = given_qty[usable] < request[usable] - 1e-6
    raised = given_qty[usable] > least[usable] + 1e-6
    if short.any() and raised.any():
        assert days[short].min() >= days[raised].max() * (1 - 1e-6) - 1e-6


@given(share=st.lists(st.floats(0, 50), min_size=1, max_size=6), pack=st.sampled_from([1.0, 6.0]))
def test_whole_units_never_add_up_to_more(share: list[float], pack: float) -> None:
    size = np.array([pack if k % 2 else 1.0 for k in range(len(share))])
    whole = nw.whole_units(np.array(share), size)
    assert whole.sum() <= sum(share) + 1e-6
    assert (np.abs(whole / size - np.round(whole / size)) < 1e-9).all()
    assert (np.abs(whole - np.array(share)) <= size + 1e-9).all()
