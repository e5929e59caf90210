"""Flow files run by hand: the night under Prefect where Prefect works, and without it where it does not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from replenish.night.backtest_files import replay_folder
from replenish.night.facts import NightError
from replenish.night.folder import Place
from replenish.night.run import load_folder, run_folder
from replenish.night.shelter import Answer, Kept, prefect_environment
from replenish.night.trouble import exit_code, sentence
from replenish.night_settings import ScheduleSettings
from replenish.settings import SettingsError


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


def backtest() -> int:
    """Command line of flows/backtest.py; the answer is the exit code."""
    parser = argparse.ArgumentParser(prog="flows/backtest.py", description="Replay a company's history, under Prefect.")
    parser.add_argument("folder", type=Path, help="folder with replenish.toml")
    parser.add_argument("--weeks", type=int, default=78, help="how far back to begin")
    parser.add_argument("--items", type=int, default=200, help="items replayed at most")
    asked = vars(parser.parse_args())
    return _answered(lambda: under_prefect("backtest", replay_folder, **asked).text())


def asked_to_serve() -> tuple[argparse.ArgumentParser, argparse.Namespace, Place]:
    """Command line of flows/deployments.py, checked, and the company it names; ends with 2 where something is wrong."""
    parser = argparse.ArgumentParser(prog="flows/deployments.py", description="Do a company's work on its schedule.")
    parser.add_argument("folder", type=Path, help="folder with replenish.toml")
    parser.add_argument("--serve", choices=("nights", "backtests"), default="nights", help="nights and loads, or these")
    parser.add_argument("--cron", help="when a night begins; [schedule] nightly if left out")
    parser.add_argument("--timezone", help="time zone of all cron lines; [schedule] time_zone if left out")
    parser.add_argument("--out", type=Path, help="folder in which the runs appear")
    parser.add_argument("--name", help="name of the deployments; the folder's name if left out")
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    try:
        place = Place.at(folder)
        asked.timezone = asked.timezone or place.settings.schedule.time_zone
        ScheduleSettings(time_zone=asked.timezone, nightly=asked.cron or place.settings.schedule.nightly)
    except ValidationError as error:
        parser.error("; ".join(str(one.get("ctx", {}).get("error", one["msg"])) for one in error.errors()))
    except (SettingsError, NightError) as error:
        parser.error(str(error))
    asked.name = asked.name or folder.name
    return parser, asked, place


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
        words = {name: None if value is None else str(value) for name, value in asked.items()}
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
