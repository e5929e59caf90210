"""Loading alone, for companies whose files come during the day: `python flows/ingest.py FOLDER`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from replenish.night import launch
from replenish.night.run import load_folder

if __name__ == "__main__":  # before Prefect is imported: loading must not depend on it
    sys.exit(launch.ingest())

from prefect import Flow, flow
from stage import as_task, when_due


def make(run: Callable[..., Any] = load_folder) -> Flow[..., Any]:
    """The flow around `run`."""

    @flow(name="ingest", persist_result=False)
    def ingest(folder: str) -> Any:
        """Load new and changed files of the company in `folder`; the answer is one line a file."""
        asked = {"progress": logging.getLogger("replenish").info, "around": as_task}
        return when_due("ingest", folder, lambda: [str(load) for load in run(Path(folder), **asked)])

    return ingest


ingest = make()
