"""A night in a company's folder, stage by stage; every stage opens the warehouse, does its part and closes it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from replenish import ingest as ingest_station
from replenish import pipeline
from replenish import settings as settings_file
from replenish.night import facts, outcome, previous, repair
from replenish.night.lock import hold
from replenish.night.tuned import newest_backtest
from replenish.publish import atomic
from replenish.settings import Settings
from replenish.tables import inputs, meta, reject
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse

LOCKS = {
    "backtest": ("backtest.lock", "another backtest is working in"),
    "serve": ("serve.lock", "`replenish serve` is already at work for"),
}


@dataclass(frozen=True)
class Place:
    """Where a company lives: its folder, its settings, and where its runs appear."""

    folder: Path
    settings: Settings
    runs: Path

    @classmethod
    def at(cls, folder: Path, out: Path | None = None) -> Place:
        """The company in this folder. Raises `NightError` when there is none."""
        file = folder / "replenish.toml"
        if not file.is_file():
            raise facts.NightError(f"no replenish.toml in {folder}: `replenish init {folder}` writes one")
        settings = settings_file.load(file)
        return cls(folder, settings, out or folder / settings.paths.runs)

    @property
    def state(self) -> Path:
        """Folder of the warehouse, the lock and the logs."""
        return self.folder / self.settings.paths.state

    @contextmanager
    def open(self) -> Iterator[Warehouse]:
        """The warehouse, with the tables every night needs. Raises `WarehouseError`."""
        self.state.mkdir(parents=True, exist_ok=True)
        compute = self.settings.compute
        path = self.state / repair.NAME
        try:
            with Warehouse(path, memory_limit_gb=compute.memory_limit_gb, threads=compute.workers or None) as house:
                make_tables(house)
                yield house
        except Exception as error:
            plain = repair.told(error, self.state)
            if plain is None:
                raise
            raise plain from error

    def lock(self, doing: str = "run") -> AbstractContextManager[None]:
        """Hold the company's lock for that; a backtest and the service have one each, and let a night run beside them.

        Raises `BusyError` when another holds it, `LockError` on a disk without locks.
        """
        name, busy = LOCKS.get(doing, ("lock", "another run is working in"))
        return hold(self.state / name, f"replenish {doing}", f"{busy} {self.folder}")


def make_tables(house: Warehouse) -> None:
    """Empty tables for whatever a company may or may not hand in."""
    house.create(inputs.INPUT_TABLES, {"_load_id": "varchar", "_row": "integer"})
    house.create((*meta.META_TABLES, reject.Reject, *previous.BROUGHT))


def ingest(place: Place) -> list[ingest_station.LoadResult]:
    """Stage 1: files become raw tables; bad rows become rejects."""
    with place.open() as house:
        return ingest_station.load_folder(house, place.folder, place.settings)


def prepare(place: Place, as_of: date | None = None) -> Tonight:
    """Stage 2: core tables as of tonight, the previous run, and the id of this one."""
    with place.open() as house:
        return begin(house, place, place.settings, as_of)


def begin(house: Warehouse, place: Place, settings: Settings, as_of: date | None) -> Tonight:
    """The raw tables of `house` as core tables, with what the previous run and the newest backtest bring."""
    facts.tell_settings(house, settings, as_of)
    known = replace(facts.tonight(house, settings), last_known_date=facts.known_days(house)["last"])
    before = previous.find_previous(house, known.as_of, place.runs)
    table_of = previous.published_table(place.runs / before) if before else None
    previous.bring_previous(house, table_of, known.as_of)
    carried = {table: house.read(table) for table in previous.BACKTESTED}
    for table, rows in newest_backtest(place.runs, known.as_of, carried).items():
        house.write(table, rows)
    return build_core(house, replace(known, last_night=table_of), before)


def build_core(house: Warehouse, known: Tonight, before: str | None) -> Tonight:
    """The business as of tonight by SQL, and the night's name."""
    house.build("staging")
    house.build("core")
    inputs_hash = facts.input_hash(house)
    run_id = facts.name_run(known.as_of, known.settings, inputs_hash, before)
    return replace(known, run_id=run_id, previous_run_id=before, input_hash=inputs_hash)


def station(place: Place, tonight: Tonight, name: str) -> None:
    """Stages 3 to 6: the steps of one station of the line."""
    with place.open() as house:
        run_station(house, tonight, name)


def run_station(house: Warehouse, tonight: Tonight, name: str) -> None:
    """Every step of a station, in order."""
    for step in pipeline.STATIONS[name]:
        run_step(house, tonight, step)


def run_step(house: Warehouse, tonight: Tonight, step: pipeline.Station) -> None:
    """One step; memory it no longer needs goes back to the machine, which the C library would keep in pieces."""
    step(house, tonight)
    with suppress(OSError, AttributeError):  # not every C library can
        ctypes.CDLL(None).malloc_trim(0)


def prove(place: Place, tonight: Tonight) -> None:
    """Stage 7: wide tables for people, and the laws. Raises `ProofError` when one does not hold."""
    with place.open() as house:
        house.build("mart")
        failures = house.check()
        if failures:
            outcome.record(house, tonight, None, str(outcome.ProofError(failures)))
            raise outcome.ProofError(failures)


def publish(place: Place, tonight: Tonight) -> Path:
    """Stage 8: the run's folder appears, whole, and the history knows of it."""
    with place.open() as house:
        folder = atomic.publish(
            place.runs,
            tonight.run_id,
            outcome.filler(house, tonight.settings),
            outcome.manifest_facts(tonight),
        )
        outcome.record(house, tonight, folder)
        return folder


def published_before(place: Place, tonight: Tonight) -> Path:
    """Folder of a night that is out already; what a kill right after its rename left undone is done now."""
    folder = place.runs / tonight.run_id
    atomic.point_latest(place.runs)
    with place.open() as house:
        outcome.record_published(house, tonight, folder)
    return folder


def is_published(place: Place, tonight: Tonight) -> bool:
    """Whether this very night, same inputs and settings, is already out."""
    return (place.runs / tonight.run_id / "manifest.json").is_file()
