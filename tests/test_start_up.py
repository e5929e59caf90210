"""Starting is quick: the package and the command line load nothing heavy before they need it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).parent / "replenish"
HEAVY = {"polars", "duckdb", "prefect", "pandas", "statsforecast", "scipy", "numba", "plotly", "dataframely", "numpy"}
HELP_SECONDS = 0.3  # best of several, since other work on the machine only ever adds
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
    """`replenish --help` answers before anybody wonders."""
    seconds = []
    for _ in range(TRIES):
        start = time.perf_counter()
        subprocess.run([COMMAND, "--help"], capture_output=True, check=True)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < HELP_SECONDS
