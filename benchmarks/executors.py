"""The same heavy station on this machine's processes, a Dask and a Ray cluster: seconds, start-up and memory.

The clusters run on this machine too, two workers each, so that what differs is the machinery alone.
"""

from __future__ import annotations

import itertools
import json
import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import companies
import polars as pl
import psutil
from measure import peak_of, row, scratch

from replenish import pipeline
from replenish.blocks import NODE, over_blocks
from replenish.night import folder as stages
from replenish.settings import Compute
from replenish.tables import plan

NODES, DAYS, BLOCK_NODES = 2000, 730, 250
CASES = {
    "this process alone": Compute(workers=1, block_nodes=BLOCK_NODES),
    "local, 2 workers": Compute(workers=2, block_nodes=BLOCK_NODES),
    "dask, 2 workers": Compute(executor="dask", block_nodes=BLOCK_NODES),
    "ray, 2 workers": Compute(executor="ray", block_nodes=BLOCK_NODES),
}


def prepare(home: Path) -> None:
    """A company in whose warehouse all is ready for the heavy members."""
    place = stages.Place.at(companies.write(home, companies.company(NODES, DAYS)))
    stages.ingest(place)
    tonight = stages.prepare(place)
    stages.station(place, tonight, "demand")
    before_fit = itertools.takewhile(lambda step: step is not pipeline.fit, pipeline.STATIONS["forecast"])
    with place.open() as house:
        for step in before_fit:
            step(house, tonight)


def measure(home: Path, case: str) -> None:
    """Fit the heavy members of that company; leave what they say and the seconds beside it."""
    place = stages.Place.at(home)
    start = time.perf_counter()
    with cluster(CASES[case]) as compute, place.open() as house:
        tonight = stages.facts.tonight(house, place.settings)
        tonight = replace(tonight, settings=tonight.settings.model_copy(update={"compute": compute}))
        # a dictionary of what it is given is a step that does nothing: what it takes is the start of the workers
        over_blocks(dict, {"nodes": house.read(plan.Segment).select(NODE)}, compute)
        ready, before = time.perf_counter(), cpu_seconds()
        pipeline.fit(house, tonight)
        told = {"start": ready - start, "wall": time.perf_counter() - ready, "cpu": cpu_seconds() - before}
        house.read(plan.Member).write_parquet(home / "member.parquet")
    (home / "seconds.json").write_text(json.dumps(told))


def cpu_seconds() -> float:
    """CPU seconds so far of this process and all it started, those that have ended since included."""
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(sum(one.cpu_times()[:4]) for one in family)  # user, system, and the same of ended children


@contextmanager
def cluster(compute: Compute) -> Iterator[Compute]:
    """Settings that lead to two workers on this machine."""
    if compute.executor == "dask":
        from distributed import LocalCluster

        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=logging.ERROR) as two:
            yield compute.model_copy(update={"address": two.scheduler_address})
    elif compute.executor == "ray":
        import ray

        ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        yield compute
        ray.shutdown()
    else:
        yield compute


def compare(home: Path) -> None:
    """A row a case; every one must say the same to the last bit."""
    prepare(home)
    first: pl.DataFrame | None = None
    for case in CASES:
        peak_mb = peak_of([sys.executable, __file__, "--one", case, home])
        told = json.loads((home / "seconds.json").read_text())
        found = pl.read_parquet(home / "member.parquet")
        if not found.equals(found if first is None else first):
            raise SystemExit(f"{case}: other numbers")
        first = found
        seconds = f"{told['wall']:.1f} s ({told['cpu']:.1f} s of CPU), start {told['start']:.1f} s"
        row(f"- {case}", seconds, f"{peak_mb:,.0f} MB, workers included")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(Path(sys.argv[3]), sys.argv[2])
    else:
        row(f"heavy members of {NODES:,} nodes, blocks of {BLOCK_NODES}", "the same on every executor")
        with scratch() as folder:
            compare(folder / "company")
