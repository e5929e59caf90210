"""How old stock is: lots as stated, receipts first in first out where none are, and never more than is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.steps.age_stock import age_stock
from replenish.tables import core, plan
from tests.steps.supply_world import AS_OF, shop

_NODE = {"item_id": "i00", "location_id": "store"}


def _receipts(came: list[tuple[int, float]]) -> pl.DataFrame:
    """Receipts of so many days ago."""
    rows = [
        {
            **_NODE,
            "order_id": f"o{k}",
            "line_id": "1",
            "kind": "buy",
            "source_id": "supplier",
            "order_date": AS_OF - timedelta(days=ago + 3),
            "due_date": AS_OF - timedelta(days=ago),
            "ordered_qty": qty,
            "received_qty": qty,
            "delay_days": 3.0,
            "is_received": True,
        }
        for k, (ago, qty) in enumerate(came)
    ]
    schema = {name: column.dtype for name, column in core.ReceiptLine.columns().items()}
    return core.ReceiptLine.cast(pl.DataFrame(rows, schema=schema).sort("order_id", "line_id"))


def _aged(
    on_hand: float,
    came: list[tuple[int, float]],
    lots: Sequence[tuple[int | None, float]] = (),
    life: float | None = 7.0,
    **arc: Any,
) -> dict[int | None, float]:
    """Units by days until they expire (as_of counts as 0)."""
    known = shop(1, on_hand=on_hand, node={"shelf_life_days": life}, arc=arc)
    rows = [
        ("i00", "store", f"l{k}", qty, None if left is None else AS_OF + timedelta(left))
        for k, (left, qty) in enumerate(lots)
    ]
    lot = core.Lot.cast(pl.DataFrame(rows, schema=core.Lot.column_names(), orient="row"))
    found = age_stock(lot, known.record, _receipts(came), known.node, known.arc, as_of=AS_OF)
    days = [None if day is None else (day - AS_OF).days for day in found["expiry_date"]]
    out: dict[int | None, float] = {}
    for left, qty in zip(days, found["qty"], strict=True):
        out[left] = out.get(left, 0.0) + qty
    return out


def test_without_lots_the_newest_receipts_are_still_there() -> None:
    assert _aged(12.0, [(1, 10.0), (3, 5.0), (5, 8.0)]) == {6: 10.0, 4: 2.0}


def test_more_than_receipts_of_one_life_is_as_old_as_the_oldest() -> None:
    assert _aged(30.0, [(1, 10.0), (5, 8.0), (9, 50.0)]) == {6: 10.0, 2: 20.0}


def test_without_evidence_stock_counts_as_just_received() -> None:
    assert _aged(30.0, []) == {}
    assert _aged(30.0, [(40, 9.0)]) == {}


def test_what_does_not_expire_has_no_age() -> None:
    assert _aged(30.0, [(1, 10.0)], life=None) == {}


def test_lots_are_scaled_down_to_the_stock_on_hand() -> None:
    assert _aged(6.0, [], [(2, 4.0), (5, 8.0)]) == {2: 2.0, 5: 4.0}


def test_stock_outside_lots_is_laid_on_receipts() -> None:
    assert _aged(10.0, [(2, 6.0)], [(1, 4.0)]) == {1: 4.0, 5: 6.0}


@pytest.mark.parametrize("on_hand", [0.0, -5.0, float("nan")])
def test_no_stock_no_age(on_hand: float) -> None:
    assert _aged(on_hand, [(1, 10.0)], [(2, 4.0)]) == {}


def test_days_on_the_way_between_own_locations_count() -> None:
    assert _aged(5.0, [(1, 5.0)], kind="move", lead_time_days=2.0) == {4: 5.0}
    assert _aged(5.0, [(1, 5.0)], kind="move", lead_time_days=7.0) == {}  # nothing arrives that can be sold


@settings(max_examples=60, deadline=None)
@given(
    st.floats(-10, 1e9),
    st.lists(st.tuples(st.integers(0, 400), st.floats(0, 1e8)), max_size=6),
    st.lists(st.tuples(st.one_of(st.none(), st.integers(1, 10_000)), st.floats(0, 1e8)), max_size=4),
    st.sampled_from([None, 0.0, 0.4, 7.0, 1e9]),
)
def test_ages_never_exceed_the_stock(
    on_hand: float, came: list[tuple[int, float]], lots: list[tuple[int | None, float]], life: float | None
) -> None:
    found = _aged(on_hand, came, lots, life)
    assert sum(found.values()) <= max(on_hand, 0.0) * (1 + 1e-9) + 1e-6
    assert all(qty >= 0 for qty in found.values())
    assert all(left is None or left > 0 for left in found)


def test_an_order_knows_old_stock_from_its_receipts() -> None:
    """Thirty units that came six days ago are worth less than thirty that came yesterday."""
    known = shop(
        1, mean=6.0, phi=1.2, kappa=0.0, on_hand=30.0, node={"shelf_life_days": 21.0, "location_kind": "store"}
    )
    qty = []
    for ago in (1, 20):
        lot = age_stock(
            core.Lot.create_empty(), known.record, _receipts([(ago, 30.0)]), known.node, known.arc, as_of=AS_OF
        )
        assert plan.AgedLot.validate(lot)["basis"].to_list() == ["receipt"]
        qty.append(known.with_(lot=lot).wish()["qty"][0])
    assert qty[1] > qty[0]
