"""What a night owes to its orchestrator: nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from replenish.ingest import UnreachableError
from replenish.night import launch, shelter
from replenish.night.deadline import DeadlineError
from replenish.night.lock import BusyError
from replenish.night.shelter import Kept, Work, once
from replenish.night.trouble import may_pass
from replenish.publish import PublishError


class Counted:
    """Work that counts how often it is done, and fails the first so many times."""

    def __init__(self, failures: int = 0) -> None:
        self.calls, self.failures = 0, failures

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise OSError("the disk is away")
        return "done"


def never_begins(_: str, work: Work) -> Any:
    raise ConnectionError("no server")


def fails_afterwards(_: str, work: Work) -> Any:
    work()
    raise ConnectionError("the server is gone")


def tries_again(_: str, work: Work) -> Any:
    try:
        return work()
    except OSError:
        return work()


@pytest.mark.parametrize(
    ("around", "failures", "calls"),
    [(lambda _, work: work(), 0, 1), (never_begins, 0, 1), (fails_afterwards, 0, 1), (tries_again, 1, 2)],
)
def test_work_is_done_whatever_the_orchestrator_does(around: shelter.Around, failures: int, calls: int) -> None:
    """Work comes to its end, and never more often than it must."""
    work = Counted(failures)
    assert once(around, "stage", work) == "done"
    assert work.calls == calls


@pytest.mark.parametrize(("around", "calls"), [(lambda _, work: work(), 1), (fails_afterwards, 1), (tries_again, 2)])
def test_errors_of_the_work_are_its_own(around: shelter.Around, calls: int) -> None:
    """An error of the work is raised, and the work is not done again behind the orchestrator's back."""
    work = Counted(failures=9)
    with pytest.raises(OSError, match="disk is away"):
        once(around, "stage", work)
    assert work.calls == calls


def rings_before_it_begins(_: str, work: Work) -> Any:
    raise DeadlineError("ended after 1 minutes")


def test_the_end_of_the_time_is_not_taken_for_a_failing_orchestrator() -> None:
    """Work whose time is over is not begun again behind the orchestrator's back."""
    work = Counted()
    with pytest.raises(DeadlineError):
        once(rings_before_it_begins, "stage", work)
    assert work.calls == 0


def test_prefect_environment_yields_to_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prefect's home is an absolute path below the state folder, unless the user has chosen one."""
    monkeypatch.setattr(os, "environ", {"PREFECT_LOGGING_EXTRA_LOGGERS": "mine"})
    monkeypatch.chdir(tmp_path)
    shelter.prefect_environment(Path("shop/.replenish"))
    assert os.environ["PREFECT_HOME"] == str(tmp_path / "shop" / ".replenish" / "prefect")
    assert os.environ["PREFECT_LOGGING_EXTRA_LOGGERS"] == "mine"
    assert os.environ["DO_NOT_TRACK"] == "1"


Flow = Callable[..., Any]


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A company's folder, and an environment to be changed at will."""
    (tmp_path / "replenish.toml").write_text("")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    return tmp_path


def play(monkeypatch: pytest.MonkeyPatch, make: Callable[[Kept[Any]], Flow]) -> None:
    monkeypatch.setitem(sys.modules, "played", SimpleNamespace(make=make))  # type: ignore[arg-type]  # no module


def test_orchestrator_that_fails_after_the_night_changes_nothing(
    company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server dies after the plan is out: the answer is the night's."""

    def make(kept: Kept[str]) -> Flow:
        def flow(folder: str) -> None:
            kept(Path(folder))
            raise ConnectionError("the server is gone")

        return flow

    calls = []
    play(monkeypatch, make)
    assert launch.under_prefect("played", lambda folder: calls.append(folder) or "published", company) == "published"
    assert calls == [company]


def test_error_of_the_night_is_raised_and_not_tried_again(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever Prefect wraps around it, the error of the night comes out, after one try."""

    def make(kept: Kept[str]) -> Flow:
        def flow(folder: str) -> None:
            try:
                kept(Path(folder))
            except ValueError as error:
                raise RuntimeError("flow failed") from error

        return flow

    calls = []

    def run(folder: Path) -> str:
        calls.append(folder)
        raise ValueError("nothing to plan from")

    play(monkeypatch, make)
    with pytest.raises(ValueError, match="nothing to plan from"):
        launch.under_prefect("played", run, company)
    assert calls == [company]


def test_flow_that_never_begins_is_told_and_done_without(
    company: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A flow that comes back without having run is no success: the night runs by itself."""
    play(monkeypatch, lambda kept: lambda folder, as_of: None)
    calls = []

    def run(folder: Path, *, as_of: date | None, progress: Callable[[str], None]) -> str:
        calls.append((folder, as_of))
        progress("on the way")
        return "published"

    assert launch.under_prefect("played", run, company, as_of=date(2026, 3, 1)) == "published"
    assert calls == [(company, date(2026, 3, 1))]
    told = capsys.readouterr().err
    assert "the work goes on without it: RuntimeError: the flow came back without having run" in told
    assert "on the way" in told


def test_only_disks_and_networks_are_tried_again() -> None:
    """Trying again helps where a file could not be read or written, not where the night itself is wrong."""

    def caused(error: Exception) -> Exception:
        error.__cause__ = OSError("no space left")
        return error

    assert may_pass(OSError("the drive is away"))
    assert may_pass(caused(PublishError("cannot write the run")))
    assert not may_pass(PublishError("the run was changed"))
    assert not may_pass(caused(BusyError("another run is working")))
    assert may_pass(UnreachableError("the database is away"))
    assert not may_pass(ValueError("nothing to plan from"))
