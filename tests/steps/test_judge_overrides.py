"""Overrides against demand that is known: right ones earn, wrong ones cost, and none is worth exactly nothing."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from replenish.steps import judge_overrides
from replenish.tables.core import AnsweredLine, Bucket, DemandHistory, Node
from replenish.tables.plan import Demand
from tests.steps.propose_frames import frame

AS_OF = date(2026, 3, 1)
DAYS = 60
ARRIVAL = AS_OF - timedelta(days=20)
REVIEW = 7
KNOWN: dict[str, Any] = {
    "has_demand": True, "unit_cost": 10.0, "shortage_cost": 6.0, "holding_cost_per_day": 0.01,
    "shortage_rule": "lost_sales", "item_name": "x", "location_name": "y", "category": "all",
}  # fmt: skip


def line(proposed: float, ordered: float, item: str = "a", **more: Any) -> dict[str, Any]:
    """A line that was overridden."""
    told = {"proposal_id": f"P-{item}", "item_id": item, "location_id": "l", "action": "NEW", "outcome": "edited"}
    days = {"receipt_date": ARRIVAL, "ordered_date": ARRIVAL, "review_days": REVIEW}
    return {**told, **days, "qty": proposed, "ordered_qty": ordered, **more}


def judged(lines: list[dict[str, Any]], demand: dict[str, Any], **facts: Any) -> dict[str, dict[str, Any]]:
    """What the step says of each item; demand by item, a day or for all days; `facts` of nodes and days."""
    days = [AS_OF - timedelta(days=DAYS - 1 - place) for place in range(DAYS)]
    buckets = [{"bucket_index": k - DAYS, "bucket_start": day, "bucket_end": day} for k, day in enumerate(days)]
    history, wanted = [], []
    for item, units in demand.items():
        told = np.broadcast_to(np.asarray(units, dtype=float), DAYS)
        for place, day in enumerate(days):
            key = {"item_id": item, "location_id": "l", "bucket_index": place - DAYS, "bucket_start": day}
            shelf = {"opening_qty": facts.get("opening", 0.0), "receipt_qty": facts.get("receipts", {}).get(day, 0.0)}
            history.append({**key, **shelf, "closing_qty": facts.get("closing", 0.0)})
            wanted.append({**key, "state": facts.get("state", "full"), "demand_qty": told[place]})
    nodes = [{**KNOWN, "item_id": item, "location_id": "l", **facts.get("node", {})} for item in demand]
    given = (AnsweredLine, lines), (Demand, wanted), (DemandHistory, history), (Node, nodes), (Bucket, buckets)
    got = judge_overrides(*(frame(table, rows) for table, rows in given), as_of=AS_OF, bucket_days=1)
    return {row["item_id"]: row for row in got.iter_rows(named=True)}


def test_ordering_what_was_needed_earns_its_margin_less_holding() -> None:
    """10 a day for 7 days: 35 proposed serve half of it, 70 ordered serve all."""
    row = judged([line(35, 70)], {"a": 10.0})["a"]
    assert (row["proposed_lost_qty"], row["ordered_lost_qty"]) == (35.0, 0.0)
    held = {"proposed": sum(max(35 - 10 * k, 0) for k in range(1, 8)), "ordered": sum(70 - 10 * k for k in range(1, 8))}
    assert row["override_value"] == pytest.approx(35 * 6.0 + 0.01 * (held["proposed"] - held["ordered"]))
    assert judged([line(70, 35)], {"a": 10.0})["a"]["override_value"] == pytest.approx(-row["override_value"])


def test_refusing_what_nobody_needed_earns_its_holding() -> None:
    refused = {"outcome": "rejected"}
    row = judged([line(50, 0, **refused)], {"a": 1.0}, opening=30.0)["a"]
    assert row["override_value"] > 0
    assert row["ordered_lost_qty"] == 0.0
    needed = judged([line(50, 0, **refused)], {"a": 8.0})["a"]
    assert needed["override_value"] < 0


def test_what_stands_as_proposed_is_worth_exactly_nothing() -> None:
    rng = np.random.default_rng(3)
    demand = {f"i{k}": rng.poisson(3.3, DAYS) * 1.1 for k in range(40)}
    lines = [line(q := float(rng.integers(1, 60)) / 7, q, item) for item in demand]
    rows = judged(lines, demand, opening=4.2)
    assert len(rows) == 40
    assert {row["override_value"] for row in rows.values()} == {0.0}
    assert not judged([line(5, 5, outcome="accepted"), line(5, 5, "b", outcome="expired")], {"a": 1.0, "b": 1.0})


def test_people_who_know_demand_earn_and_people_who_guess_do_not() -> None:
    """400 lines of the mean: who orders what really comes is worth money in nearly every line, who guesses is not."""
    rng = np.random.default_rng(11)
    demand = {f"i{k:03d}": rng.negative_binomial(2, 0.2, DAYS).astype(float) for k in range(400)}
    start = DAYS - 1 - (AS_OF - ARRIVAL).days
    knows, guesses = [], []
    for item, units in demand.items():
        knows.append(line(56, float(units[start : start + REVIEW].sum()), item))
        guesses.append(line(56, float(rng.negative_binomial(2, 0.2, REVIEW).sum()), item))
    known, guessed = (
        np.array([row["override_value"] for row in judged(lines, demand).values()]) for lines in (knows, guesses)
    )
    assert (known >= 0).mean() > 0.99
    assert known.mean() > 4 * known.std() / 20 > 0
    assert guessed.mean() < -2 * guessed.std() / 20


def test_stock_nobody_will_buy_for_a_year_is_charged() -> None:
    row = judged([line(70, 7000)], {"a": 10.0})["a"]
    window = sum(7000 - 70 for _ in range(7))
    year = 6860 * 365 - 10 * 365**2 / 2  # unit-days of what is left beyond one more window
    assert row["override_value"] == pytest.approx(-0.01 * (window + year))
    spoiled = judged([line(70, 700)], {"a": 10.0}, node={"shelf_life_days": 14.0})["a"]
    assert spoiled["ordered_waste_cost"] == pytest.approx((700 - 70 - 70 - 14 * 10) * 10.0)
    assert spoiled["proposed_waste_cost"] == 0.0


def test_another_day_is_judged_by_the_days_between() -> None:
    later = {"ordered_date": ARRIVAL + timedelta(days=3)}
    row = judged([line(100, 100, **later)], {"a": 10.0})["a"]
    assert (row["window_start"], row["window_end"]) == (ARRIVAL, ARRIVAL + timedelta(days=9))
    assert (row["proposed_lost_qty"], row["ordered_lost_qty"]) == (0.0, 30.0)


def test_the_lines_own_receipt_does_not_count_twice() -> None:
    row = judged([line(35, 70)], {"a": 10.0}, receipts={ARRIVAL: 70.0, ARRIVAL + timedelta(days=4): 14.0})["a"]
    assert row["other_receipt_qty"] == 14.0
    assert row["proposed_lost_qty"] == pytest.approx(70 - 35 - 14)


def test_a_node_without_sales_of_its_own_is_judged_by_what_left_it() -> None:
    facts = {"node": {"has_demand": False, "shortage_rule": "backorder"}, "opening": 12.0, "closing": 4.0}
    row = judged([line(20, 60)], {"a": 0.0}, **facts)["a"]
    assert (row["basis"], row["demand_qty"]) == ("outflow", 56.0)


def test_windows_that_are_open_or_unknown_are_not_judged() -> None:
    soon = {"receipt_date": AS_OF - timedelta(days=5), "ordered_date": AS_OF - timedelta(days=5)}
    assert not judged([line(5, 9, **soon)], {"a": 1.0})
    assert judged(
        [line(5, 9, receipt_date=AS_OF - timedelta(days=6), ordered_date=AS_OF - timedelta(days=6))], {"a": 1.0}
    )
    early = {"receipt_date": AS_OF - timedelta(days=DAYS), "ordered_date": AS_OF - timedelta(days=DAYS)}
    assert not judged([line(5, 9, **early)], {"a": 1.0})
    assert not judged([line(5, 9)], {"a": 1.0}, state="missing")
    assert not judged([line(5, 9)], {"a": 1.0}, opening=None)
