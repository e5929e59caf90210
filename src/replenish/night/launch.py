"""Flow files run by hand: the night under Prefect where Prefect works, and without it where it does not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from replenish.night.folder import Place
from replenish.night.run import load_folder, run_folder
from replenish.night.shelter import Answer, Kept, prefect_environment
from replenish.night.trouble import exit_code, sentence


def nightly() -> int:
    """Command line of flows/nightly.py; the answer is the exit code."""
    parser = argparse.ArgumentParser(prog="flows/nightly.py", description="Plan a company's night, under Prefect.")
    parser.add_argument("folder", type=Path, help="folder with replenish.toml")
    parser.add_argument("--as-of", type=date.fromisoformat, help="last closed day, as YYYY-MM-DD")
    parser.add_argument("--out", type=Path, help="folder in which the run appears")
    asked = vars(parser.parse_args())
    return _answered(lambda: under_prefect("nightly", run_folder, **asked).summary())


def ingest() -> int:
    """Command line of flows/ingest.py; the answer is the exit code."""
    parser = argparse.ArgumentParser(prog="flows/ingest.py", description="Load a company's files, under Prefect.")
    parser.add_argument("folder", type=Path, help="folder with replenish.toml")
    asked = vars(parser.parse_args())
    return _answered(lambda: "\n".join(map(str, under_prefect("ingest", load_folder, **asked))))


def under_prefect(flow_file: str, run: Callable[..., Answer], folder: Path, **asked: Any) -> Answer:
    """The answer of `run`, looked on by the flow of that name beside the running script.

    The flow module offers `make(run)`, a flow that takes words as a server stores them. Raises what `run` raises and
    nothing that Prefect raises: whatever Prefect could not begin is done without it, once.
    """
    place = Place.at(folder)
    kept = Kept(run)
    trouble: Exception = RuntimeError("the flow came back without having run")
    try:
        prefect_environment(place.state)
        words = {name: value and str(value) for name, value in asked.items()}
        import_module(flow_file).make(kept)(str(folder), **words)
    except Exception as error:
        trouble = error
    if kept.error is not None:
        raise kept.error
    if kept.answer is None:
        _say(f"Prefect does not work here, so the work goes on without it: {_short(trouble)}")
        return run(folder, **asked, progress=_say)
    return kept.answer


def _answered(work: Callable[[], str]) -> int:
    try:
        sys.stdout.write(f"{work()}\n")
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        _say(f"replenish: {sentence(error)}")
        return code
    return 0


def _short(trouble: Exception) -> str:
    return f"{type(trouble).__name__}: {trouble}".splitlines()[0][:300]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
