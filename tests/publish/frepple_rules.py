"""What frePPLe's import does with a file, as far as our files meet it: written down to refuse what frePPLe refuses.

After `freppledb/common/dataload.py` and the models in `freppledb/input/models` and `freppledb/forecast/models.py`: a
heading is a field's name or its verbose name, in any case; unknown ones are skipped with a warning.
"""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from tests.publish.moments import moment

STATUS = ("proposed", "approved", "confirmed", "completed", "closed")
DURATION = re.compile(r"(?:\d+ )?\d{2}:\d{2}:\d{2}")


class Field(NamedTuple):
    """A field of a model: type, verbose name, table it points to, and whether a row goes without it."""

    type: str
    verbose: str
    to: str = ""
    is_required: bool = False
    words: tuple[str, ...] = ()


def _ref(verbose: str, to: str, required: bool = True) -> Field:
    return Field("reference", verbose, to, required)


_DAY = "datetime"
_OPERATIONPLAN = {
    "reference": Field("text", "reference", is_required=True),
    "status": Field("word", "status", words=STATUS),
    "quantity": Field("number", "quantity"),
    "quantity_completed": Field("number", "completed quantity"),
    "startdate": Field(_DAY, "start date"),
    "enddate": Field(_DAY, "end date"),
    "batch": Field("text", "batch"),
}
_KEYED = {"item": _ref("item", "item"), "location": _ref("location", "location")}
MODELS: dict[str, dict[str, Field]] = {
    "purchaseorder": _OPERATIONPLAN
    | {name: field._replace(is_required=False) for name, field in _KEYED.items()}
    | {"supplier": _ref("supplier", "supplier", required=False)}
    | {"ordering_date": Field(_DAY, "ordering date"), "receipt_date": Field(_DAY, "receipt date")},
    "distributionorder": _OPERATIONPLAN
    | {"item": _ref("item", "item", required=False), "origin": _ref("origin", "location", required=False)}
    | {"destination": _ref("destination", "location", required=False)}
    | {"shipping_date": Field(_DAY, "shipping date"), "receipt_date": Field(_DAY, "receipt date")},
    "manufacturingorder": _OPERATIONPLAN
    | {
        "operation": _ref("operation", "operation", required=False),
        "owner": _ref("owner", "manufacturingorder", required=False),
        "resources": Field("list", "resources", is_required=False),
    },
    "calendar": {
        "name": Field("text", "name", is_required=True),
        "defaultvalue": Field("number", "default value"),
    },
    "calendarbucket": {
        "calendar": _ref("calendar", "calendar"),
        "startdate": Field(_DAY, "start date"),
        "enddate": Field(_DAY, "end date"),
        "value": Field("number", "value"),
        "priority": Field("integer", "priority"),
    },
    "buffer": _KEYED
    | {"onhand": Field("number", "onhand"), "minimum": Field("number", "minimum")}
    | {"minimum_calendar": _ref("minimum calendar", "calendar", required=False)},
    "demand": {
        "name": Field("text", "name", is_required=True),
        **_KEYED,
        "customer": _ref("customer", "customer"),
        "due": Field(_DAY, "due", is_required=True),
        "status": Field("word", "status", words=("inquiry", "quote", "open", "closed", "canceled")),
        "quantity": Field("number", "quantity", is_required=True),
        "priority": Field("integer", "priority"),
    },
    "itemsupplier": {
        "item": _KEYED["item"],
        "location": _KEYED["location"]._replace(is_required=False),
        "supplier": _ref("supplier", "supplier"),
        "leadtime": Field("duration", "lead time"),
        "sizeminimum": Field("number", "size minimum"),
        "sizemultiple": Field("number", "size multiple"),
        "sizemaximum": Field("number", "size maximum"),
        "batchwindow": Field("duration", "batching window"),
        "cost": Field("number", "cost"),
        "priority": Field("integer", "priority"),
    },
    "forecastplan": {
        **_KEYED,
        "customer": _ref("customer", "customer"),
        "startdate": Field(_DAY, "start date", is_required=True),
        "enddate": Field(_DAY, "end date"),
        "forecastoverride": Field("number", "forecast override"),
    },
}
KEYS = {
    "buffer": ("item", "location"),
    "calendarbucket": ("calendar", "startdate", "enddate", "priority"),
    "itemsupplier": ("item", "location", "supplier"),
    "forecastplan": ("item", "location", "customer", "startdate"),
    "calendar": ("name",),
    "demand": ("name",),
}


