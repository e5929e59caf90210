"""Workbooks as people keep them: many sheets, titles above, formulas, merged and hidden, open in another program."""

from __future__ import annotations

import zipfile
from pathlib import Path

import xlsxwriter

from tests.ingest.company import Company

ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
    '<table:table table:name="s">{rows}</table:table></office:spreadsheet></office:body></office:document-content>'
)
SPACE = "urn:oasis:names:tc:opendocument:xmlns"
HEADS = ["date", "item_id", "location_id", "qty"]


def write_ods(path: Path, rows: list[list[str]]) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    told = "".join(f"<table:table-row>{''.join(cell.format(one) for one in row)}</table:table-row>" for row in rows)
    with zipfile.ZipFile(path, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{SPACE}:manifest:1.0"/>')
        parts.writestr("content.xml", ODS.format(rows=told))


def test_one_workbook_with_a_sheet_for_each_table(company: Company) -> None:
    with xlsxwriter.Workbook(str(company.inputs / "planning 2026.xlsx")) as book:
        hidden = book.add_worksheet("old")
        hidden.write(0, 0, "nothing")
        for name, head in (("Sales", HEADS), ("stock", [*HEADS[:3], "on_hand_qty"])):
            sheet = book.add_worksheet(name)
            sheet.write(0, 0, f"{name} of the tea shop, by Ann")
            sheet.write_row(2, 0, head)
            sheet.write_row(3, 0, ["2026-01-01", "a", "x", 5])
        hidden.hide()
        book.worksheets()[1].activate()
        book.worksheets()[1].set_first_sheet()
    (company.inputs / "~$planning 2026.xlsx").write_bytes(b"\x05user")
    results = company.load(limit=0.0)
    assert set(results) == {("planning 2026.xlsx", "sales"), ("planning 2026.xlsx", "stock")}
    assert company.raw("sales").select("qty", "_row").rows() == [(5.0, 4)]
    assert {one.status for one in company.load().values()} == {"unchanged"}


def test_formulas_merged_cells_and_a_hidden_first_sheet(company: Company) -> None:
    company.required()
    with xlsxwriter.Workbook(str(company.inputs / "sales_b.xlsx")) as book:
        book.add_worksheet("hidden").hide()
        sheet = book.add_worksheet("lines")
        sheet.activate()
        sheet.set_first_sheet()
        sheet.write_row(0, 0, HEADS)
        sheet.merge_range(1, 0, 2, 0, "2026-01-02")
        for row, (formula, value) in enumerate([("=1+1", 2), ("=2+2", 4), ("=NA()", "#N/A")], start=1):
            sheet.write_row(row, 1, ["a", "y"])
            sheet.write_formula(row, 3, formula, value=value)
        sheet.write(3, 0, "2026-01-03")
    company.load()
    assert company.raw("sales").filter(location_id="y").select("qty", "_row").rows() == [(2.0, 2)]
    assert [one[1:5] for one in company.rejects()] == [(3, "date", "required", None), (4, "qty", "required", None)]


def test_open_document_and_macro_workbooks(company: Company) -> None:
    company.required()
    write_ods(company.inputs / "sales_o.ods", [HEADS, ["2026-01-02", "a", "y", "2"]])
    with xlsxwriter.Workbook(str(company.inputs / "sales_m.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADS)
        sheet.write_row(1, 0, ["2026-01-02", "a", "y", 3])
    (company.inputs / "sales_m.xlsx").rename(company.inputs / "sales_m.xlsm")
    company.load(limit=0.0)
    assert sorted(company.raw("sales").filter(location_id="y")["qty"]) == [2.0, 3.0]
