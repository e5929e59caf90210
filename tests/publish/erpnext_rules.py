"""What ERPNext's Data Import does with a file, as far as our files meet it: written down to refuse what it refuses.

After `frappe/core/doctype/data_import/importer.py` (headings are field names or labels, `items.<field>` or
"Label (Items)" in lines; rows with all fields of the document blank are lines of the one above; Select, Link and dates
are checked before anything is imported) and the DocTypes' required fields and validations.
"""

from __future__ import annotations

import csv
import io
from typing import Any, NamedTuple

from tests.publish.moments import day, moment

INSERT, UPDATE = "Insert New Records", "Update Existing Records"


class Field(NamedTuple):
    """A field of a DocType: type, label, options (DocType of a Link, words of a Select), and whether it is required."""

    type: str
    label: str
    options: str | tuple[str, ...] = ""
    is_required: bool = False


def _link(label: str, to: str, required: bool = False) -> Field:
    return Field("Link", label, to, required)


_SERIES = {"MR": ("MAT-MR-.YYYY.-",), "PO": ("PUR-ORD-.YYYY.-",), "WO": ("MFG-WO-.YYYY.-",)}
_LINE = {
    "item_code": _link("Item Code", "Item", required=True),
    "item_name": Field("Data", "Item Name"),
    "description": Field("Text Editor", "Description"),
    "qty": Field("Float", "Quantity", is_required=True),
    "uom": _link("UOM", "UOM", required=True),
    "stock_uom": _link("Stock UOM", "UOM", required=True),
    "conversion_factor": Field("Float", "UOM Conversion Factor", is_required=True),
    "schedule_date": Field("Date", "Required By", is_required=True),
    "warehouse": _link("Target Warehouse", "Warehouse"),
}
CHILDREN: dict[str, dict[str, dict[str, Field]]] = {
    "Material Request": {
        "items": _LINE | {"from_warehouse": _link("Source Warehouse", "Warehouse"), "bom_no": _link("BOM No", "BOM")}
    },
    "Purchase Order": {
        "items": _LINE
        | {
            "item_name": Field("Data", "Item Name", is_required=True),
            "rate": Field("Currency", "Rate"),
            "expected_delivery_date": Field("Date", "Expected Delivery Date"),
        }
    },
    "Work Order": {},
    "Item": {
        "reorder_levels": {
            "warehouse": _link("Request for", "Warehouse", required=True),
            "warehouse_reorder_level": Field("Float", "Re-order Level"),
            "warehouse_reorder_qty": Field("Float", "Re-order Qty"),
            "material_request_type": Field(
                "Select", "Material Request Type", ("Purchase", "Transfer", "Material Issue", "Manufacture"), True
            ),
        }
    },
}
PARENTS: dict[str, dict[str, Field]] = {
    "Material Request": {
        "naming_series": Field("Select", "Series", _SERIES["MR"], True),
        "title": Field("Data", "Title"),
        "material_request_type": Field(
            "Select",
            "Purpose",
            ("Purchase", "Material Transfer", "Material Issue", "Manufacture", "Customer Provided"),
            True,
        ),
        "company": _link("Company", "Company", required=True),
        "transaction_date": Field("Date", "Transaction Date", is_required=True),
        "schedule_date": Field("Date", "Required By"),
    },
    "Purchase Order": {
        "naming_series": Field("Select", "Series", _SERIES["PO"], True),
        "title": Field("Data", "Title"),
        "supplier": _link("Supplier", "Supplier", required=True),
        "company": _link("Company", "Company", required=True),
        "transaction_date": Field("Date", "Date", is_required=True),
        "schedule_date": Field("Date", "Required By"),
        "currency": _link("Currency", "Currency", required=True),
        "conversion_rate": Field("Float", "Exchange Rate", is_required=True),
    },
    "Work Order": {
        "naming_series": Field("Select", "Series", _SERIES["WO"], True),
        "production_item": _link("Item To Manufacture", "Item", required=True),
        "bom_no": _link("BOM No", "BOM", required=True),
        "qty": Field("Float", "Qty To Manufacture", is_required=True),
        "company": _link("Company", "Company", required=True),
        "planned_start_date": Field("Datetime", "Planned Start Date", is_required=True),
        "planned_end_date": Field("Datetime", "Planned End Date"),
        "expected_delivery_date": Field("Date", "Expected Delivery Date"),
        "wip_warehouse": _link("Work-in-Progress Warehouse", "Warehouse"),
        "fg_warehouse": _link("Target Warehouse", "Warehouse"),
        "source_warehouse": _link("Source Warehouse", "Warehouse"),
        "use_multi_level_bom": Field("Check", "Use Multi-Level BOM"),
        "skip_transfer": Field("Check", "Skip Material Transfer to WIP Warehouse"),
        "description": Field("Small Text", "Item Description"),
    },
    "Item": {},
}
DOCTYPES = {
    "material_request": "Material Request",
    "purchase_order": "Purchase Order",
    "work_order": "Work Order",
    "item": "Item",
}
WHOLE = ("EA", "Nos")  # units of which there are no parts


