"""How a claim is measured and told: seconds, CPU seconds, memory of a family of processes, one row of markdown."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import companies
import psutil

COMMAND = Path(sys.executable).parent / "replenish"
SAMPLE_SECONDS = 0.05


def asked() -> tuple[str, str]:
    """Machine and date of the row, from the command line or as this machine tells them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--machine", default=_machine())
    parser.add_argument("--date", default=datetime.now(tz=UTC).date().isoformat())
    given = parser.parse_args()
    return given.machine, given.date


def row(claim: str, measured: str, memory: str = "") -> None:
    """Print a row of the benchmark table: claim, measured, peak memory, machine, date."""
    print("| " + " | ".join([claim, measured, memory, *asked()]) + " |")


def cpu_of(work: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of this process for a piece of work, and what it gave."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for a company, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="replenish-bench-") as folder:
        yield Path(folder)


def night(nodes: int, days: int) -> None:
    """Run a night of this size in a process of its own and print a row for the whole and one for every stage."""
    with scratch() as folder:
        companies.write(folder / "company", companies.company(nodes, days))
        start = time.perf_counter()
        peak_mb = peak_of([COMMAND, "run", folder / "company"])
        seconds = time.perf_counter() - start
        (timings,) = (folder / "company" / ".replenish" / "timings").glob("*.json")
        stages = json.loads(timings.read_text())
    row(f"night of {nodes:,} nodes x {days} days", f"{seconds:.1f} s", f"{peak_mb:,.0f} MB, workers included")
    for one in stages:
        row(f"- {one['stage']}", f"{one['seconds']:.1f} s", f"{one['peak_mb']:,} MB so far")


def peak_of(command: list[str | Path]) -> float:
    """Largest memory in MB of a command and the processes it starts, pages they share counted once."""
    return cost_of(command)[0]


def cost_of(command: list[str | Path]) -> tuple[float, float]:
    """The same, and the CPU seconds of all of them."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as running:
        peak, cpu, stop = [0.0], dict[int, float](), threading.Event()
        watcher = threading.Thread(target=_watch, args=(running.pid, peak, cpu, stop))
        watcher.start()
        code = running.wait()
        stop.set()
        watcher.join()
    if code:
        raise SystemExit(f"{command[0]} ended with {code}")
    return peak[0], sum(cpu.values())


def _watch(pid: int, peak: list[float], cpu: dict[int, float], stop: threading.Event) -> None:
    while not stop.wait(SAMPLE_SECONDS):
        try:
            first = psutil.Process(pid)
            children = first.children(recursive=True)
            own = sum(told.rss - told.shared for told in (one.memory_info() for one in children))
            peak[0] = max(peak[0], (first.memory_info().rss + own) / 2**20)
            cpu |= {one.pid: sum(one.cpu_times()[:2]) for one in (first, *children)}
        except psutil.Error:
            continue  # one of them ended while we looked


def _machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores {platform.machine()}, {memory:.0f} GiB, Python {platform.python_version()}"
