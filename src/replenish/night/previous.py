"""The previous run: the newest complete one with an earlier as-of, a declared input like any other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from replenish.tables import core
from replenish.warehouse import Warehouse

BROUGHT = {"plan.proposal": core.PreviousProposal, "plan.exception": core.PreviousException}


def find_previous(house: Warehouse, as_of: date, runs: Path) -> str | None:
    """Id of the previous run whose folder is still there; None on a first night."""
    complete = "select run_id from meta.run where status = 'complete' and as_of < ? order by as_of desc, rowid desc"
    for run_id in house.query(complete, [as_of])["run_id"]:
        if (runs / run_id / "manifest.json").is_file():
            return str(run_id)
    return None


def bring_previous(house: Warehouse, table_of: Callable[[str], pl.DataFrame] | None) -> None:
    """Put the previous run's proposals and exceptions where tonight's steps find them; nothing on a first night.

    `table_of` gives a table of the previous run by its full name.
    """
    for name, table in BROUGHT.items():
        frame = table_of(name) if table_of else table.create_empty()
        house.write(table, frame.select(list(table.columns())))


def published_table(folder: Path) -> Callable[[str], pl.DataFrame]:
    """Reader of a published run's tables by full name."""
    return lambda full_name: pl.read_parquet(folder / f"{full_name.replace('.', '/')}.parquet")
