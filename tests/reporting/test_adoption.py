"""The page of adoption: what it sums, whom it names, and what it says before anybody answered."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from replenish.reporting import write_report
from replenish.share import share_path
from replenish.tables import core, plan
from tests.reporting.company import mart_tables, plan_tables
from tests.steps.propose_frames import frame

SUNDAY = date(2026, 1, 4)  # on which weeks of the made-up company start


def page(folder: Path, lines: list[dict[str, Any]], worth: list[dict[str, Any]]) -> str:
    """The page over these answered lines and judged overrides."""
    tables = plan_tables(6)
    tables |= {"core.answered_line": frame(core.AnsweredLine, lines)}
    tables |= {"plan.override_value": frame(plan.OverrideValue, worth)}
    write_report(folder, mart_tables(tables), pages=share_path("reports"), company="Shop")
    return (folder / "adoption.html").read_text(encoding="utf-8")


def line(number: int, outcome: str, value: float, **more: Any) -> dict[str, Any]:
    """A line of a week, by its number."""
    night = SUNDAY + timedelta(days=7 * (number // 3))
    told = {"proposal_id": f"P-{number}", "night_date": night, "action": "NEW", "category": "food", "source_id": "s"}
    node = {"item_id": f"item {number}", "location_id": "shop 1", "receipt_date": night, "ordered_date": night}
    return {**told, **node, "outcome": outcome, "value": value, "qty": 4.0, "ordered_qty": 6.0, **more}


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> str:
    lines = [
        line(0, "accepted", 60.0, user="ann"),
        line(1, "edited", 20.0, user="<b>bob</b>", reason="the fair & more"),
        line(4, "rejected", 20.0, user="ann", reason="too much"),
        line(5, "expired", 100.0),
        line(6, "open", 999.0),
    ]
    worth = [{"proposal_id": f"P-{n}", "item_id": f"item {n}", "location_id": "shop 1"} for n in (1, 4)]
    worth[0] |= {"override_value": 12.5}  # type: ignore[dict-item] # a row holds texts and money
    worth[1] |= {"override_value": -7.25}  # type: ignore[dict-item] # the same
    return page(tmp_path_factory.mktemp("adoption"), lines, worth)


def test_rates_are_sums_over_what_was_due_an_answer(answered: str) -> None:
    """One of four lines, 60 of 200; what is open is in neither."""
    assert "25 % of the lines that were due an answer were accepted as proposed, 30 % of their value" in answered
    assert answered.count('<svg class="chart"') == 2
    assert "Week of Sun 4 Jan 2026: accepted 60 EUR" in answered
    assert "Week of Sun 4 Jan 2026: accepted as proposed 50 %" in answered


def test_persons_and_reasons_are_told_as_text(answered: str) -> None:
    assert "&lt;b&gt;bob&lt;/b&gt;" in answered
    assert "<b>bob</b>" not in answered
    assert "the fair &amp; more" in answered


def test_best_and_worst_overrides_lead_to_their_items(answered: str) -> None:
    best, worst = answered.index('id="best"'), answered.index('id="worst"')
    assert best < answered.index("item.html#item=item+1&amp;location=shop+1") < worst
    assert worst < answered.index("item.html#item=item+4&amp;location=shop+1")
    assert "2 of 2 judged" in answered


def test_before_the_first_answer_it_says_what_to_do(tmp_path: Path) -> None:
    text = page(tmp_path / "silent", [line(0, "expired", 5.0), line(1, "open", 5.0)], [])
    assert "Nothing was acknowledged yet: of 2 lines" in text
    assert "replenish ack FILE" in text
    assert "<svg" not in text
    first = page(tmp_path / "first", [], [])
    assert "No earlier night has proposed anything yet" in first
    assert "replenish ack FILE" in first
