"""Rows that break the contract are kept with file, row, column, rule and value; the others are loaded."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from replenish.ingest import InputError
from tests.golden_cases import case
from tests.ingest.company import STOCK, Company


def test_each_broken_rule_is_told_with_row_column_and_value(company: Company) -> None:
    company.required().put(
        "sales.csv",
        "Date;Item_ID;location_id;qty;unit_price\n"
        "31.12.2025;a;x;1,5;1.234,50\n"
        "01.01.2026;b;x;abc;2,00\n"
        "02.01.2026;b;x;;2,00\n"
        "02.01.2026;b;x;3\n"
        "02.01.2026;b;x;3;-1,00\n"
        "02.01.2026;b;x;3;1;9\n"
        "31.02.2026;b;x;3;1,25\n"
        "01.01.1969;b;x;3;1,25\n",
    )
    company.load()
    assert [one[1:5] for one in company.rejects()] == [
        (3, "qty", "number", "abc"),
        (4, "qty", "required", None),
        (5, None, "too_few_fields", "02.01.2026;b;x;3"),
        (6, "unit_price", "min", "-1,00"),
        (7, None, "too_many_fields", "02.01.2026;b;x;3;1;9"),
        (8, "Date", "date", "31.02.2026"),
        (9, "Date", "date", "01.01.1969"),
    ]
    assert company.raw("sales").select("date", "qty", "unit_price", "_row").rows() == [
        (date(2025, 12, 31), 1.5, 1234.5, 2)
    ]


def test_repeated_receipts_count_once(company: Company) -> None:
    golden = case("edge_cases", "receipt_duplicate")
    rows = [f"{order},{line},2026-01-01,{qty}" for order, line, qty in golden["inputs"]["receipts"]]
    company.required().put("receipt.csv", "order_id,line_id,date,qty\n" + "\n".join(rows))
    result = company.load()["receipt.csv", "receipt"]
    used = company.raw("receipt").select("order_id", pl.col("line_id").cast(int), "qty").rows()
    assert [list(one) for one in used] == golden["expected"]["receipts_used"]
    assert result.rejected_count == golden["expected"]["rejected"]
    assert company.rejects()[0][3] == "duplicate"


def test_a_unit_without_conversion_is_quarantined(company: Company) -> None:
    golden = case("edge_cases", "unit_mismatch_no_conversion")
    base, other = golden["inputs"]["item_uom"], golden["inputs"]["row_uom"]
    company.required().put(
        "s.csv", f"date,item_id,location_id,qty,unit\n2026-01-01,a,x,2,{base}\n2026-01-01,a,x,2,{other}\n"
    )
    source = {"table": "sales", "files": "s.csv", "uom_column": "unit", "uom_factors": {base: 1.0}}
    company.load(source={"s": source})
    assert golden["expected"]["row"] == "quarantined"
    assert company.rejects() == [("sales", 3, "unit", "unit", other, False)]


def test_units_convert_and_factors_multiply(company: Company) -> None:
    company.required().put(
        "s.csv", "date,item_id,location_id,qty,p,unit\n2026-01-01,a,x,2,300, BOX\n2026-01-01,a,x,3,100,pc\n"
    )
    source = {
        "table": "sales",
        "files": "s.csv",
        "columns": {"unit_price": "p"},
        "factors": {"unit_price": 0.01},
        "uom_column": "unit",
        "uom_factors": {"box": 12.0, "pc": 1.0},
    }
    company.load(source={"s": source})
    rows = company.raw("sales").filter(pl.col("unit_price").is_not_null())
    assert rows.select("qty", "unit_price").rows() == [(24.0, 3.0), (3.0, 1.0)]


def test_of_rows_with_one_key_the_first_good_one_stays(company: Company) -> None:
    company.required().put(
        "stock.csv", STOCK + b"2026-01-02,a,x,\n2026-01-02,a,x,7\n2026-01-02,a,x,7\n2026-01-02,a,x,8\n"
    )
    result = company.load()["stock.csv", "stock"]
    assert company.raw("stock")["_row"].to_list() == [2, 4]
    assert [(one[1], one[3], one[5]) for one in company.rejects()] == [
        (3, "something_recorded", False),
        (5, "duplicate", True),
        (6, "duplicate_key", False),
    ]
    assert (result.rejected_count, result.set_aside_count) == (3, 1)


def test_a_log_has_a_line_for_each_order_and_shift_of_a_day(company: Company) -> None:
    lines = ["w,2026-01-01,o1,3", "w,2026-01-01,o2,4", "w,2026-01-01,o2,5", "w,2026-01-01,,1", ",2026-01-01,o3,1"]
    company.required().put("production_log.csv", "\n".join(["work_center_id,date,order_id,run_hours", *lines]) + "\n")
    company.load()
    assert company.raw("production_log")["run_hours"].to_list() == [3.0, 4.0, 5.0, 1.0]
    assert [one[1:4] for one in company.rejects()] == [(6, "work_center_id", "required")]


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "=1+1", "'; drop table raw.sales; --", "../../x", "🍎", "n" * 300]
)
def test_hostile_names_come_through_as_plain_text(company: Company, name: str) -> None:
    company.required().put("sales.csv", f'date,item_id,location_id,qty\n2026-01-01,"{name}",x,1\n')
    company.load()
    assert company.raw("sales")["item_id"].to_list() == [name]


@pytest.mark.parametrize("name", ["n" * 301, "a\x00b", "a\x1bb", "\ufffd"])
def test_names_that_are_no_names_are_rejected(company: Company, name: str) -> None:
    company.required().put("sales.csv", f"date,item_id,location_id,qty\n2026-01-01,{name},x,1\n2026-01-01,a,x,1\n")
    company.load()
    assert [one[1:4] for one in company.rejects()] == [(2, "item_id", "text")]


def test_too_many_bad_rows_stop_with_counts_and_samples(company: Company) -> None:
    company.required().put("sales.csv", "date,item_id,location_id,qty\n2026-01-01,a,x,1\n2026-01-01,a,x,one\n")
    with pytest.raises(
        InputError, match=r"inputs/sales\.csv: 1 of 2 rows .*50\.0%.*row 3, qty: number \('one'\).*max_reject_share"
    ):
        company.load(limit=0.49)
    company.load(limit=0.5)
    with pytest.raises(InputError, match=r"1 of 2 rows"):  # a stricter share counts for files loaded before, too
        company.load(limit=0.49)


def test_required_table_missing_or_empty(company: Company) -> None:
    company.put("sales.csv", "date,item_id,location_id,qty\n")
    company.put("stock.csv", STOCK)
    with pytest.raises(InputError, match=r"required table sales .*sales\.csv"):
        company.load()
    company.required().put("item.csv", "item_id\n")
    assert company.load()["item.csv", "item"].warnings == ("inputs/item.csv has no rows",)


def test_required_column_missing_names_file_and_remedy(company: Company) -> None:
    company.required().put("sales.csv", "day,item_id,location_id,qty\n2026-01-01,a,x,1\n")
    with pytest.raises(InputError, match=r"inputs/sales\.csv: sales needs date; the file has day, .*columns = \{ date"):
        company.load()


def test_unknown_columns_are_kept_out_with_a_warning(company: Company) -> None:
    company.required().put("sales.csv", "date,item_id,location_id,qty,colour\n2026-01-01,a,x,1,red\n")
    for status in ("loaded", "unchanged"):
        result = company.load()["sales.csv", "sales"]
        assert result.status == status
        assert "colour" in result.warnings[0]
    assert "colour" not in company.raw("sales").columns


def test_words_and_yes_no_in_any_case(company: Company) -> None:
    company.required().put("location.csv", "location_id,kind\nx,Store\ny,Kiosk\n")
    company.put("supplier.csv", "supplier_id,full_truck_only\na,Yes\nb,0\nc,maybe\nd,\n")
    company.load()
    assert company.raw("location")["kind"].to_list() == ["store"]
    assert company.raw("supplier")["full_truck_only"].to_list() == [True, False, None]
    assert [one[2:5] for one in company.rejects()] == [
        ("kind", "regex", "Kiosk"),
        ("full_truck_only", "yes_no", "maybe"),
    ]
