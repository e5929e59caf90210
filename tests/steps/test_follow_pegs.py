"""Full pegs: a bicycle works from its purchase orders to its customers, and laws of every network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from replenish.steps import follow_pegs
from replenish.tables import core, plan
from tests.steps.propose_frames import Row, frame

FIRST = date(2026, 11, 9)
TABLES = (
    *(plan.Peg, plan.Requirement, plan.Order, plan.Wish, plan.LeadTime),
    *(core.Node, core.Arc, core.BomLine, core.Bucket, core.FirmNeed, core.OpenSupply),
)


def week(index: int) -> tuple[date, date]:
    """First and last day of a bucket."""
    return FIRST + timedelta(weeks=index), FIRST + timedelta(weeks=index, days=6)


BUCKETS = [
    {"bucket_index": t, "bucket_start": week(t)[0], "bucket_end": week(t)[1], "bucket_days": 7} for t in range(-1, 12)
]
NODES = [
    {"item_id": "bike", "location_id": "shop", "level": 0},
    {"item_id": "bike", "location_id": "works", "level": 1},
    {"item_id": "wheel", "location_id": "works", "level": 2},
    {"item_id": "lamp", "location_id": "shop", "level": 0},
]
ARCS = [
    {
        "item_id": "bike",
        "location_id": "shop",
        "kind": "move",
        "source_id": "works",
        "arc_rank": 1,
        "lead_time_days": 7.0,
    },
    {
        "item_id": "bike",
        "location_id": "works",
        "kind": "make",
        "source_id": "works",
        "arc_rank": 1,
        "lead_time_days": 7.0,
    },
    {"item_id": "wheel", "location_id": "works", "kind": "buy", "source_id": "S", "arc_rank": 1},
    {"item_id": "lamp", "location_id": "shop", "kind": "buy", "source_id": "S", "arc_rank": 1},
]
BILL = [{"parent_item_id": "bike", "component_item_id": "wheel", "location_id": "works", "qty_per": 2.0}]


def peg(item: str, place: str, index: int, supply: str, there: date, demand: str, wanted: date, qty: float) -> Row:
    """A row of plan.peg; `supply` and `demand` are a kind, or a kind and an id with a colon between them."""
    kinds = [*supply.split(":"), None][:2], [*demand.split(":"), None][:2]
    sides = dict(zip(("supply_kind", "supply_id", "demand_kind", "demand_id"), [*kinds[0], *kinds[1]], strict=True))
    dates = {"supply_date": there, "demand_date": wanted, "is_late": there > wanted}
    return {"item_id": item, "location_id": place, "peg_index": index, "qty": qty, **sides, **dates}


def needed(item: str, place: str, by: str, at: str, bucket: int, qty: float, tonight: float = 0.0) -> Row:
    """A row of plan.requirement."""
    who = {"item_id": item, "location_id": place, "dependant_item_id": by, "dependant_location_id": at}
    return {**who, "bucket_index": bucket, "qty": qty, "tonight_qty": tonight}


PEGS = [
    peg("bike", "shop", 0, "stock", FIRST, "sales_order:SO1/1", week(1)[1], 2),
    peg("bike", "shop", 1, "proposal", week(1)[0], "sales_order:SO1/1", week(1)[1], 3),
    peg("bike", "shop", 2, "proposal", week(1)[0], "forecast", week(1)[1], 5),
    peg("bike", "shop", 3, "planned", week(2)[0], "forecast", week(2)[1], 4),
    peg("bike", "shop", 4, "planned", week(8)[0], "forecast", week(8)[1], 4),
    peg("bike", "shop", 5, "planned", week(9)[0], "forecast", week(9)[1], 4),
    peg("bike", "works", 0, "proposal", week(1)[0], "requirement:bike@shop", week(0)[1], 8),
    peg("bike", "works", 1, "planned", week(7)[0], "requirement:bike@shop", week(1)[1], 4),
    peg("bike", "works", 2, "planned", week(7)[0], "requirement:bike@shop", week(7)[1], 10),
    peg("wheel", "works", 0, "stock", FIRST, "requirement:bike@works", week(0)[1], 10),
    peg("wheel", "works", 1, "open_order:PO1/1", week(0)[1], "requirement:bike@works", week(0)[1], 6),
    peg("wheel", "works", 2, "planned", week(6)[0], "requirement:bike@works", week(6)[1], 28),
    peg("lamp", "shop", 0, "stock", FIRST, "forecast", week(1)[1], 7),
]
REQUIREMENTS = [
    needed("bike", "works", "bike", "shop", 0, 8, 8),
    needed("bike", "works", "bike", "shop", 1, 4),
    needed("bike", "works", "bike", "shop", 7, 10),
    needed("wheel", "works", "bike", "works", 0, 16, 16),
    needed("wheel", "works", "bike", "works", 6, 28),
]


def followed(
    pegs: Sequence[Row] = PEGS,
    requirements: Sequence[Row] = REQUIREMENTS,
    needs: Sequence[Row] = (),
    orders: Sequence[Row] = (),
    nodes: Sequence[Row] = NODES,
    arcs: Sequence[Row] = ARCS,
    bill: Sequence[Row] = BILL,
    **how: Any,
) -> pl.DataFrame:
    """Full pegs of the works."""
    rows = (pegs, requirements, [], [], [], nodes, arcs, bill, BUCKETS, needs, orders)
    frames = [frame(table, ones) for table, ones in zip(TABLES, rows, strict=True)]
    return follow_pegs(*frames, **how)  # type: ignore[arg-type]


def served(full: pl.DataFrame, item: str, kind: str) -> list[tuple[Any, ...]]:
    """What supplies of a kind serve in the end."""
    rows = full.filter(pl.col("item_id") == item, pl.col("supply_kind") == kind)
    return rows.select("root_kind", "root_date", "qty", "root_qty", "is_late").rows()


def test_a_purchase_order_is_followed_to_the_customer() -> None:
    """Of the first bicycles' 16 wheels ten lie there: they become those of the customer order, and two more."""
    full = followed()
    late = (week(1)[1], True)
    assert served(full, "wheel", "stock") == [("sales_order", late[0], 6, 3, True), ("forecast", late[0], 4, 2, True)]
    assert served(full, "wheel", "open_order") == [("forecast", late[0], 6, 3, True)]
    assert full.filter(pl.col("root_kind") == "sales_order")["root_id"].to_list() == ["SO1/1", "SO1/1"]


