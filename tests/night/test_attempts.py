"""The run table: what is read is what was entered, whatever a power failure left at its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from replenish.night import attempts
from replenish.night.attempts import Attempt, covering, enter, read

START = datetime(2026, 11, 30, 4, tzinfo=UTC)


def night(hours: float, outcome: str = "done", kind: attempts.Kind = "run") -> Attempt:
    """A night begun so many hours after the first, ended half an hour later."""
    began = START + timedelta(hours=hours)
    return Attempt(kind, began, 7, began + timedelta(minutes=30), outcome, "r", "a\n\u2028 b")


@pytest.mark.parametrize("rubbish", ["{", '{"kind": "run", "beg', "\x00\x00", '{"kind": 1}', "[]"])
def test_a_torn_line_costs_itself_only(rubbish: str, tmp_path: Path) -> None:
    """The line after it begins a line of its own."""
    enter(tmp_path, night(0))
    with (tmp_path / attempts.FILE).open("a") as table:
        table.write(rubbish)
    enter(tmp_path, night(24))
    assert read(tmp_path) == [night(0), night(24)]


def test_an_end_replaces_its_beginning(tmp_path: Path) -> None:
    """One attempt, as it stands."""
    begun = attempts.begin(tmp_path, "ingest")
    assert read(tmp_path) == [begun]
    ended = replace(begun, ended=attempts.now(), outcome="failed")
    enter(tmp_path, ended)
    assert read(tmp_path) == [ended]


def test_what_was_due_is_done_by_a_later_one_that_went_well(tmp_path: Path) -> None:
    """Neither a failure, nor another kind, nor a night that began before it was due."""
    for one in (night(0), night(25, "failed"), night(26, kind="ingest")):
        enter(tmp_path, one)
    due = START + timedelta(hours=24)
    assert covering(tmp_path, "run", due) is None
    enter(tmp_path, night(30))
    assert covering(tmp_path, "run", due) == night(30)
    assert covering(tmp_path, "run", START) == night(0)
    assert covering(tmp_path / "nowhere", "run", due) is None


def test_a_long_table_is_shortened_and_keeps_nights_among_many_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loads every few minutes do not push the nights out."""
    monkeypatch.setattr(attempts, "MOST_BYTES", 1000)
    monkeypatch.setattr(attempts, "KEPT_OF_A_KIND", 3)
    for hours in range(8):
        enter(tmp_path, night(hours, kind="ingest"))
    enter(tmp_path, night(-24))
    attempts.shorten(tmp_path)
    assert read(tmp_path) == [night(-24), *(night(hours, kind="ingest") for hours in (5, 6, 7))]
