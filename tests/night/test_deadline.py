"""Work that does not end is ended: by an error in it, or, where it is deaf, with its process."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest

from replenish.night.deadline import DeadlineError, deadline

DEAF = """
import signal, time
from replenish.night import deadline
deadline.GRACE_SECONDS = 0.2
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
with deadline.deadline(0.001, "night_timeout_minutes", lambda why: print(why, flush=True)):
    time.sleep(60)
"""


def never(why: str) -> None:
    """Last words that nobody should hear."""
    raise AssertionError(why)


def test_the_bell_is_an_error_in_the_work_and_names_its_setting() -> None:
    """It also ends a wait."""
    start = time.monotonic()
    with (
        pytest.raises(DeadlineError, match=r"after 0\.005 minutes, as \[schedule\] night_timeout_minutes"),
        deadline(0.005, "night_timeout_minutes", never),
    ):
        time.sleep(60)
    assert time.monotonic() - start < 5


def test_work_in_time_hears_nothing_and_leaves_no_trace() -> None:
    """Many short works: none is rung at, and the bell is put back."""
    before = signal.getsignal(signal.SIGALRM)
    for minutes in (1e-6, 1e-5, 1.0) * 40:
        try:
            with deadline(minutes, "x", never):
                pass
        except DeadlineError:
            assert minutes < 1
    assert signal.getsignal(signal.SIGALRM) == before
    time.sleep(0.05)


def test_deaf_work_loses_its_process() -> None:
    """A library that lets no signal through: last words, then the end."""
    done = subprocess.run([sys.executable, "-c", DEAF], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 1
    assert done.stdout.startswith("ended after 0.001 minutes")