def test_far_forecasts_and_far_orders_are_told_together() -> None:
    """Beyond four weeks a node's forecast is one root, dated by its first day; what nobody asks for yet is surplus."""
    assert served(followed(), "wheel", "planned") == [
        ("forecast", week(2)[1], 8, 4, True),
        ("forecast", week(8)[1], 16, 8, False),
        ("surplus", week(7)[1], 4, 2, False),
    ]
    assert followed().filter(pl.col("item_id") == "wheel")["way_days"].unique().to_list() == [14.0]
    assert len(served(followed(near_days=100), "wheel", "planned")) == 4


def test_what_is_only_sold_has_no_full_pegs() -> None:
    """Of a shop's own goods plan.peg says everything."""
    assert followed()["location_id"].unique().to_list() == ["works"]


def test_a_shop_s_network_is_followed_only_for_customer_orders() -> None:
    """Two goods come through a depot: the one that a customer has ordered is followed there, the other is not."""
    goods = ("lamp", "bell")
    nodes = [
        {"item_id": item, "location_id": at, "level": int(at == "depot")} for item in goods for at in ("shop", "depot")
    ]
    arc = {"location_id": "shop", "kind": "move", "source_id": "depot", "arc_rank": 1}
    pegs = [peg(item, "depot", 0, "stock", FIRST, f"requirement:{item}@shop", week(0)[1], 3) for item in goods]
    pegs.append(peg("lamp", "shop", 0, "proposal", week(0)[1], "sales_order:SO1/1", week(1)[1], 3))
    pegs.append(peg("bell", "shop", 0, "proposal", week(0)[1], "forecast", week(1)[1], 3))
    needs = [needed(item, "depot", item, "shop", 0, 3) for item in goods]
    full = followed(pegs, needs, nodes=nodes, arcs=[{**arc, "item_id": item} for item in goods])
    assert full.select("item_id", "location_id", "root_id").rows() == [("lamp", "depot", "SO1/1")]


def test_full_pegs_add_up_to_pegs() -> None:
    """Every supply of a followed node is followed to the last unit."""
    full = followed()
    for item in ("bike", "wheel"):
        pegged = sum(row["qty"] for row in PEGS if (row["item_id"], row["location_id"]) == (item, "works"))
        assert full.filter(pl.col("item_id") == item)["qty"].sum() == pytest.approx(pegged)
    assert (full["qty"] / full["root_qty"]).to_list() == pytest.approx(
        [2.0 if item == "wheel" else 1.0 for item in full["item_id"]]
    )


def test_what_an_open_production_order_takes_becomes_its_units() -> None:
    """Ten of the 20 wheels of MO1 lie there, ten come: the customer's two bicycles are made of the first four."""
    line = {"order_id": "MO1", "line_id": "1"}
    pegs = [
        peg("bike", "works", 0, "open_order:MO1/1", week(1)[0], "sales_order:SO1/1", week(2)[1], 2),
        peg("bike", "works", 1, "open_order:MO1/1", week(1)[0], "forecast", week(2)[1], 7),
        peg("bike", "works", 2, "proposal", week(2)[0], "forecast", week(2)[1], 50),
        peg("wheel", "works", 0, "stock", FIRST, "production_order:MO1/1", FIRST, 10),
        peg("wheel", "works", 1, "open_order:PO1/1", week(0)[1], "production_order:MO1/1", FIRST, 10),
    ]
    order = {**line, "kind": "production", "item_id": "bike", "location_id": "works", "open_qty": 10.0}
    need = {**line, "item_id": "wheel", "location_id": "works", "parent_item_id": "bike", "open_qty": 20.0}
    full = followed(pegs, [], [{**need, "due_date": FIRST}], [order])
    told = [(kind, qty, root_qty) for kind, _, qty, root_qty, _ in served(full, "wheel", "stock")]
    assert told == [("sales_order", 4, 2), ("forecast", 6, 3)]
    told = [(kind, qty, root_qty) for kind, _, qty, root_qty, _ in served(full, "wheel", "open_order")]
    assert told == [("forecast", 8, 4), ("surplus", 2, 1)]


def test_a_requirement_that_nobody_explains_ends_there() -> None:
    """A dependant that is not in the plan: its units are surplus, and nothing stops."""
    full = followed([peg("bike", "works", 0, "stock", FIRST, "requirement:gone@works", week(0)[1], 4)], [])
    assert full.select("root_kind", "root_item_id", "qty", "root_qty").rows() == [("surplus", "bike", 4, 4)]


def test_a_bill_of_next_to_nothing_leads_nowhere() -> None:
    """A slip of the pen in a bill: its component's pegs end there, and all numbers stay numbers."""
    bill = [{**BILL[0], "qty_per": 1e-300}]
    full = followed(bill=bill).filter(pl.col("item_id") == "wheel")
    assert full["root_kind"].unique().to_list() == ["surplus"]
    assert full["root_qty"].sum() == pytest.approx(44)


def test_nothing_pegged_nothing_followed() -> None:
    """An empty plan is no error."""
    assert followed([], []).is_empty()
