"""Later orders and mean projections: the stock identity, lumps for the source, and what happens without orders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.numerics import node_facts as nf
from replenish.numerics import order_engine as oe
from tests.golden_cases import case
from tests.numerics.engine_nodes import decided, plain_nodes, projected, with_lines

FIELDS = ("receipt", "proposed", "planned", "lost", "expired", "closing")


@settings(max_examples=25)
@given(
    st.floats(0.0, 20),
    st.integers(0, 60),
    st.integers(0, 3),
    st.integers(1, 3),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.floats(0, 1.5),
    st.integers(1, 12),
)
def test_every_bucket_obeys_the_identity(
    mean: float, on_hand: int, lead: int, review: int, lost_share: float, cover: float, pack: int
) -> None:
    nodes = plain_nodes(
        2, demand=mean, on_hand=float(on_hand), lead=lead, review=review, lost_share=lost_share, pack=float(pack)
    )
    nodes.firm[:, 1] = 3.0
    nodes = with_lines(nodes, [(0, 1, 8.0), (1, 7, 5.0)])
    got = projected(nodes, 10.0, cover, paths=40)
    demand = nodes.forecast + nodes.firm
    opening = np.column_stack([np.full(2, float(on_hand)), got.closing[:, :-1]])
    balance = opening + got.receipt + got.proposed + got.planned - demand + got.lost - got.expired - got.closing
    assert np.abs(balance).max() < 1e-8
    assert got.proposed.sum(axis=1) == pytest.approx([10.0, 10.0])
    assert got.receipt.sum(axis=1) == pytest.approx([8.0, 5.0])
    assert all((getattr(got, field) >= -1e-9).all() for field in FIELDS[:5])
    assert (got.closing_q10 <= got.closing_q50 + 1e-9).all()
    assert (got.closing_q50 <= got.closing_q90 + 1e-9).all()


def test_without_orders_the_stock_runs_out() -> None:
    nodes = plain_nodes(demand=4.0, phi=0.0, kappa=0.0, on_hand=10.0, lost_share=1.0)
    got = projected(nodes, 20.0, 1.0)
    assert got.closing_without[0].tolist() == [6.0, 2.0] + [0.0] * 8
    assert got.short_without[0].tolist() == [0.0, 0.0, 2.0] + [4.0] * 7
    owed = projected(plain_nodes(demand=4.0, phi=0.0, kappa=0.0, on_hand=10.0, lost_share=0.0), 0.0, 0.0)
    assert owed.closing[0, -1] == -30.0
    assert owed.lost.sum() == 0.0


def test_cover_is_kept_in_packs() -> None:
    nodes = plain_nodes(demand=4.0, phi=0.0, kappa=0.0, on_hand=12.0, lead=1, pack=6.0, buckets=20)
    got = projected(nodes, 0.0, 1.0)
    # two windows of demand (8) on the shelf at each arrival, bought in packs of 6
    arrivals = got.planned[0][got.planned[0] > 0]
    assert set(arrivals) <= {6.0, 12.0}
    opening_with_receipt = got.closing[0] + 4.0
    assert (opening_with_receipt[2:] >= 8.0 - 1e-9).all()
    assert (opening_with_receipt[2:] < 8.0 + 6.0).all()


def test_overstock_is_not_kept_for_ever() -> None:
    nodes = plain_nodes(demand=4.0, on_hand=400.0, level=6.0)
    out = decided(nodes)
    assert out.choice["qty"][0] == 0.0
    assert out.choice["cover"][0] == pytest.approx(6.0 / 8.0)


def test_packs_bought_ahead_are_not_cover() -> None:
    slow = {"demand": 0.5, "phi": 1.0, "kappa": 0.0, "shortage_cost": 20.0}
    loose, packed = decided(plain_nodes(**slow)), decided(plain_nodes(**slow, pack=60.0))
    assert packed.choice["qty"][0] == 60.0
    assert packed.choice["cover"][0] == loose.choice["cover"][0]


def test_cover_is_measured_over_weeks_not_over_a_day_without_orders() -> None:
    lumps = np.zeros((1, 40))
    lumps[0, ::7] = 14.0  # wanted every seventh bucket only, none of them in the two windows after arrival
    facts = {"phi": 0.0, "kappa": 0.0, "lead": 2, "buckets": 40, "on_hand": 30.0, "lost_share": 0.0, "level": 20.0}
    assert decided(plain_nodes(demand=lumps, **facts)).choice["cover"][0] == 0.0
    nodes = plain_nodes(demand=lumps, cover_buckets=28, **facts)
    cover = decided(nodes).choice["cover"][0]
    assert cover == pytest.approx(20.0 / 56.0)
    got = projected(nodes, 0.0, cover)
    assert got.planned.sum() == pytest.approx(lumps.sum() - 30.0 + 20.0, abs=14.0)
    assert got.closing.min() > -1e-9


def test_item_without_margin_places_no_later_orders() -> None:
    assert decided(plain_nodes(shortage_cost=-1.0)).choice["cover"][0] == 0.0


def test_source_sees_tonights_order_and_later_lumps() -> None:
    nodes = plain_nodes(3, demand=4.0, pack=12.0, lead=1, buckets=8, sampled=8)
    out = nf.empty_decision(3, 8)
    release = np.full((3, 100, 8), 7.0, dtype=np.float32)
    release[:] = 0.0
    oe.decide(nodes, 0, 3, 100, 1.0, np.empty((0, 0, 0), np.float32), np.empty((0, 0)), out, release)
    assert (release[:, :, 0] == out.choice["qty"].astype(np.float32)[:, None]).all()
    assert set(np.unique(release[:, :, 1:])) <= {0.0, 12.0, 24.0, 36.0}
    assert release.mean(axis=1) == pytest.approx(out.release_mean, abs=1e-5)
    # over the horizon a node orders about what it sells
    assert out.release_mean.sum(axis=1) == pytest.approx(np.full(3, 36.0), abs=8)


def test_parents_see_the_order_paths_of_their_dependants() -> None:
    lumps = np.zeros((1, 100, 10), dtype=np.float32)
    lumps[0, ::2, 3] = 40.0  # every other path wants 40 in bucket 3
    parent = plain_nodes(demand=0.0, dependant=0, lead=2, lost_share=0.0, shortage_cost=2.0, holding_cost=0.05)
    out = nf.empty_decision(1, 10)
    oe.decide(parent, 0, 1, 100, 0.7, lumps, lumps.mean(axis=1).astype(float), out, np.empty((0, 100, 0), np.float32))
    assert out.choice["qty"][0] == 0.0  # bucket 3 is served by the next order
    parent = plain_nodes(demand=0.0, dependant=0, lead=3, lost_share=0.0, shortage_cost=2.0, holding_cost=0.05)
    oe.decide(parent, 0, 1, 100, 0.7, lumps, lumps.mean(axis=1).astype(float), out, np.empty((0, 100, 0), np.float32))
    assert out.choice["qty"][0] == 40.0


def test_dated_stock_expires_first_in_first_out() -> None:
    known = case("traps", "expiring_stock_not_available_later")
    given, expected = known["inputs"], known["expected"]
    nodes = plain_nodes(
        demand=[given["demand_qty"]], buckets=3, phi=0.0, kappa=0.0, on_hand=given["lot_qty"], sampled=2
    )
    lots = np.where(np.arange(3) >= given["sellable_buckets"] - 1, float(given["lot_qty"]), 0.0)[None, :]
    got = projected(nodes._replace(lots=lots), 0.0, 0.0)
    assert got.expired[0].tolist() == [0.0, expected["expired_qty"], 0.0]
    assert got.lost[0, 2] == expected["lost_qty_bucket_2"]


def test_means_go_on_where_sampling_stops() -> None:
    nodes = plain_nodes(demand=4.0, on_hand=20.0, buckets=12, sampled=3)
    nodes = with_lines(nodes, [(0, 8, 9.0)])
    got = projected(nodes, 0.0, 0.8)
    assert got.receipt[0, 8] == 9.0
    assert (got.closing_q90 - got.closing_q10)[0, 3:] == pytest.approx((got.closing_q90 - got.closing_q10)[0, 2])
