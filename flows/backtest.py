"""History replayed, and the one dial chosen again for the nights that follow: `python flows/backtest.py FOLDER`."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from replenish.night import launch
from replenish.night.backtest_files import Replayed, replay_folder

if __name__ == "__main__":  # before Prefect is imported: a backtest must not depend on it
    sys.exit(launch.backtest())

from prefect import Flow, flow
from stage import when_due


def make(run: Callable[..., Replayed] = replay_folder) -> Flow[..., Any]:
    """The flow around `run`."""

    @flow(name="backtest", persist_result=False)
    def backtest(folder: str, weeks: int = 78, items: int = 200) -> Any:
        """Replay history for the company in `folder`; the answer is the folder of what was found.

        `weeks` is how far back it begins, `items` how many are replayed at most.
        """
        asked: dict[str, Any] = {"weeks": weeks, "items": items, "progress": logging.getLogger("replenish").info}
        return when_due("backtest", folder, lambda: str(run(Path(folder), **asked).folder))

    return backtest


backtest = make()
