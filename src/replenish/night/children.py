"""Processes of the service: each ends when the service does, with all that it started."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

STOP_SECONDS = 30.0
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG


class ServiceError(RuntimeError):
    """A part of the service cannot start, or has ended."""


class Child:
    """A process of the service, with all that it starts: it ends when the service does."""

    def __init__(self, name: str, command: list[str], log: Path | None = None, niceness: int = 0) -> None:
        self.name = name
        out = log.open("w", encoding="utf-8") if log else None

        def prepare() -> None:
            os.nice(niceness)
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # shells let what they start in the background ignore it
            with suppress(OSError, AttributeError):  # only Linux can
                ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM)

        self._process = subprocess.Popen(
            command,
            stdout=out or sys.stderr,
            stderr=out or sys.stderr,
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509 - the service has no threads when it starts its parts
        )
        if out:
            out.close()

    @property
    def code(self) -> int | None:
        """Its exit code; None while it works."""
        return self._process.poll()

    def stop(self) -> None:
        """Ask it to end, wait, and end whatever is left of it."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)  # Prefect's runner leaves in good order at Ctrl-C only
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
