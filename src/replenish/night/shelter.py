"""A night inside an orchestrator that may fail: stages run once, and the answer outlives whatever is around it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from replenish.night.deadline import DeadlineError

Answer = TypeVar("Answer")
Work = Callable[[], Any]
Around = Callable[[str, Work], Any]

MANNERS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "replenish",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",  # kept for 90 days, not for ever
}


def prefect_environment(state: Path) -> None:
    """How Prefect shall behave where the user has not said otherwise; call it before Prefect is first imported."""
    home = state.resolve() / "prefect"
    home.mkdir(parents=True, exist_ok=True)  # Prefect itself only makes the last folder of its path
    for name, value in {**MANNERS, "PREFECT_HOME": str(home)}.items():
        os.environ.setdefault(name, value)


class Kept(Generic[Answer]):
    """A function that remembers how it ended, whatever becomes of the one that called it."""

    def __init__(self, run: Callable[..., Answer]) -> None:
        self._run = run
        self.answer: Answer | None = None
        self.error: Exception | None = None

    def __call__(self, *arguments: Any, **named: Any) -> Answer:
        """Call the function, and keep what it gives or raises."""
        try:
            self.answer = self._run(*arguments, **named)
        except Exception as error:
            self.error = error
            raise
        return self.answer


def once(around: Around, name: str, work: Work) -> Any:
    """What `work` gives or raises, done through `around`.

    Where `around` fails by itself, what the work gave still counts, and work it never began is done without it.
    """
    ends: list[tuple[bool, Any]] = []  # one an attempt: `around` may try again

    def attempt() -> Any:
        ends.append((False, None))
        ends[-1] = (True, work())
        return ends[-1][1]

    try:
        return around(name, attempt)
    except DeadlineError:
        raise
    except Exception:
        if not ends:
            return work()
        is_done, found = ends[-1]
        if not is_done:
            raise
        return found
