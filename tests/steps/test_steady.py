"""Nights beside each other: how much orders changed, and when everything is held for a person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from replenish import steps
from replenish.tables import core, plan, proposal
from replenish.tables.table import Table

AS_OF = date(2026, 3, 10)


def _filled(table: type[Table], rows: list[dict[str, Any]]) -> Any:
    """The table with these rows; columns not given get something harmless."""
    harmless = {pl.String: "x", pl.Boolean: False, pl.Date: AS_OF, pl.Float64: 1.0, pl.Int32: 1}
    columns = table.columns()
    full = [
        {
            name: row.get(name, None if column.nullable else harmless[type(column.dtype)])
            for name, column in columns.items()
        }
        for row in rows
    ]
    return table.cast(pl.DataFrame(full, schema={name: column.dtype for name, column in columns.items()}))


def _line(at: int, qty: float, **rest: Any) -> dict[str, Any]:
    place = {"proposal_id": f"P-{at}", "item_id": f"i{at}", "location_id": "s", "action": "NEW", "kind": "purchase"}
    dates = {"need_date": AS_OF, "receipt_date": AS_OF + timedelta(5)}
    return {**place, **dates, "qty": qty, "value": 2.0 * qty, "hold_cause": None, **rest}


def _nights(values: list[float], gap: int = 1) -> list[dict[str, Any]]:
    count = len(values)
    return [
        {"as_of": AS_OF - timedelta(gap * (count - at)), "run_id": f"r{at}", "proposal_value": value}
        for at, value in enumerate(values)
    ]


def _steady(
    now: list[dict[str, Any]],
    before: list[dict[str, Any]],
    nights: list[dict[str, Any]],
    *,
    nodes: int = 40,
    supply: list[dict[str, Any]] | None = None,
    review: float = 7.0,
    kill_switch: bool = True,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    keys = [{"item_id": f"i{at}", "location_id": "s", "unit_cost": 1.0 + at} for at in range(nodes)]
    frames = (
        _filled(proposal.Proposal, now),
        _filled(core.PreviousProposal, before),
        _filled(core.PreviousSteadiness, nights),
        _filled(core.OpenSupply, supply or []),
        _filled(core.Node, keys),
        _filled(core.Arc, [{**key, "arc_rank": 1, "review_days": review} for key in keys]),
        _filled(core.Supplier, []),
    )
    return steps.steady(*frames, run_id="tonight", as_of=AS_OF, kill_switch=kill_switch)


def _is_stopped(*args: Any, **rest: Any) -> bool:
    held, orders, _, nights = _steady(*args, **rest)
    stopped = nights.sort("as_of")["is_stopped"][-1]
    asks = held.filter(pl.col("action") != "ON_SCHEDULE")
    assert stopped == (asks["hold"].all() and asks["hold_cause"].str.starts_with("KILL_SWITCH").any())
    assert orders.is_empty() == bool(asks["hold"].all())
    return bool(stopped)


SAME = [_line(at, 5.0) for at in range(25)]


def test_tonight_is_measured_against_last_night_line_by_line() -> None:
    """The golden case on four nodes of ten: lines 10, 0, 25, 8 become 12, 5, 25, 0."""
    before = [_line(0, 10.0), _line(2, 25.0), _line(3, 8.0, need_date=AS_OF + timedelta(9))]
    now = [_line(0, 12.0), _line(1, 5.0), _line(2, 25.0)]
    _, _, nervous, nights = _steady(now, before, _nights([50.0]), nodes=10)
    assert plan.Nervousness.validate(nervous).height == 3
    every, inside, outside = nervous.sort("scope").iter_rows(named=True)
    assert every["changed_rate"] == pytest.approx(15 / 43)
    assert every["changed_value_rate"] == pytest.approx((2 * 1 + 5 * 2 + 8 * 4) / (10 * 1 + 25 * 3 + 8 * 4))
    assert (every["appeared_count"], every["vanished_count"], every["flipped_share"]) == (1, 1, 0.2)
    assert inside["changed_rate"] == pytest.approx(7 / 35)
    assert outside["changed_rate"] == 1.0
    last = nights.sort("as_of").row(-1, named=True)
    assert (last["proposal_value"], last["line_count"], last["flipped_share"]) == (84.0, 3, 0.2)
    assert nights.height == 2


def test_what_joins_an_open_order_counts_with_what_it_adds() -> None:
    """A line of 5 that becomes an INCREASE by 6: the node ordered before and orders now, so it did not flip."""
    raised = _line(0, 26.0, action="INCREASE", proposal_id="P-raise", old_qty=20.0, unit_cost=2.0)
    _, _, nervous, nights = _steady([raised], [_line(0, 5.0)], _nights([10.0]), nodes=4)
    every = nervous.filter(scope="all").row(0, named=True)
    assert (every["appeared_count"], every["vanished_count"]) == (0, 0)
    last = nights.sort("as_of").row(-1, named=True)
    assert (last["proposal_value"], last["line_count"]) == (12.0, 1)
    _, _, again, _ = _steady([raised], [raised], _nights([10.0]), nodes=4)
    assert again.filter(scope="all")["changed_rate"].item() == 0.0


def test_what_should_differ_is_not_compared() -> None:
    """An order placed or decided since, a chance to order between the nights, or no night before."""
    placed = [{"item_id": "i0", "location_id": "s", "order_id": "po", "line_id": "1", "order_date": AS_OF}]
    _, _, nervous, _ = _steady([], [_line(0, 5.0)], _nights([9.0]), supply=placed, nodes=4)
    assert (nervous["node_count"][0], nervous["vanished_count"].sum()) == (3, 0)
    _, _, decided, _ = _steady([], [_line(0, 5.0, is_decided=True)], _nights([9.0]), nodes=4)
    assert (decided["node_count"][0], decided["vanished_count"].sum()) == (3, 0)
    assert _steady(SAME, [], _nights([9.0], gap=7))[2].is_empty()
    assert _steady(SAME, [], [])[2].is_empty()


def test_a_night_that_costs_far_more_than_usual_is_held() -> None:
    usual = _nights([170.0] * 6)
    assert not _is_stopped(SAME, SAME, usual)
    dear = [_line(at, 5.3) for at in range(25)]
    assert _is_stopped(dear, dear, usual), "265 against 170"
    assert not _is_stopped(dear, dear, usual, kill_switch=False)


def test_a_weekly_rhythm_is_no_alarm() -> None:
    """Every seventh night orders a week's worth: dear against all nights, usual for its weekday."""
    values = [250.0 if at % 7 == 0 else 20.0 for at in range(14)]
    assert not _is_stopped(SAME, SAME, _nights(values))
    assert _is_stopped(SAME, SAME, _nights([20.0] * 14))


