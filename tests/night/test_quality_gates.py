"""Blocked lots, orders on hold, items not approved yet, and accepted changes, through whole nights."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl

import replenish as rp
from tests.night.small import LAST_DAY, frames

APPROVED = LAST_DAY + timedelta(days=15)
SETTINGS = {"forecast": {"members": "light"}, "calendar": {"horizon_weeks": 12}}


def line(order: str, item: str, place: str, qty: float, status: str, days: int = 11) -> dict[str, Any]:
    dates = {"order_date": LAST_DAY - timedelta(days=2), "due_date": LAST_DAY + timedelta(days=days)}
    made = {"order_id": order, "line_id": "1", "kind": "purchase", "item_id": item, "location_id": place}
    return {**made, **dates, "qty": qty, "source_id": "grower", "status": status}


@cache
def gated() -> dict[str, pl.DataFrame]:
    """Tables of a night: tea of the works is blocked, jam on order is on hold, soap is not approved yet."""
    tables = frames()
    more = pl.DataFrame([{"date": LAST_DAY, "item_id": "tea", "location_id": "works", "on_hand_qty": 90.0}])
    tables["stock"] = pl.concat([tables["stock"], more])
    tables["lot"] = pl.DataFrame(
        [
            {"item_id": "tea", "location_id": "works", "lot_id": "L1", "qty": 70.0, "status": "hold"},
            {"item_id": "tea", "location_id": "works", "lot_id": "L2", "qty": 20.0, "status": "available"},
        ]
    )
    tables["open_order"] = pl.DataFrame([line("H", "jam", "depot", 500.0, "hold")])
    day = pl.when(pl.col("item_id") == "soap").then(pl.lit(APPROVED)).otherwise(None)
    tables["item"] = tables["item"].with_columns(approval_date=day)
    return tables


@cache
def night(as_of: date = LAST_DAY) -> Any:
    return rp.run(gated(), rp.Settings(**SETTINGS), as_of=as_of)


def test_blocked_lots_are_not_supply() -> None:
    works = {"item_id": "tea", "location_id": "works"}
    offered = night().table("plan.atp").filter(**works, bucket_index=0).row(0, named=True)
    first = night().table("plan.projection").filter(**works, bucket_index=0).row(0, named=True)
    assert first["opening_qty"] + first["record_adjustment_qty"] == 20.0
    assert offered["supply_qty"] == 20.0 + first["proposed_qty"] + first["planned_qty"]


def test_orders_on_hold_are_not_supply() -> None:
    assert night().table("core.open_supply").is_empty()
    jam = night().table("plan.proposal").filter(item_id="jam", location_id="depot", action="NEW")
    assert jam["qty"].sum() > 0, "500 on hold replace nothing"


def test_an_item_that_is_not_approved_waits_and_says_so() -> None:
    soap = night().table("plan.proposal").filter(item_id="soap")
    assert soap.height > 0
    assert soap["hold"].all()
    assert soap["hold_cause"].str.contains(f"NOT_APPROVED.*{APPROVED.day} Nov").all()
    assert (soap["order_date"] >= APPROVED).all()
    assert not night().table("plan.proposal").filter(item_id="jam")["hold"].any()
    assert night().table("plan.supplier_order").height > 0
    later = night().table("plan.projection").filter(pl.col("bucket_start") < APPROVED, item_id="soap")
    assert later["planned_qty"].sum() + later["proposed_qty"].sum() == 0.0


def test_on_the_day_it_is_approved_the_hold_goes() -> None:
    soap = night(APPROVED - timedelta(days=1)).table("plan.proposal").filter(item_id="soap", action="NEW")
    assert soap.height > 0
    assert not soap["hold"].any()
    assert soap["order_date"].min() == APPROVED


def test_an_accepted_increase_is_not_ordered_again() -> None:
    tables = frames()
    tables["open_order"] = pl.DataFrame([line("PO", "jam", "depot", 5.0, "planned")])
    settings = rp.Settings(**SETTINGS)
    first = rp.run(tables, settings, as_of=LAST_DAY)
    jam = pl.col("item_id") == "jam", pl.col("location_id") == "depot"
    raised = first.table("plan.proposal").filter(*jam, action="INCREASE").row(0, named=True)
    assert first.table("plan.order").filter(*jam)["qty"].item() == raised["qty"] - 5.0
    seen = {"status": "accepted", "qty": None, "erp_order_id": None, "at": LAST_DAY}
    tables["acknowledge"] = pl.DataFrame([{"proposal_id": raised["proposal_id"], **seen}])
    again = rp.run(tables, settings, as_of=LAST_DAY + timedelta(days=1), earlier=first)
    order = again.table("core.open_supply").filter(*jam).row(0, named=True)
    assert (order["open_qty"], order["status"]) == (raised["qty"], "accepted")
    more = again.table("plan.order").filter(*jam)["qty"].item()
    assert more < 0.3 * raised["qty"], "the need is met by what was accepted"
    assert again.table("plan.proposal").filter(*jam, action="INCREASE").is_empty()
