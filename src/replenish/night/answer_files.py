"""Files of answers: read with the readers of the inputs, and laid beside the inputs for the nights to come."""

from __future__ import annotations

import hashlib
import os
import tempfile
from datetime import date
from pathlib import Path

import polars as pl

from replenish.ingest import InputError
from replenish.ingest.claim import Claim, claim
from replenish.ingest.headings import find_heading
from replenish.ingest.mapping import wanted_columns
from replenish.ingest.quarantine import Sifted, sift
from replenish.ingest.rows import ROW, FileRows
from replenish.ingest.sources import read
from replenish.night import answers
from replenish.night.facts import NightError
from replenish.night.folder import Place
from replenish.night.past_lines import KEPT_DAYS
from replenish.night.previous import published_rows
from replenish.publish import atomic
from replenish.publish.generic import write_csv
from replenish.publish.tables import write_parquet
from replenish.settings import Source
from replenish.tables.inputs import Acknowledge
from replenish.warehouse import Warehouse

TABLE = "acknowledge"
_RULES = {
    "required": "is missing",
    "number": "is no number",
    "date": "is no date",
    "min": "must not be negative",
    "max": "is too large",
    "regex": "must be accepted, edited, rejected or expired",
}


def check_place(place: Place, file: Path) -> None:
    inputs = (place.folder / place.settings.paths.inputs).resolve()
    if file.is_dir():
        raise InputError(f"{file} is a folder. Name a csv, xlsx or parquet file with proposal_id and status.")
    if not file.is_file():
        raise InputError(f"{file} is not there. Name a csv, xlsx or parquet file with proposal_id and status.")
    if file.resolve().is_relative_to(inputs):
        raise InputError(f"{file} lies in the inputs folder, which every night reads as it is: keep it elsewhere.")


def read_answers(house: Warehouse, file: Path, temp: Path) -> tuple[FileRows, Sifted]:
    """Rows of the file, those without a status set aside; where it has no `date`, its `receipt_date` counts."""
    plain = Claim(file, str(file), TABLE, Source(table=TABLE, files=file.name))
    rows = read(house, plain, {*wanted_columns(plain), "receipt_date"}, temp)
    status, has_date = find_heading(rows.columns, "status"), find_heading(rows.columns, "date")
    if status is None:
        raise InputError(
            f"{file} has no column status; it has {', '.join(rows.columns)}. "
            "Write accepted, edited, rejected or expired into a column of that name."
        )
    columns = {"date": "receipt_date"} if not has_date and find_heading(rows.columns, "receipt_date") else {}
    source = Source(table=TABLE, files=file.name, only=f"\"{status}\" <> ''", columns=columns)
    return rows, sift(rows, Claim(file, str(file), TABLE, source))


def contradicting(rows: FileRows, sifted: Sifted, found: pl.DataFrame) -> pl.DataFrame:
    """Rows that contradict each other on one proposal, the first of them too, which the reader would keep."""
    later = sifted.rejected.filter(pl.col("rule") == "duplicate_key").select("row", proposal_id="value")
    first = found.filter(pl.col("proposal_id").is_in(later["proposal_id"].to_list())).select("row", "proposal_id")
    all_rows = pl.concat([first, later]).sort("row")
    named = pl.col("row").cast(pl.String).str.join(", ").over("proposal_id")
    reason = pl.format("rows {} give different answers: keep one of them", named)
    return all_rows.select("row", "proposal_id", column=pl.lit("proposal_id"), reason=reason)


def unread(rows: FileRows, sifted: Sifted, doubtful: pl.DataFrame) -> pl.DataFrame:
    """Rows that break the contract, in words."""
    broken = sifted.rejected.filter(~pl.col("is_set_aside"), ~pl.col("row").is_in(doubtful["row"].to_list()))
    heading = find_heading(rows.columns, "proposal_id") or ""
    ids = rows.frame.select(row=ROW, proposal_id=pl.col(heading).cast(pl.String))
    column, value = pl.col("column").fill_null("the row"), pl.col("value").fill_null("empty")
    rule = pl.col("rule").replace_strict(
        _RULES, default=pl.format("breaks the rule {}", "rule"), return_dtype=pl.String
    )
    return broken.join(ids, on="row", how="left", maintain_order="left").select(
        "row", "proposal_id", column=column, reason=pl.format("{} {} ({})", column, rule, value)
    )


