"""Which file feeds which input table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from replenish.ingest.errors import InputError
from replenish.ingest.presets import PRESETS
from replenish.ingest.presets.guess import likely
from replenish.settings import Source
from replenish.tables.inputs import INPUT_TABLES
from replenish.tables.table import Table

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".parquet", ".xlsx", ".xlsm", ".ods")
WORKBOOKS = (".xlsx", ".xlsm", ".ods")
TABLES: dict[str, type[Table]] = {table.full_name().removeprefix("raw."): table for table in INPUT_TABLES}


@dataclass(frozen=True)
class Claim:
    """One file, or one answer of a database, that feeds one table: through a mapping of the settings, or as it is.

    `content` is the hash of the rows where they, not the bytes of the file at `path`, are what counts.
    """

    path: Path
    file: str
    table: str
    source: Source
    name: str = ""
    content: str = ""

    @property
    def where(self) -> str:
        """The mapping as the settings file calls it."""
        return f"[source.{self.name}]" if self.name else f"the file's name (table {self.table})"


@dataclass(frozen=True)
class Claims:
    """All claims, and what is to be said about files that nobody claims and patterns that find nothing."""

    found: tuple[Claim, ...]
    unclaimed: tuple[tuple[str, str], ...]
    idle: tuple[str, ...]


def claim(inputs: Path, sources: Mapping[str, Source], prefix: str) -> Claims:
    """Pair the files of the inputs folder with tables; `prefix` stands before file names in messages.

    What lies elsewhere is claimed without a look at it. Raises `InputError` when the folder is missing, or a mapping
    names an unknown table or leaves the folder.
    """
    elsewhere = [Claim(Path(), _told(name, one), _known(name, one), one, name) for name, one in _elsewhere(sources)]
    if not inputs.is_dir() and not elsewhere:
        raise InputError(f"{inputs} is not there. Make the folder and put sales and stock files into it.")
    files = _files(inputs)
    mapped: list[Claim] = elsewhere
    idle: list[str] = []
    for name, source in sources.items():
        if (name, source) in _elsewhere(sources):
            continue
        known, hits = _known(name, source), _matching(files, name, source)
        mapped += [Claim(files[file], prefix + file, known, source, name) for file in hits]
        if not hits:
            idle.append(f"[source.{name}]: no file in {inputs.name}/ matches {source.files!r}")
    taken = {each.file for each in mapped}
    free = [file for file in files if prefix + file not in taken]
    named = {file: table for file in free if (table := table_of(file))}
    plain = [Claim(files[file], prefix + file, table, Source(table=table, files=file)) for file, table in named.items()]
    books = {file: found for file in free if file not in named and (found := _tables_in(files[file]))}
    plain += [
        Claim(
            files[file],
            prefix + file,
            sheet.strip().casefold(),
            Source(table=sheet.strip().casefold(), files=file, sheet=sheet),
        )
        for file, found in books.items()
        for sheet in found
    ]
    unclaimed = tuple(
        (prefix + file, _advice(file, files[file])) for file in free if file not in named and file not in books
    )
    return Claims(
        tuple(sorted(mapped + plain, key=lambda one: (one.file, one.table, one.name))), unclaimed, tuple(idle)
    )


def table_of(file: str) -> str | None:
    """The table a file feeds by its folder's or its own name: `sales.csv`, `stock-2026.xlsx`, `sales/week1.parquet`."""
    path = PurePosixPath(file.casefold())
    if not path.name.endswith(SUFFIXES):
        return None
    for folder in reversed(path.parts[:-1]):
        if folder in TABLES:
            return folder
    fitting = [name for name in TABLES if re.match(rf"{name}([_\-. ]|$)", stem_of(path.name))]
    return max(fitting, key=len, default=None)


def _tables_in(path: Path) -> list[str]:
    """Sheets of a workbook that are called like tables."""
    if not path.name.casefold().endswith(WORKBOOKS):
        return []
    from replenish.ingest.sources.xlsx import sheets_of

    return [sheet for sheet in sheets_of(path) if sheet.strip().casefold() in TABLES]


def stem_of(name: str) -> str:
    """`sales` of `sales.csv.gz`."""
    suffix = max((each for each in SUFFIXES if name.casefold().endswith(each)), key=len, default="")
    return name[: len(name) - len(suffix)] if suffix else PurePosixPath(name).stem


def known_tables() -> str:
    """The contract's tables, for messages."""
    return ", ".join(TABLES)


def _elsewhere(sources: Mapping[str, Source]) -> list[tuple[str, Source]]:
    return [(name, source) for name, source in sources.items() if source.connection or source.is_remote]


def _told(name: str, source: Source) -> str:
    """What stands for the file's name: connection and source, or the URL."""
    return f"{source.connection}:{name}" if source.connection else source.files


def _files(inputs: Path) -> dict[str, Path]:
    root = inputs.resolve()
    found = {}
    for path in sorted(inputs.rglob("*")):
        file = path.relative_to(inputs).as_posix()
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(inputs).parts)
        if path.is_file() and not hidden and path.resolve().is_relative_to(root):
            found[file] = path
    return found


def _matching(files: Mapping[str, Path], name: str, source: Source) -> list[str]:
    pattern = PurePosixPath(source.files.replace("\\", "/"))
    if pattern.is_absolute() or ".." in pattern.parts or re.match(r"[A-Za-z]:", source.files):
        raise InputError(
            f"[source.{name}] files = {source.files!r} leaves the inputs folder. Copy the files into the folder, "
            "or set [paths] inputs to the folder they are in."
        )
    return [file for file in files if fits(file, pattern.as_posix())]


def fits(file: str, pattern: str) -> bool:
    """Whether the whole path fits: `*` and `?` stay within a folder, `**` spans folders."""
    if file == pattern:
        return True
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    regex = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return (
        re.fullmatch("".join(regex.get(part, re.escape(part)) for part in parts), file, re.IGNORECASE | re.DOTALL)
        is not None
    )


def _known(name: str, source: Source) -> str:
    if source.preset and source.preset not in PRESETS:
        raise InputError(
            f"[source.{name}] preset = {source.preset!r} is not known. Choose one of: {', '.join(PRESETS)}."
        )
    of_preset = PRESETS[source.preset].table if source.preset else ""
    if of_preset and source.table not in ("", of_preset):
        raise InputError(
            f"[source.{name}]: preset {source.preset} feeds {of_preset}, not {source.table!r}. Leave out table."
        )
    if of_preset:
        return of_preset
    if source.table not in TABLES:
        raise InputError(
            f"[source.{name}] table = {source.table!r} is no input table. Choose one of: {known_tables()}."
        )
    return source.table


def _advice(file: str, path: Path) -> str:
    preset = likely(path, PRESETS)
    if preset:
        told = f'add a [source.*] with preset = "{preset}" and files = "{file}"'
        return f"{file} is not read: it looks like an export of {PRESETS[preset].about}; if it is, {told}"
    close = get_close_matches(stem_of(PurePosixPath(file).name).casefold(), list(TABLES), 1)
    if not file.casefold().endswith(SUFFIXES):
        return f"{file} is not read: only {', '.join(SUFFIXES)} files are"
    rename = f" (did you mean {close[0]}?)" if close else ""
    return f"{file} is not read: its name is no input table's{rename}; rename it or name it in a [source.*] mapping"
