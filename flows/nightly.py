"""The nightly flow: `python flows/nightly.py FOLDER [--as-of DATE] [--out DIR]`.

The night itself is `replenish.night.run.run_folder`. Here its stages become Prefect tasks, so that they can be
watched, and those that read or deliver files are tried again when a disk or a network drive fails.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from replenish.night import launch
from replenish.night.run import Finished, run_folder

if __name__ == "__main__":  # before Prefect is imported: a night must not depend on it
    sys.exit(launch.nightly())

from headline import show
from prefect import Flow, flow
from stage import as_task, told, when_due


def make(run: Callable[..., Finished] = run_folder) -> Flow[..., Any]:
    """The flow around `run`."""

    @flow(name="nightly", persist_result=False)
    def nightly(folder: str, as_of: str | None = None, out: str | None = None) -> Any:
        """Plan tonight for the company in `folder`; the answer is the published folder."""

        def night() -> str:
            asked = {"as_of": as_of and date.fromisoformat(as_of), "out": out and Path(out)}
            progress = logging.getLogger("replenish").info
            finished = run(Path(folder), **asked, progress=progress, around=as_task)
            show(finished)
            return str(finished.folder)

        return told(night)() if as_of else when_due("run", folder, night)

    return nightly


nightly = make()
