"""A night on frames in memory: the same stations, no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl

from replenish import ingest
from replenish.night import facts, outcome, previous
from replenish.night.folder import build_core, make_tables, run_station
from replenish.pipeline import STATIONS
from replenish.settings import Settings
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse, quoted


class Run:
    """A planned night in memory; its tables are polars frames."""

    def __init__(self, house: Warehouse, tonight: Tonight, loads: list[ingest.LoadResult]) -> None:
        self._house = house
        self._tonight = tonight
        self.loads = tuple(loads)

    @property
    def run_id(self) -> str:
        """Id of the run: as-of and 8 hex of what went in."""
        return self._tonight.run_id

    @property
    def as_of(self) -> date:
        """Last closed day."""
        return self._tonight.as_of

    def table_names(self) -> list[str]:
        """Full names of every table of the night."""
        return [name for layer in ("raw", "core", "plan", "mart") for name in self._house.table_names(layer)]

    def table(self, full_name: str) -> pl.DataFrame:
        """A table by its full name, such as `plan.proposal`. Raises `KeyError` naming the tables there are."""
        if full_name.startswith("mart.") and not self._house.table_names("mart"):
            self._house.build("mart")
        if "." not in full_name or not self._house.exists(full_name):
            raise KeyError(f"no table {full_name!r}; there are {', '.join(self.table_names())}")
        return self._house.query(f"select * from {quoted(full_name)} order by all")

    def __repr__(self) -> str:
        return f"<Run {self.run_id}: {self.table('plan.proposal').height} proposals>"


def run(
    sources: Mapping[str, Any], settings: Settings | None = None, as_of: date | None = None, earlier: Run | None = None
) -> Run:
    """Plan a night from frames: `sources` maps input table names to polars, pandas or Arrow frames.

    `earlier` is the run of a night before, if there was one: proposals that meet the same need keep their ids.
    Raises `InputError` when the frames break the contract and `ProofError` when the plan does not add up.
    """
    settings = settings or Settings()
    house = Warehouse(memory_limit_gb=settings.compute.memory_limit_gb, threads=settings.compute.workers or None)
    make_tables(house)
    loads = ingest.load_frames(house, sources, settings)
    facts.tell_settings(house, settings, as_of)
    known = replace(facts.tonight(house, settings), last_night=earlier.table if earlier else None)
    previous.bring_previous(house, earlier.table if earlier else None, known.as_of)
    tonight = build_core(house, known, earlier.run_id if earlier else None)
    for name in STATIONS:
        run_station(house, tonight, name)
    failures = house.check()
    if failures:
        raise outcome.ProofError(failures)
    return Run(house, tonight, loads)
