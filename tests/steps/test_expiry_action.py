"""What is best done about a lot that will not sell in time, by money: move it, order less, mark it down."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from replenish.tables import core, plan
from tests.steps.propose_frames import NODE, arriving, company, day, frame, only, ordered, planned, projection

LOT = {**NODE, "lot_id": "A", "qty": 30.0, "expiry_date": day(10)}  # 20 are wanted until then, two a day


def _beside(frames: dict[str, pl.DataFrame], *, mean: float, on_hand: float, **lane: Any) -> dict[str, pl.DataFrame]:
    """The company with a second shop, Bergen, and a lane from Oslo to it that is not its usual source."""
    there = {"location_id": pl.lit("Z")}
    node = frames["node"].with_columns(**there, location_name=pl.lit("Bergen"))
    record = frames["record"].with_columns(**there, on_hand_qty=pl.lit(on_hand))
    ahead = pl.DataFrame(projection(mean, on_hand)).with_columns(**there)
    ahead = frame(plan.Projection, ahead.to_dicts())
    row = {**NODE, "location_id": "Z", "source_id": "Y", "kind": "move", "lead_time_source": "sourcing"}
    terms = {"lead_time_days": 1.0, "unit_cost": 4.0, "multiple_qty": 1.0, "arc_rank": 0, "review_days": 7.0}
    none = {"slot_gap_days": None, "break_qty": None, "break_unit_cost": None}
    arc = frame(core.Arc, [{**row, **terms, **none, **lane}])
    more = {"node": node, "record": record, "projection": ahead, "arc": arc}
    keys = {"node": ["item_id", "location_id"], "record": ["item_id", "location_id"]}
    keys |= {"projection": ["item_id", "location_id", "bucket_index"], "arc": list(core.Arc.primary_key())}
    return frames | {name: pl.concat([frames[name], more[name]]).sort(keys[name]) for name in more}


def _risk(frames: dict[str, pl.DataFrame], **limits: Any) -> dict[str, Any]:
    return only(planned(frames, limits=limits)["exception"], code="EXPIRY_RISK", cause_id="A")


def _lone(**changes: Any) -> dict[str, pl.DataFrame]:
    return company(**({"lot": [LOT], "projection": projection(2.0, 30.0), "record": {"on_hand_qty": 30.0}} | changes))


def test_it_moves_to_where_it_sells_in_time() -> None:
    """Ten of thirty stay unsold; Bergen sells three a day from day 1 on, has 9, and so takes all ten."""
    row = _risk(_beside(_lone(), mean=3.0, on_hand=9.0))
    assert (row["best_action"], row["qty"]) == ("move", 10.0)
    assert row["explanation"].endswith("Best: move 10 to Bergen, where they sell in time, saving 40 EUR.")


@pytest.mark.parametrize(
    ("mean", "on_hand", "lane"),
    [
        (3.0, 30.0, {}),  # Bergen has enough until the day
        (3.0, 9.0, {"lead_time_days": 10.0}),  # too late
        (3.0, 9.0, {"unit_cost": 8.5}),  # freight costs more than the waste
        (3.0, 9.0, {"order_cost": 50.0}),
        (3.0, 9.0, {"multiple_qty": 12.0}),  # more than will be wasted
        (3.0, 9.0, {"arc_rank": 1}),  # its usual source: tonight's orders have weighed it
    ],
)
def test_it_does_not_move_where_that_does_not_pay(mean: float, on_hand: float, lane: dict[str, Any]) -> None:
    assert _risk(_beside(_lone(), mean=mean, on_hand=on_hand, **lane))["best_action"] == "mark_down"


def test_a_place_is_promised_once() -> None:
    """Room for 12 at Bergen: the first lot takes ten of it, two are left for the second."""
    lots = [LOT, {**LOT, "lot_id": "B"}]
    frames = _beside(_lone(lot=lots, record={"on_hand_qty": 60.0}), mean=2.0, on_hand=8.0)
    found = planned(frames)["exception"].filter(pl.col("code") == "EXPIRY_RISK")
    moved = found.sort("cause_id")["explanation"].str.extract(r"move (\d+) to Bergen")
    assert moved.to_list() == ["10", "2"]


def test_orders_are_lowered_where_customers_then_take_the_old() -> None:
    """Half of 20 wanted take the newest: 8 of tonight's order. So 18 of 30 stay, and 8 less ordered sells 8 more."""
    node = {"location_kind": "store"}
    ahead = [{**row, "proposed_qty": 8.0 if row["bucket_index"] == 3 else 0.0} for row in projection(2.0, 30.0)]
    frames = _lone(node=node, projection=ahead, order=[ordered(8.0)])
    row = _risk(frames, lifo_share=0.5)
    assert (row["best_action"], row["qty"]) == ("order_less", 18.0)
    assert row["explanation"].endswith(
        "Best: order 8 less before then; customers take about 8 of these instead, saving 32 EUR."
    )
    assert _risk(frames, lifo_share=0.0)["best_action"] == "mark_down"  # the oldest sells first whatever arrives
    depot = _lone(node={"location_kind": "warehouse"}, projection=ahead, order=[ordered(8.0)])
    assert _risk(depot, lifo_share=0.5)["best_action"] == "mark_down"


@pytest.mark.parametrize(("status", "action"), [("firm", "order_less"), ("released", "mark_down")])
def test_only_open_orders_that_may_change_are_lowered(status: str, action: str) -> None:
    ahead = projection(2.0, 30.0, receipts={4: 8.0})
    frames = _lone(node={"location_kind": "store"}, projection=ahead, open_supply=[arriving(4, 8.0, status=status)])
    assert _risk(frames, lifo_share=0.5)["best_action"] == action


def test_the_larger_saving_wins() -> None:
    ahead = [{**row, "proposed_qty": 8.0 if row["bucket_index"] == 3 else 0.0} for row in projection(2.0, 30.0)]
    frames = _lone(node={"location_kind": "store"}, projection=ahead, order=[ordered(8.0)])
    assert _risk(_beside(frames, mean=20.0, on_hand=9.0), lifo_share=0.5)["best_action"] == "move"
    assert _risk(_beside(frames, mean=1.2, on_hand=3.0), lifo_share=0.5)["best_action"] == "order_less"


@pytest.mark.parametrize(
    ("money", "least"),
    [
        ({}, "while they bring 6.67 EUR or more each"),  # (20 x 10 + 10 x 0) / 30
        ({"salvage_value": 1.0}, "while they bring 7.00 EUR or more each"),
        ({"disposal_cost": 2.0}, "while they bring 6.00 EUR or more each"),
        ({"disposal_cost": 100.0}, "at any price"),  # giving it away pays
    ],
)
def test_the_price_from_which_marking_down_pays(money: dict[str, float], least: str) -> None:
    row = _risk(_lone(node=money))
    assert row["best_action"] == "mark_down"
    assert row["explanation"].endswith(f"Best: mark the lot down {least}.")


def test_without_money_the_advice_has_none() -> None:
    row = _risk(_lone(node={"has_money": False}), min_value=0.0)
    assert row["explanation"].endswith("Best: mark the lot down.")
    moved = _risk(_beside(_lone(node={"has_money": False}), mean=3.0, on_hand=9.0))
    assert moved["explanation"].endswith("Best: move 10 to Bergen, where they sell in time.")


def test_other_exceptions_have_no_best_action() -> None:
    found = planned(_lone(position={"expired_qty": 12.0}))["exception"].filter(pl.col("code") != "EXPIRY_RISK")
    assert found.height > 0
    assert found["best_action"].null_count() == found.height
