"""A published night planned again from its own folder, and compared with itself byte by byte."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from replenish.night import facts, outcome
from replenish.night.facts import NightError
from replenish.night.folder import Place, run_station
from replenish.night.previous import TableOf, published_table
from replenish.pipeline import STATIONS
from replenish.publish import atomic, manifest
from replenish.settings import Settings
from replenish.tables import core, meta, reject
from replenish.tables.table import Table
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse

CARRIED: tuple[type[Table], ...] = (*core.CORE_TABLES, meta.Night, meta.Load, reject.Reject)


def replay(place: Place, run_id: str) -> list[str]:
    """Files that come out different when the run is planned again from its folder; empty when all are the same.

    Raises `NightError` when there is no such run or its files were changed since.
    """
    folder = place.runs / run_id
    known = [one.name for one in atomic.complete_runs(place.runs)]
    if run_id not in (*known, atomic.LATEST) or not folder.is_dir():
        raise NightError(f"no run {run_id!r} in {place.runs}; there are {', '.join(known) or 'none'}")
    try:
        damaged = manifest.verify(folder)
    except ValueError as error:
        damaged = [f"{manifest.NAME} cannot be read: {error}"]
    if damaged:
        raise NightError(f"run {run_id} was changed after it was published: {', '.join(damaged)}")
    told = manifest.read(folder)
    with tempfile.TemporaryDirectory(prefix="replenish-replay-") as scratch, Warehouse() as house:
        _carry(house, folder)
        tonight = replace(_tonight(house, told, place.settings), last_night=_before(place, told["previous_run_id"]))
        return differing(folder, _again(house, tonight, Path(scratch)))


def differing(first: Path, second: Path) -> list[str]:
    """Files of two folders that are not the same to the byte, or stand in one only."""
    names = {str(file.relative_to(root)) for root in (first, second) for file in root.rglob("*") if file.is_file()}
    return sorted(name for name in names if not _same(first / name, second / name))


def _before(place: Place, previous_run_id: str | None) -> TableOf | None:
    """Tables of the run before, which `compare` runs again; raises `NightError` when its folder is gone."""
    if previous_run_id is None:
        return None
    folder = place.runs / previous_run_id
    if not (folder / manifest.NAME).is_file():
        raise NightError(f"run {previous_run_id}, which came before, is not in {place.runs}: put its folder back")
    return published_table(folder)


def _carry(house: Warehouse, folder: Path) -> None:
    table_of = published_table(folder)
    for table in CARRIED:
        house.write(table, table_of(table.full_name()))


def _again(house: Warehouse, tonight: Tonight, scratch: Path) -> Path:
    for name in STATIONS:
        run_station(house, tonight, name)
    house.build("mart")
    return atomic.publish(
        scratch, tonight.run_id, outcome.filler(house, tonight.settings), outcome.manifest_facts(tonight)
    )


def _tonight(house: Warehouse, told: dict[str, Any], settings: Settings) -> Tonight:
    compute = settings.compute.model_dump()
    known = facts.tonight(house, Settings.model_validate({**told["settings"], "compute": compute}))
    return replace(known, run_id=told["run_id"], previous_run_id=told["previous_run_id"], input_hash=told["input_hash"])


def _same(first: Path, second: Path) -> bool:
    return first.is_file() and second.is_file() and first.read_bytes() == second.read_bytes()
