"""JSON Schemas of the proposal files: sound themselves, and kept by every row of a real night."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from replenish.night.run import Finished
from replenish.publish import manifest, schemas
from replenish.publish.files import CSV_FILES
from replenish.tables.proposal import CONTRACT_VERSION, Proposal
from tests.publish.test_files import frictionless


def as_json(row: dict[str, str], schema: dict[str, Any]) -> dict[str, Any]:
    """A row of a CSV file as JSON: its columns in the schema's types, null where empty."""
    return {key: _value(text, schema["properties"].get(key, {}).get("type")) for key, text in row.items()}


def _value(text: str, kind: str | list[str] | None) -> Any:
    if text == "":
        return None
    kinds = [kind] if isinstance(kind, str) else kind or []
    if {"number", "integer", "boolean"} & set(kinds):
        return json.loads(text)
    return text


def schema_of(folder: Path, name: str) -> dict[str, Any]:
    """The schema beside a run's proposal files."""
    text = (folder / "proposals" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    told: dict[str, Any] = json.loads(text)
    return told


def checked_by(schema: dict[str, Any]) -> Draft202012Validator:
    """A validator that looks at formats too."""
    return Draft202012Validator(schema, format_checker=FormatChecker())


@pytest.mark.parametrize("name", CSV_FILES)
def test_every_file_of_the_contract_has_a_sound_schema(name: str) -> None:
    schema = schemas.row_schema(name, CSV_FILES[name])
    Draft202012Validator.check_schema(schema)
    assert schema["contract_version"] == CONTRACT_VERSION
    assert schema["$id"] == f"urn:replenish:contract:{CONTRACT_VERSION}:{name}"
    assert list(schema["properties"]) == schema["required"] == CSV_FILES[name].column_names()
    assert all(one["description"] for one in schema["properties"].values())


def test_every_row_of_a_night_keeps_its_schema(retail: Finished) -> None:
    files = sorted((retail.folder / "proposals").glob("*.csv"))
    assert {"proposals", "delta", "exceptions", "projection"} <= {file.stem for file in files}
    described = {file.name.removesuffix(".schema.json") for file in (retail.folder / "proposals" / "schemas").iterdir()}
    assert described == {file.stem for file in files} | {"manifest"}
    for file in files:
        schema = schema_of(retail.folder, file.stem)
        validator = checked_by(schema)
        with file.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines)):
                if number % 50 == 0 or file.stem in ("proposals", "delta"):  # long files by every fiftieth row
                    faults = [fault.message for fault in validator.iter_errors(as_json(row, schema))]
                    assert not faults, (file.name, number, faults)


def test_the_manifest_keeps_its_schema_and_covers_every_file(retail: Finished) -> None:
    told, schema = manifest.read(retail.folder), schema_of(retail.folder, "manifest")
    Draft202012Validator.check_schema(schema)
    assert [fault.message for fault in checked_by(schema).iter_errors(told)] == []
    assert manifest.verify(retail.folder) == []
    assert frictionless(retail.folder) == (True, set())
    listed = {one["path"] for one in told["resources"]}
    assert {"proposals/delta.csv", "proposals/schemas/delta.schema.json", "core/answered_line.parquet"} <= listed
    assert {"plan/delta.parquet", "plan/override_value.parquet", "report/adoption.html"} <= listed
    for fault in ({"contract_version": 2}, {"run_id": "x"}, {"resources": []}, {"as_of": "yesterday"}):
        assert not checked_by(schema).is_valid({**told, **fault})


def test_a_row_that_breaks_the_contract_is_caught() -> None:
    schema = schemas.row_schema("proposals", Proposal)
    row = {key: None if "null" in one["type"] else _plain(one) for key, one in schema["properties"].items()}
    assert checked_by(schema).is_valid(row)
    wrong = (
        {"qty": -1.0},
        {"action": "BUY"},
        {"need_date": "2026-02-30"},
        {"hold": "false"},
        {"proposal_id": ""},
        {"uom": None},
    )
    assert [fault for fault in wrong if checked_by(schema).is_valid({**row, **fault})] == []
    assert checked_by(schema).is_valid({**row, "added_later": 1}), "columns may be added"


def _plain(about: dict[str, Any]) -> Any:
    if "enum" in about:
        return about["enum"][0]
    if about.get("format") == "date":
        return "2026-03-01"
    return {"string": "x", "number": 0.0, "integer": 0, "boolean": False}[about["type"]]
