"""Exports of shops, ERPs and planners in their own layout, through the very blocks of docs/sources.md."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from replenish.ingest import InputError
from replenish.ingest.presets import PRESETS
from replenish.settings import Settings
from tests.ingest.company import SALES, STOCK, Company
from tests.ingest.page import BLOCKS, HOW_TO, PAGE, blocks_of

SOURCES: dict[str, Any] = {name: one for block in BLOCKS for name, one in block.get("source", {}).items()}
BERLIN = next(block["calendar"] for block in BLOCKS if "calendar" in block)
EXPORTS = Path(__file__).parent / "exports"

# source of the page: its file, columns looked at, rows loaded, rows set aside or rejected by rule
CASES: dict[str, tuple[str, str, list[tuple[Any, ...]], dict[str, int]]] = {
    "shopify_orders": (
        "orders_export_1.csv",
        "date, item_id, location_id, qty, unit_price, order_id, channel",
        [
            ("2026-03-02", "T-1", "Main warehouse", 2.0, 4.5, "#1001", "web"),  # a quarter to midnight in New York
            ("2026-03-02", "J-1", "Main warehouse", 1.0, 3.0, "#1001", "web"),
            ("2026-03-03", "T-1", "High Street", 1.0, 4.5, "#1004", "pos"),
            ("2026-03-04", "T-1", "Main warehouse", 5.0, 4.5, "#1006", "web"),
        ],
        {"cancelled": 2, "refunded": 1, "payment void or expired": 1, "required": 1},
    ),
    "shopify_stock": (
        "inventory_export_2026-03-04.csv",
        "date, item_id, location_id, on_hand_qty, reserved_qty",
        [("2026-03-04", "T-1", "High Street", 0.0, 0.0), ("2026-03-04", "T-1", "Main warehouse", 12.0, 2.0)],
        {"not stocked here": 1, "required": 1},
    ),
    "woo_orders": (
        "order_export_2026.csv",
        "date, item_id, location_id, qty, order_id",
        [
            ("2026-03-01", "J-1", "shop", 1.0, "501"),
            ("2026-03-01", "T-1", "shop", 2.0, "501"),
            ("2026-03-02", "T-1", "shop", 3.0, "502"),
        ],
        {"refunded": 1, "cancelled": 1, "not yet an order": 1, "required": 1},
    ),
    "woo_stock": (
        "wc-product-export-4-3-2026.csv",
        "date, item_id, location_id, on_hand_qty",
        [("2026-11-30", "J-1", "shop", -1.0), ("2026-11-30", "T-1", "shop", 40.0)],
        {"no product of its own": 1, "stock not managed": 1},
    ),
    "odoo_sales": (
        "sale_order.csv",
        "date, item_id, location_id, qty, order_id",
        [
            ("2026-03-02", "FURN_7777", "WH", 4.0, "S00021"),  # half past eleven at night in UTC
            ("2026-03-02", "Plain Lamp", "WH", 2.0, "S00021"),
            ("2026-03-03", "FURN_7777", "Depot", 1.0, "S00024"),
        ],
        {"section or note": 1, "quotation": 1, "cancelled": 1},
    ),
    "odoo_stock": (
        "stock_quant_2026-03-04.csv",
        "date, item_id, location_id, on_hand_qty, reserved_qty",
        [("2026-03-04", "FURN_7777", "WH", 15.0, 2.0), ("2026-03-04", "Plain Lamp", "WH", 3.0, None)],
        {"added to another row": 1, "not our stock": 1},
    ),
    "odoo_purchases": (
        "purchase_order.csv",
        "order_id, line_id, kind, item_id, location_id, qty, open_qty, due_date, order_date, source_id",
        [
            ("P00007", "1", "purchase", "FURN_7777", "WH", 20.0, 12.0, "2026-03-20", "2026-03-01", "Azure Interior"),
            ("P00007", "2", "purchase", "Plain Lamp", "WH", 5.0, 0.0, "2026-03-21", "2026-03-01", "Azure Interior"),
        ],
        {"not yet ordered": 1},
    ),
    "erpnext_sales": (
        "sales_invoice.csv",
        "date, item_id, location_id, qty, order_id",
        [
            ("2026-03-01", "SKU001", "Stores - C", 2.0, "ACC-SINV-2026-00001"),
            ("2026-03-01", "SKU002", "Stores - C", 1.0, "ACC-SINV-2026-00001"),
            ("2026-03-02", "SKU001", "Stores - C", -1.0, "ACC-SINV-2026-00002"),
        ],
        {"cancelled": 1, "draft": 1, "total line": 1},
    ),
    "erpnext_stock": (
        "stock_balance_20260304.csv",
        "date, item_id, location_id, on_hand_qty",
        [("2026-03-04", "SKU001", "Stores - C", 17.0), ("2026-03-04", "SKU002", "Stores - C", 0.5)],
        {"total line": 1},
    ),
    "erpnext_purchases": (
        "purchase_order_items.csv",
        "order_id, line_id, item_id, location_id, qty, open_qty, due_date, source_id",
        [
            ("PUR-ORD-2026-00001", "abc1", "SKU001", "Stores - C", 10.0, 4.0, "2026-03-20", "Zuckerman"),
            ("PUR-ORD-2026-00001", "abc2", "SKU002", "Stores - C", 3.0, 3.0, "2026-03-22", "Zuckerman"),
        ],
        {"closed": 1, "draft": 1},
    ),
    "odoo_receipts": (
        "stock_move.csv",
        "order_id, line_id, date, qty",
        [("P00007", "pol_1", "2026-03-10", 8.0), ("P00007", "pol_1", "2026-03-12", 3.0)],
        {"added to another row": 1, "not received": 1, "no purchase": 1},
    ),
    "erpnext_ledger": (
        "stock_ledger.csv",
        "date, item_id, location_id, on_hand_qty",
        [("2026-03-01", "SKU001", "Stores - C", 20.0), ("2026-03-02", "SKU001", "Stores - C", 17.0)],
        {"opening or total line": 1, "a later row of the day counts": 1},
    ),
    "erpnext_receipts": (
        "purchase_receipt.csv",
        "order_id, line_id, date, qty",
        [("PUR-ORD-2026-00001", "abc1", "2026-03-15", 6.0), ("PUR-ORD-2026-00001", "abc2", "2026-03-15", 1.0)],
        {"cancelled": 1, "no purchase order": 1},
    ),
    "frepple_purchases": (
        "purchaseorder.csv",
        "order_id, line_id, kind, item_id, location_id, source_id, qty, due_date, status",
        [
            ("PO 1", "1", "purchase", "chair", "factory", "wood", 30.0, "2026-03-20", "released"),
            ("PO 2", "1", "purchase", "chair", "factory", "wood", 10.0, "2026-03-25", "firm"),
        ],
        {"its own proposal": 1, "closed": 1},
    ),
    "frepple_orders": (
        "demand.csv",
        "order_id, line_id, kind, item_id, location_id, qty, due_date",
        [("D1", "1", "sales", "chair", "shop 1", 4.0, "2026-03-20")],
        {"delivered": 1, "no firm order": 1},
    ),
    "frepple_sales": (
        "demand.csv",
        "date, item_id, location_id, qty, order_id, customer_id",
        [("2026-03-02", "chair", "shop 1", 2.0, "D2", "Joe")],
        {"not yet delivered": 1, "no firm order": 1},
    ),
    "frepple_stock": (
        "buffer.csv",
        "item_id, location_id, on_hand_qty",
        [("chair", "factory", 12.0), ("chair", "shop 1", 0.0)],
        {},
    ),
}


def raw(company: Company, table: str, file: str, columns: str) -> list[tuple[Any, ...]]:
    query = f"select {columns} from raw.{table} join meta.load on load_id = _load_id where file = ? order by all"
    return [
        tuple(str(one) if hasattr(one, "isoformat") else one for one in row)
        for row in company.warehouse.query(query, [f"inputs/{file}"]).rows()
    ]


def rules(company: Company, table: str) -> dict[str, int]:
    query = "select rule, count(*)::integer from raw.reject where table_name = ? group by rule"
    return dict(company.warehouse.query(query, [table]).rows())


@pytest.mark.parametrize("name", CASES)
def test_an_export_is_read_as_its_system_writes_it(company: Company, name: str) -> None:
    file, columns, loaded, left_out = CASES[name]
    table = PRESETS[SOURCES[name]["preset"]].table
    company.required().put(file, (EXPORTS / name / file).read_bytes())
    result = company.load(source={name: SOURCES[name]}, calendar=BERLIN)[file, table]
    assert raw(company, table, file, columns) == sorted(loaded), company.rejects()
    assert rules(company, table) == left_out
    assert (result.loaded_count, result.rejected_count) == (len(loaded), sum(left_out.values()))
    assert not [one for one in result.warnings if "kept out" in one]


@pytest.mark.parametrize("page", [PAGE, HOW_TO], ids=lambda page: page.stem)
def test_every_block_is_understood(page: Path) -> None:
    blocks = blocks_of(page)
    assert blocks
    for block in blocks:
        Settings.model_validate(block)


def test_every_preset_is_on_the_page_and_tested() -> None:
    assert {SOURCES[name]["preset"] for name in CASES} == set(PRESETS)
    assert {name for name, one in SOURCES.items() if "preset" in one} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_an_export_without_rows_and_one_cut_off_in_the_middle(company: Company, name: str) -> None:
    """Nothing is lost and nothing is made up, whatever stands in the file."""
    file, content = CASES[name][0], (EXPORTS / name / CASES[name][0]).read_bytes()
    head, _, rest = content.partition(b"\n")
    table = PRESETS[SOURCES[name]["preset"]].table
    for text in (head + b"\n", head + b"\n" + rest[: len(rest) // 2], head + b"\n" + rest.replace(b",", b"", 3)):
        company.required().put(file, text)
        result = company.load(source={name: SOURCES[name]}, calendar=BERLIN)[file, table]
        assert result.row_count == result.loaded_count + result.rejected_count


@pytest.mark.parametrize("name", CASES)
def test_an_export_nobody_claims_is_recognised(company: Company, name: str) -> None:
    file = CASES[name][0]
    odd = f"x{file}"  # no table's name
    company.required().put(odd, (EXPORTS / name / file).read_bytes())
    told = company.load()[odd, ""].warnings[0]
    wanted = SOURCES[name]["preset"]
    # one file of frePPLe's demand is sales or orders
    assert f'preset = "{wanted}"' in told or (file == "demand.csv" and 'preset = "frepple_' in told), told


def test_odoo_as_a_workbook_with_times_as_excel_keeps_them(company: Company) -> None:
    with xlsxwriter.Workbook(str(company.inputs / "sale_order.xlsx")) as book:
        sheet = book.add_worksheet()
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write_row(0, 0, ["name", "date_order", "warehouse_id", "state", "order_line/product_id"])
        sheet.write(0, 5, "order_line/product_uom_qty")
        sheet.write_row(1, 0, ["S1", None, "WH", "sale", "[A] Chair", 2])
        sheet.write_datetime(1, 1, datetime(2026, 3, 1, 23, 30), moment)  # noqa: DTZ001 - Odoo writes UTC without saying so
        sheet.write_row(2, 4, ["[B] Lamp", 1])
    company.required()
    company.load(limit=0.0, source={"odoo": SOURCES["odoo_sales"] | {"files": "*.xlsx"}}, calendar=BERLIN)
    found = raw(company, "sales", "sale_order.xlsx", "date, item_id, location_id, qty, order_id")
    assert found == [("2026-03-02", "A", "WH", 2.0, "S1"), ("2026-03-02", "B", "WH", 1.0, "S1")]


def test_a_plain_mapping_of_the_page(company: Company) -> None:
    company.required().put("till/1.csv", "Booked,Article,Shop,Units,Cashier\n1.3.2026,a,x,2,ann\n1.3.2026,a,x,1,TEST\n")
    result = company.load(source={"till": SOURCES["till"]})["till/1.csv", "sales"]
    assert (result.loaded_count, result.set_aside_count) == (1, 1)


def test_a_column_for_each_location(company: Company) -> None:
    """Shopify's inventory export before 2022."""
    text = "Handle,Title,Option1 Name,Option1 Value,SKU,HS Code,COO,Main,High Street\n"
    text += "tea,Tea,Title,Default Title,T-1,,,12,not stocked\njam,Jam,Title,Default Title,J-1,,,x,-1\n"
    company.required().put("inventory_export_2026-03-04.csv", text)
    source = {"stock": SOURCES["shopify_stock"]}
    result = company.load(source=source)["inventory_export_2026-03-04.csv", "stock"]
    assert (result.row_count, result.loaded_count, result.set_aside_count) == (4, 2, 1)
    found = raw(company, "stock", "inventory_export_2026-03-04.csv", "item_id, location_id, on_hand_qty")
    assert found == [("J-1", "High Street", -1.0), ("T-1", "Main", 12.0)]


