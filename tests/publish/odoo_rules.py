"""What Odoo's import does with a file, as far as our files meet it: written down to refuse what Odoo refuses.

After `BaseModel.load`, `_extract_records` and `ir.fields.converter`, and the fields of the models in versions 16 to 19
(what changed between them is in OpenUpgrade's upgrade_analysis.txt). A load is one transaction: an error undoes it.
"""

from __future__ import annotations

import csv
import io
import re
from copy import deepcopy
from typing import Any, NamedTuple

from tests.publish.moments import moment

Row = dict[str, Any]


class Field(NamedTuple):
    """A field of a model: its type, the model it points to, and whether a record goes without it."""

    type: str
    comodel: str = ""
    is_required: bool = False
    has_default: bool = False  # where a file has no such column
    words: tuple[str, ...] = ()


REQUIRED = {"is_required": True}
DEFAULTED = {"is_required": True, "has_default": True}


def models(version: int) -> dict[str, dict[str, Field]]:
    """Fields that our files may name, by model."""
    moment = Field("datetime")
    uom = "product_uom_id" if version >= 19 else "product_uom"
    line = {
        "product_id": Field("many2one", "product.product", **REQUIRED),  # a constraint on accountable lines
        "name": Field("text", **DEFAULTED),
        "product_qty": Field("float", **DEFAULTED),
        uom: Field("many2one", "uom.uom", **DEFAULTED),
        "price_unit": Field("float", **DEFAULTED),
        "date_planned": Field("datetime", **DEFAULTED),
    }
    move = {
        "product_id": Field("many2one", "product.product", **REQUIRED),
        "product_uom_qty": Field("float", **DEFAULTED),
        "product_uom": Field("many2one", "uom.uom", **DEFAULTED),
        "date": Field("datetime", **DEFAULTED),
        "location_id": Field("many2one", "stock.location", **DEFAULTED),
        "location_dest_id": Field("many2one", "stock.location", **DEFAULTED),
    } | ({"name": Field("char", **REQUIRED)} if version < 19 else {})
    dates = ("date_planned_start", "date_planned_finished") if version < 17 else ("date_start", "date_finished")
    orderpoint = {
        "product_id": Field("many2one", "product.product", **REQUIRED),
        "location_id": Field("many2one", "stock.location", **REQUIRED),
        "route_id": Field("many2one", "stock.route"),
        "product_min_qty": Field("float", **DEFAULTED),
        "product_max_qty": Field("float", **DEFAULTED),
        "trigger": Field("selection", words=("auto", "manual"), **DEFAULTED),
    } | ({"qty_multiple": Field("float", **DEFAULTED)} if version < 19 else {})
    return {
        "purchase.order": {
            "partner_id": Field("many2one", "res.partner", **REQUIRED),
            "date_order": Field("datetime", **DEFAULTED),
            "date_planned": moment,
            "origin": Field("char"),
            "picking_type_id": Field("many2one", "stock.picking.type", **DEFAULTED),
            "company_id": Field("many2one", "res.company", **DEFAULTED),
            "order_line": Field("one2many", "purchase.order.line"),
        },
        "purchase.order.line": line,
        "mrp.production": {
            "product_id": Field("many2one", "product.product", **REQUIRED),
            "product_qty": Field("float", **DEFAULTED),
            "product_uom_id": Field("many2one", "uom.uom", **DEFAULTED),
            "bom_id": Field("many2one", "mrp.bom"),
            dates[0]: Field("datetime", **DEFAULTED),
            dates[1]: moment,
            "picking_type_id": Field("many2one", "stock.picking.type", **DEFAULTED),
            "company_id": Field("many2one", "res.company", **DEFAULTED),
            "origin": Field("char"),
        },
        "stock.picking": {
            "picking_type_id": Field("many2one", "stock.picking.type", **REQUIRED),
            "location_id": Field("many2one", "stock.location", **DEFAULTED),
            "location_dest_id": Field("many2one", "stock.location", **DEFAULTED),
            "scheduled_date": moment,
            "move_type": Field("selection", words=("direct", "one"), **DEFAULTED),
            "origin": Field("char"),
            "move_ids": Field("one2many", "stock.move"),
        },
        "stock.move": move,
        "stock.warehouse.orderpoint": orderpoint,
    }


