"""Load a folder of files, or frames handed over in memory: all of it or nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from replenish.ingest import store
from replenish.ingest.claim import TABLES, Claim, Claims, claim, known_tables
from replenish.ingest.errors import InputError
from replenish.ingest.mapping import wanted_columns
from replenish.ingest.presets import PRESETS
from replenish.ingest.quarantine import Sifted, sift
from replenish.ingest.remote import fetched
from replenish.ingest.result import LoadResult
from replenish.ingest.rows import FileRows
from replenish.ingest.sources import read
from replenish.ingest.sources.frame import content_of, rows_of
from replenish.settings import Settings, Source
from replenish.tables.inputs import REQUIRED_TABLES
from replenish.warehouse import Warehouse

_CHUNK = 1 << 22
_TEMP = "ingest-"


@dataclass(frozen=True)
class _Input:
    """One claim, the hash of what it would load, and how to get its rows."""

    claim: Claim
    sha256: str
    rows: Callable[[], FileRows]

    @property
    def load_id(self) -> str:
        """The same table, file, content and mapping give the same id."""
        return _hash(self.claim.table, self.claim.file, self.sha256)[:16]


def load_folder(warehouse: Warehouse, folder: Path, settings: Settings) -> list[LoadResult]:
    """Bring `raw.*` in line with the inputs of a company folder; files already loaded stay as they are.

    One result a file and table, sorted, then removed and unread files. Raises `InputError` with the file and what to
    do, and leaves the warehouse as it was.
    """
    inputs, state = folder / settings.paths.inputs, folder / settings.paths.state
    prefix = settings.paths.inputs.strip("/") + "/" if settings.paths.inputs not in ("", ".") else ""
    claims = claim(inputs, settings.source, prefix)
    state.mkdir(parents=True, exist_ok=True)
    for left_over in state.glob(f"{_TEMP}*"):
        shutil.rmtree(left_over, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=state, prefix=_TEMP) as temp:
        passing, elsewhere = Path(temp, "passing"), Path(temp, "elsewhere")
        passing.mkdir()
        elsewhere.mkdir()
        here = fetched(claims.found, settings, folder, elsewhere)
        found = [_file_input(warehouse, each, passing, settings.calendar.time_zone) for each in here]
        results = _load(warehouse, found, settings, partial(_remedy, settings, claims))
    results += [LoadResult("", file, "ignored", warnings=(why,)) for file, why in claims.unclaimed]
    return results + [LoadResult("", settings.paths.inputs, "ignored", warnings=(why,)) for why in claims.idle]


def load_frames(warehouse: Warehouse, sources: Mapping[str, Any], settings: Settings) -> list[LoadResult]:
    """Bring `raw.*` in line with frames by table name: polars, pandas, pyarrow, or lists of dicts.

    Columns go by the contract's names. Same promises and errors as `load_folder`.
    """
    found = []
    for table, data in sources.items():
        if table not in TABLES:
            raise InputError(f"{table!r} is no input table. Choose one of: {known_tables()}.")
        rows = rows_of(table, data)
        source = Source(table=table, files=f"<frame {table}>")
        each = Claim(Path(), source.files, table, source)
        found.append(_Input(each, _hash(content_of(rows.frame)), partial(_as_they_are, rows)))
    return _load(warehouse, found, settings, lambda table: f"Hand over rows of it as sources[{table!r}].")


def _as_they_are(rows: FileRows) -> FileRows:
    return rows


def _load(
    warehouse: Warehouse, found: list[_Input], settings: Settings, remedy: Callable[[str], str]
) -> list[LoadResult]:
    results: list[LoadResult] = []
    with warehouse.transaction():
        store.prepare(warehouse)
        before = store.loads(warehouse)
        limit = settings.ingest.max_reject_share
        now = {each.load_id: each for each in found}
        stale = {
            key: load
            for key, load in before.items()
            if key not in now or _share(load) > limit or _is_outdated(load, now[key])
        }
        for load in stale.values():
            store.remove(warehouse, load)
        for load_id, each in now.items():
            if load_id in before and load_id not in stale:
                results.append(_unchanged(before[load_id]))
            else:
                results.append(_load_one(warehouse, each, settings))
        _require(warehouse, remedy)
    files = {(each.claim.table, each.claim.file) for each in found}
    gone = [load for load in stale.values() if (load["table_name"], load["file"]) not in files]
    return results + [_removed(load) for load in gone]


def _load_one(warehouse: Warehouse, each: _Input, settings: Settings) -> LoadResult:
    limit = settings.ingest.max_reject_share
    sifted = sift(each.rows(), each.claim, settings.calendar.time_zone)
    set_aside = int(sifted.rejected["is_set_aside"].sum())
    load: dict[str, Any] = {
        "load_id": each.load_id,
        "table_name": each.claim.table,
        "file": each.claim.file,
        "sha256": each.sha256,
        "row_count": sifted.row_count,
        "loaded_count": sifted.good.height,
        "rejected_count": sifted.rejected.height,
        "set_aside_count": set_aside,
        "ignored_columns": ", ".join(sifted.ignored) or None,
    }
    if _share(load) > limit:
        raise InputError(_too_many(load, sifted, limit))
    store.add(warehouse, load, sifted)
    empty = (f"{each.claim.file} has no rows",) if sifted.row_count == 0 else ()
    return _result(load, "loaded").with_warnings(*(f"{each.claim.file}: {one}" for one in sifted.warnings), *empty)


def _too_many(load: dict[str, Any], sifted: Sifted, limit: float) -> str:
    broken = sifted.rejected.filter(~sifted.rejected["is_set_aside"])
    samples = "; ".join(
        f"row {one['row']}, {one['column'] or 'whole row'}: {one['rule']} ({_shown(one['value'])})"
        for one in broken.head(3).to_dicts()
    )
    return (
        f"{load['file']}: {broken.height:,} of {load['row_count']:,} rows break the contract of {load['table_name']} "
        f"({_share(load):.1%}, more than max_reject_share {limit:.1%}). The first: {samples}. "
        "Correct the file, map it in [source.*], or raise [ingest] max_reject_share."
    )


def _shown(value: str | None) -> str:
    return "empty" if value is None else ascii(value[:60])


def _require(warehouse: Warehouse, remedy: Callable[[str], str]) -> None:
    for table in REQUIRED_TABLES:
        name = table.full_name().removeprefix("raw.")
        if not store.row_count(warehouse, name):
            raise InputError(f"No row of the required table {name} was loaded. {remedy(name)}")


def _remedy(settings: Settings, claims: Claims, table: str) -> str:
    """What to do about a table without rows, and which files or mappings were perhaps meant to feed it."""
    mappings = tuple(f"[source.{key}]" for key, source in settings.source.items() if source.table == table)
    idle = [one for one in claims.idle if one.startswith(mappings)] if mappings else []
    unread = [why for _, why in claims.unclaimed][:5]
    return (
        f"Put {table}.csv (or .parquet, .xlsx) with rows into {settings.paths.inputs}/, or name its file in a "
        f'[source.*] mapping with table = "{table}".' + "".join(f" {one}." for one in (*idle, *unread))
    )


def _is_outdated(load: Mapping[str, Any], each: _Input) -> bool:
    """Whether an older version kept a column out that the contract now has, and the mapping does not fill."""
    kept_out = set((load["ignored_columns"] or "").split(", "))
    source = each.claim.source
    return bool(kept_out & TABLES[each.claim.table].columns().keys() - source.columns.keys() - source.constants.keys())


def _share(load: Mapping[str, Any]) -> float:
    """Rows that broke the contract as a share of rows in."""
    return float((load["rejected_count"] - load["set_aside_count"]) / max(load["row_count"], 1))


def _unchanged(load: Mapping[str, Any]) -> LoadResult:
    return _result(load, "unchanged")


def _removed(load: Mapping[str, Any]) -> LoadResult:
    return LoadResult(load["table_name"], load["file"], "removed", loaded_count=load["loaded_count"])


def _result(load: Mapping[str, Any], status: Any) -> LoadResult:
    counts = {name: int(load[name]) for name in ("row_count", "loaded_count", "rejected_count", "set_aside_count")}
    ignored = load["ignored_columns"]
    warnings = (
        (f"{load['file']}: columns kept out, not in the contract of {load['table_name']}: {ignored}",)
        if ignored
        else ()
    )
    return LoadResult(load["table_name"], load["file"], status, **counts, warnings=warnings)


def _file_input(warehouse: Warehouse, each: Claim, temp: Path, time_zone: str) -> _Input:
    wanted = wanted_columns(each)
    told = each.source.model_dump(mode="json", exclude={"files", "connection", "query"})
    mapping = json.dumps([told, repr(PRESETS.get(each.source.preset)), time_zone], sort_keys=True)
    try:
        content = each.content or _hash_of_file(each.path)
    except OSError as error:
        raise InputError(
            f"{each.file} cannot be read: {error.strerror}. Check that it is there and readable."
        ) from error
    return _Input(each, _hash(content, mapping), lambda: _read(warehouse, each, wanted, temp))


def _read(warehouse: Warehouse, each: Claim, wanted: set[str], temp: Path) -> FileRows:
    for passing in temp.iterdir():
        passing.unlink()
    return read(warehouse, each, wanted, temp)


def _hash_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