WOO_CELL = "id:1|name:Tea|sku:T-1|quantity:2|total:9;id:2|name:J|sku:J-1|quantity:1"
WOO_ROWS = ("501,Completed,2026-03-01 10:00,T-1,1,2,4.5", "501,Completed,2026-03-01 10:00,J-1,2,1,3")


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("order_id,date,status,line_items", f'501,2026-03-01 10:00,completed,"{WOO_CELL}"'),
        ("Order Number,Order Status,Order Date,SKU,Item #,Quantity,Item Cost", "\n".join(WOO_ROWS)),
    ],
)
def test_other_order_exports_of_woocommerce(company: Company, head: str, row: str) -> None:
    company.required().put("order_export_1.csv", f"{head}\n{row}\n")
    company.load(limit=0.0, source={"woo": SOURCES["woo_orders"]})
    assert raw(company, "sales", "order_export_1.csv", "item_id, qty") == [("J-1", 1.0), ("T-1", 2.0)]


def test_a_stock_list_without_a_day_is_told_what_to_do(company: Company) -> None:
    company.required().put("stock.csv", "item_id,location_id,on_hand_qty\na,x,5\n")
    with pytest.raises(InputError, match=r"stock_2026-11-30\.csv.*snapshot_date"):
        company.load()
    (company.inputs / "stock.csv").rename(company.inputs / "stock_2026.01.09.csv")
    company.load()
    assert [str(day) for day in company.raw("stock")["date"]] == ["2026-01-09"]


