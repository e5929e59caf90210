"""The manifest of a run's folder: a Frictionless Data Package (v2) that describes and checksums every file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from replenish.publish.dialects import column_of, columns_of
from replenish.publish.erp_file import Column
from replenish.publish.files import CSV_FILES, MOMENT
from replenish.publish.schemas import may_be_empty
from replenish.tables import core, meta, plan, proposal, reject
from replenish.tables.table import Table

NAME = "manifest.json"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_BLOCK = 1 << 20
_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
}
_NO_TABLES = (".parquet", ".json")
_PUBLISHED: tuple[type[Table], ...] = (
    *core.CORE_TABLES,
    *plan.PLAN_TABLES,
    *proposal.PROPOSAL_TABLES,
    *meta.META_TABLES,
    reject.Reject,
)
_TABLES = {table.full_name(): table for table in _PUBLISHED}
_NOTE = (
    "In CSV files a text that begins with = + - @ tab or carriage return carries a single quote (') before it, so that "
    "no spreadsheet runs it as a formula. Parquet files carry the plain text, and so do keys in the files of an ERP's "
    "own folder, which it must find again as they are."
)


def write(folder: Path, facts: Mapping[str, object]) -> None:
    """Describe every file in the folder; `facts` (at least run_id) stand beside the standard's words."""
    files = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    told = {
        "$schema": _PROFILE,
        "name": str(facts["run_id"]).lower(),
        "description": _NOTE,
        **facts,
        "resources": [_resource(folder, name) for name in files if name != NAME],
    }
    (folder / NAME).write_text(json.dumps(told, indent=1, ensure_ascii=False, sort_keys=False) + "\n", encoding="utf-8")


def read(folder: Path) -> dict[str, Any]:
    """The manifest of a run's folder. Raises FileNotFoundError without one, ValueError where it is none."""
    told: Any = json.loads((folder / NAME).read_text(encoding="utf-8"))
    if not isinstance(told, dict) or not isinstance(told.get("resources"), list):
        raise ValueError(f"{folder / NAME} is no manifest")
    return told


def verify(folder: Path) -> list[str]:
    """What is wrong with the files of a published folder, one sentence a file; empty when all are as published."""
    resources = {str(one["path"]): one for one in read(folder)["resources"]}
    present = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()} - {NAME}
    wrong = [f"{name} is missing" for name in resources.keys() - present]
    wrong += [f"{name} is not in the manifest" for name in present - resources.keys()]
    for name in resources.keys() & present:
        if _hash(folder / name) != resources[name]["hash"]:
            wrong.append(f"{name} was changed")
    return sorted(wrong)


def carried(folder: Path) -> dict[str, tuple[str, ...]]:
    """Files of a run's folder by the full name of the table they carry, parquet first."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.rglob("*.parquet")) + sorted(folder.rglob("*.csv")):
        name = file.relative_to(folder).as_posix()
        table = _table_of(name)
        if table is not None or file.suffix == ".parquet":
            found.setdefault(table.full_name() if table else f"{file.parent.name}.{file.stem}", []).append(name)
    return {table: tuple(names) for table, names in found.items()}


def _resource(folder: Path, name: str) -> dict[str, Any]:
    file = folder / name
    table = _table_of(name)
    described = {
        "name": name.lower().replace("/", ".").replace(" ", "-"),
        "path": name,
        "format": "bin" if file.suffix in _NO_TABLES else file.suffix.lstrip("."),  # readers check its bytes only
        "mediatype": _MEDIA_TYPES.get(file.suffix, "application/octet-stream"),
        "bytes": file.stat().st_size,
        "hash": _hash(file),
    }
    if file.suffix == ".parquet":
        described["row_count"] = pl.scan_parquet(file).select(pl.len()).collect().item()
    if columns := columns_of(name):
        fields = [_erp_field(one, column_of(columns, one)) for one in _header(file)]
        told = {"fields": fields, "missingValues": [""]}
        described |= {"type": "table", "encoding": "utf-8", "rows": _csv_rows(file), "schema": told}
    if file.suffix == ".csv" and table is not None:
        schema = _schema(table, _header(file))
        described |= {"type": "table", "encoding": "utf-8", "rows": _csv_rows(file), "schema": schema}
    elif table is not None:
        described["columns"] = [_field(key, column) for key, column in table.columns().items()]
    elif file.suffix == ".parquet":  # a mart table has no class: its columns are what its select gives
        schema = pl.scan_parquet(file).collect_schema()
        described["columns"] = [{"name": key, "type": _plain_type(kind)} for key, kind in schema.items()]
    return described


def _table_of(name: str) -> type[Table] | None:
    """Table behind a file: of the proposal files by their own list, of `plan/order.parquet` by its place."""
    path = Path(name)
    if path.parent.name == "proposals":
        return CSV_FILES.get(path.stem)
    return _TABLES.get(f"{path.parent.name}.{path.stem}") if path.suffix == ".parquet" else None


def _schema(table: type[Table], header: list[str]) -> dict[str, Any]:
    columns = table.columns()
    schema: dict[str, Any] = {"fields": [_field(name, columns[name]) for name in header], "missingValues": [""]}
    if set(table.primary_key()) <= set(header):
        schema["primaryKey"] = table.primary_key()
    return schema


def _field(name: str, column: dy.Column) -> dict[str, Any]:
    about = column.metadata or {}
    field: dict[str, Any] = {"name": name, "type": _type(column), "description": about.get("meaning", "")}
    if field["type"] == "datetime":
        field["format"] = MOMENT
    if about.get("unit"):
        field["unit"] = about["unit"]
    constraints: dict[str, Any] = {} if may_be_empty(column) else {"required": True}
    if about.get("words"):
        constraints["enum"] = list(about["words"])
    lowest = getattr(column, "min", None)
    if lowest == 0:
        constraints["minimum"] = 0
    return {**field, "constraints": constraints} if constraints else field


def _erp_field(name: str, column: Column) -> dict[str, Any]:
    """A column of a dialect's file."""
    field = {"name": name, "type": column.type, "description": column.meaning}
    return field | ({"format": MOMENT} if column.type == "datetime" else {})


def _type(column: dy.Column) -> str:
    return _plain_type(column.dtype)


def _plain_type(kind: pl.DataType | type[pl.DataType]) -> str:
    words = {
        "Date": "date",
        "Datetime": "datetime",
        "Boolean": "boolean",
        "String": "string",
        "Float64": "number",
        "List": "array",
        "Struct": "object",
    }
    return words.get(type(kind).__name__ if isinstance(kind, pl.DataType) else kind.__name__, "integer")


def _header(file: Path) -> list[str]:
    with file.open(encoding="utf-8") as lines:
        return lines.readline().rstrip("\n").split(",")


def _csv_rows(file: Path) -> int:
    """Records, not lines: a quoted text may hold line breaks."""
    return int(pl.scan_csv(file, infer_schema=False).select(pl.len()).collect().item())


def _hash(file: Path) -> str:
    digest = sha256()
    with file.open("rb") as content:
        for block in _blocks(content):
            digest.update(block)
    return f"sha256:{digest.hexdigest()}"


def _blocks(content: Any) -> Iterator[bytes]:
    while block := content.read(_BLOCK):
        yield block
