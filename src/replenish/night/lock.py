"""A company's own locks: freed by the system however their holder ends, and the file says who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TextIO

PATIENCE_SECONDS = 1.0  # a mere look at the lock, such as the doctor's, holds it for a moment


class BusyError(RuntimeError):
    """Another run is working in this folder."""


class LockError(RuntimeError):
    """The disk cannot lock files, so nothing keeps two runs apart."""


@contextmanager
def hold(file: Path, doing: str, busy: str) -> Iterator[None]:
    """Hold the lock in `file` while `doing` that.

    Raises `BusyError`, beginning with `busy` and naming the holder, when somebody else has it; `LockError` on a disk
    that has no locks.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a+", encoding="utf-8") as held:
        _take(held, file, busy)
        since = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
        holder = {"doing": doing, "pid": os.getpid(), "host": socket.gethostname(), "since": since}
        with suppress(OSError):  # on a full disk the lock holds, it only does not say for whom
            held.truncate(0)
            held.write(json.dumps(holder))
            held.flush()
        try:
            yield
        finally:
            with suppress(OSError):
                held.truncate(0)


def _take(held: TextIO, file: Path, busy: str) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= give_up:
                raise BusyError(f"{busy}{_holder(held)}: wait for it to end") from error
            time.sleep(0.05)
        except OSError as error:
            where = f"{file.parent} lies on a disk that cannot lock files ({error.strerror})"
            raise LockError(f"{where}: point [paths] state to a local disk") from error
        else:
            return


def _holder(held: TextIO) -> str:
    """Who holds the lock, as its file says; nothing where it does not say."""
    held.seek(0)
    try:
        told = json.loads(held.read())
        return f" ({told['doing']}, process {told['pid']} on {told['host']}, since {told['since']})"
    except (ValueError, TypeError, KeyError):
        return ""
