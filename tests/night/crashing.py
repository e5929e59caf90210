"""Nights of a small company that end before their time, and what must be true of its folder whatever happened."""

from __future__ import annotations

import filecmp
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from replenish.night.run import run_folder
from replenish.publish import manifest
from replenish.share import share_path
from tests.night import small

STAGES = ("ingest", "core", "demand", "forecast", "order", "produce", "propose", "prove", "publish")
SETTINGS = '[forecast]\nmembers = "light"\n\n[compute]\nworkers = 1\n\n[ingest]\nmax_reject_share = 0.5\n'
NIGHTS = 4
COMMAND = (sys.executable, "-c", "from replenish.cli import main; main()")


def write_company(folder: Path) -> Path:
    """A company without sales and stock yet: every night hands in some."""
    tables = small.frames()
    return small.write_folder(
        folder, {name: tables[name] for name in ("item", "location", "sourcing", "bom")}, SETTINGS
    )


def hand_in(company: Path, night: int) -> None:
    """What comes in before a night: a further week of sales, a new stock file, and, later, answers and a correction.

    The second night finds a file with broken rows, the third a corrected one, the fourth an accepted proposal.
    """
    tables = small.frames()
    last = small.LAST_DAY - timedelta(days=7 * (NIGHTS - 1 - night))
    sales = tables["sales"].filter(pl.col("date") <= last)
    if night:
        sales = sales.filter(pl.col("date") > last - timedelta(days=7))
    stock = tables["stock"].with_columns(date=pl.lit(last), on_hand_qty=pl.col("on_hand_qty") + night)
    text = sales.write_csv()
    if night == 1:
        text += "not a day,tea,north,3\n2026-11-01,tea,north,many\n"
    _put(company, f"sales_{night}.csv", text)
    _put(company, f"stock_{night}.csv", stock.write_csv())
    if night == 2:
        first = tables["sales"].filter(pl.col("date") <= last - timedelta(days=14))
        _put(company, "sales_0.csv", first.with_columns(qty=pl.col("qty") + (pl.col("item_id") == "jam")).write_csv())
    if night == 3:
        lines = pl.read_csv(company / "runs" / "latest" / "proposals" / "proposals.csv")
        taken = lines.filter(pl.col("action") == "NEW").head(1).select("proposal_id", "qty", date="receipt_date")
        _put(company, "acknowledge.csv", taken.with_columns(status=pl.lit("accepted"), at=pl.lit(last)).write_csv())


def plan(company: Path) -> None:
    """A night that is left alone."""
    run_folder(company)


def stage_seconds(company: Path) -> dict[str, float]:
    """Seconds a stage took at most, over the nights so far."""
    logs = sorted((company / ".replenish" / "timings").glob("*.json"))
    rows = [row for log in logs for row in json.loads(log.read_text())]
    return {stage: max(row["seconds"] for row in rows if row["stage"] == stage) for stage in STAGES}


def kill_in(company: Path, stage: str, wait: float) -> str:
    """`replenish run`, killed so many seconds into a stage; the answer is how the process ended."""
    with subprocess.Popen([*COMMAND, "run", str(company)], env=environment(), stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr is not None
        begun = any(line.startswith(f"{stage} ...") for line in run.stderr)
        if begun:
            time.sleep(wait)
            os.kill(run.pid, signal.SIGKILL)
        code = run.wait()
    return {0: "finished", -signal.SIGKILL: "killed"}.get(code, f"ended with {code}")


def run(company: Path, **asked: Any) -> subprocess.CompletedProcess[str]:
    """`replenish run` to its end; `asked` goes to the process."""
    command = [*COMMAND, "run", str(company)]
    return subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, **asked)


def environment() -> dict[str, str]:
    """This process's own, with the sources of this checkout."""
    source = str(share_path("sql").parent / "src")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([source, os.environ.get("PYTHONPATH", "")])}


def check(company: Path) -> None:
    """Every run one can see is whole, every row of every load is there once, and none is without a load."""
    runs = company / "runs"
    visible = [one for one in runs.iterdir() if not one.name.startswith(".")] if runs.exists() else []
    for folder in visible:
        assert manifest.verify(folder) == [], folder
    latest = runs / "latest"
    assert not latest.is_symlink() or (latest / "manifest.json").is_file()
    file = company / ".replenish" / "warehouse.duckdb"
    if file.exists():
        with duckdb.connect(str(file)) as house:
            _check_rows(house)


def _check_rows(house: duckdb.DuckDBPyConnection) -> None:
    found = house.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    if ("meta", "load") not in found:
        return
    columns = "load_id, table_name, row_count, loaded_count, rejected_count"
    loads = house.execute(f"select {columns} from meta.load").fetchall()
    for load_id, table, rows, loaded, rejected in loads:
        assert rows == loaded + rejected
        count = f'select count(*), count(distinct _row) from raw."{table}" where _load_id = ?'
        assert house.execute(count, [load_id]).fetchone() == (loaded, loaded)
        told = house.execute("select count(*) from raw.reject where load_id = ?", [load_id]).fetchone()
        assert told == (rejected,)
    known = {load_id for load_id, *_ in loads}
    for table in {name for schema, name in found if schema == "raw"} - {"reject"}:
        assert {one for (one,) in house.execute(f'select distinct _load_id from raw."{table}"').fetchall()} <= known


def differing(one: Path, other: Path) -> list[str]:
    """Files that differ between two folders of runs, as relative names; both must hold the same."""
    names = [sorted(str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()) for root in (one, other)]
    only = sorted(set(names[0]) ^ set(names[1]))
    _, mismatch, errors = filecmp.cmpfiles(one, other, set(names[0]) & set(names[1]), shallow=False)
    return only + mismatch + errors


def undisturbed(folder: Path, before: Callable[[Path, int], None] = hand_in) -> Path:
    """The company after all its nights, each of them left alone."""
    company = write_company(folder)
    for night in range(NIGHTS):
        before(company, night)
        plan(company)
    return company


def _put(company: Path, name: str, text: str) -> None:
    (company / "inputs" / name).write_text(text)
