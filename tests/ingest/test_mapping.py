"""Files that call things otherwise: names, constants, filters, repeated rows, one file for several tables."""

from __future__ import annotations

from typing import Any

import pytest

from replenish.ingest import InputError
from replenish.ingest.claim import table_of
from tests.ingest.company import Company

EXPORT = (
    "Invoice,Code,Quantity,When,Price\n"
    "536365,85123A,6,01.12.2025 08:26,2.55\n"
    "536365,85123A,6,01.12.2025 08:26,2.55\n"
    "C536379,D,-1,01.12.2025 09:41,27.50\n"
    "536380,85123A,4,01.12.2025 09:41,0\n"
    "536381,POST,1,01.12.2025 09:41,18\n"
    "536382,22,many,01.12.2025 09:41,1.5\n"
)
SOURCE: dict[str, Any] = {
    "table": "sales",
    "files": "export*.csv",
    "columns": {"date": "when", "item_id": "Code", "qty": "Quantity", "unit_price": "Price", "order_id": "Invoice"},
    "constants": {"location_id": "uk"},
}


def test_filters_set_rows_aside_with_their_reason(company: Company) -> None:
    source = SOURCE | {
        "only": "Invoice not like 'C%' and Quantity > 0",
        "set_aside": {"no price": "Price <= 0", "postage": "Code = 'POST'"},
        "duplicates": "reject",
    }
    company.required().put("export1.csv", EXPORT)
    result = company.load(source={"shop": source})["export1.csv", "sales"]
    assert [(row, rule, aside) for _, row, _, rule, _, aside in company.rejects()] == [
        (3, "duplicate", True),
        (4, "only", True),
        (5, "no price", True),
        (6, "postage", True),
        (7, "number", False),
    ]
    assert (result.row_count, result.loaded_count, result.set_aside_count) == (6, 1, 4)
    assert result.text == "inputs/export1.csv -> sales: 6 rows in = 1 loaded + 5 rejected (4 of them set aside)"
    assert result.warnings == ()


def test_set_aside_rows_do_not_stop_the_run(company: Company) -> None:
    company.required().put("export1.csv", EXPORT)
    company.load(limit=0.2, source={"shop": SOURCE | {"set_aside": {"old": "Price < 1000"}}})


def test_one_file_feeds_several_tables(company: Company) -> None:
    company.required().put("export.csv", EXPORT)
    items = {"table": "item", "files": "export.csv", "columns": {"item_id": "Code", "unit_price": "Price"}}
    both = {"sold": SOURCE | {"only": "Quantity > 0"}, "back": SOURCE | {"only": "Quantity < 0"}, "items": items}
    results = company.load(source=both)
    assert ("export.csv", "item") in results
    sold = company.warehouse.query("select qty from raw.sales where location_id = 'uk' order by qty")["qty"].to_list()
    assert sold == [-1.0, 1.0, 4.0, 6.0, 6.0]
    assert {one.status for one in company.load(source=both).values()} == {"unchanged"}


def test_numbers_compare_as_numbers_and_codes_as_text(company: Company) -> None:
    text = "date,item_id,location_id,qty\n2026-01-01,7,x,9\n2026-01-01,7,x,10\n2026-01-01,8,x,10\n"
    company.required().put("s.csv", text)
    source = {"table": "sales", "files": "s.csv", "only": "item_id = '7' and qty > 9.5"}
    company.load(source={"s": source})
    assert company.warehouse.query("select qty from raw.sales where item_id = '7'")["qty"].to_list() == [10.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"table": "sale"}, r"\[source\.shop\] table = 'sale' .*sales"),
        ({"files": "../secret.csv"}, r"\[source\.shop\] files = .* leaves the inputs folder"),
        ({"files": "/etc/passwd"}, r"leaves the inputs folder"),
        ({"columns": {"quantity": "Quantity"}}, r"sales has no column 'quantity'"),
        ({"values": {"quantity": {"a": "b"}}}, r"sales has no column 'quantity'"),
        ({"columns": {"qty": "Menge"}}, r"export\.csv has no column 'Menge', which \[source\.shop\] names"),
        ({"constants": {"date": "2026-01-01"}}, r"gives date both"),
        ({"factors": {"item_id": 2.0}}, r"item_id is no quantity"),
        ({"only": "Quantity >"}, r"\[source\.shop\] only = .* is no SQL condition"),
        ({"only": "Menge > 0"}, r"speaks of column 'Menge'"),
        ({"only": "Quantity"}, r"not a yes-or-no question|cannot be applied"),
        ({"only": "When > 5"}, r"\[source\.shop\] only .* cannot be applied"),
        ({"set_aside": {"test": "1; drop table x"}}, r"\[source\.shop\] set_aside 'test' .* no SQL condition"),
        ({"encoding": "klingon"}, r"unknown encoding 'klingon'"),
    ],
)
def test_a_mapping_that_does_not_fit_is_named(company: Company, change: dict[str, Any], message: str) -> None:
    company.required().put("export.csv", EXPORT)
    with pytest.raises(InputError, match=message):
        company.load(source={"shop": SOURCE | change})


def test_a_condition_that_names_no_column_holds_for_every_row(company: Company) -> None:
    company.required().put("export.csv", EXPORT)
    result = company.load(source={"shop": SOURCE | {"only": "1 = 1"}})["export.csv", "sales"]
    assert result.set_aside_count == 0


@pytest.mark.parametrize(
    ("file", "table"),
    [
        ("sales.csv", "sales"),
        ("SALES.CSV.GZ", "sales"),
        ("stock_2026.xlsx", "stock"),
        ("stock_count-jan.csv", "stock_count"),
        ("sales/2026/week1.parquet", "sales"),
        ("stockings.csv", None),
        ("sales.json", None),
    ],
)
def test_files_claim_tables_by_name(file: str, table: str | None) -> None:
    assert table_of(file) == table


def test_files_nobody_claims_are_told(company: Company, tmp_path_factory: pytest.TempPathFactory) -> None:
    company.required().put("items.csv", "item_id\na\n")
    company.put("notes.docx", "hello")
    company.put(".hidden.csv", "x")
    outside = tmp_path_factory.mktemp("other") / "item.csv"
    outside.write_text("item_id\na\n")
    (company.inputs / "item.csv").symlink_to(outside)
    results = company.load(source={"none": SOURCE})
    ignored = {file: one.warnings[0] for (file, _), one in results.items() if one.status == "ignored"}
    assert "did you mean item?" in ignored["items.csv"]
    assert "notes.docx is not read" in ignored["notes.docx"]
    assert "[source.none]: no file" in ignored["inputs"]
    assert len(ignored) == 3
    assert company.raw("item").is_empty()


def test_no_inputs_folder(company: Company) -> None:
    company.inputs.rmdir()
    with pytest.raises(InputError, match="inputs is not there"):
        company.load()
