"""Two at once: the second says who the first is and leaves; whatever kills a holder frees the lock."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

import pytest

from replenish.night import lock
from replenish.night.lock import BusyError, LockError, hold
from tests.asked import asked
from tests.flows.company import write_company

HOLDER = """
import sys, time
from pathlib import Path
from replenish.night.lock import hold
with hold(Path(sys.argv[1]), "replenish run", "busy"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_second_one_learns_who_is_at_work_and_kill_9_frees_the_lock(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run, load and backtest: the first two leave with 4 while a night is at work, the last has a lock of its own."""
    company = write_company(tmp_path / "shop")
    file = company / ".replenish" / "lock"
    command = [sys.executable, "-c", HOLDER, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        for work in ("run", "ingest"):
            assert asked(work, company) == 4
            said = capsys.readouterr().err
            assert f"another run is working in {company} (replenish run, process {holder.pid} on " in said
            assert "wait for it to end" in said
        with hold(company / ".replenish" / "backtest.lock", "replenish backtest", "busy"):
            assert asked("backtest", company) == 4
            assert f"another backtest is working in {company}" in capsys.readouterr().err
        os.kill(holder.pid, signal.SIGKILL)
    with hold(file, "replenish run", "busy"):
        assert str(os.getpid()) in file.read_text()
    assert file.read_text() == ""
    assert not (company / "runs").exists()


def test_a_mere_look_makes_nobody_leave(tmp_path: Path) -> None:
    """The doctor holds the lock for a moment: a night that begins in it waits."""
    released = threading.Event()

    def look() -> None:
        with hold(tmp_path / "lock", "doctor", "busy"):
            released.wait(0.3)

    one = threading.Thread(target=look)
    one.start()
    time.sleep(0.1)
    with hold(tmp_path / "lock", "run", "busy"):
        one.join()


def test_an_older_lock_file_is_busy_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file says may be torn or from another version: the lock counts."""
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.0)
    with hold(tmp_path / "lock", "run", "busy"):
        (tmp_path / "lock").write_text("1234")
        with pytest.raises(BusyError, match=r"^busy: wait"), hold(tmp_path / "lock", "run", "busy"):
            pass


def test_a_disk_without_locks_is_no_other_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network drives cannot lock: the message says what to do instead of blaming another run."""

    def cannot(*_: object) -> NoReturn:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", cannot)
    with (
        pytest.raises(LockError, match=r"No locks available.*point \[paths\] state"),
        hold(tmp_path / "lock", "a", "b"),
    ):
        pass
