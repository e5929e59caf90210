"""An end for work that does not come to one: first asked for, then, where that does not help, made."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from types import FrameType

GRACE_SECONDS = 60.0


class DeadlineError(RuntimeError):
    """The work took longer than the settings allow, and was ended."""


@contextmanager
def deadline(minutes: float, setting: str, last_words: Callable[[str], None]) -> Iterator[None]:
    """Let the block work for so many minutes; then `DeadlineError` is raised in it.

    A block that is deaf to it, such as one in a library's own code, loses its process a minute later, after
    `last_words` has been called: no lock outlives a process, and nothing is published but by one rename.
    """
    told = f"ended after {minutes:g} minutes, as [schedule] {setting} says: give it more time, or less to do"
    is_over, deaf = threading.Event(), list[bool]()
    hears = threading.current_thread() is threading.main_thread()

    def ring(_number: int, _frame: FrameType | None) -> None:
        if not deaf:
            raise DeadlineError(told)

    def guard() -> None:
        if not is_over.wait(60 * minutes) and hears:
            os.kill(os.getpid(), signal.SIGALRM)
        if not is_over.wait(GRACE_SECONDS):
            _end(told, last_words)

    before = signal.signal(signal.SIGALRM, ring) if hears else None
    watch = threading.Thread(target=guard, daemon=True)
    try:
        watch.start()  # in here: the bell may ring as early as that
        yield
    finally:
        try:
            deaf.append(True)
        finally:  # the bell may ring in that very line, but not in those below, which hold locks
            deaf.append(True)
            is_over.set()
            watch.join()
            if hears:
                signal.signal(signal.SIGALRM, before or signal.SIG_DFL)


def _end(told: str, last_words: Callable[[str], None]) -> None:
    with suppress(Exception):
        last_words(told)
    for child in active_children():
        child.kill()
    os._exit(1)
