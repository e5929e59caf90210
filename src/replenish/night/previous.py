"""The previous run: the newest complete one with an earlier as-of, a declared input like any other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from replenish.tables import core
from replenish.warehouse import Warehouse

TableOf = Callable[[str], pl.DataFrame]

DECIDED = """
    select distinct proposal_id
    from raw.acknowledge
    where status in ('accepted', 'edited') and coalesce("at" <= ?, true)
"""


def find_previous(house: Warehouse, as_of: date, runs: Path) -> str | None:
    """Id of the previous run whose folder is still there; None on a first night."""
    complete = "select run_id from meta.run where status = 'complete' and as_of < ? order by as_of desc, rowid desc"
    for run_id in house.query(complete, [as_of])["run_id"]:
        if (runs / run_id / "manifest.json").is_file():
            return str(run_id)
    return None


def bring_previous(house: Warehouse, table_of: TableOf | None, as_of: date) -> None:
    """Put the previous run's proposals and exceptions where tonight's steps find them; nothing on a first night.

    `table_of` gives a table of the previous run by its full name. A proposal that was accepted or edited since is
    marked and carried from night to night, so that it counts as on order until the books show it.
    """
    if table_of is None:
        house.write_all(
            (core.PreviousProposal, core.PreviousException),
            (core.PreviousProposal.create_empty(), core.PreviousException.create_empty()),
        )
        return
    decided = house.query(DECIDED, [as_of])["proposal_id"].to_list()
    house.write(core.PreviousProposal, _proposals(table_of, decided))
    house.write(core.PreviousException, table_of("plan.exception").select(list(core.PreviousException.columns())))


def published_table(folder: Path) -> TableOf:
    """Reader of a published run's tables by full name."""
    return lambda full_name: pl.read_parquet(folder / f"{full_name.replace('.', '/')}.parquet")


def _proposals(table_of: TableOf, decided: list[str]) -> pl.DataFrame:
    is_decided = pl.col("proposal_id").is_in(decided)
    columns = [name for name in core.PreviousProposal.columns() if name != "is_decided"]
    last_night = table_of("plan.proposal").select(columns)
    carried = table_of("core.previous_proposal").select(columns).filter(is_decided)
    lines = pl.concat([last_night, carried.join(last_night, on="proposal_id", how="anti")])
    return lines.with_columns(is_decided=is_decided)
