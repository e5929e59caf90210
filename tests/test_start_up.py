"""Starting is quick: the package and the command line load nothing heavy before they need it."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).parent / "replenish"
HEAVY = {"polars", "duckdb", "prefect", "pandas", "statsforecast", "scipy", "numba", "plotly", "dataframely", "numpy"}
HELP_SECONDS = 0.3
TRIES = 5


@pytest.mark.parametrize(
    "start", [["-c", "import replenish"], [str(COMMAND), "--help"], [str(COMMAND), "--version"]], ids=" ".join
)
def test_nothing_heavy_is_imported(start: list[str]) -> None:
    """Neither the package nor `--help` pays for what it does not use."""
    done = subprocess.run([sys.executable, "-X", "importtime", *start], capture_output=True, text=True, check=True)
    loaded = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "replenish" in loaded
    assert not {name.split(".")[0] for name in loaded} & HEAVY


def test_help_answers_at_once() -> None:
    """`replenish --help` answers before anybody wonders; time the machine spends on other work does not count."""
    seconds = []
    for _ in range(TRIES):
        before = _seconds_of_children()
        subprocess.run([COMMAND, "--help"], capture_output=True, check=True)
        seconds.append(_seconds_of_children() - before)
    assert min(seconds) < HELP_SECONDS


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
