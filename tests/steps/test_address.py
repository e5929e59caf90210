"""Keys of ERPs: what is looked up, what stands for what is missing, and what is held without one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from replenish import steps
from replenish.publish_settings import ERP_SYSTEMS
from replenish.tables import core, proposal
from tests.publish.erp_night import AS_OF, RUN, Row, line
from tests.steps.propose_frames import frame


def key(system: str, kind: str, our_id: str, erp_id: str = "own.key") -> Row:
    return {"system": system, "kind": kind, "our_id": our_id, "erp_id": erp_id}


def addressed(
    lines: list[Row], keys: list[Row], dialects: tuple[str, ...] = ERP_SYSTEMS, **more: Any
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    told = {"dialects": dialects, "has_work_orders": False, "warehouse_suffix": "", "run_id": RUN}
    told |= {"as_of": AS_OF, "currency": "EUR"}
    tables = {name: more.pop(name, []) for name in ("exceptions", "open_supply", "previous", "previous_exceptions")}
    return steps.address(
        frame(proposal.Proposal, lines),
        frame(proposal.Exception, tables["exceptions"]),
        frame(core.ErpKey, keys),
        frame(core.OpenSupply, tables["open_supply"]),
        frame(core.PreviousProposal, tables["previous"]),
        frame(core.PreviousException, tables["previous_exceptions"]),
        **told | more,
    )


def test_without_dialects_nothing_is_asked() -> None:
    lines, exceptions, erp_lines = addressed([line()], [], ())
    assert lines.equals(frame(proposal.Proposal, [line()]))
    assert exceptions.is_empty()
    assert erp_lines.is_empty()


def test_names_of_ours_stand_where_names_are_keys() -> None:
    keys = [key("erpnext", "item", "X", "ITEM-X"), key("frepple", "location", "W", "Warehouse")]
    rows = [line(1), line(2, kind="transfer", source_id="W")]
    lines, _, erp_lines = addressed(rows, keys, ("erpnext", "frepple"), warehouse_suffix=" - AC")
    assert not lines["hold"].any()
    wanted = ("system", "item_key", "location_key", "source_key", "uom_key")
    assert erp_lines.select(wanted).rows() == [
        ("erpnext", "ITEM-X", "Y - AC", "S", "EA"),
        ("erpnext", "ITEM-X", "Y - AC", "W - AC", "EA"),
        ("frepple", "X", "Y", "S", "EA"),
        ("frepple", "X", "Y", "Warehouse", "EA"),
    ]


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("purchase", ["item X", "supplier S", "uom EA", "picking_type purchase@Y"]),
        ("transfer", ["item X", "location S", "location Y", "uom EA", "picking_type transfer@S"]),
        ("production", ["item X", "uom EA", "bom X@Y", "picking_type production@Y"]),
    ],
)
def test_odoo_needs_a_key_of_everything(kind: str, needed: list[str]) -> None:
    (cause,) = addressed([line(kind=kind)], [], ("odoo",))[0]["hold_cause"]
    assert cause == f"DATA_INVALID: Odoo has no key for {', '.join(needed)}: add it to erp_key"
    keys = [key("odoo", *one.split(" ", 1)) for one in needed]
    lines, exceptions, _ = addressed([line(kind=kind)], keys, ("odoo",))
    assert lines["hold_cause"].to_list() == [None]
    assert exceptions.is_empty()


def test_a_bill_of_the_plant_comes_before_one_of_the_item() -> None:
    keys = [key("erpnext", "bom", "X", "BOM-X"), key("erpnext", "bom", "X@Y", "BOM-X-Y")]
    rows = [line(1, kind="production"), line(2, kind="production", location_id="V")]
    _, _, erp_lines = addressed(rows, keys, ("erpnext",), has_work_orders=True)
    assert erp_lines["bom_key"].to_list() == ["BOM-X-Y", "BOM-X"]
    lines, _, _ = addressed(rows, [], ("erpnext",), has_work_orders=True)
    assert lines["hold_cause"][0] == "DATA_INVALID: ERPNext has no key for bom X@Y: add it to erp_key"
    assert not addressed(rows, [], ("erpnext",))[0]["hold"].any()  # a request names the item alone


def test_once_a_company_has_a_key_every_location_needs_one() -> None:
    keys = [
        key("odoo", *one) for one in (("item", "X"), ("supplier", "S"), ("uom", "EA"), ("picking_type", "purchase@Y"))
    ]
    lines, _, _ = addressed([line()], [*keys, key("odoo", "company", "V")], ("odoo",))
    assert lines["hold_cause"].to_list() == ["DATA_INVALID: Odoo has no key for company Y: add it to erp_key"]


def test_messages_need_no_key_and_an_earlier_cause_stays() -> None:
    rows = [
        line(1, action="DEFER", existing_order_id="O", existing_line_id="1"),
        line(2, hold=True, hold_cause="GHOST_STOCK: count first"),
    ]
    lines, exceptions, _ = addressed(rows, [], ("odoo",))
    assert lines["hold_cause"].to_list() == [None, "GHOST_STOCK: count first"]
    assert exceptions.is_empty()


def test_a_missing_key_is_one_exception_with_the_money_it_holds_back() -> None:
    keys = [key("odoo", kind, our) for kind, our in (("supplier", "S"), ("uom", "EA"), ("picking_type", "purchase@Y"))]
    rows = [line(n, expected_lost_sales_value_without=5.0 * n) for n in (1, 2)] + [line(3, item_id="Z")]
    before = {"exception_id": "E-1", "code": "EXCESS", "value_at_stake": 10.0, "rank": 1}
    _, first, _ = addressed(rows, [*keys, key("odoo", "item", "Z")], ("odoo",), exceptions=[before])
    found = first.sort("rank").to_dicts()
    assert [(one["rank"], one["code"], one["value_at_stake"]) for one in found] == [
        (1, "DATA_INVALID", 15.0),
        (2, "EXCESS", 10.0),
    ]
    told = found[0]
    assert (told["item_id"], told["qty"], told["hold"], told["first_seen_run"]) == ("X", 20.0, True, RUN)
    assert told["date"] == AS_OF + timedelta(days=1)
    assert told["explanation"] == (
        "Odoo has no key for item X: add a row to erp_key (system odoo, kind item, our_id X). "
        "Held back: 2 lines, worth 15 EUR of margin."
    )
    seen = [{"exception_id": told["exception_id"], "first_seen_run": "2026-11-07-bbbbbbbb"}]
    _, again, _ = addressed(rows, [*keys, key("odoo", "item", "Z")], ("odoo",), previous_exceptions=seen)
    assert again["first_seen_run"].to_list() == ["2026-11-07-bbbbbbbb"]


def test_orders_are_found_by_line_and_in_frepple_by_number_where_they_have_but_one() -> None:
    orders = [
        {"order_id": order, "line_id": number, "item_id": "X", "location_id": "Y", "status": "planned"}
        for order, number in (("A", "1"), ("B", "1"), ("B", "2"))
    ]
    rows = [
        line(n, action="DEFER", existing_order_id=order, existing_line_id=number)
        for n, (order, number) in enumerate((("A", "1"), ("B", "1"), ("B", "2")))
    ]
    keys = [
        key("frepple", "order", "B/2", "PO-B-2"),
        key("odoo", "order", "A", "own.po_a"),
        key("odoo", "order", "B/1", "own.line_b1"),
    ]
    _, _, erp_lines = addressed(rows, keys, ("odoo", "frepple"), open_supply=orders)
    found = {system: part["order_key"].to_list() for (system,), part in erp_lines.group_by("system")}
    assert found == {"odoo": [None, "own.line_b1", None], "frepple": ["A", None, "PO-B-2"]}
    assert set(erp_lines["order_status"]) == {"planned"}


def test_many_missing_keys_of_a_kind_are_one_exception() -> None:
    keys = [key("odoo", kind, our) for kind, our in (("supplier", "S"), ("uom", "EA"), ("picking_type", "purchase@Y"))]
    rows = [line(n, item_id=f"item {n:02}", expected_lost_sales_value_without=1.0) for n in range(21)]
    lines, exceptions, _ = addressed(rows, keys, ("odoo",))
    assert lines["hold"].all()
    (told,) = exceptions.to_dicts()
    assert (told["item_id"], told["cause_id"], told["value_at_stake"]) == (None, "odoo/item/*", 21.0)
    assert told["explanation"] == (
        "Odoo has no key for 21 ids of kind item, such as item 00, item 01, item 02: add a row for each to erp_key "
        "(system odoo, kind item). Held back: 21 lines, worth 21 EUR of margin."
    )
    assert addressed(rows[:20], keys, ("odoo",))[1].height == 20