def test_a_preset_nobody_knows_and_one_that_feeds_another_table(company: Company) -> None:
    company.required()
    with pytest.raises(InputError, match=r"preset = 'shopfy' is not known.*shopify_orders"):
        company.load(source={"x": {"preset": "shopfy", "files": "*.csv"}})
    with pytest.raises(InputError, match=r"feeds sales, not 'stock'"):
        company.load(source={"x": {"preset": "odoo_sales", "table": "stock", "files": "*.csv"}})


@pytest.mark.parametrize("zone", ["", "America/New_York"])
def test_a_time_with_an_offset_is_a_day_of_the_time_zone(company: Company, zone: str) -> None:
    times = ["2026-03-01T04:30:00Z", "2026-03-01 04:30:00 UTC", "2026-03-01 06:30:00.123+0200", "2026-03-01 04:30+00"]
    rows = "".join(f"{time},a,x,1\n" for time in [*times, "2026-03-01"])
    company.put("stock.csv", STOCK)
    company.put("sales.csv", SALES.decode().splitlines()[0] + "\n" + rows)
    company.load(limit=0.0, calendar={"time_zone": zone})
    days = [str(day) for day in company.raw("sales")["date"]]
    assert days == (["2026-02-28"] * 4 if zone else ["2026-03-01"] * 4) + ["2026-03-01"]
