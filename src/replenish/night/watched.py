"""Work under watch: one at a time, with an end, entered in the run table, and told to whom the settings name."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from replenish.cron import Cron
from replenish.night import attempts, notify
from replenish.night.attempts import Attempt, Kind
from replenish.night.deadline import DeadlineError, deadline
from replenish.night.facts import NightError
from replenish.night.folder import Place
from replenish.night.lock import BusyError, LockError
from replenish.night.notify import Message, Say
from replenish.night.trouble import exit_code, sentence
from replenish.night.webhook import DeliveryError
from replenish.night_settings import NotifySettings
from replenish.settings import Company, SettingsError

NAMES: dict[str, str] = {"run": "the night", "ingest": "the loading of files", "backtest": "the backtest"}


@dataclass
class Note:
    """What the work tells of itself while it is watched."""

    run_id: str = ""
    message: Message | None = None


def place_at(folder: Path, out: Path | None, say: Say) -> Place:
    """The company in this folder; settings that cannot be read are told to whom they name, as far as that can be read.

    Raises what `Place.at` raises.
    """
    try:
        return Place.at(folder, out)
    except SettingsError as error:
        with suppress(OSError, ValueError, ValidationError):  # TOML's own errors are ValueErrors
            told = tomllib.loads((folder / "replenish.toml").read_text(encoding="utf-8-sig"))
            name = str(told.get("company", {}).get("name", folder.resolve().name))
            message = Message("failed", "the settings cannot be read, so no night is planned", str(error))
            notify.tell(NotifySettings(**told.get("notify", {})), Company(name=name), message, say)
        raise


@contextmanager
def watched(place: Place, kind: Kind, say: Say) -> Iterator[Note]:
    """Do the block alone, until its deadline; enter it in the run table and tell how it ended, once the lock is free.

    Raises `BusyError` when another is at work, `DeadlineError`, and whatever the block raises.
    """
    note, messages = Note(), []

    def last_words(why: str) -> None:
        _enter(place, replace(begun, ended=attempts.now(), outcome="timeout", message=why), say)
        tell(place, _failed(kind, why), say)

    try:
        with place.lock(kind):
            messages += [_died(one, place) for one in bury(place, kind, say)]
            begun = Attempt(kind, attempts.now(), 0)
            with suppress(OSError):
                begun = attempts.begin(place.state, kind)
            try:
                with deadline(*_limit(place, kind), last_words):
                    yield note
            except BaseException as error:
                ending, message = _ending(place, kind, error)
                messages += [message] if message else []
                _enter(place, replace(begun, ended=attempts.now(), **ending), say)
                raise
            messages += [note.message] if note.message else []
            _enter(place, replace(begun, ended=attempts.now(), outcome="done", run_id=note.run_id), say)
    except LockError as error:
        messages.append(_failed(kind, str(error)))
        raise
    finally:
        for message in messages:
            tell(place, message, say)


def tell(place: Place, message: Message, say: Say) -> list[str]:
    """Send the message to whom the company's settings name."""
    return notify.tell(place.settings.notify, place.settings.company, message, say)


def send_test(place: Place, say: Say) -> None:
    """Send a test by every way the settings name. Raises `NightError` where they name none, and `DeliveryError`."""
    told = place.settings.notify
    if not (told.webhook_env or told.email_to):
        raise NightError("[notify] names nobody: set webhook_env, or email_to with email_from and smtp_host")
    troubles = tell(place, Message("test", "a test of the notifications", "Nothing is wrong: this was asked for."), say)
    if troubles:
        raise DeliveryError("not every notification was delivered: see above", passing=False)
    say("the test was delivered by every way that [notify] names")


def bury(place: Place, kind: Kind, say: Say) -> list[Attempt]:
    """Enter the end of every attempt that has none; call it with the lock held, so that none of them can be alive."""
    with suppress(OSError):
        attempts.shorten(place.state)
    lost = [one for one in attempts.read(place.state) if one.kind in _sharing(kind) and not one.ended]
    for one in lost:
        _enter(place, replace(one, ended=attempts.now(), outcome="died"), say)
    return lost


