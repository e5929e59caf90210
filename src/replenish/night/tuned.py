"""The one dial that the newest backtest chose for this company: a declared input of the nights after it."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

import polars as pl

from replenish.night.facts import NightError
from replenish.tables import core

FOLDER = "backtest"  # inside the runs folder: a folder each, named by its as-of


def newest_tuned(runs: Path, as_of: date, carried: pl.DataFrame) -> pl.DataFrame:
    """What the newest backtest up to `as_of` chose, else what the previous run had from one; empty before the first.

    Raises `NightError` when the file of the newest backtest cannot be read.
    """
    done = {day: runs / FOLDER / day.isoformat() for day in _days(runs / FOLDER) if day <= as_of}
    newest = max(done, default=None)
    if newest is None or any(newest < day for day in carried["as_of"]):
        return carried
    file = done[newest] / "tuned.parquet"
    try:
        found = pl.read_parquet(file)
        return core.Tuned.validate(found.select(core.Tuned.column_names()), cast=True)
    except (OSError, pl.exceptions.PolarsError, ValueError) as error:
        raise NightError(f"{file} is damaged: run `replenish backtest` again, or move {done[newest]} away") from error


def _days(folder: Path) -> list[date]:
    """Days with a backtest that chose something."""
    days = []
    for file in folder.glob("*/tuned.parquet"):
        with suppress(ValueError):
            days.append(date.fromisoformat(file.parent.name))
    return days
