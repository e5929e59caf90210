"""Whatever becomes of a night is entered, told to whom the settings name, and changes nothing of its outcome."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from replenish.night import attempts, catch_up, deadline, notify, watched
from replenish.night import folder as stages
from replenish.night.attempts import Attempt
from replenish.night.folder import Place
from replenish.night.lock import BusyError
from replenish.night.run import load_folder, run_folder
from tests.asked import asked
from tests.flows.company import write_company
from tests.night.sinks import Hook, at_work

NOTIFY = '[notify]\non = ["failed", "late", "held", "done"]\nwebhook_env = "PLAN_HOOK"\nwebhook_body = "fields"\n'
HOUR = datetime(2026, 11, 30, 4, tzinfo=UTC)


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A webhook that gets what the company's settings let out."""
    monkeypatch.setattr(notify, "WAIT_SECONDS", (0.0, 0.0))
    with at_work(Hook()) as server:
        monkeypatch.setenv("PLAN_HOOK", server.url)
        yield server


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A company whose nights are told."""
    folder = write_company(tmp_path / "shop")
    with (folder / "replenish.toml").open("a") as settings:
        settings.write(NOTIFY)
    return folder


def told(hook: Hook) -> list[tuple[str, str]]:
    """Events and headlines, in the order they came."""
    return [(one["event"], one["headline"]) for one in hook.got]


def entered(company: Path) -> list[tuple[str, str]]:
    """Kinds and outcomes of the run table."""
    return [(one.kind, one.outcome) for one in attempts.read(company / ".replenish")]


def away(*_: object) -> NoReturn:
    """A disk that is not there."""
    raise OSError(5, "Input/output error", "inputs")


def test_a_night_from_failure_to_success(
    company: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A failure is told with its remedy, a success with its headline, a night that is out already not again."""
    with monkeypatch.context() as broken:
        broken.setattr(stages, "prepare", away)
        assert asked("run", company) == 1
    finished = run_folder(company)
    assert not run_folder(company).is_new
    assert told(hook) == [("failed", "the night failed"), ("done", "2026-03-29: the night is published")]
    assert hook.got[0]["message"] == "inputs: Input/output error"
    assert hook.got[1]["run_id"] == finished.run_id
    assert hook.got[1]["new_orders"] == finished.headline["new_orders"]
    assert entered(company) == [("run", "failed"), ("run", "done"), ("run", "done")]
    assert "notification" not in capsys.readouterr().err


