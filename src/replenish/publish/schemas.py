"""JSON Schemas (draft 2020-12) of the proposal files and of the manifest, made from the classes of their tables.

A row of a CSV file as JSON has the file's columns in their types: empty fields are null, dates are `2026-01-31`,
moments `2026-01-31 06:00:00` as the file writes them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dataframely as dy
import polars as pl

from replenish.tables.columns import LONGEST_NAME
from replenish.tables.proposal import CONTRACT_VERSION
from replenish.tables.table import Table

FOLDER = "schemas"
MANIFEST = "manifest"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_MOMENT = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_RUN_ID = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{8}$"}


def write_schema(place: Path, name: str, table: type[Table]) -> None:
    """`<name>.schema.json` of the file of that name."""
    _write(place, name, row_schema(name, table))


def write_manifest_schema(place: Path) -> None:
    """`manifest.schema.json`."""
    _write(place, MANIFEST, manifest_schema())


def row_schema(name: str, table: type[Table]) -> dict[str, Any]:
    """Schema of one row of a proposal file. Columns may be added without a new contract version: others are allowed."""
    columns = table.columns()
    return {
        **_head(name, " ".join((table.__doc__ or "").split())),
        "properties": {key: _property(column) for key, column in columns.items()},
        "required": list(columns),
    }


def manifest_schema() -> dict[str, Any]:
    """Schema of manifest.json: a Frictionless Data Package with what identifies the run."""
    texts = {key: {"type": "string", "minLength": 1} for key in ("name", "path", "format", "mediatype")}
    file = {
        "type": "object",
        "properties": {
            **texts,
            "bytes": {"type": "integer", "minimum": 0},
            "hash": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
            "rows": {"type": "integer", "minimum": 0},
            "row_count": {"type": "integer", "minimum": 0},
            "schema": {"type": "object", "required": ["fields"]},
        },
        "required": [*texts, "bytes", "hash"],
    }
    told: dict[str, Any] = {
        "$schema": {"type": "string"},
        "name": {"type": "string"},
        "run_id": _RUN_ID,
        "as_of": {"type": "string", "format": "date"},
        "previous_run_id": {**_RUN_ID, "type": ["string", "null"]},
        "seed": {"type": "integer"},
        "settings": {"type": "object"},
        "settings_hash": _SHA256,
        "input_hash": _SHA256,
        "version": {"type": "string"},
        "contract_version": {"const": CONTRACT_VERSION},
        "resources": {"type": "array", "minItems": 1, "items": file},
    }
    return {**_head(MANIFEST, "What a run's folder holds."), "properties": told, "required": list(told)}


def may_be_empty(column: dy.Column) -> bool:
    """Whether a field of a CSV file may be empty: a text that is part of a key, and no identifier, may be too."""
    return column.nullable or (
        isinstance(column, dy.String) and column.primary_key and not (column.check or column.regex)
    )


def _head(name: str, about: str) -> dict[str, Any]:
    return {
        "$schema": _DIALECT,
        "$id": f"urn:replenish:contract:{CONTRACT_VERSION}:{name}",
        "title": name,
        "description": about,
        "contract_version": CONTRACT_VERSION,
        "type": "object",
    }


def _property(column: dy.Column) -> dict[str, Any]:
    about = column.metadata or {}
    told: dict[str, Any] = _kind(column)
    if about.get("words"):
        told["enum"] = [*about["words"], *([None] if column.nullable else [])]
    elif told["type"] == "string" and column.primary_key and not may_be_empty(column):
        told |= {"minLength": 1, "maxLength": LONGEST_NAME}
    for bound, word in (("min", "minimum"), ("max", "maximum")):
        if getattr(column, bound, None) is not None:
            told[word] = getattr(column, bound)
    told["type"] = [told["type"], "null"] if may_be_empty(column) else told["type"]
    told["description"] = about.get("meaning", "")
    return told | ({"unit": about["unit"]} if about.get("unit") else {})


def _kind(column: dy.Column) -> dict[str, Any]:
    kind = column.dtype.base_type()
    if kind == pl.Date:
        return {"type": "string", "format": "date"}
    if kind == pl.Datetime:
        return {"type": "string", "pattern": _MOMENT}
    words = {pl.Boolean: "boolean", pl.String: "string", pl.Float64: "number", pl.List: "array"}
    return {"type": words.get(kind, "integer")}


def _write(place: Path, name: str, schema: dict[str, Any]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    text = json.dumps(schema, indent=1, ensure_ascii=False) + "\n"
    (place / f"{name}.schema.json").write_text(text, encoding="utf-8")