def look(place: Place, moment: datetime, say: Say) -> list[Message]:
    """What is wrong with the newest night and was not told before: it was killed, or it is late. It is told now."""
    found = []
    with suppress(BusyError, LockError, OSError), place.lock("watch"):  # a night at work is alive
        found = [_died(one, place) for one in bury(place, "run", say)]
    found += _late(place, moment, say)
    for message in found:
        tell(place, message, say)
    return found


def _late(place: Place, moment: datetime, say: Say) -> list[Message]:
    schedule = place.settings.schedule
    zone, known = ZoneInfo(schedule.time_zone), attempts.read(place.state)
    patience = schedule.late_after_minutes * 60
    due = Cron.of(schedule.nightly).before(datetime.fromtimestamp(moment.timestamp() - patience, zone), zone)
    nights = [one for one in known if one.kind == "run" and (one.ended is None or one.ended >= due)]
    is_out = any(one.outcome == "done" for one in nights)
    is_told = any(one.kind == "late" and one.began == due for one in known)
    if not known:  # a company that was never planned is not late: the watch begins now
        _enter(place, Attempt("service", moment, 0, moment, "done"), say)
    if not known or known[0].began > due or is_out or is_told:
        return []
    _enter(place, Attempt("late", due, 0, moment, "done"), say)
    hour = f"{due:%Y-%m-%d %H:%M} {schedule.time_zone}"
    headline = f"no night is published, {schedule.late_after_minutes:g} minutes after {hour}"
    return [Message("late", headline, f"{_state(nights)}\n{place.folder.resolve()}", {"due": due.isoformat()})]


def _state(nights: list[Attempt]) -> str:
    """How the newest of the nights since one was due stands."""
    if not nights:
        return "No night began since."
    newest = nights[-1]
    return "One is at work." if not newest.ended else f"The last one {newest.outcome}: {newest.message or 'no word'}"


def _limit(place: Place, kind: Kind) -> tuple[float, str]:
    setting = "backtest_timeout_minutes" if kind == "backtest" else "night_timeout_minutes"
    return getattr(place.settings.schedule, setting), setting


def _sharing(kind: Kind) -> tuple[str, ...]:
    """Kinds that hold the same lock."""
    return ("backtest",) if kind == "backtest" else ("run", "ingest")


def _ending(place: Place, kind: Kind, error: BaseException) -> tuple[dict[str, Any], Message | None]:
    if not isinstance(error, Exception):
        return {"outcome": "stopped", "message": type(error).__name__}, None
    why = sentence(error) if exit_code(error) is not None else f"{type(error).__name__}: {error}"
    outcome = "timeout" if isinstance(error, DeadlineError) else "failed"
    ended = [one for one in attempts.read(place.state) if one.kind == kind and one.ended]
    again = kind == "ingest" and bool(ended) and ended[-1].message == why  # by day once is enough
    return {"outcome": outcome, "message": why}, None if again else _failed(kind, why)


def _failed(kind: Kind, why: str) -> Message:
    return Message("failed", f"{NAMES[kind]} failed", why, {"message": why})


def _died(lost: Attempt, place: Place) -> Message:
    since = lost.began.astimezone(ZoneInfo(place.settings.schedule.time_zone))
    headline = f"{NAMES[lost.kind]} begun at {since:%Y-%m-%d %H:%M} was killed or lost its machine"
    remedy = "Nothing of it is published, earlier runs are as they were: `replenish run` plans it again."
    return Message("failed", headline, f"{remedy}\n{place.folder.resolve()}", {"began": lost.began.isoformat()})


def _enter(place: Place, attempt: Attempt, say: Callable[[str], None]) -> None:
    """Into the run table, if the disk takes it: keeping books must not end a night."""
    try:
        attempts.enter(place.state, attempt)
    except OSError as error:
        say(f"cannot write {place.state / attempts.FILE}: {error.strerror}")
