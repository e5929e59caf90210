"""A look at everything a night needs, before the night: settings, inputs, disk, versions; and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

from replenish.executors import missing_extra
from replenish.ingest.claim import TABLES, claim
from replenish.ingest.errors import InputError
from replenish.ingest.mapping import wanted_columns
from replenish.ingest.remote import reached
from replenish.night.facts import NightError
from replenish.night.folder import Place
from replenish.night.lock import BusyError, LockError
from replenish.settings import SettingsError
from replenish.share import SHARED_NAMES, share_path
from replenish.tables.inputs import REQUIRED_TABLES

Verdict = Literal["ok", "warn", "fail"]
LEAST_FREE_GB = 1.0
INPUT_MULTIPLE = 10  # the warehouse and a run's folder stay well below this multiple of the inputs


@dataclass(frozen=True)
class Finding:
    """One thing looked at: how it stands, and what to do where it does not stand well."""

    subject: str
    verdict: Verdict
    text: str


def examine(folder: Path) -> list[Finding]:
    """Findings in the order a night needs the things; never raises for what it finds."""
    findings = [*_versions(), *_shared()]
    try:
        place = Place.at(folder)
    except (SettingsError, NightError) as error:
        return [*findings, Finding("settings", "fail", str(error))]
    findings.append(Finding("settings", "ok", f"{folder / 'replenish.toml'} is understood"))
    looks: tuple[Callable[[Place], Iterator[Finding]], ...] = (
        _inputs,
        _elsewhere,
        _disk,
        _machines,
        _notify,
        _lock,
        _runs,
    )
    return [*findings, *(finding for look in looks for finding in look(place))]


def _versions() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", "ok" if sys.version_info >= (3, 11) else "fail", f"{python}; 3.11 or newer is needed")
    wrong = [text for text in map(_mismatch, _requirements()) if text]
    advice = "install the locked versions again (make setup)"
    yield Finding("packages", "fail" if wrong else "ok", f"{'; '.join(wrong)}: {advice}" if wrong else "as required")


def _requirements() -> list[Requirement]:
    listed = [Requirement(text) for text in requires("replenish") or []]
    return [one for one in listed if one.marker is None or one.marker.evaluate({"extra": ""})]


def _mismatch(needed: Requirement) -> str:
    try:
        found = version(needed.name)
    except PackageNotFoundError:
        return f"{needed.name} is missing"
    return (
        "" if needed.specifier.contains(found, prereleases=True) else f"{needed.name} {found} is not {needed.specifier}"
    )


def _shared() -> Iterator[Finding]:
    try:
        places = [share_path(name) for name in SHARED_NAMES]
    except FileNotFoundError as error:
        yield Finding("installation", "fail", f"{error}: install the wheel again")
    else:
        yield Finding("installation", "ok", f"SQL, report pages and flows found beside {places[0]}")


def _inputs(place: Place) -> Iterator[Finding]:
    folder = place.settings.paths.inputs
    try:
        claims = claim(place.folder / folder, place.settings.source, f"{folder}/")
        for one in claims.found:
            wanted_columns(one)
    except InputError as error:
        yield Finding("inputs", "fail", str(error))
        return
    for table in TABLES:
        files = [one.file for one in claims.found if one.table == table]
        if files:
            yield Finding("inputs", "ok", f"{table} from {', '.join(files)}")
    yield from (Finding("inputs", "warn", why) for why in (*claims.idle, *(why for _, why in claims.unclaimed)))
    found = {one.table for one in claims.found}
    for name in (table.full_name().removeprefix("raw.") for table in REQUIRED_TABLES):
        feeding = [one for one in claims.found if one.table == name]
        if feeding and all(_is_empty(one.path) for one in feeding):
            yield Finding("inputs", "fail", f"{', '.join(one.file for one in feeding)}: there is no row in it")
        if name not in found:
            advice = f"put {name}.csv into {folder}/, or map a file to it in a [source.*]"
            yield Finding("inputs", "fail", f"no file for the required table {name}: {advice}")


def _elsewhere(place: Place) -> Iterator[Finding]:
    """Whether databases and buckets answer, told without a secret."""
    for answers, text in reached(place.settings, place.folder):
        yield Finding("connection", "ok" if answers else "fail", text)


def _is_empty(file: Path) -> bool:
    """Whether a text file ends with its first line; what is in other files only a run can tell."""
    if file.suffix.lower() not in {".csv", ".tsv", ".txt"}:
        return False
    with file.open("rb") as lines:
        lines.readline()
        return not lines.read(1)


def _disk(place: Place) -> Iterator[Finding]:
    inputs = place.folder / place.settings.paths.inputs
    size_gb = sum(file.stat().st_size for file in inputs.rglob("*") if file.is_file()) / 1e9
    free_gb = shutil.disk_usage(place.folder).free / 1e9
    needed_gb = max(LEAST_FREE_GB, INPUT_MULTIPLE * size_gb)
    enough = free_gb >= needed_gb
    advice = "" if enough else ": free some space or point paths.runs to another disk"
    yield Finding("disk", "ok" if enough else "fail", f"{free_gb:.1f} GB free, {needed_gb:.1f} GB advised{advice}")


def _machines(place: Place) -> Iterator[Finding]:
    """Whether the libraries of the chosen executor are there; whether its scheduler answers only a run can tell."""
    compute = place.settings.compute
    why = missing_extra(compute.executor)
    where = compute.address or "the address in the environment"
    whom = "processes of this machine" if compute.executor == "local" else f"{compute.executor} at {where}"
    yield Finding("executor", "fail" if why else "ok", why or f"blocks are computed by {whom}")


def _notify(place: Place) -> Iterator[Finding]:
    """Whether somebody learns of a night that fails; whether a message arrives only a test can tell."""
    told = place.settings.notify
    named = (told.webhook_env, told.smtp_user_env, told.smtp_password_env)
    unset = [name for name in named if name and not os.environ.get(name)]
    if not (told.webhook_env or told.email_to):
        yield Finding("notify", "warn", "nobody is told when a night fails: set webhook_env or email_to in [notify]")
    elif unset:
        yield Finding("notify", "warn", f"not set in this environment: {', '.join(unset)}; the night needs them")
    else:
        yield Finding("notify", "ok", f"whom [notify] names; `replenish watch {place.folder} --test` sends a test")


def _lock(place: Place) -> Iterator[Finding]:
    try:
        with place.lock("doctor"):
            yield Finding("lock", "ok", "no other run is working here")
            yield from _warehouse(place)
    except BusyError as error:
        yield Finding("lock", "warn", str(error))
    except LockError as error:
        yield Finding("lock", "fail", str(error))
    except OSError as error:
        yield Finding("lock", "fail", f"cannot write to {place.state}: {error.strerror}; check who owns it")


def _warehouse(place: Place) -> Iterator[Finding]:
    if (place.state / "warehouse.duckdb").exists():
        try:
            with place.open():
                yield Finding("warehouse", "ok", f"{place.state / 'warehouse.duckdb'} opens")
        except RuntimeError as error:
            yield Finding("warehouse", "fail", str(error))


def _runs(place: Place) -> Iterator[Finding]:
    latest = place.runs / "latest"
    if (latest / "manifest.json").is_file():
        yield Finding("runs", "ok", f"the newest published run is {latest.resolve().name}")
    else:
        yield Finding("runs", "warn", f"nothing published in {place.runs} yet: `replenish run {place.folder}`")