def test_a_night_whose_orders_come_and_go_is_held() -> None:
    usual = _nights([250.0] * 5)
    gone = SAME[:17]  # 8 of 40 nodes vanish: 20 %, not more
    assert not _is_stopped(gone, SAME, usual)
    assert _is_stopped(SAME[:16], SAME, usual)
    assert not _is_stopped(SAME[:3], SAME[:9], usual, nodes=19), "too few to tell"
    restless = [{**night, "flipped_share": 0.16} for night in usual]
    assert not _is_stopped(SAME[:16], SAME, restless), "as on other nights"


def test_first_nights_and_nights_after_a_gap_are_let_through() -> None:
    assert not _is_stopped(SAME, SAME, _nights([1.0] * 4))
    late = [{**night, "as_of": night["as_of"] - timedelta(1)} for night in _nights([1.0] * 6)]
    assert not _is_stopped(SAME, SAME, late)
    assert not _is_stopped([], [], _nights([0.0] * 9)), "nothing to hold"


def test_other_holds_keep_their_cause_and_what_asks_nothing_stays_free() -> None:
    doubt = _line(30, 9.0, hold=True, hold_cause="GHOST_STOCK: silent")
    fine = _line(31, 9.0, action="ON_SCHEDULE")
    held, orders, _, _ = _steady([*SAME, doubt, fine], SAME, _nights([20.0] * 6))
    told = dict(held.select("item_id", "hold_cause").iter_rows())
    assert told["i30"] == "GHOST_STOCK: silent"
    assert told["i31"] is None
    assert told["i0"].startswith("KILL_SWITCH")
    assert orders.is_empty()


def test_lines_that_wait_for_a_key_of_an_erp_count_as_if_they_were_ordered() -> None:
    """So neither the night on which the files are switched on nor the one that brings the keys is an alarm."""
    waits = {"hold": True, "hold_cause": "DATA_INVALID: Odoo has no key for item X: add it to erp_key"}
    waiting = [_line(at, 5.0, **waits) for at in range(25)]
    for tonight, last in ((SAME, waiting), (waiting, SAME)):
        nights = _steady(tonight, last, _nights([250.0] * 6))[3].sort("as_of")
        assert nights["proposal_value"][-1] == 250.0
    dear = [_line(0, 8.0), *(_line(at, 8.0, **waits) for at in range(1, 25))]
    assert _is_stopped(dear, SAME, _nights([250.0] * 6))


def test_money_that_is_unknown_counts_nothing() -> None:
    free = [_line(at, 5.0, value=None) for at in range(25)]
    assert not _is_stopped(free, free, _nights([0.0] * 6))
    assert not _is_stopped(free, free, _nights([10.0] * 6))