class Erpnext:
    """A site that knows some names, and takes in files."""

    def __init__(self, names: dict[str, set[str]], custom: tuple[str, ...] = ()) -> None:
        self.names = names
        self.docs: dict[str, dict[str, dict[str, Any]]] = {doctype: {} for doctype in PARENTS}
        self.docs["Item"] = {code: {} for code in names["Item"]}
        self.custom = {one: Field("Data", one) for one in custom}

    def load(self, doctype: str, text: str, mode: str = INSERT) -> list[str]:
        """Take in a file, all of it or nothing; what is wrong with it."""
        rows = list(csv.reader(io.StringIO(text, newline="")))
        if len(rows) < 2:
            return ["import template should contain a header and at least one row"]
        try:
            places = [self._place(doctype, heading) for heading in rows[0]]
            documents = self._documents(doctype, places, rows[1:])
            for document in documents:
                self._check(doctype, document, mode)
        except ValueError as fault:
            return [f"{doctype}: {fault}"]
        for number, document in enumerate(documents):
            name = document.pop("name", None) or f"{doctype} {len(self.docs[doctype]) + 1 + number}"
            self.docs[doctype][name] = self.docs[doctype].get(name, {}) | document
        return []

    def _place(self, doctype: str, heading: str) -> tuple[str, str]:
        """Table (empty: the document) and field of a heading."""
        if heading in ("ID", "name"):
            return "", "name"
        for name, field in (PARENTS[doctype] | self.custom).items():
            if heading in (name, field.label):
                return "", name
        for table, fields in CHILDREN[doctype].items():
            for name, field in (fields | self.custom).items():
                if heading in (f"{table}.{name}", f"{field.label} ({table.title().replace('_', ' ')})"):
                    return table, name
        raise ValueError(f"column {heading!r} matches no field and would be skipped")

    def _documents(self, doctype: str, places: list[tuple[str, str]], rows: list[list[str]]) -> list[dict[str, Any]]:
        documents: list[dict[str, Any]] = []
        for row in rows:
            if len(row) != len(places):
                raise ValueError("a row has fewer or more cells than the header")
            cells = {place: self._value(doctype, place, cell) for place, cell in zip(places, row, strict=True) if cell}
            parent = {name: value for (table, name), value in cells.items() if not table}
            if parent or not any(table for table, _ in places):
                documents.append(parent)
            elif not documents:
                raise ValueError("the first row belongs to no document")
            for table in {table for table, _ in cells if table}:
                line = {name: value for (place, name), value in cells.items() if place == table}
                documents[-1].setdefault(table, []).append(line)
        return documents

    def _value(self, doctype: str, place: tuple[str, str], cell: str) -> Any:
        table, name = place
        if name == "name":
            return cell
        field = ((CHILDREN[doctype][table] if table else PARENTS[doctype]) | self.custom)[name]
        if field.type == "Select" and cell not in field.options:
            raise ValueError(f"{cell!r} is no word of {name}")
        if field.type == "Link" and cell not in self.names[str(field.options)]:
            raise ValueError(f"{cell!r} is no valid {field.label}")
        if field.type in ("Float", "Currency"):
            return float(cell)  # the importer reads any other text as 0
        if field.type == "Check":
            return int(cell)
        if field.type == "Date":
            return day(cell)
        if field.type == "Datetime":
            return moment(cell)
        if name == "title" and len(cell) > 140:
            raise ValueError("a title has at most 140 characters")
        return cell

    def _check(self, doctype: str, document: dict[str, Any], mode: str) -> None:
        name = document.get("name")
        if mode == UPDATE and name not in self.docs[doctype]:
            raise ValueError(f"there is no {doctype} {name!r} to update")
        if mode == INSERT:
            if name is not None:
                raise ValueError("an ID is ignored where documents are named by a series")
            _require(PARENTS[doctype], document, doctype)
        for table, fields in CHILDREN[doctype].items():
            for line in document.get(table, []):
                _require(fields, line, table)
        if doctype in ("Material Request", "Purchase Order"):
            _check_items(document, is_request=doctype == "Material Request")
        if doctype == "Work Order":
            _check_work_order(document)


def _require(fields: dict[str, Field], values: dict[str, Any], where: str) -> None:
    missing = [name for name, field in fields.items() if field.is_required and values.get(name) in (None, "")]
    if missing:
        raise ValueError(f"{where}: {', '.join(missing)} mandatory")


def _check_items(document: dict[str, Any], *, is_request: bool) -> None:
    if not document.get("items"):
        raise ValueError("a document without items")
    for line in document["items"]:
        if line["schedule_date"] < document["transaction_date"]:
            raise ValueError("Reqd by Date cannot be before Transaction Date")
        if line["qty"] <= 0:
            raise ValueError("quantity must be above 0")
        if line["uom"] in WHOLE and line["qty"] % 1:
            raise ValueError(f"quantity {line['qty']} cannot be a fraction in {line['uom']}")
        if line["uom"] == line["stock_uom"] and line["conversion_factor"] != 1:
            raise ValueError("conversion factor must be 1 for the stock unit")
        if not line.get("warehouse"):
            raise ValueError("warehouse is mandatory for stock items")
        if is_request and document["material_request_type"] == "Material Transfer" and not line.get("from_warehouse"):
            raise ValueError("a transfer without source warehouse")


def _check_work_order(document: dict[str, Any]) -> None:
    if not document.get("skip_transfer") and not document.get("wip_warehouse"):
        raise ValueError("Work-in-Progress Warehouse is required before submit")
    if document.get("planned_end_date") and document["planned_end_date"] < document["planned_start_date"]:
        raise ValueError("Planned End Date cannot be before Planned Start Date")
    if not document.get("fg_warehouse") or document["qty"] <= 0:
        raise ValueError("For Warehouse is required before submit, and a quantity above 0")