def test_a_receiver_that_is_down_changes_no_exit_code(
    company: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The night's own error and exit code come out; the trouble of telling it is a line beside them."""
    monkeypatch.setattr(notify, "WAIT_SECONDS", (0.0, 0.0))
    monkeypatch.setenv("PLAN_HOOK", "http://127.0.0.1:1/s3cr3t")
    (company / "inputs" / "stock.csv").unlink()
    assert asked("run", company) == 2
    said = capsys.readouterr().err
    assert "the notification by webhook was not delivered" in said
    assert said.splitlines()[-1].startswith("replenish: ")
    assert "s3cr3t" not in said


def test_settings_that_cannot_be_read_are_told_to_whom_they_name(company: Path, hook: Hook) -> None:
    """A wrong setting stops every night to come: silence would be the worst answer."""
    with (company / "replenish.toml").open("a") as settings:
        settings.write("[order]\npathz = 1\n")
    assert asked("run", company) == 2
    ((event, headline),) = told(hook)
    assert (event, headline) == ("failed", "the settings cannot be read, so no night is planned")
    assert "pathz" in hook.got[0]["text"]


def test_a_run_that_finds_another_leaves_without_an_alarm(company: Path, hook: Hook) -> None:
    """That another is at work is no failure."""
    with Place.at(company).lock(), pytest.raises(BusyError):
        run_folder(company)
    assert told(hook) == []
    assert entered(company) == []


def test_a_load_by_day_that_keeps_failing_is_told_once(company: Path, hook: Hook) -> None:
    """Every quarter of an hour the same message helps nobody; another one is told."""
    stock = company / "inputs" / "stock.csv"
    stock.write_text("date,item_id,location_id\n")
    for _ in range(2):
        assert asked("ingest", company) == 2
    assert told(hook) == [("failed", "the loading of files failed")]
    stock.write_text("date,item_id,on_hand_qty\n")
    assert asked("ingest", company) == 2
    assert len(hook.got) == 2


def test_a_night_that_takes_too_long_is_ended_and_frees_the_lock(
    company: Path, hook: Hook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of it is published, the next one can begin, and who waits for it is told why."""
    with monkeypatch.context() as slow:
        slow.setenv("REPLENISH_SCHEDULE__NIGHT_TIMEOUT_MINUTES", "0.02")
        slow.setattr(stages, "prepare", lambda *_: time.sleep(60))
        slow.setattr(deadline, "GRACE_SECONDS", 50.0)
        assert asked("run", company) == 1
    assert "[schedule] night_timeout_minutes" in capsys.readouterr().err
    assert told(hook) == [("failed", "the night failed")]
    assert entered(company) == [("run", "timeout")]
    assert not (company / "runs").exists()
    assert load_folder(company)


def test_a_killed_night_is_told_by_whoever_comes_next(company: Path, hook: Hook) -> None:
    """Once: by a look, or by the next night's beginning; a night that is alive is not buried."""
    place = Place.at(company)
    with place.lock():
        attempts.enter(place.state, Attempt("run", HOUR, 1))
        assert watched.look(place, HOUR, print) == []
    (found,) = watched.look(place, HOUR, print)
    assert found.headline == "the night begun at 2026-11-30 04:00 was killed or lost its machine"
    assert told(hook) == [("failed", found.headline)]
    assert entered(company) == [("run", "died")]
    attempts.enter(place.state, Attempt("run", HOUR + timedelta(hours=1), 1))
    load_folder(company)
    assert [headline[:30] for _, headline in told(hook)] == ["the night begun at 2026-11-30 "] * 2
    assert entered(company) == [("run", "died"), ("run", "died"), ("ingest", "done")]


def look(place: Place, hours: float) -> list[str]:
    """Headlines of a look so many hours after the night of the 30th was due."""
    return [one.headline for one in watched.look(place, HOUR + timedelta(hours=hours), print)]


def night(place: Place, hours: float, outcome: str = "done", message: str = "") -> None:
    """A night begun so many hours after the one of the 30th was due, in the table."""
    began = HOUR + timedelta(hours=hours)
    attempts.enter(place.state, Attempt("run", began, 1, began + timedelta(minutes=9), outcome, "", message))


def test_a_late_night_is_told_once_and_by_its_own_clock(company: Path, hook: Hook) -> None:
    """Three hours after it was due, not before, and not where one was published since."""
    place = Place.at(company)
    assert look(place, 12) == []  # a company just set up is not late
    night(place, -24)
    assert look(place, 2.9) == []
    (late,) = look(place, 3.1)
    assert late == "no night is published, 180 minutes after 2026-11-30 04:00 UTC"
    assert look(place, 4) == []
    night(place, 24, "failed", "stock.csv: no such file")
    assert look(place, 27.1) == ["no night is published, 180 minutes after 2026-12-01 04:00 UTC"]
    assert "The last one failed: stock.csv: no such file" in hook.got[-1]["text"]
    night(place, 48)
    assert look(place, 51.1) == []
    assert [event for event, _ in told(hook)] == ["late", "late"]


def test_watch_looks_and_sends_a_test(company: Path, hook: Hook, capsys: pytest.CaptureFixture[str]) -> None:
    """`--test` goes the whole way; without it the exit code says whether something is wrong."""
    assert asked("watch", company, "--test") == 0
    assert told(hook) == [("test", "a test of the notifications")]
    assert asked("watch", company) == 0
    attempts.enter(company / ".replenish", Attempt("run", HOUR, 1))
    assert asked("watch", company) == 1
    assert "was killed or lost its machine" in capsys.readouterr().out
    hook.codes = (404,)
    assert asked("watch", company, "--test") == 1
    (company / "replenish.toml").write_text("")
    assert asked("watch", company, "--test") == 2
    assert "[notify] names nobody" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("outcomes", "lost", "lost_with_the_service"),
    [
        ([], False, False),
        (["died"], True, True),
        (["stopped"], False, True),
        (["failed"], False, False),
        (["died", "done"], False, False),
        (["died", "died", "died"], False, False),
    ],
)
def test_only_a_night_that_was_killed_is_planned_again(
    outcomes: list[str], lost: bool, lost_with_the_service: bool, company: Path
) -> None:
    """Not one that failed by itself, not one somebody stopped, and not for ever."""
    place = Place.at(company)
    night(place, -24, "died")
    for number, outcome in enumerate(outcomes):
        night(place, 0.2 * (1 + number), outcome)
    moment = HOUR + timedelta(hours=5)
    assert catch_up.is_lost(place, moment, or_stopped=False) == lost
    assert catch_up.is_lost(place, moment, or_stopped=True) == lost_with_the_service


def test_books_that_cannot_be_kept_end_no_night(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run table's disk is full: the load is done all the same, and the trouble is said."""
    said: list[Any] = []
    monkeypatch.setattr(os, "fsync", away)
    assert load_folder(company, progress=said.append)
    assert any("attempts.jsonl: Input/output error" in str(line) for line in said)