class Frepple:
    """A database that knows some names, and takes in files."""

    def __init__(self, names: dict[str, set[str]]) -> None:
        self.names = {table: set(found) for table, found in names.items()}
        self.rows: dict[str, dict[tuple[str, ...], dict[str, Any]]] = {table: {} for table in MODELS}
        self.warnings: list[str] = []

    def load(self, table: str, text: str) -> list[str]:
        """Take in a file row by row; what is wrong with it."""
        rows = list(csv.reader(io.StringIO(text, newline="")))
        fields = MODELS[table]
        columns = [self._field(table, heading) for heading in rows[0]]
        missing = [name for name, field in fields.items() if field.is_required and name not in columns]
        if missing:
            return [f"{table}: some keys were missing: {', '.join(missing)}"]
        seen: set[tuple[str, ...]] = set()
        wrong: list[str] = []
        for number, row in enumerate(rows[1:], start=2):
            cells = {name: cell for name, cell in zip(columns, row, strict=True) if name}
            try:
                values = {name: self._value(fields[name], cell) for name, cell in cells.items()}
                self._keep(table, values, seen)
            except (ValueError, InvalidOperation) as fault:
                wrong.append(f"{table} row {number}: {fault}")
        return wrong

    def _field(self, table: str, heading: str) -> str | None:
        told = heading.strip().strip("#").lower()
        for name, field in MODELS[table].items():
            if told in (name.lower(), field.verbose.lower()):
                return name
        self.warnings.append(f"{table}: skipping unknown field {told}")
        return None

    def _value(self, field: Field, cell: str) -> Any:
        if cell == "":
            if field.is_required or field.type == "list":
                raise ValueError(f"{field.verbose}: this field is required")
            return None
        if field.type == "number":
            value = Decimal(cell)
            if not value.is_finite() or abs(value) >= Decimal(10) ** 12:
                raise ValueError(f"{field.verbose}: enter a number")
            return value
        if field.type == "integer":
            return int(cell)
        if field.type == _DAY:
            return moment(cell)
        if field.type == "duration" and not DURATION.fullmatch(cell):
            raise ValueError(f"{field.verbose}: {cell!r} is no duration")
        if field.type == "word" and cell not in field.words:
            raise ValueError(f"{field.verbose}: {cell!r} is not one of the available choices")
        if field.type == "reference" and cell not in self.names.get(field.to, set()):
            raise ValueError(f"{field.verbose}: {cell!r} not found")
        if len(cell) > 300 and field.verbose in ("reference", "name"):
            raise ValueError(f"{field.verbose}: at most 300 characters")
        return cell

    def _keep(self, table: str, values: dict[str, Any], seen: set[tuple[str, ...]]) -> None:
        key = tuple(str(values[name]) for name in KEYS.get(table, ("reference",)))
        if key in seen:
            raise ValueError(f"{key} is there twice")
        seen.add(key)
        before = self.rows[table].get(key, {})
        if before.get("status") in ("approved", "confirmed"):
            raise ValueError(f"{key} is in the ERP: not ours to change")
        start, end = values.get("startdate"), values.get("enddate")
        if start and end and end < start:
            raise ValueError(f"{key} ends before it starts")
        self.rows[table][key] = before | values
        if table == "calendar":
            self.names.setdefault("calendar", set()).add(values["name"])