def published(place: Place, found: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    """Published lines that the answers may be about, and the ids of the newest run.

    Looked for from the newest run back, no further than every answer needs and half a year.
    """
    runs = [(folder, night_of(folder)) for folder in reversed(atomic.complete_runs(place.runs))]
    if not runs:
        raise NightError(f"no published run in {place.runs}: there is nothing to answer yet")
    wanted = found.select("proposal_id", named="run_id", day="at")
    parts, ids = [], lines_of(*runs[0])["proposal_id"].to_list()
    for folder, night in runs:
        if wanted.is_empty() or (runs[0][1] - night).days > KEPT_DAYS:
            break
        here = lines_of(folder, night).filter(pl.col("proposal_id").is_in(wanted["proposal_id"].to_list()))
        parts.append(here)
        is_here = pl.col("proposal_id").is_in(here["proposal_id"].to_list())
        is_it = (
            pl.when(pl.col("named").is_not_null())
            .then(pl.col("named") == folder.name)
            .otherwise((pl.col("day") > night).fill_null(True))
        )
        wanted = wanted.filter(~(is_here & is_it))
    return pl.concat(parts) if parts else lines_of(*runs[0]).clear(), ids


def lines_of(folder: Path, night: date) -> pl.DataFrame:
    rows = published_rows(folder, "plan.proposal", {})
    return rows.with_columns(night_date=pl.lit(night)).select(answers.LINE)


def night_of(folder: Path) -> date:
    return date.fromisoformat(folder.name[: len("2026-01-31")])


def known_answers(house: Warehouse, place: Place, temp: Path) -> pl.DataFrame:
    """Answers that lie among the inputs, of two to one proposal the one that counts, as the nights read them."""
    prefix = place.settings.paths.inputs.strip("/") + "/"
    claims = claim(place.folder / place.settings.paths.inputs, place.settings.source, prefix).found
    ours = sorted((one for one in claims if one.table == TABLE), key=lambda one: one.file)
    parts = [sift(read(house, each, wanted_columns(each), temp), each).good.drop(ROW) for each in ours]
    return pl.concat([Acknowledge.create_empty(), *parts]).unique("proposal_id", keep="last", maintain_order=True)


def write_input(place: Place, new: pl.DataFrame) -> Path:
    """One file more, whole or not at all; its name begins with its place in the order in which answers count."""
    folder = place.folder / place.settings.paths.inputs / TABLE
    folder.mkdir(parents=True, exist_ok=True)
    for left_over in folder.glob(".*.unfinished"):  # of a command that was killed
        left_over.unlink()
    handle, passing = tempfile.mkstemp(prefix=".", suffix=".unfinished", dir=folder)
    os.close(handle)
    try:
        write_parquet(Path(passing), new)
        content = Path(passing).read_bytes()
        number = 1 + max((int(one.name[:6]) for one in folder.glob("[0-9]" * 6 + "-*")), default=0)
        target = folder / f"{number:06d}-{hashlib.sha256(content).hexdigest()[:12]}.parquet"
        Path(passing).chmod(0o644)
        _sync(Path(passing))
        Path(passing).replace(target)
        _sync(folder)
    finally:
        Path(passing).unlink(missing_ok=True)
    return target


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_refused(place: Place, file: Path, refused: pl.DataFrame) -> Path:
    """All refused rows with their reasons, safe to open in a spreadsheet; the same file again replaces its own."""
    folder = place.state / "refused_answers"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{hashlib.sha256(file.read_bytes()).hexdigest()[:12]}.csv"
    write_csv(target, refused)
    return target
