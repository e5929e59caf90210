"""A cold start of resampled real shops, from files to forecasts: seconds, CPU seconds and memory, stage by stage."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import resampled
from measure import cost_of, scratch

from replenish.night import folder as stages
from replenish.pipeline import STATIONS

TOLD = "stages.json"
WEEKS = -(-resampled.DAYS // 7)
SETTINGS = f"[calendar]\nhistory_weeks = {WEEKS}\n"  # all the days there are


@dataclass(frozen=True)
class Cost:
    """What a cold start took."""

    stages: list[dict[str, Any]]  # stage, seconds
    peak_mb: float  # the whole family of processes
    cpu: float  # seconds, the whole family

    @property
    def seconds(self) -> float:
        """Wall seconds of all stages."""
        return float(sum(one["seconds"] for one in self.stages))


def measure(nodes: int) -> Cost:
    """A company of so many series x 1,941 days, planned up to its forecasts by a process of its own."""
    with scratch() as folder:
        home = resampled.write(folder / "company", nodes, SETTINGS)
        cost = cost_of([sys.executable, __file__, home])
        return Cost(json.loads((home / TOLD).read_text()), *cost)


def run(home: Path) -> None:
    """Files, core tables, demand and forecasts, score included, and what each of them took."""
    place = stages.Place.at(home)
    told = [_timed("ingest", partial(stages.ingest, place))[0]]
    core, tonight = _timed("core", partial(stages.prepare, place))
    told.append(core)
    for station in ("demand", "forecast"):
        with place.open() as house:
            told += [
                _timed(step.__name__, partial(stages.run_step, house, tonight, step))[0] for step in STATIONS[station]
            ]
    (home / TOLD).write_text(json.dumps(told))


def _timed(stage: str, work: Callable[[], Any]) -> tuple[dict[str, Any], Any]:
    start = time.perf_counter()
    found = work()
    told = {"stage": stage, "seconds": time.perf_counter() - start}
    print(f"{stage}: {told['seconds']:.1f} s", file=sys.stderr)  # whoever waits sees how far it is
    return told, found


if __name__ == "__main__":
    run(Path(sys.argv[1]))
