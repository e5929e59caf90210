"""What `replenish init` writes: settings and input templates, generated from the models so that they never disagree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from replenish.examples.folder import write_files
from replenish.settings import Settings, Source
from replenish.source_settings import Connection
from replenish.tables.inputs import INPUT_TABLES, REQUIRED_TABLES
from replenish.tables.table import Table

_HEAD = """\
# Settings of one company. Every setting is listed with its default, commented out: take away the # in front of a name
# to change it. A REPLENISH_<SECTION>__<NAME> variable in the environment beats this file.
"""

_MAPPING = """
# A file that calls things otherwise becomes an input table by a mapping. Take this one, without the leading "#    ":
#
#    [source.my_till]
"""

_MAPPED: dict[str, Any] = {
    "table": "sales",
    "files": "till_*.csv",
    "columns": {"date": "Datum", "item_id": "Artikel", "qty": "Menge"},
    "constants": {"location_id": "SHOP-1"},
    "values": {"item_id": {"TEA OLD": "TEA"}},
    "factors": {"unit_price": 0.01},
    "uom_column": "Einheit",
    "uom_factors": {"piece": 1.0, "dozen": 12.0},
    "only": "Belegart = 'VK'",
    "set_aside": {"gift cards": "Artikel like 'GS%'"},
    "sheet": "Sheet1",
}

_SHOP: dict[str, Any] = {"preset": "shopify_inventory", "files": "inventory_export*.csv", "snapshot_date": "2026-11-30"}
_ERP: dict[str, Any] = {"table": "sales", "connection": "erp", "query": "select * from sale_line where year >= 2024"}
_CONNECTION: dict[str, Any] = {"url": "postgresql://reader@db.local/erp", "password_env": "ERP_PASSWORD"}
_ELSEWHERE = {*_SHOP, *_ERP} - {"files", "table"}

_README = """\
What to do now

1. Put your files into inputs/. Only two are needed: sales (what was sold) and stock (what lay there at close of day).
   inputs/sales.csv and inputs/stock.csv hold the headings; fill them, or put your own export beside them and name its
   columns in replenish.toml under [source.<a name of your choice>].
2. Every further table makes the answer better. templates/ holds one file with the headings of each: copy it into
   inputs/ and fill it. Columns after the required ones may be left empty or taken out.
   templates/columns.csv tells what every column means and in which unit.
3. Plan a night:

       replenish run .

   The result appears in runs/.
"""


def write_template(folder: Path) -> None:
    """Write a commented replenish.toml, the headings of sales and stock, and templates of every other input table.

    Raises `FileExistsError`, and writes nothing, when one of the files is already there.
    """
    files = {"replenish.toml": settings_text(), "README.txt": _README, "templates/columns.csv": _dictionary()}
    for table in INPUT_TABLES:
        room = "inputs" if table in REQUIRED_TABLES else "templates"
        files[f"{room}/{_name(table)}.csv"] = ",".join(_headings(table)) + "\n"
    write_files(folder, {name: text.encode("utf-8") for name, text in files.items()})


def settings_text() -> str:
    """Text of a replenish.toml that lists every setting with its description and, commented out, its default."""
    lines = [_HEAD]
    for name, field in Settings.model_fields.items():
        if name in ("source", "connection"):
            continue
        section = field.annotation
        if isinstance(section, type) and issubclass(section, BaseModel):
            lines += [f"\n# {section.__doc__}", f"[{name}]"]
            for key, one in section.model_fields.items():
                lines += _setting(key, one)
        else:
            lines += _setting(name, field)
    return "\n".join(lines) + "\n" + _mapping()


def _setting(key: str, field: FieldInfo) -> list[str]:
    return [f"# {field.description}{_allowed(field)}", f"#{key} = {_value(field.default)}"]


def _allowed(field: FieldInfo) -> str:
    """Which values a setting may take, in words; empty where the type says it all."""
    words = [one for one in get_args(field.annotation) if isinstance(one, str)]
    if words:
        return f" One of {', '.join(_value(one) for one in words)}."
    signs = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than", "multiple_of": "a multiple of"}
    limits = [(sign, getattr(limit, sign, None)) for limit in field.metadata for sign in signs]
    if field.annotation not in (int, float):  # the length of a text explains nothing
        return ""
    told = [f"{signs[sign]} {limit:g}" for sign, limit in limits if limit is not None]
    return f" {', '.join(told).capitalize()}." if told else ""


def _mapping() -> str:
    lines = [_MAPPING.rstrip("\n")]
    for key, field in Source.model_fields.items():
        if key not in _ELSEWHERE:
            value = _MAPPED.get(key, field.default)
            lines += [f"#    # {field.description}{_allowed(field)}", f"#    {key} = {_value(value)}"]
    lines += ["#\n# An export of a known system by its preset, and rows of a database:\n#"]
    for head, model, told in (
        ("source.my_shop", Source, _SHOP),
        ("source.my_erp", Source, _ERP),
        ("connection.erp", Connection, _CONNECTION),
    ):
        lines += [f"#    [{head}]"]
        for key, value in told.items():
            shown = value if key == "snapshot_date" else _value(value)
            lines += [f"#    # {model.model_fields[key].description}", f"#    {key} = {shown}"]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """A value as TOML writes it; text and numbers are written as JSON writes them."""
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{json.dumps(key)} = {_value(one)}" for key, one in value.items()) + " }"
            if value
            else "{}"
        )
    return json.dumps(value, ensure_ascii=False)


def _name(table: type[Table]) -> str:
    return table.full_name().removeprefix("raw.")


def _headings(table: type[Table]) -> list[str]:
    """Column names, required ones first, otherwise in the order of the contract."""
    columns = table.columns()
    return sorted(columns, key=lambda name: columns[name].nullable)


def _dictionary() -> str:
    """CSV with one line a column of every input table."""
    lines = ["table,column,required,unit,meaning"]
    for table in INPUT_TABLES:
        columns = table.columns()
        for name in _headings(table):
            about = columns[name].metadata or {}
            words = f" ({' / '.join(about['words'])})" if about.get("words") else ""
            needed = "no" if columns[name].nullable else "yes"
            meaning = (about["meaning"] + words).replace('"', '""')
            lines.append(f'{_name(table)},{name},{needed},{about["unit"]},"{meaning}"')
    return "\n".join(lines) + "\n"
