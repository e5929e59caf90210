"""A whole night in a company's folder: the stages in order, with progress and timings."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from replenish.ingest import LoadResult
from replenish.night import facts, outcome, watched
from replenish.night import folder as stages
from replenish.night.folder import Place
from replenish.night.notify import Message
from replenish.night.repair import repaired
from replenish.night.shelter import Around, Work, once
from replenish.pipeline import STATIONS
from replenish.tonight import Tonight

Progress = Callable[[str], None]


def alone(_: str, work: Work) -> Any:
    """A stage without an orchestrator around it."""
    return work()


@dataclass(frozen=True)
class Finished:
    """A night that came to its end."""

    run_id: str
    as_of: date
    folder: Path
    is_new: bool
    loads: tuple[LoadResult, ...]
    headline: dict[str, Any] = field(default_factory=dict)

    def summary(self) -> str:
        """What to tell whoever asked: the night in numbers, and where its report and proposals are."""
        told = self.headline
        money = "" if told["new_order_value"] is None else f" worth {told['new_order_value']:,.2f} {told['currency']}"
        orders = f"{told['new_orders']} new orders{money}, {told['messages']} messages on open orders"
        stopped = told.get("stopped")
        warning = f"NOTHING IS TO BE ORDERED YET: {stopped}; look at the report first\n" if stopped else ""
        return (
            f"run {self.run_id}{'' if self.is_new else ' was published before: nothing to do'}\n"
            f"{warning}{orders}; {told['on_hold']} of these lines are on hold\n"
            f"{told['exceptions']} exceptions, {told['value_at_stake']:,.2f} at stake\n"
            f"report     {self.report}\n"
            f"proposals  {self.proposals}"
        )

    def news(self) -> Message:
        """What to notify of: that it is done, or that nothing of it may be ordered yet."""
        held = bool(self.headline.get("stopped"))
        headline = f"{self.as_of}: {'every line is held' if held else 'the night is published'}"
        facts = {"run_id": self.run_id, "as_of": self.as_of.isoformat(), "report": str(self.report), **self.headline}
        return Message("held" if held else "done", headline, self.summary(), facts)

    @property
    def report(self) -> Path:
        """First page of the report."""
        return self.folder / "report" / "index.html"

    @property
    def proposals(self) -> Path:
        """The proposal file."""
        return self.folder / "proposals" / "proposals.csv"


class Clock:
    """Seconds and peak memory by stage, kept beside the runs: they differ between identical nights."""

    def __init__(self, progress: Progress, around: Around = alone) -> None:
        self._progress = progress
        self._around = around
        self.rows: list[dict[str, Any]] = []

    def stage(self, name: str, work: Work) -> Any:
        """Do the work of a stage, and say how long it took."""
        self._progress(f"{name} ...")
        start = time.perf_counter()
        found = once(self._around, name, work)
        seconds = time.perf_counter() - start
        peaks = {"peak_mb": resource.RUSAGE_SELF, "worker_peak_mb": resource.RUSAGE_CHILDREN}
        peaks_mb = {key: round(resource.getrusage(who).ru_maxrss / 1024) for key, who in peaks.items()}
        self.rows.append({"stage": name, "seconds": round(seconds, 3), **peaks_mb})
        self._progress(f"{name}: {seconds:.1f} s")
        return found


def load_folder(folder: Path, *, progress: Progress = lambda _: None, around: Around = alone) -> tuple[LoadResult, ...]:
    """Load new and changed files of the company in `folder`. Raises `InputError`, `NightError` or `BusyError`."""
    place = watched.place_at(folder, None, progress)
    with watched.watched(place, "ingest", progress):
        clock = Clock(progress, around)
        return tuple(repaired(place.state, lambda: clock.stage("ingest", lambda: stages.ingest(place)), progress))


def run_folder(
    folder: Path,
    *,
    as_of: date | None = None,
    out: Path | None = None,
    progress: Progress = lambda _: None,
    around: Around = alone,
) -> Finished:
    """Plan tonight for the company in `folder`: files in, a published run out.

    `around` is handed every stage with its name, and does it: an orchestrator's place to look on.

    Raises `InputError` (files), `NightError` (nothing to plan), `BusyError` (another run), `ProofError` (the plan
    does not add up), `PublishError` (disk), `DeadlineError` (too long); none of them touches what earlier nights
    published. How it ended is entered in the run table, and told to whom `[notify]` names.
    """
    place = watched.place_at(folder, out, progress)
    with watched.watched(place, "run", progress) as note:
        finished = repaired(place.state, lambda: _night(place, as_of, progress, around), progress)
        note.run_id, note.message = finished.run_id, finished.news() if finished.is_new else None
        return finished


def _night(place: Place, as_of: date | None, progress: Progress, around: Around) -> Finished:
    """All stages, in a folder that is locked."""
    clock = Clock(progress, around)
    loads = tuple(clock.stage("ingest", lambda: stages.ingest(place)))
    for load in loads:
        progress("\n".join([load.text, *load.warnings]))
    tonight = clock.stage("core", lambda: stages.prepare(place, as_of))
    for warning in facts.warnings(tonight):
        progress(warning)
    is_new = not stages.is_published(place, tonight)
    published = plan(place, tonight, clock) if is_new else stages.published_before(place, tonight)
    _keep_timings(place, tonight, clock)
    return Finished(tonight.run_id, tonight.as_of, published, is_new, loads, outcome.headline(published))


def plan(place: Place, tonight: Tonight, clock: Clock) -> Path:
    """The stages after the core tables, up to the published folder."""
    for name in STATIONS:
        clock.stage(name, partial(stages.station, place, tonight, name))
    clock.stage("prove", lambda: stages.prove(place, tonight))
    return Path(clock.stage("publish", lambda: stages.publish(place, tonight)))


def _keep_timings(place: Place, tonight: Tonight, clock: Clock) -> None:
    logs = place.state / "timings"
    logs.mkdir(exist_ok=True)
    (logs / f"{tonight.run_id}.json").write_text(json.dumps(clock.rows, indent=1) + "\n")
