"""Where a figure comes from: every table of the line with the SQL that makes it, what it reads, and the files it is in.

SQL is read as text, so that a report needs no database: names of tables stand in it as `layer.table`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from replenish.tables import core, inputs, meta, plan, proposal, reject
from replenish.tables.table import Table

LAYERS = ("mart", "plan", "core", "meta", "staging", "raw")  # from the figure back to the file
INLINE_LINES = 24  # SQL up to this length is shown beside its figure

_WRITTEN = ("mart", "core", "staging", "meta")  # layers made by SQL
_NOISE = re.compile(r"--[^\n]*|'(?:[^']|'')*'")
_NAME = re.compile(rf"\b({'|'.join(LAYERS)})\.\"?([a-z][a-z0-9_]*)")
_DICTIONARY: tuple[type[Table], ...] = (
    *inputs.INPUT_TABLES,
    reject.Reject,
    *core.CORE_TABLES,
    *plan.PLAN_TABLES,
    *proposal.PROPOSAL_TABLES,
    *meta.META_TABLES,
)


@dataclass(frozen=True)
class Origin:
    """One table: `layer.name`, what a row of it is, its SQL if it has one, the tables it reads, the files it is in."""

    name: str
    about: str
    text: str | None
    reads: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def layer(self) -> str:
        """`mart` of `mart.kpi`."""
        return self.name.split(".", 1)[0]

    @property
    def is_short(self) -> bool:
        """Whether its SQL is shown beside a figure without flooding the page."""
        return self.text is not None and self.text.count("\n") < INLINE_LINES


def lineage(sql: Path, files: Mapping[str, Sequence[str]] | None = None) -> dict[str, Origin]:
    """Every table by full name, in the order of `LAYERS`, then by name.

    `files` tells which files of the run's folder carry a table; where it is not given, `layer/name.parquet` for what
    a run publishes.
    """
    texts = {f"{layer}.{file.stem}": _text(file) for layer in _WRITTEN for file in (sql / layer).glob("*.sql")}
    told = {table.full_name(): " ".join((table.__doc__ or "").split()) for table in _DICTIONARY}
    names = sorted({*texts, *told}, key=lambda name: (LAYERS.index(name.split(".")[0]), name))
    where = _usual_files(names) if files is None else files
    reads = {name: reads_of(texts[name], names) - {name} if name in texts else set() for name in names}
    return {
        name: Origin(
            name,
            about_of(texts[name]) if name in texts else told[name],
            texts.get(name),
            tuple(sorted(reads[name])),
            (*where.get(name, ()), *_namesakes(name, reads[name], where)),
        )
        for name in names
    }


def reads_of(text: str, names: Sequence[str]) -> set[str]:
    """Tables of `names` that a select mentions."""
    found = _NAME.findall(_NOISE.sub(" ", text))
    return {f"{layer}.{name}" for layer, name in found} & set(names)


def about_of(text: str) -> str:
    """The sentences above a select."""
    head = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--")]
    return " ".join(head)


def readers(origins: Mapping[str, Origin]) -> dict[str, list[str]]:
    """Tables by the table they read: the way from a file to the figures made of it."""
    found: dict[str, list[str]] = {name: [] for name in origins}
    for origin in origins.values():
        for name in origin.reads:
            found[name].append(origin.name)
    return found


def _namesakes(name: str, reads: set[str], where: Mapping[str, Sequence[str]]) -> list[str]:
    """Files for people (CSV) of the plan table that a mart table of the same name shows."""
    twin = f"plan.{name.split('.', 1)[1]}"
    return [file for file in where.get(twin, ()) if file.endswith(".csv")] if twin in reads else []


def _usual_files(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {name: (f"{name.replace('.', '/')}.parquet",) for name in names if not name.startswith(("staging", "raw"))}


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()
