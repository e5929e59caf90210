"""The run table of the company's own: what began, when, and how it ended, whatever an orchestrator believes.

One line of JSON an attempt and its end, in the state folder. A line without an end whose process no longer holds the
lock was killed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

Kind = Literal["run", "ingest", "backtest", "late", "service"]
FILE = "attempts.jsonl"
MOST_BYTES = 1_000_000
KEPT_OF_A_KIND = 400


@dataclass(frozen=True)
class Attempt:
    """Something that began; `outcome` is empty until it ends: done, failed, timeout, stopped or died."""

    kind: Kind
    began: datetime
    pid: int
    ended: datetime | None = None
    outcome: str = ""
    run_id: str = ""
    message: str = ""

    @property
    def key(self) -> tuple[str, datetime, int]:
        """What makes it this one."""
        return self.kind, self.began, self.pid

    def words(self) -> str:
        """The attempt as a line of its file."""
        return json.dumps(asdict(self), default=datetime.isoformat)


def now() -> datetime:
    """The present, in the one zone the table is kept in."""
    return datetime.now(UTC)


def begin(state: Path, kind: Kind) -> Attempt:
    """Enter what begins now."""
    attempt = Attempt(kind, now(), os.getpid())
    enter(state, attempt)
    return attempt


def enter(state: Path, attempt: Attempt) -> None:
    """Put an attempt, or its end, into the table; it survives a power failure. Raises OSError."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / FILE).open("ab+") as table:
        size = table.seek(0, os.SEEK_END)
        table.seek(max(0, size - 1))
        torn = size and table.read(1) != b"\n"  # somebody died while writing
        table.write(f"{chr(10) if torn else ''}{attempt.words()}\n".encode())
        table.flush()
        os.fsync(table.fileno())


def read(state: Path) -> list[Attempt]:
    """Every attempt as it stands, in the order they began; lines that cannot be read count as not written."""
    try:
        lines = (state / FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    known = {attempt.key: attempt for attempt in map(_understood, lines) if attempt}
    return sorted(known.values(), key=lambda attempt: attempt.began)


def shorten(state: Path) -> None:
    """Forget the oldest of each kind once the table has grown large; call it with the lock held."""
    file = state / FILE
    if not file.exists() or file.stat().st_size < MOST_BYTES:
        return
    known = read(state)
    kept = [one for kind in {one.kind for one in known} for one in _of(known, kind)[-KEPT_OF_A_KIND:]]
    fresh = file.with_suffix(".new")
    fresh.write_text("".join(f"{one.words()}\n" for one in sorted(kept, key=lambda one: one.began)), encoding="utf-8")
    os.replace(fresh, file)


def covering(state: Path, kind: Kind, due: datetime) -> Attempt | None:
    """The attempt that has done what was due then: one that began at that time or later, and went well."""
    return next((one for one in _of(read(state), kind) if one.began >= due and one.outcome == "done"), None)


def _of(known: Iterable[Attempt], kind: str) -> list[Attempt]:
    return [one for one in known if one.kind == kind]


def _understood(line: str) -> Attempt | None:
    try:
        told = json.loads(line)
        days = {name: told[name] and datetime.fromisoformat(told[name]) for name in ("began", "ended")}
        return Attempt(**{one.name: told[one.name] for one in fields(Attempt)} | days)
    except (ValueError, TypeError, KeyError):
        return None
