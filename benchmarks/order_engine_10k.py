"""The order station for 10,000 nodes with daily buckets: seconds a step."""

from __future__ import annotations

import time
from pathlib import Path

import companies
from measure import row, scratch

from replenish.night import folder as stages
from replenish.pipeline import STATIONS

NODES, DAYS = 10_000, 120
SETTINGS = '[forecast]\nmembers = "light"\n'


def measure(home: Path) -> dict[str, float]:
    """Seconds of every step of the order station, compiled code warm."""
    place = stages.Place.at(companies.write(home, companies.company(NODES, DAYS), SETTINGS))
    stages.ingest(place)
    tonight = stages.prepare(place)
    for name in ("demand", "forecast"):
        stages.station(place, tonight, name)
    seconds = {}
    with place.open() as house:
        stages.run_station(house, tonight, "order")
        for step in STATIONS["order"]:
            start = time.perf_counter()
            step(house, tonight)
            seconds[step.__name__] = time.perf_counter() - start
    return seconds


if __name__ == "__main__":
    with scratch() as folder:
        steps = measure(folder / "company")
    row(f"order station, {NODES:,} nodes", f"{sum(steps.values()):.1f} s")
    for step_name, step_seconds in steps.items():
        row(f"- {step_name}", f"{step_seconds:.1f} s")