class Odoo:
    """A database that knows some External IDs, and takes in files."""

    def __init__(self, version: int, known: dict[str, str]) -> None:
        self.models = models(version)
        self.xmlids = dict(known)  # External ID -> model
        self.records: dict[str, Row] = {}  # External ID -> values; lines hold the id of their head in `head`

    def load(self, model: str, text: str) -> list[str]:
        """Take in a file; what is wrong with it, and then nothing is kept."""
        before = deepcopy((self.xmlids, self.records))
        try:
            self._load(model, text)
            wrong = self._unique() + self._installed()
        except (ValueError, KeyError) as fault:
            wrong = [str(fault)]
        if wrong:
            self.xmlids, self.records = before
        return wrong

    def _load(self, model: str, text: str) -> None:
        rows = list(csv.reader(io.StringIO(text, newline="")))
        if len(rows) < 2:
            raise ValueError("the file has no rows")
        paths = [heading.split("/") for heading in rows[0]]
        for path in paths:
            self._resolve(model, path)
        if len({tuple(path) for path in paths}) < len(paths):
            raise ValueError("a column is there twice")
        for record in self._records(model, paths, rows[1:]):
            self._write(model, record, None)

    def _resolve(self, model: str, path: list[str]) -> None:
        """A path leads through fields of the model; what points to another record is named by its External ID."""
        name, rest = path[0], path[1:]
        if name == "id":
            return
        if name not in self.models[model]:
            raise ValueError(f"{model} has no field {name}")
        field = self.models[model][name]
        if field.type == "many2one" and rest != ["id"]:
            raise ValueError(f"{model}.{name} is to be named by External ID")
        if field.type == "one2many":
            self._resolve(field.comodel, rest)
        elif field.type != "many2one" and rest:
            raise ValueError(f"{model}.{name} has no parts")

    def _records(self, model: str, paths: list[list[str]], rows: list[list[str]]) -> list[Row]:
        """Rows as records: one that fills nothing but columns of lines belongs to the record above."""
        is_line = [path[0] != "id" and self.models[model][path[0]].type == "one2many" for path in paths]
        records: list[Row] = []
        for row in rows:
            if len(row) != len(paths):
                raise ValueError(f"a row has {len(row)} cells of {len(paths)}")
            cells = list(zip(paths, row, is_line, strict=True))
            head = {"/".join(path): cell for path, cell, line in cells if not line}
            line = {"/".join(path[1:]): cell for path, cell, part in cells if part}
            if any(head.values()):
                records.append({"head": head, "lines": [], "of": next((p[0] for p, _, part in cells if part), None)})
            elif not any(line.values()):
                raise ValueError("a row is empty")
            elif not records:
                raise ValueError("the first row has no head")
            if any(line.values()):
                records[-1]["lines"].append(line)
        return records

    def _write(self, model: str, record: Row, head_id: str | None) -> str:
        """Update the record of this External ID, or make it."""
        head: Row = record["head"]
        xmlid = head.get("id", "")
        values = {name: self._value(model, name, cell) for name, cell in head.items() if name != "id"}
        if not xmlid:
            raise ValueError(f"{model}: a row without External ID makes another record on every import")
        if not re.fullmatch(r"[^\s.,]+\.[^\s.,]+", xmlid):
            raise ValueError(f"{xmlid!r} is no External ID: one dot, no spaces")
        if self.xmlids.get(xmlid, model) != model:
            raise ValueError(f"{xmlid} is a {self.xmlids[xmlid]}, not a {model}")
        for name, field in self.models[model].items():
            given = [value for key, value in values.items() if key.split("/")[0] == name]
            is_empty = given in ([""], [None])
            if field.is_required and (is_empty or not (given or field.has_default or xmlid in self.xmlids)):
                raise ValueError(f"{model} {xmlid}: {name} is required")
        self.xmlids[xmlid] = model
        stored = self.records.setdefault(xmlid, {"model": model})
        stored |= values | ({"head": head_id} if head_id else {})
        for line in record.get("lines", []):
            self._write(self.models[model][record["of"]].comodel, {"head": line}, xmlid)
        return xmlid

    def _value(self, model: str, name: str, cell: str) -> Any:
        field = self.models[model][name.split("/", maxsplit=1)[0]]
        if cell == "":
            return ""
        if field.type == "float":
            return float(cell)
        if field.type == "datetime":
            return moment(cell)
        if field.type == "selection" and cell not in field.words:
            raise ValueError(f"{cell!r} is no word of {model}.{name}")
        if field.type == "many2one" and self.xmlids.get(cell) != field.comodel:
            raise ValueError(f"{model}.{name}: no {field.comodel} has the External ID {cell!r}")
        return cell

    def _unique(self) -> list[str]:
        """One reordering rule a product and location."""
        rules = [one for one in self.records.values() if one["model"] == "stock.warehouse.orderpoint"]
        keys = [(one["product_id/id"], one["location_id/id"]) for one in rules]
        return ["the combination of product and location must be unique"] if len(set(keys)) < len(keys) else []

    def _installed(self) -> list[str]:
        """No imported record may look as if a module of Odoo had brought it."""
        return [one for one in self.records if one.split(".")[0] in ("base", "stock", "purchase", "mrp", "product")]

    def needs(self, model: str, qty: str) -> dict[str, float]:
        """Quantities of the records of a model by External ID."""
        return {name: one[qty] for name, one in self.records.items() if one["model"] == model}
