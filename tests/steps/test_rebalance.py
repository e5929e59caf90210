"""Lateral moves: from where stock idles to where it is short before the next order arrives."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replenish.steps.moved_lots import lots_after
from replenish.tables import core
from replenish.tables.plan import Projection, Rebalance
from tests.steps import demand_world as world
from tests.steps import propose_frames as lines
from tests.steps.supply_world import AS_OF, TONIGHT, Company, centre_and_stores, company, sales_orders


def two_stores(
    stock: tuple[float, float] = (200.0, 2.0), *, lane: dict[str, Any] | None = None, **node: Any
) -> Company:
    """Both buy, two weeks away; a lane in both directions of one day that is not their usual source."""
    nodes = world.nodes(["item"], ["a", "b"], **({"shortage_cost": 2.0, "holding_cost_per_day": 0.001} | node))
    usual = world.arcs(nodes, lead_time_days=14.0)
    facts = {"lead_time_days": 1.0, "order_cost": 0.0} | (lane or {})
    lanes = world.arcs(nodes, kind="move", source_id=["b", "a"], arc_rank=0, **facts)
    arcs = core.Arc.cast(pl.concat([usual, lanes]).sort("item_id", "location_id", "kind", "source_id"))
    return company(nodes, arcs, mean=10.0, on_hand=list(stock))


def test_idle_stock_goes_to_the_store_that_would_run_out() -> None:
    got = Rebalance.validate(two_stores().rebalance())
    assert got.select("location_id", "source_id").rows() == [("b", "a")]
    line = got.row(0, named=True)
    assert 18.0 <= line["qty"] <= 32.0  # two weeks of 10 with 2 on hand, and some for more than the mean
    assert line["value"] == pytest.approx(2.0 * 18.0, rel=0.1)  # nearly all of the 18 that are short, at 2 each
    assert line["expected_lost_without_qty"] == pytest.approx(18.0, rel=0.02)
    assert line["expected_lost_sales_value_without"] == pytest.approx(2.0 * line["expected_lost_without_qty"])
    assert line["stockout_probability_without"] > 0.99
    assert (line["receipt_date"] - TONIGHT).days == 1
    assert (line["source_on_hand_qty"], line["on_hand_qty"]) == (200.0, 2.0)


@pytest.mark.parametrize(
    "changed",
    [
        {"stock": (20.0, 20.0)},  # both as well off
        {"lane": {"unit_cost": 100.0}},  # freight beyond any gain
        {"lane": {"order_cost": 1000.0}},  # the move itself costs too much
        {"lane": {"lead_time_days": 30.0}},  # slower than the usual source
        {"lane": {"min_qty": 100.0}},  # less than the least of a line
        {"lane": {"multiple_qty": 500.0}},  # less than a pack
        {"min_stock_qty": 500.0},  # the floor stays
        {"shortage_cost": 0.0},  # nothing to gain
        {"unit_cost": 1000.0},  # a tenth of what a unit costs is more than any sale earns
    ],
)
def test_nothing_moves_where_it_does_not_pay(changed: dict[str, Any]) -> None:
    assert two_stores(**changed).rebalance().is_empty()


def test_the_usual_source_is_no_matter_of_lateral_moves() -> None:
    assert centre_and_stores(2, centre_stock=500.0).rebalance().is_empty()


def test_customers_orders_and_doubtful_records_keep_the_stock_where_it_is() -> None:
    owed = sales_orders([("o1", "item", "a", 195.0, AS_OF)])
    assert two_stores().with_(open_demand=owed).rebalance()["qty"].sum() <= 5.0
    ghost = two_stores()
    doubtful = ghost.record.with_columns(is_ghost=pl.lit(value=True))
    assert ghost.with_(record=doubtful).rebalance().is_empty()
    negative = ghost.record.with_columns(on_hand_qty=pl.lit(-5.0))
    assert ghost.with_(record=negative).rebalance().is_empty()


def test_packs_of_the_lane_are_kept() -> None:
    assert two_stores(lane={"multiple_qty": 6.0}).rebalance()["qty"].item() in (18.0, 24.0, 30.0)


def test_a_move_that_earns_too_little_is_left_out() -> None:
    here = two_stores()
    earned = here.rebalance()["value"].item()
    assert here.rebalance(min_value=earned - 0.01).height == 1
    assert here.rebalance(min_value=earned + 0.01).is_empty()


def test_nodes_of_a_broken_network_neither_give_nor_take() -> None:
    for place in ("a", "b"):
        issue = pl.DataFrame(
            {
                "item_id": ["item"],
                "location_id": [place],
                "code": ["DATA_INVALID"],
                "detail": ["loop"],
                "is_planned": False,
            }
        )
        assert two_stores().with_(graph_issue=core.GraphIssue.cast(issue)).rebalance().is_empty()


def test_the_same_need_is_not_covered_twice() -> None:
    here = two_stores()
    moves = here.rebalance()
    there = here.with_(moves=moves)
    before, after = (one.project()[0].sort("location_id")["qty"].to_list() for one in (here, there))
    assert after[0] >= before[0]  # what gives may order earlier
    # Two weeks of 10 are sold before an order arrives: with 2 on hand nothing of 20 is left, of more some is.
    served = there.with_(record=here.record.with_columns(on_hand_qty=pl.Series([200.0, 15.0])))
    without = served.with_(moves=here.moves)
    lessened = without.project()[0]["qty"][1] - served.project()[0]["qty"][1]
    assert 5.0 <= lessened <= moves["qty"].item()
    assert moves["qty"].item() > 10.0


@settings(max_examples=15, deadline=None)
@given(
    stock=st.tuples(*[st.integers(0, 300)] * 2),
    pack=st.sampled_from([1.0, 6.0]),
    floor=st.integers(0, 60),
    owed=st.integers(0, 60),
)
def test_moves_make_no_stock_and_lose_none(stock: tuple[int, int], pack: float, floor: int, owed: int) -> None:
    here = two_stores((float(stock[0]), float(stock[1])), lane={"multiple_qty": pack}, min_stock_qty=float(floor))
    here = here.with_(open_demand=sales_orders([("o1", "item", "a", float(owed), TONIGHT)] if owed else []))
    moves = here.rebalance()
    _, projection, pegs = here.with_(moves=moves).project()
    Projection.validate(projection)
    assert projection["moved_in_qty"].sum() == projection["moved_out_qty"].sum() == moves["qty"].sum()
    closing = projection.select(
        pl.col("opening_qty") + pl.col("receipt_qty") + pl.col("moved_in_qty") - pl.col("moved_out_qty")
        + pl.col("proposed_qty") + pl.col("planned_qty") - pl.col("demand_qty") + pl.col("lost_qty")
        - pl.col("expired_qty")
    ).to_series()  # fmt: skip
    assert (closing - projection["closing_qty"]).abs().max() < 1e-6
    assert (moves["qty"] <= moves["source_on_hand_qty"] - floor).all()
    assert (moves.filter(source_id="a")["qty"] <= stock[0] - floor - owed).all()
    assert pegs.filter(supply_kind="move")["qty"].sum() <= moves["qty"].sum() + 1e-6
    if moves.height:
        assert set(pegs.filter(supply_kind="move")["supply_id"]) == set(moves["source_id"])


def test_the_stock_that_left_is_pegged_to_nothing_at_its_origin() -> None:
    here = two_stores()
    _, _, pegs = here.with_(moves=here.rebalance()).project()
    served = pegs.filter(supply_kind="stock", location_id="a")["qty"].sum()
    assert served <= 200.0 - here.rebalance()["qty"].item() + 1e-6


def test_a_move_is_proposed_as_a_transfer_that_keeps_its_id() -> None:
    move = {
        **lines.NODE, "source_id": "Z", "qty": 12.0, "value": 30.0, "move_cost": 2.0, "unit_cost": 4.5,
        "order_date": lines.TODAY, "receipt_date": lines.day(2), "on_hand_qty": 1.0, "source_on_hand_qty": 200.0,
        "stockout_probability_without": 0.6, "expected_lost_without_qty": 5.0,
        "expected_lost_sales_value_without": 32.0,
    }  # fmt: skip
    places = [{"location_id": "Y", "name": "Oslo"}, {"location_id": "Z", "name": "Bergen"}]
    line = lines.planned(rebalance=[move], location=places)["proposal"].row(0, named=True)
    assert (line["action"], line["kind"], line["source_id"], line["qty"]) == ("NEW", "transfer", "Z", 12.0)
    assert (line["reason_code"], line["value"], line["hold"]) == ("rebalance", 54.0, False)
    assert line["explanation"] == (
        "Move 12 of Milk from Bergen, which has 200, to Oslo, which has 1, today, arriving Wed 11 Nov: without it 60 % "
        "risk of running out before an order can come, about 5 units or 32 EUR of margin. It earns 30 EUR after "
        "2.00 EUR of freight."
    )
    again = {
        "action": "NEW",
        "uom": "each",
        **{name: line[name] for name in core.PreviousProposal.column_names() if name in line},
    }
    later = lines.planned(
        rebalance=[move | {"receipt_date": lines.day(3)}], location=places, previous=[again | {"is_decided": False}]
    )
    assert later["proposal"]["proposal_id"].item() == line["proposal_id"]
    assert later["promise"].is_empty()


def test_fast_movers_and_large_packs_move_in_larger_steps() -> None:
    nodes = world.nodes(["item"], ["a", "b"], shortage_cost=2.0, holding_cost_per_day=0.001)
    usual = world.arcs(nodes, lead_time_days=14.0)
    lanes = world.arcs(
        nodes, kind="move", source_id=["b", "a"], arc_rank=0, lead_time_days=1.0, order_cost=0.0, multiple_qty=24.0
    )
    arcs = core.Arc.cast(pl.concat([usual, lanes]).sort("item_id", "location_id", "kind", "source_id"))
    line = company(nodes, arcs, mean=1000.0, on_hand=[9000.0, 100.0]).rebalance().row(0, named=True)
    assert line["qty"] % 24 == 0
    assert 1500 <= line["qty"] <= 3000  # two weeks of 1,000 with 100 there
    slow = company(nodes, arcs, mean=20.0, on_hand=[200.0, 0.0]).rebalance().row(0, named=True)
    assert slow["qty"] in (24.0, 48.0)  # two weeks of 20, in packs of 24


def lots(rows: list[tuple[str, str, float, int]]) -> pl.DataFrame:
    """core.lot of the item from (location, lot, units, days until it cannot be sold) rows."""
    frame = pl.DataFrame(
        [("item", place, name, qty, TONIGHT + timedelta(days)) for place, name, qty, days in rows],
        schema=core.Lot.column_names(),
        orient="row",
    )  # fmt: skip
    return core.Lot.cast(frame.sort("item_id", "location_id", "lot_id"))


def test_lots_that_expire_first_move_if_the_destination_sells_them_in_time() -> None:
    """The destination sells 10 a week and has 2: what moves is sold there in five weeks, and not in a day."""
    here = two_stores()
    plain = here.rebalance()
    assert plain["first_expiry_date"].to_list() == [None]
    kept = [("a", "young", 100.0, 90), ("a", "old", 100.0, 35)]
    moved = here.with_(lot=lots(kept)).rebalance().row(0, named=True)
    assert moved["first_expiry_date"] == TONIGHT + timedelta(35)
    stale = here.with_(lot=lots([*kept, ("a", "stale", 100.0, 1)])).rebalance().row(0, named=True)
    assert stale["first_expiry_date"] == TONIGHT + timedelta(35)  # the stale lot would not sell there
    assert here.with_(lot=lots([("a", "stale", 200.0, 1)])).rebalance().is_empty()
    # a part of the stock without a date can go instead
    loose = here.with_(lot=lots([("a", "stale", 150.0, 1)])).rebalance().row(0, named=True)
    assert (loose["first_expiry_date"], loose["qty"] <= 50.0) == (None, True)


def test_stock_that_would_expire_moves_where_it_sells_and_only_as_much_as_sells() -> None:
    """200 of 10 a week that expire in five weeks: 150 are lost. The other store, well stocked, sells some in time."""
    waste = {"unit_cost": 10.0, "salvage_value": 0.0, "disposal_cost": 0.0}
    here = two_stores((200.0, 20.0), **waste)
    assert here.rebalance().is_empty()  # with 20 there nobody gains a sale worth a tenth of the cost
    line = here.with_(lot=lots([("a", "old", 200.0, 35)])).rebalance().row(0, named=True)
    # five weeks of 10 there, less the 20 that are there
    assert 20.0 <= line["qty"] <= 30.0
    assert line["value"] == pytest.approx(10.0 * line["qty"], rel=0.1)


def test_lots_of_two_origins_are_sold_one_after_the_other() -> None:
    """10 a week less the 2 that are there sell in ten days: the lots of both origins together are no more."""
    nodes = world.nodes(["item"], ["a", "b", "c"], shortage_cost=2.0, holding_cost_per_day=0.001)
    lane = {"arc_rank": 0, "lead_time_days": 1.0, "order_cost": 0.0}
    lanes = [world.arcs(nodes, kind="move", source_id=["c", "c", one], **lane) for one in "ab"]
    arcs = pl.concat([world.arcs(nodes, lead_time_days=14.0), *[each.filter(location_id="c") for each in lanes]])
    arcs = core.Arc.cast(arcs.sort("item_id", "location_id", "kind", "source_id"))
    here = company(nodes, arcs, mean=10.0, on_hand=[100.0, 100.0, 2.0])
    both = here.with_(lot=lots([("a", "x", 100.0, 10), ("b", "y", 100.0, 10)])).rebalance()
    assert 8.0 <= both["qty"].sum() <= 10.0 * 10 / 7 - 2.0


def test_lots_leave_the_shelf_with_the_move() -> None:
    here = two_stores().with_(lot=lots([("a", "old", 15.0, 35), ("a", "young", 100.0, 90), ("b", "own", 2.0, 20)]))
    moves = here.rebalance()
    left = dict(lots_after(moves, here.lot).select("lot_id", "qty").rows())
    assert left == {"old": 0.0, "young": 115.0 - moves["qty"].item(), "own": 2.0}
    assert lots_after(moves.clear(), here.lot).equals(here.lot)
    _, projection, _ = here.with_(moves=moves).project()
    closing = projection.filter(location_id="a")["expired_qty"].sum()
    assert closing <= here.project()[1].filter(location_id="a")["expired_qty"].sum()


@settings(max_examples=25, deadline=None)
@given(
    held=st.lists(st.tuples(st.floats(0.5, 120), st.integers(0, 80)), max_size=4),
    stock=st.tuples(st.integers(0, 300), st.integers(0, 30)),
    cost=st.floats(0, 20),
)
def test_no_more_of_a_lot_moves_than_there_is_and_than_sells_in_time(
    held: list[tuple[float, int]], stock: tuple[int, int], cost: float
) -> None:
    here = two_stores((float(stock[0]), float(stock[1])), unit_cost=cost, salvage_value=0.0, disposal_cost=0.0)
    here = here.with_(lot=lots([("a", f"l{k}", qty, days) for k, (qty, days) in enumerate(held)]))
    moves = Rebalance.validate(here.rebalance())
    after = lots_after(moves, here.lot)
    taken = here.lot.with_columns(taken=pl.col("qty") - after["qty"])
    assert (after["qty"] >= 0).all()
    assert taken["taken"].sum() <= moves["qty"].sum() + 1e-9
    for days, units in taken.group_by("expiry_date").agg(pl.col("taken").sum()).iter_rows():
        assert units <= 10.0 * max((days - TONIGHT).days - 1, 0) / 7.0 + 1e-6
