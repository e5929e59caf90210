"""What the newest backtest of this company chose and found: a declared input of the nights after it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

import polars as pl

from replenish.night.facts import NightError
from replenish.tables import core
from replenish.tables.table import Table

FOLDER = "backtest"  # inside the runs folder: a folder each, named by its as-of


FILES: dict[type[Table], str] = {
    core.Tuned: "tuned",
    core.BacktestOutcome: "outcome",
    core.BacktestContest: "contest",
    core.BacktestExchange: "exchange",
    core.BacktestKept: "kept",
    core.BacktestAdvice: "advice",
    core.BacktestReplay: "replay",
}


def newest_backtest(
    runs: Path, as_of: date, carried: Mapping[type[Table], pl.DataFrame]
) -> dict[type[Table], pl.DataFrame]:
    """The tables of the newest backtest up to `as_of`, else what the previous run had from one; empty before the first.

    All come from the same backtest: a table that it did not write is empty. Raises `NightError` when a file of it
    cannot be read.
    """
    done = {day: runs / FOLDER / day.isoformat() for day in _days(runs / FOLDER) if day <= as_of}
    newest = max(done, default=None)
    if newest is None or any(newest < day for day in carried[core.Tuned]["as_of"]):
        return dict(carried)
    return {table: _read(done[newest] / f"{name}.parquet", table) for table, name in FILES.items()}


def _read(file: Path, table: type[Table]) -> pl.DataFrame:
    if not file.exists() and table is not core.Tuned:
        return table.create_empty()  # nothing promised, or a backtest of an older version
    try:
        found = pl.read_parquet(file)
        return table.validate(found.select(table.column_names()), cast=True)
    except (OSError, pl.exceptions.PolarsError, ValueError) as error:
        raise NightError(f"{file} is damaged: run `replenish backtest` again, or move {file.parent} away") from error


def _days(folder: Path) -> list[date]:
    """Days with a backtest that chose something."""
    days = []
    for file in folder.glob("*/tuned.parquet"):
        with suppress(ValueError):
            days.append(date.fromisoformat(file.parent.name))
    return days
