"""The import rules refuse what the systems refuse: each file of ours is taken in, and one fault in it is not."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.publish.erp_night import (
    Night,
    erpnext_for,
    frepple_for,
    line,
    load_erpnext,
    load_frepple,
    load_odoo,
    odoo_for,
    settings,
    text_of,
)
from tests.publish.erpnext_rules import DOCTYPES, INSERT, UPDATE
from tests.publish.moments import moment

START = moment("2026-11-10 06:00:00")
LINES = [
    line(1),
    line(2, item_id="Z"),
    line(3, kind="transfer", source_id="W"),
    line(4, kind="production", source_id="Y", start_at=START, finish_at=START + timedelta(hours=3)),
    line(5, source_id="T"),
]
LEVELS = [
    {"item_id": item, "location_id": "Y", "min_qty": 9.0, "max_qty": 20.0, "multiple_qty": 4.0, "is_exported": True}
    for item in ("X", "Z")
]
Table = list[list[str]]
Fault = Callable[[Table], None]


@pytest.fixture(scope="module")
def night() -> Night:
    return Night(LINES, settings(erpnext_target="purchase_order"), MinMax=LEVELS)


@pytest.fixture(scope="module")
def proposals(night: Night, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return night.write(tmp_path_factory.mktemp("run"))


def put(column: str, value: str, row: int = 1) -> Fault:
    """Write a value into a cell."""

    def fault(table: Table) -> None:
        table[row][table[0].index(column)] = value

    return fault


def rename(column: str, value: str) -> Fault:
    """Call a column otherwise."""

    def fault(table: Table) -> None:
        table[0][table[0].index(column)] = value

    return fault


def drop(column: str) -> Fault:
    """Leave a column out."""

    def fault(table: Table) -> None:
        place = table[0].index(column)
        for row in table:
            del row[place]

    return fault


def repeat(table: Table) -> None:
    """The last row once more."""
    table.append(list(table[-1]))


def headless(table: Table) -> None:
    """Nothing but the heading."""
    del table[1:]


def blank_row(table: Table) -> None:
    """A row of empty cells."""
    table.append([""] * len(table[0]))


def short_row(table: Table) -> None:
    """A row that lacks its last cell."""
    table[-1].pop()


def spoiled(file: Path, fault: Fault) -> str:
    """The file with one fault."""
    table = list(csv.reader(io.StringIO(text_of(file), newline="")))
    fault(table)
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    return out.getvalue()


def test_all_is_taken_in_as_it_is(night: Night, proposals: Path) -> None:
    assert load_odoo(odoo_for(night.keys), proposals) == []
    assert load_erpnext(erpnext_for(night.proposals, night.keys), proposals) == []
    frepple = frepple_for(night.proposals, night.keys)
    assert load_frepple(frepple, proposals) == []
    assert frepple.warnings == ["purchaseorder: skipping unknown field remark"]  # as docs/erp_files.md says


@pytest.mark.parametrize(
    ("model", "fault"),
    [
        ("purchase.order", rename("partner_id/id", "partner_id")),  # a name: must be unique, and is not ours to know
        ("purchase.order", rename("order_line/product_uom/id", "order_line/product_uom_id/id")),
        ("purchase.order", rename("origin", "remark")),
        ("purchase.order", put("id", "")),
        ("purchase.order", put("id", "replenish.P 1")),
        ("purchase.order", put("id", "replenish.P.1")),
        ("purchase.order", put("id", "stock.P1")),
        ("purchase.order", put("partner_id/id", "own.nobody")),
        ("purchase.order", put("partner_id/id", "")),
        ("purchase.order", drop("partner_id/id")),
        ("purchase.order", put("order_line/product_id/id", "")),
        ("purchase.order", put("order_line/product_qty", "")),
        ("purchase.order", put("order_line/product_qty", "1,5")),
        ("purchase.order", put("order_line/price_unit", "")),
        ("purchase.order", put("order_line/date_planned", "19.11.2026")),
        ("purchase.order", put("order_line/date_planned", "")),
        ("purchase.order", put("order_line/id", "")),
        ("purchase.order", headless),
        ("purchase.order", blank_row),
        ("purchase.order", short_row),
        ("stock.picking", put("move_type", "slowly")),
        ("stock.picking", put("picking_type_id/id", "")),
        ("stock.picking", rename("move_ids/id", "move_ids_without_package/id")),
        ("stock.picking", drop("move_ids/name")),
        ("mrp.production", rename("date_start", "date_planned_start")),
        ("mrp.production", put("product_id/id", "own.nobody")),
        ("mrp.production", put("date_start", "")),
        ("stock.warehouse.orderpoint", put("trigger", "sometimes")),
        ("stock.warehouse.orderpoint", put("id", "replenish.OP-other", row=2)),
        ("stock.warehouse.orderpoint", put("product_max_qty", "")),
    ],
)
def test_odoo_refuses(night: Night, proposals: Path, model: str, fault: Fault) -> None:
    odoo = odoo_for(night.keys)
    text = spoiled(proposals / "odoo" / f"{model}.csv", fault)
    if model == "stock.warehouse.orderpoint" and "OP-other" in text:  # the same product and location once more
        text = text_of(proposals / "odoo" / f"{model}.csv") + text.split("\n", 1)[1]
    assert odoo.load(model, text)
    assert odoo.records == {}


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("material_request", rename("items.item_code", "item")),
        ("material_request", put("material_request_type", "Transfer")),  # the word of reorder levels, not of requests
        ("material_request", put("company", "Other")),
        ("material_request", put("company", "")),
        ("material_request", put("naming_series", "MR-")),
        ("material_request", put("items.warehouse", "Z")),
        ("material_request", put("items.warehouse", "")),
        ("material_request", put("items.from_warehouse", "")),
        ("material_request", put("items.qty", "0")),
        ("material_request", put("items.qty", "2.5")),
        ("material_request", put("items.uom", "")),
        ("material_request", put("items.schedule_date", "2026-11-01")),
        ("material_request", put("items.schedule_date", "19.11.2026")),
        ("material_request", headless),
        ("material_request", short_row),
        ("purchase_order", drop("items.conversion_factor")),
        ("purchase_order", put("supplier", "nobody")),
        ("purchase_order", put("items.conversion_factor", "12")),
        ("purchase_order", put("transaction_date", "")),
        ("purchase_order", put("title", "x" * 141)),
        ("work_order", put("bom_no", "")),
        ("work_order", put("skip_transfer", "0")),
        ("work_order", put("planned_end_date", "2026-11-01 00:00:00")),
        ("work_order", put("planned_start_date", "2026-11-10")),
        ("work_order", put("qty", "0")),
        ("item", put("ID", "nothing")),
        ("item", put("reorder_levels.material_request_type", "Material Transfer")),
        ("item", put("reorder_levels.warehouse", "")),
    ],
)
def test_erpnext_refuses(night: Night, proposals: Path, name: str, fault: Fault) -> None:
    site = erpnext_for(night.proposals, night.keys)
    mode = UPDATE if name == "item" else INSERT
    assert site.load(DOCTYPES[name], spoiled(proposals / "erpnext" / f"{name}.csv", fault), mode)
    assert not [doc for doctype, docs in site.docs.items() for doc in docs.values() if doctype != "Item" or doc]


def test_erpnext_updates_only_what_is_there(night: Night, proposals: Path) -> None:
    site = erpnext_for(night.proposals, night.keys)
    text = text_of(proposals / "erpnext" / "purchase_order.csv")
    assert site.load("Purchase Order", text, UPDATE)
    assert site.load("Purchase Order", spoiled(proposals / "erpnext" / "purchase_order.csv", rename("title", "ID")))


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("purchaseorder", put("status", "open")),
        ("purchaseorder", put("item", "nothing")),
        ("purchaseorder", put("location", "nowhere")),
        ("purchaseorder", put("supplier", "nobody")),
        ("purchaseorder", put("quantity", "ten")),
        ("purchaseorder", put("receipt date", "19.11.2026")),
        ("purchaseorder", put("reference", "x" * 301)),
        ("purchaseorder", drop("reference")),
        ("purchaseorder", repeat),
        ("distributionorder", put("origin", "nowhere")),
        ("manufacturingorder", put("operation", "nothing")),
        ("manufacturingorder", put("end date", "2026-11-01 00:00:00")),
        ("manufacturingorder", rename("batch", "resources")),  # an empty list of resources is an error there
    ],
)
def test_frepple_refuses(night: Night, proposals: Path, name: str, fault: Fault) -> None:
    frepple = frepple_for(night.proposals, night.keys)
    assert frepple.load(name, spoiled(proposals / "frepple" / f"{name}.csv", fault))


def test_frepple_skips_what_it_does_not_know(night: Night, proposals: Path) -> None:
    """`quantity completed` is neither the name nor the verbose name of the field: so it is not written."""
    frepple = frepple_for(night.proposals, night.keys)
    text = spoiled(proposals / "frepple" / "manufacturingorder.csv", rename("batch", "quantity completed"))
    assert frepple.load("manufacturingorder", text) == []
    assert frepple.warnings == ["manufacturingorder: skipping unknown field quantity completed"]


def test_what_the_erp_has_confirmed_is_not_ours(night: Night, proposals: Path) -> None:
    frepple = frepple_for(night.proposals, night.keys)
    assert load_frepple(frepple, proposals) == []
    next(iter(frepple.rows["purchaseorder"].values()))["status"] = "confirmed"
    assert load_frepple(frepple, proposals)
