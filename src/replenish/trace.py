"""From a number back to its causes: a node's rows at every station, and what lies behind one proposal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from replenish.night.facts import NightError
from replenish.night.folder import Place
from replenish.night.previous import published_rows
from replenish.publish.atomic import complete_runs
from replenish.tables import core, inputs, plan, proposal
from replenish.tables.table import Table
from replenish.warehouse import quoted

STATIONS = (*core.CORE_TABLES, *plan.PLAN_TABLES, *proposal.PROPOSAL_TABLES)
NODE = ("item_id", "location_id")
BEHIND = ("plan.wish", "plan.order", "plan.target", "plan.parameter", "plan.lead_time", "plan.record", "core.arc")
ROWS_SHOWN = 12


@dataclass(frozen=True)
class Stop:
    """A station on the way, what it is for, and its rows."""

    name: str
    meaning: str
    rows: pl.DataFrame


def newest_run(place: Place) -> Path:
    """Folder of the newest published run. Raises `NightError` when there is none."""
    latest = place.runs / "latest"
    if not (latest / "manifest.json").is_file():
        raise NightError(f"no published run in {place.runs}: `replenish run {place.folder}` makes one")
    return latest.resolve()


def trace(place: Place, item_id: str, location_id: str) -> list[Stop]:
    """The node's rows at every station, from the files' rows to the proposal. Raises `NightError` for no such node."""
    folder = newest_run(place)
    node = {"item_id": _as_loaded(item_id), "location_id": _as_loaded(location_id)}
    if published_rows(folder, "core.node", node).is_empty():
        raise NightError(f"no node {item_id!r} at {location_id!r} in run {folder.name}{_nearest(folder, node)}")
    stops = [*_raw_stops(place, node), *(_stop(folder, table, node) for table in STATIONS)]
    return [stop for stop in stops if not stop.rows.is_empty()]


def explain(place: Place, proposal_id: str) -> list[Stop]:
    """What lies behind one proposal: its line, its numbers, its value curve, and the demand it serves.

    Looks in the newest run that holds the id. Raises `NightError` when no run does.
    """
    folder, line = _find(place, proposal_id)
    node = {name: line[name][0] for name in NODE}
    pegs, roots = (
        published_rows(folder, name, node).filter(_is_peg_of(line)) for name in ("plan.peg", "plan.full_peg")
    )
    stops = [
        Stop("plan.proposal", f"the line, in run {folder.name}", line),
        *(Stop(name, "", published_rows(folder, name, node)) for name in BEHIND),
        Stop("plan.change", "why it is not last night's", published_rows(folder, "plan.change", node)),
        Stop("plan.curve", "what each further pack is worth", published_rows(folder, "plan.curve", node)),
        Stop("plan.peg", "the demand it serves", pegs),
        Stop("plan.full_peg", "whom it serves in the end", roots),
        Stop("plan.promise", "what it promises", published_rows(folder, "plan.promise", {"proposal_id": proposal_id})),
    ]
    return [stop for stop in stops if not stop.rows.is_empty()]


def as_text(stop: Stop) -> str:
    """A stop for the terminal: one row as a list of names and values, several as a table."""
    head = f"\n{stop.name}  ({stop.rows.height} rows)  {stop.meaning}"
    if stop.rows.height == 1:
        row = stop.rows.row(0, named=True)
        return "\n".join([head, *(f"  {name:36} {value}" for name, value in row.items() if value is not None)])
    with pl.Config(tbl_rows=ROWS_SHOWN, tbl_cols=-1, tbl_hide_dataframe_shape=True, tbl_width_chars=200):
        return f"{head}\n{_near_tonight(stop.rows)}"


def _near_tonight(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows nearest to tonight: the last ones of a history, the first ones of a plan."""
    if "bucket_index" not in rows.columns and "date" not in rows.columns:
        return rows.head(ROWS_SHOWN)
    is_future = "bucket_index" in rows.columns and (rows["bucket_index"] > 0).any()
    return rows.head(ROWS_SHOWN) if is_future else rows.tail(ROWS_SHOWN)


def _as_loaded(name: str) -> str:
    """A name as ingest keeps it: blanks for tabs and line breaks, none at the ends."""
    return re.sub(r"[\t\r\n]+", " ", name).strip()


def _find(place: Place, proposal_id: str) -> tuple[Path, pl.DataFrame]:
    newest_run(place)
    for folder in reversed(complete_runs(place.runs)):
        line = published_rows(folder, "plan.proposal", {"proposal_id": proposal_id})
        if not line.is_empty():
            return folder, line
    raise NightError(f"no proposal {proposal_id!r} in any run of {place.runs}")


def _is_peg_of(line: pl.DataFrame) -> pl.Expr:
    order_id = line["existing_order_id"][0]
    if order_id is None:
        return pl.col("supply_kind") == "proposal"
    return (pl.col("supply_kind") == "open_order") & pl.col("supply_id").str.starts_with(order_id)


def _raw_stops(place: Place, node: dict[str, str]) -> Iterator[Stop]:
    with place.open() as house:
        for table in inputs.INPUT_TABLES:
            keys = [name for name in NODE if name in table.columns()]
            if len(keys) == len(NODE):
                where = " and ".join(f"{key} = ${key}" for key in keys)
                rows = house.query(f"select * from {quoted(table.full_name())} where {where} order by all", node)
                yield Stop(table.full_name(), _meaning(table), rows)


def _stop(folder: Path, table: type[Table], node: dict[str, str]) -> Stop:
    if table is plan.Job:
        return Stop(table.full_name(), _meaning(table), _jobs(folder, node))
    keys = {name: value for name, value in node.items() if name in table.columns()}
    name = table.full_name()
    return Stop(name, _meaning(table), published_rows(folder, name, keys) if keys else pl.DataFrame())


def _jobs(folder: Path, node: dict[str, str]) -> pl.DataFrame:
    """Operations of the node's production orders."""
    mine = published_rows(folder, plan.JobOrder.full_name(), node).select("job_id")
    return published_rows(folder, plan.Job.full_name(), {}).join(mine, on="job_id", how="semi")


def _meaning(table: type[Table]) -> str:
    return (table.__doc__ or "").strip().splitlines()[0]


def _nearest(folder: Path, node: dict[str, str]) -> str:
    item_at = published_rows(folder, "core.node", {"item_id": node["item_id"]})
    places = ", ".join(item_at["location_id"].head(5))
    return f"; {node['item_id']!r} is at {places}" if places else "; no such item at all"
