"""Lines are carried from night to night, each as it was answered, and runs back to the last acknowledged one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from replenish.night.past_lines import ANSWERS, KEPT_DAYS, KEPT_RUNS, past_lines, run_lines
from replenish.night.previous import past_proposals
from replenish.tables.core import AcknowledgedProposal, PreviousLine, PreviousProposal, PreviousRunLine
from replenish.tables.inputs import Acknowledge
from replenish.tables.proposal import Proposal
from replenish.warehouse import Warehouse
from tests.steps.propose_frames import frame

NIGHT = date(2026, 3, 1)
TONIGHT = NIGHT + timedelta(days=1)


def told(rows: list[tuple[str, date, float]]) -> pl.DataFrame:
    """core.previous_line: proposal, as-of of its version, quantity."""
    made = [
        {"proposal_id": name, "night_date": night, "first_night_date": night, "qty": qty} for name, night, qty in rows
    ]
    return frame(PreviousLine, made)


def answers(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """What the night reads of these answers."""
    with Warehouse() as house:
        house.create([Acknowledge])
        house.write(Acknowledge, frame(Acknowledge, rows))
        return house.query(ANSWERS, [TONIGHT])


def carried(stored: pl.DataFrame, newest: pl.DataFrame, given: list[dict[str, Any]]) -> dict[str, tuple[date, float]]:
    """First night and quantity of each line that is carried on."""
    lines = past_lines(stored, newest, answers(given), TONIGHT)
    return {
        name: (first, qty) for name, first, qty in lines.select("proposal_id", "first_night_date", "qty").iter_rows()
    }


def test_the_newest_version_counts_unless_an_older_one_was_answered() -> None:
    before = NIGHT - timedelta(days=1)
    names = ("by_day", "by_run", "latest", "open", "unknown")
    stored, newest = (
        told([(name, before, 1.0) for name in names]),
        told([(name, NIGHT, 2.0) for name in (*names, "new")]),
    )
    given = [
        {"proposal_id": "by_day", "status": "rejected", "at": NIGHT},
        {"proposal_id": "by_run", "status": "rejected", "run_id": f"{before}-0123abcd", "at": TONIGHT},
        {"proposal_id": "latest", "status": "accepted", "run_id": f"{NIGHT}-0123abcd", "at": TONIGHT},
        {"proposal_id": "unknown", "status": "rejected", "at": TONIGHT + timedelta(days=1)},
    ]
    got = carried(stored, newest, given)
    versions = {name: qty for name, (_, qty) in got.items()}
    assert versions == {"by_day": 1.0, "by_run": 1.0, "latest": 2.0, "new": 2.0, "open": 2.0, "unknown": 2.0}
    assert got["open"][0] == before
    assert got["new"][0] == NIGHT


def test_a_line_that_was_answered_after_a_newer_run_was_out_counts_all_the_same() -> None:
    """It is in no list any more but that of all lines; what was decided earlier is carried on as it was."""
    newest = frame(Proposal, [{"proposal_id": "tonight", "action": "NEW", "qty": 1.0}])
    carried_on = frame(PreviousProposal, [{"proposal_id": name, "qty": 2.0} for name in ("early", "undecided")])
    tables = {"plan.proposal": newest, "core.previous_proposal": carried_on}
    lines = told([(name, NIGHT, 3.0) for name in ("early", "forgotten", "late", "tonight")])
    got = past_proposals(tables.__getitem__, ["early", "late", "tonight"], lines).sort("proposal_id")
    assert got.select("proposal_id", "qty", "is_decided").rows() == [
        ("early", 2.0, True),
        ("late", 3.0, True),
        ("tonight", 1.0, True),
    ]


def test_lines_of_more_than_half_a_year_ago_are_let_go() -> None:
    days = {"kept": KEPT_DAYS - 1, "old": KEPT_DAYS}
    stored = told([(name, TONIGHT - timedelta(days=back), 1.0) for name, back in days.items()])
    assert carried(stored, told([]), []).keys() == {"kept"}


def test_runs_are_kept_back_to_the_last_acknowledged_and_no_more_than_a_fortnight_of_others() -> None:
    """Twenty nights pass without an answer: the base stays, of the others the newest."""
    stored, base = PreviousRunLine.create_empty(), AcknowledgedProposal.create_empty()
    proposal = frame(Proposal, [{"proposal_id": "a", "action": "NEW"}, {"proposal_id": "b", "action": "ON_SCHEDULE"}])
    for night in range(20):
        day = NIGHT + timedelta(days=night)
        stored = run_lines(stored, proposal.with_columns(run_id=pl.lit(f"{day}-run")), base, day)
        if night == 1:
            row = stored.filter(night_date=day).with_columns(is_answered=pl.lit(True))
            base = AcknowledgedProposal.validate(row.select(AcknowledgedProposal.column_names()))
    kept = stored["night_date"].sort().to_list()
    assert kept[0] == NIGHT + timedelta(days=1)
    assert kept[1:] == [NIGHT + timedelta(days=k) for k in range(20 - KEPT_RUNS, 20)]
    assert set(stored["proposal_id"]) == {"a"}
