"""Answers to proposals, read from a file of an ERP or a person, and laid beside the inputs for the nights to come."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl

from replenish.ingest.quarantine import Sifted
from replenish.ingest.rows import ROW
from replenish.night import answer_files as files
from replenish.night import answers
from replenish.night.folder import Place
from replenish.publish import atomic
from replenish.warehouse import Warehouse

STATUSES = ("accepted", "edited", "rejected", "expired")
NAMED = 5  # columns left out that are named
SHOWN, WIDEST = 10, 200  # rows, and characters of an id or reason, of those refused; the file of refused rows has all


@dataclass(frozen=True)
class Acknowledged:
    """What became of a file of answers: rows in = taken + known + without answer + repeated + refused."""

    file: Path
    row_count: int
    taken: pl.DataFrame
    known_count: int
    blank_count: int
    repeated_count: int
    refused: pl.DataFrame
    notes: tuple[str, ...]
    runs: list[dict[str, Any]] = field(default_factory=list)
    written: Path | None = None
    refused_file: Path | None = None

    def as_data(self) -> dict[str, Any]:
        """The summary for machines."""
        by_status = dict(self.taken.group_by("status").len().sort("status").iter_rows())
        return {
            "file": str(self.file),
            "rows": self.row_count,
            "taken": self.taken.height,
            "taken_by_status": by_status,
            "known_before": self.known_count,
            "without_answer": self.blank_count,
            "repeated": self.repeated_count,
            "refused": self.refused.height,
            "refused_rows": self.refused.to_dicts(),
            "notes": list(self.notes),
            "runs": self.runs,
            "written": str(self.written) if self.written else None,
            "refused_file": str(self.refused_file) if self.refused_file else None,
        }

    def text(self) -> str:
        """The summary for people."""
        parts = [
            f"{self.taken.height:,} taken",
            f"{self.known_count:,} known before",
            f"{self.refused.height:,} refused",
        ]
        parts += [f"{self.blank_count:,} without an answer"] if self.blank_count else []
        parts += [f"{self.repeated_count:,} repeated"] if self.repeated_count else []
        lines = [f"{self.file}: {self.row_count:,} rows in = {' + '.join(parts)}"]
        lines += [_run_text(run) for run in self.runs]
        lines += [f"note: {one}" for one in self.notes]
        told = self.refused.head(SHOWN).iter_rows(named=True)
        lines += [_refused_text(one["row"], one["proposal_id"] or "no id", one["reason"]) for one in told]
        lines += [f"written    {self.written}"] if self.written else []
        lines += [f"refused    {self.refused_file}"] if self.refused_file else []
        return "\n".join(lines)


def acknowledge(place: Place, file: Path) -> Acknowledged:
    """Take the answers in `file`: checked against the published runs, and written once beside the inputs.

    The same file twice changes nothing. Raises `InputError` when the file cannot be read as answers, `NightError` when
    nothing was published yet, `BusyError` when a run is working.
    """
    with place.lock("ack"), tempfile.TemporaryDirectory() as temp, Warehouse() as house:
        files.check_place(place, file)
        rows, sifted = files.read_answers(house, file, Path(temp))
        known = files.known_answers(house, place, Path(temp))
        found = sifted.good.rename({ROW: answers.ROW})
        doubtful = files.contradicting(rows, sifted, found)
        found = found.filter(~pl.col("proposal_id").is_in(doubtful["proposal_id"].to_list()))
        found = answers.as_before(answers.plain(found), known)
        lines, ids = files.published(place, found)
        judged = answers.judge(found, lines, known, ids)
        refused = pl.concat([files.unread(rows, sifted, doubtful), doubtful, judged.refused]).sort("row")
        new = answers.as_input(judged.taken)
        latest = pl.concat([known, new]).unique("proposal_id", keep="last", maintain_order=True)
        return Acknowledged(
            file=file,
            row_count=sifted.row_count,
            taken=judged.taken,
            known_count=judged.known.height,
            blank_count=_count(sifted, "only"),
            repeated_count=_count(sifted, "duplicate"),
            refused=refused,
            notes=(*_reading(sifted), *judged.notes, *_late(place, judged.taken)),
            runs=_by_run(place, pl.concat([judged.taken, judged.known]), latest),
            written=files.write_input(place, new) if new.height else None,
            refused_file=files.write_refused(place, file, refused) if refused.height else None,
        )


def _refused_text(row: int, name: str, reason: str) -> str:
    short, why = (text if len(text) <= WIDEST else f"{text[:WIDEST]}..." for text in (name, reason))
    return f"refused: row {row} ({short}): {why}"


def _count(sifted: Sifted, rule: str) -> int:
    return sifted.rejected.filter(pl.col("rule") == rule, pl.col("is_set_aside")).height


def _reading(sifted: Sifted) -> Iterator[str]:
    yield from sifted.warnings
    if sifted.ignored:
        rest = f" and {len(sifted.ignored) - NAMED} more" if len(sifted.ignored) > NAMED else ""
        yield f"columns that are no part of an answer are left out: {', '.join(sifted.ignored[:NAMED])}{rest}"


def _late(place: Place, taken: pl.DataFrame) -> Iterator[str]:
    newest = atomic.newest(place.runs)
    morning = files.night_of(newest) + timedelta(days=1) if newest else None
    if morning and (late := answers.later_than(taken, morning)):
        yield f"{late:,} answers are dated after {morning}: nights with an earlier as-of do not know of them"


def _by_run(place: Place, told: pl.DataFrame, latest: pl.DataFrame) -> list[dict[str, Any]]:
    """What was answered of every run the file speaks of, and what of it is still unanswered."""
    runs = []
    for run_id in sorted(told["run_id"].unique()):
        night = files.night_of(Path(run_id))
        lines, given = files.lines_of(place.runs / run_id, night), answers.since(latest, night)
        answered = lines.join(given.select("proposal_id", "status"), on="proposal_id", how="inner")
        open_lines = answers.unanswered(lines, given, run_id)
        by_status = {name: _sums(answered.filter(pl.col("status") == name)) for name in STATUSES}
        runs.append({"run_id": run_id, **by_status, "unanswered": _sums(open_lines), "adoption_rate": _rate(answered)})
    return runs


def _sums(lines: pl.DataFrame) -> dict[str, Any]:
    return {"lines": lines.height, "value": round(float(lines["value"].sum()), 2)}


def _rate(answered: pl.DataFrame) -> float | None:
    """Share of the answered value that was accepted unchanged; of the lines where there is no money."""
    weight = answered["value"].fill_null(0.0) if answered["value"].sum() else pl.Series([1.0] * answered.height)
    whole = float(weight.sum())
    return float(weight.filter(answered["status"] == "accepted").sum()) / whole if whole else None


def _run_text(run: dict[str, Any]) -> str:
    parts = [f"{run[name]['lines']:,} {name}" for name in STATUSES if run[name]["lines"]]
    rate = "" if run["adoption_rate"] is None else f"; adoption {run['adoption_rate']:.0%} of the value answered"
    rest = run["unanswered"]
    return f"run {run['run_id']}: {', '.join(parts)}{rate}; {rest['lines']:,} unanswered worth {rest['value']:,.2f}"
