"""Files for Odoo, ERPNext and frePPLe: their import rules take them in, nothing is lost, and a second night updates."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from replenish.publish import manifest
from replenish.publish_settings import ERP_SYSTEMS
from tests.publish.erp_night import (
    Night,
    Row,
    accounted,
    erpnext_for,
    frepple_for,
    keys_for,
    line,
    load_erpnext,
    load_frepple,
    load_odoo,
    odoo_for,
    rows_of,
    settings,
    text_of,
)
from tests.publish.moments import moment
from tests.publish.published import HOSTILE
from tests.publish.test_files import frictionless, hashes

START = moment("2026-11-10 06:00:00")
MIXED = [
    line(1),
    line(2, item_id="Z", qty=4.5, uom="kg", unit_cost=3.0),
    line(3, qty=6.0),  # the same item on the same day: one line with the first
    line(4, source_id="T", unit_cost=None),
    line(5, kind="transfer", source_id="W", qty=2.0),
    line(6, kind="production", source_id="Y", start_at=START, finish_at=START + timedelta(hours=30)),
    line(7, kind="production", item_id="Z", source_id="Y"),
    line(8, hold=True, hold_cause="GHOST_STOCK: count first"),
    line(9, action="CANCEL", qty=0.0, old_qty=5.0, existing_order_id="PO1", existing_line_id="1"),
    line(10, action="ON_SCHEDULE", existing_order_id="PO2", existing_line_id="1"),
    line(11, order_date=date(2026, 11, 11)),
]


def loaded(night: Night, folder: Path, version: int = 18) -> tuple[Any, Any, Any]:
    """The three systems after an import of the night, which they took in without a complaint."""
    proposals = night.write(folder)
    systems = (
        odoo_for(night.keys, version),
        erpnext_for(night.proposals, night.keys),
        frepple_for(night.proposals, night.keys),
    )
    wrong = [load_odoo(systems[0], proposals), load_erpnext(systems[1], proposals), load_frepple(systems[2], proposals)]
    assert wrong == [[], [], []]
    return systems


@pytest.mark.parametrize("version", [16, 17, 18, 19])
def test_every_version_of_odoo_takes_the_files_in(tmp_path: Path, version: int) -> None:
    odoo, _, _ = loaded(Night(MIXED, settings(odoo_version=version)), tmp_path, version)
    kinds = defaultdict(list)
    for record in odoo.records.values():
        kinds[record["model"]].append(record)
    assert {model: len(found) for model, found in kinds.items()} == {
        "purchase.order": 3,  # two suppliers, and another day for the first
        "purchase.order.line": 4,
        "stock.picking": 1,
        "stock.move": 1,
        "mrp.production": 2,
    }
    start = "date_planned_start" if version == 16 else "date_start"
    assert {one[start] for one in kinds["mrp.production"]} == {START, moment("2026-11-09 12:00:00")}
    if version != 18:  # a file for one version is refused by another
        other = odoo_for(Night(MIXED, settings()).keys, 18)
        assert (load_odoo(other, tmp_path / "proposals") != []) == (version in (16, 19))


def test_lines_of_one_item_and_day_are_one_line(tmp_path: Path) -> None:
    night = Night(MIXED, settings())
    odoo, _, frepple = loaded(night, tmp_path)
    assert odoo.needs("purchase.order.line", "product_qty")["replenish.P-000000000001"] == 16.0
    line_of = {row["proposal_id"]: row["line_id"] for row in rows_of(tmp_path / "proposals/odoo/lines.csv")}
    assert line_of["P-000000000003"] == line_of["P-000000000001"] == "replenish.P-000000000001"
    assert len(frepple.rows["purchaseorder"]) == 5  # there every proposal has a reference of its own


@pytest.mark.parametrize("target", ["material_request", "purchase_order"])
def test_erpnext_takes_requests_or_orders(tmp_path: Path, target: str) -> None:
    night = Night(MIXED, settings(erpnext_target=target))
    _, site, _ = loaded(night, tmp_path)
    made = {doctype: len(found) for doctype, found in site.docs.items() if doctype != "Item" and found}
    as_requests = {"Material Request": 5}
    as_orders = {"Material Request": 1, "Purchase Order": 3, "Work Order": 2}
    assert made == (as_requests if target == "material_request" else as_orders)
    lines = [one for doc in site.docs["Material Request"].values() for one in doc["items"]]
    assert all(one["warehouse"] == "Y" for one in lines)
    accounted(tmp_path / "proposals", "erpnext", night.proposals)


def test_the_abbreviation_makes_warehouses_and_a_field_of_ones_own_takes_the_ids(tmp_path: Path) -> None:
    night = Night([line()], settings(erpnext_abbreviation="AC", erpnext_id_field="replenish_id"))
    (row,) = rows_of(night.write(tmp_path) / "erpnext" / "material_request.csv")
    assert (row["items.warehouse"], row["items.replenish_id"]) == ("Y - AC", "P-000000000001")
    assert "items.description" not in row


@pytest.mark.parametrize("system", ERP_SYSTEMS)
def test_every_line_is_in_one_file_or_told_why_not(tmp_path: Path, system: str) -> None:
    night = Night(MIXED, settings())
    proposals = night.write(tmp_path)
    accounted(proposals, system, night.proposals)
    held = {row["proposal_id"]: row["reason"] for row in rows_of(proposals / system / "not_exported.csv")}
    assert held == {"P-000000000008": "GHOST_STOCK: count first"}
    for file in (proposals / system).glob("*.csv"):
        if file.stem not in ("not_exported",):
            assert "P-000000000008" not in file.read_text(), file.name


def test_a_stopped_night_is_in_no_file(tmp_path: Path) -> None:
    stopped = [row | {"hold": True, "hold_cause": "KILL_SWITCH: too much"} for row in MIXED]
    proposals = Night(stopped, settings()).write(tmp_path)
    names = {file.name for file in proposals.rglob("*.csv")}
    assert names == {"not_exported.csv", "messages.csv", "lines.csv"}
    assert all(rows_of(proposals / system / "lines.csv") == [] for system in ERP_SYSTEMS)


def test_an_empty_night_tells_only_that_it_was(tmp_path: Path) -> None:
    proposals = Night([], settings()).write(tmp_path)
    for system in ERP_SYSTEMS:
        files = {file.name: rows_of(file) for file in (proposals / system).iterdir()}
        assert files == {"not_exported.csv": [], "messages.csv": [], "lines.csv": []}


def test_no_dialect_no_folder(tmp_path: Path) -> None:
    night = Night(MIXED, settings(dialects=()), keys=keys_for(pl.DataFrame(schema={"kind": pl.String})))
    assert not night.write(tmp_path).exists()
    assert not night.proposals.filter(pl.col("hold_cause").str.starts_with("DATA_INVALID").fill_null(False)).height


def test_the_same_night_gives_the_same_bytes_in_any_order_of_rows(tmp_path: Path) -> None:
    for name, rows in (("one", MIXED), ("two", MIXED[::-1])):
        Night(rows, settings()).write(tmp_path / name)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


# ---------------------------------------------------------------- what is said of open orders

OPEN = [
    {"order_id": "PO1", "line_id": "1", "kind": "purchase", "item_id": "X", "location_id": "Y", "status": "planned"},
    {"order_id": "PO2", "line_id": "1", "kind": "purchase", "item_id": "X", "location_id": "Y", "status": "released"},
    {"order_id": "PO3", "line_id": "1", "kind": "purchase", "item_id": "X", "location_id": "Y", "status": "planned"},
    {"order_id": "PO3", "line_id": "2", "kind": "purchase", "item_id": "Z", "location_id": "Y", "status": "planned"},
]


def change(number: int, action: str, order: str, line_id: str = "1", **more: Any) -> Row:
    about = {"existing_order_id": order, "existing_line_id": line_id, "old_qty": 8.0, "old_date": date(2026, 11, 30)}
    return line(number, action=action, **about, **more)


def test_dates_of_open_orders_reach_odoo_by_their_key_all_else_a_person(tmp_path: Path) -> None:
    changes = [
        change(1, "EXPEDITE", "PO1"),
        change(2, "EXPEDITE", "PO2"),  # released: the supplier must be asked
        change(3, "DEFER", "PO3", "2"),  # without a key
        change(4, "INCREASE", "PO3"),
    ]
    named = [
        {"system": "odoo", "kind": "order", "our_id": f"{order}/1", "erp_id": f"purchase_import.{order}_1"}
        for order in ("PO1", "PO2", "PO3")
    ]
    night = Night(changes, settings(), keys_for(pl.DataFrame(schema={"kind": pl.String}), *named), OpenSupply=OPEN)
    proposals = night.write(tmp_path)
    assert rows_of(proposals / "odoo" / "purchase.order.line.csv") == [
        {"id": "purchase_import.PO1_1", "date_planned": "2026-11-19 12:00:00"}
    ]
    told = {row["proposal_id"][-1]: row["what_to_do"] for row in rows_of(proposals / "odoo" / "messages.csv")}
    assert told == {
        "2": "agree on 2026-11-19 with S, then change the date of the open order",
        "3": "agree on 2026-11-19 with S, then change the date of the open order",
        "4": "raise the open quantity from 8 to 10",
    }
    odoo = odoo_for(night.keys)
    assert odoo.load("purchase.order.line", text_of(proposals / "odoo" / "purchase.order.line.csv")) != []
    odoo.xmlids["purchase_import.PO1_1"] = "purchase.order.line"
    assert load_odoo(odoo, proposals) == []
    assert len(rows_of(proposals / "erpnext" / "messages.csv")) == 4
    for system in ERP_SYSTEMS:
        accounted(proposals, system, night.proposals)


def test_frepple_changes_what_is_only_proposed_there(tmp_path: Path) -> None:
    changes = [
        change(1, "INCREASE", "PO1"),
        change(2, "DEFER", "PO2"),  # confirmed there
        change(3, "DEFER", "PO3", "2"),  # one of two lines: which reference?
        change(4, "CANCEL", "PO1"),
    ]
    night = Night(changes, settings(), OpenSupply=OPEN)
    frepple = frepple_for(night.proposals, night.keys)
    proposals = night.write(tmp_path)
    assert load_frepple(frepple, proposals) == []
    assert [(row["reference"], row["quantity"]) for row in rows_of(proposals / "frepple" / "purchaseorder.csv")] == [
        ("PO1", "10")
    ]
    assert {row["proposal_id"][-1] for row in rows_of(proposals / "frepple" / "messages.csv")} == {"2", "3", "4"}


# ---------------------------------------------------------------- the next night


def before(*rows: Row) -> list[Row]:
    """Lines as the next night brings them from this one."""
    return [row | {"is_decided": False} for row in rows]


def previous(rows: list[Row]) -> list[Row]:
    names = ("proposal_id", "action", "kind", "item_id", "location_id", "source_id", "need_date", "first_need_date")
    return [{name: row[name] for name in names} | {"qty": row["qty"], "is_decided": False} for row in rows]


def test_the_next_night_updates_and_never_duplicates(tmp_path: Path) -> None:
    """The same needs a day later, with other dates and quantities, one gone and one new that comes first."""
    first = [line(1), line(2, item_id="Z"), line(3, source_id="T"), line(4, kind="transfer", source_id="W")]
    first += [line(5, kind="production", source_id="Y")]
    day = timedelta(days=1)
    moved = [row | {"order_date": row["order_date"] + day, "qty": row["qty"] + 5.0, "unit_cost": None} for row in first]
    second = [moved[0], moved[1], moved[3], moved[4], line(0, item_id="A", order_date=date(2026, 11, 10))]
    second[-1]["first_need_date"] = date(2026, 11, 12)
    nights = [Night(first, settings()), Night(second, settings(), PreviousProposal=previous(first))]
    odoo = odoo_for(pl.concat([night.keys for night in nights]).unique())
    everything = pl.concat([night.proposals for night in nights])
    site, frepple = (make(everything, nights[0].keys) for make in (erpnext_for, frepple_for))
    for number, night in enumerate(nights):
        proposals = night.write(tmp_path / str(number))
        assert load_odoo(odoo, proposals) == []
        assert load_frepple(frepple, proposals) == []
        if number == 0:
            assert load_erpnext(site, proposals) == []
    wanted = {row["proposal_id"]: row["qty"] for row in second if row["kind"] == "purchase"}
    lines = odoo.needs("purchase.order.line", "product_qty")
    assert lines == {f"replenish.{name}": qty for name, qty in wanted.items()} | {"replenish.P-000000000003": 10.0}
    heads = {record["head"] for record in odoo.records.values() if record["model"] == "purchase.order.line"}
    assert len(heads) == 2  # the new need joined the quotation of last night, under the id it had
    assert len(odoo.needs("mrp.production", "product_qty")) == len(odoo.needs("stock.move", "product_uom_qty")) == 1
    gone = [row for row in rows_of(tmp_path / "1/proposals/odoo/messages.csv") if row["action"] == "WITHDRAW"]
    assert [row["proposal_id"] for row in gone] == ["P-000000000003"]
    assert "replenish.P-000000000003" in gone[0]["what_to_do"]
    assert {key[0]: row["quantity"] for key, row in frepple.rows["purchaseorder"].items()} == wanted | {
        "P-000000000003": 10
    }


def test_erpnext_updates_documents_whose_name_is_known(tmp_path: Path) -> None:
    first = [line(1), line(2, item_id="Z")]
    second = [row | {"qty": row["qty"] + 5.0} for row in first]
    night = Night(first, settings())
    site = erpnext_for(night.proposals, night.keys)
    assert load_erpnext(site, night.write(tmp_path / "1")) == []
    ((name, made),) = site.docs["Material Request"].items()
    key = {"system": "erpnext", "kind": "order", "our_id": made["title"], "erp_id": name}
    later = Night(second, settings(), keys_for(night.proposals, key), PreviousProposal=previous(first))
    proposals = later.write(tmp_path / "2")
    assert not (proposals / "erpnext" / "material_request.csv").exists()
    assert load_erpnext(site, proposals) == []
    assert [one["qty"] for one in site.docs["Material Request"][name]["items"]] == [15.0, 15.0]
    assert {row["file"] for row in rows_of(proposals / "erpnext" / "lines.csv")} == {"material_request_update.csv"}


# ---------------------------------------------------------------- keys


def test_a_missing_key_holds_its_lines_and_ships_the_others(tmp_path: Path) -> None:
    night = Night([line(1), line(2, item_id="Z", expected_lost_sales_value_without=7.5)], settings())
    keys = night.keys.filter(~((pl.col("kind") == "item") & (pl.col("our_id") == "Z")))
    night = Night([line(1), line(2, item_id="Z", expected_lost_sales_value_without=7.5)], settings(), keys)
    proposals = night.write(tmp_path)
    (held,) = rows_of(proposals / "odoo" / "not_exported.csv")
    assert held["reason"] == "DATA_INVALID: Odoo has no key for item Z: add it to erp_key"
    (row,) = rows_of(proposals / "odoo" / "purchase.order.csv")
    assert row["order_line/id"] == "replenish.P-000000000001"


def test_reordering_rules_say_what_was_last_told_once_a_product_and_location(tmp_path: Path) -> None:
    told = {"location_id": "Y", "min_qty": 9.0, "max_qty": 20.0, "multiple_qty": 4.0}
    levels = [
        told | {"item_id": "X", "change": "new", "is_exported": True},
        told | {"item_id": "Z", "change": "small", "is_exported": False}
        | {"previous_min_qty": 8.0, "previous_max_qty": 19.0, "previous_multiple_qty": 4.0},
        told | {"item_id": "unknown", "change": "new", "is_exported": True},
        told | {"item_id": "twin", "change": "new", "is_exported": True},
    ]  # fmt: skip
    lines = [line(1), line(2, item_id="Z")]
    keys = Night(lines, settings()).keys
    twin = {"system": "odoo", "kind": "item", "our_id": "twin", "erp_id": keys.filter(kind="item")["erp_id"][0]}
    night = Night(lines, settings(), keys_for(Night(lines, settings()).proposals, twin), MinMax=levels)
    proposals = night.write(tmp_path)
    assert load_odoo(odoo_for(night.keys), proposals) == []
    rules = rows_of(proposals / "odoo" / "stock.warehouse.orderpoint.csv")
    assert sorted((row["product_min_qty"], row["product_max_qty"], row["trigger"]) for row in rules) == [
        ("8", "19", "manual"),
        ("9", "20", "manual"),
    ]
    site = erpnext_for(night.proposals, night.keys)
    site.docs["Item"] |= {"unknown": {}, "twin": {}}
    site.names["Item"] |= {"unknown", "twin"}
    assert load_erpnext(site, proposals) == []
    assert site.docs["Item"]["Z"]["reorder_levels"][0]["warehouse_reorder_level"] == 8.0


# ---------------------------------------------------------------- hostile names


def test_keys_stay_as_they_are_and_texts_never_run(tmp_path: Path) -> None:
    ids = [text for text in HOSTILE if text == text.strip()]
    lines = [line(n, item_id=text, explanation=text) for n, text in enumerate(ids)]
    about = {"item_id": "=1+1", "existing_order_id": "=2+2", "existing_line_id": "-1", "old_qty": 1.0}
    lines += [line(50, item_id="@x", hold=True, hold_cause="=3+3"), line(51, action="CANCEL", **about)]
    night = Night(lines, settings(), Item=[{"item_id": text, "name": text} for text in ids])
    proposals = night.write(tmp_path)
    assert load_odoo(odoo_for(night.keys), proposals) == []
    site, frepple = erpnext_for(night.proposals, night.keys), frepple_for(night.proposals, night.keys)
    assert load_erpnext(site, proposals) == []
    assert load_frepple(frepple, proposals) == []
    assert {row["item"] for row in rows_of(proposals / "frepple" / "purchaseorder.csv")} == set(ids)
    for file in proposals.rglob("*.csv"):
        if file.stem in ("lines", "messages", "not_exported"):  # for people: nothing in them is a key
            assert not [cell for row in rows_of(file) for cell in row.values() if cell[:1] in tuple("=+@-")], file
    for system, column in (("odoo", "order_line/name"), ("erpnext", "items.item_name"), ("frepple", "remark")):
        file = {"odoo": "purchase.order", "erpnext": "material_request", "frepple": "purchaseorder"}[system]
        texts = [row[column] for row in rows_of(proposals / system / f"{file}.csv")]
        assert len(texts) == len(ids)
        assert not [text for text in texts if text[:1] in "=+-@"]


def test_the_manifest_describes_every_file_and_an_independent_reader_accepts_it(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    changes = [change(20, "CANCEL", "PO1")]
    Night([*MIXED, *changes], settings(erpnext_id_field="replenish_id"), OpenSupply=OPEN).write(folder)
    manifest.write(folder, {"run_id": "2026-11-08-aaaaaaaa"})
    told = {one["path"]: one for one in json.loads((folder / "manifest.json").read_text())["resources"]}
    assert {f"proposals/{system}/lines.csv" for system in ERP_SYSTEMS} <= set(told)
    for path, one in told.items():
        assert one["rows"] == len(rows_of(folder / path))
        assert all(field["description"] for field in one["schema"]["fields"])
    assert frictionless(folder) == (True, set())


# ---------------------------------------------------------------- laws


IDS = st.sampled_from(["A", "B", "-C", "Ö d", 'q"uote', "x,y"])


@st.composite
def nights(draw: st.DrawFn) -> list[Row]:
    rows = []
    for number in range(draw(st.integers(0, 12))):
        kind = draw(st.sampled_from(["purchase", "transfer", "production"]))
        action = draw(st.sampled_from(["NEW"] * 4 + ["EXPEDITE", "CANCEL", "INCREASE", "ON_SCHEDULE"]))
        place = draw(IDS)
        ordered = date(2026, 11, 9) + timedelta(days=draw(st.integers(0, 1)))
        about = {
            "kind": kind,
            "action": action,
            "item_id": draw(IDS),
            "location_id": place,
            "source_id": place if kind == "production" else draw(IDS),
            "qty": float(draw(st.integers(1, 50))),
            "order_date": ordered,
            "receipt_date": ordered + timedelta(days=draw(st.integers(0, 2))),
            "first_need_date": ordered + timedelta(days=draw(st.integers(0, 3))),
            "hold": (held := draw(st.booleans())),
            "hold_cause": "OUTLIER: too much" if held else None,
        }
        if action != "NEW":
            about |= {"existing_order_id": f"O{number % 3}", "existing_line_id": "1", "old_qty": 3.0}
        rows.append(line(number, **about))
    return rows


@given(nights(), st.booleans())
@effort(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_line_is_lost_and_joining_keeps_every_unit(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], as_orders: bool
) -> None:
    target = "purchase_order" if as_orders else "material_request"
    night = Night(rows, settings(erpnext_target=target))
    folder = tmp_path_factory.mktemp("night")
    odoo, site, frepple = loaded(night, folder)
    free = night.proposals.filter(~pl.col("hold"), action="NEW")
    for system in ERP_SYSTEMS:
        accounted(folder / "proposals", system, night.proposals)
    for kind, model, qty in (
        ("purchase", "purchase.order.line", "product_qty"),
        ("transfer", "stock.move", "product_uom_qty"),
        ("production", "mrp.production", "product_qty"),
    ):
        assert sum(odoo.needs(model, qty).values()) == free.filter(kind=kind)["qty"].sum()
    items = [one["qty"] for doctype in ("Material Request", "Purchase Order") for doc in site.docs[doctype].values()
             for one in doc["items"]]  # fmt: skip
    assert sum(items) + sum(doc["qty"] for doc in site.docs["Work Order"].values()) == free["qty"].sum()
    orders = ("purchaseorder", "distributionorder", "manufacturingorder")
    assert sum(row["quantity"] for name in orders for row in frepple.rows[name].values()) == free["qty"].sum()
