"""Delimiters, encodings, decimal signs and dates in the usual forms; workbooks and Parquet; broken files."""

from __future__ import annotations

import gzip
import time
from datetime import date, datetime
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from replenish.ingest import InputError
from replenish.warehouse import Warehouse
from tests.ingest.company import SALES, Company

DAY_FORMS = [
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y%m%d",
    "%Y/%m/%d",
    "%Y-%m-%dT%H:%M:%S",
    "%d-%b-%Y",
    "%d.%m.%Y %H:%M",
]


def at(year: int, month: int, day: int, hour: int = 0) -> datetime:
    """A moment of the wall clock, as files without time zones have it."""
    return datetime(year, month, day, hour)  # noqa: DTZ001 - that it has no time zone is the point


DAYS = [at(2025, 12, 31), at(2026, 1, 2), at(2026, 2, 13)]
QTYS = [1234.5, -0.25, 1234567.75]


def written(qty: float, decimal: str) -> str:
    """A quantity with thousands and the given decimal sign."""
    text = f"{qty:,.2f}"
    return text if decimal == "." else text.translate(str.maketrans(",.", ".,"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_dialect_reads_the_same(company: Company, delimiter: str, encoding: str) -> None:
    for number, (decimal, form, end) in enumerate(product([".", ","], DAY_FORMS, ["\n", "\r\n"])):
        lines = ['"date","item_id","location_id","qty"'.replace(",", delimiter)]
        lines += [
            delimiter.join([day.strftime(form), '"Bohnen grün; süß,|"', f" f{number} ", f'"{written(qty, decimal)}"'])
            for day, qty in zip(DAYS, QTYS, strict=True)
        ]
        company.required().put(f"sales_{number:02}.csv", (end.join(lines) + end).encode(encoding))
    assert all(not one.rejected_count for one in company.load(limit=0.0).values())
    rows = company.raw("sales").filter(pl.col("location_id") != "x").sort("location_id", "_row")
    assert rows["location_id"].n_unique() == number + 1
    assert rows["item_id"].unique().to_list() == ["Bohnen grün; süß,|"]
    assert rows["date"].to_list() == [day.date() for day in DAYS] * (number + 1)
    assert rows["qty"].to_list() == QTYS * (number + 1)


@pytest.mark.parametrize("text", ["NaN", "inf", "-inf", "1e999", "0x10", "1_000", "1.2.3", "--1", "EUR 5", "1,23,456"])
def test_what_is_no_number_is_rejected(company: Company, text: str) -> None:
    company.required().put("sales.csv", f'date,item_id,location_id,qty\n2026-01-01,a,x,"{text}"\n2026-01-01,a,x,1.5\n')
    company.load()
    assert [one[1:5] for one in company.rejects()] == [(2, "qty", "number", text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 234.5", 1234.5),
        ("1\u00a0234.5", 1234.5),
        ("1'234.5", 1234.5),
        (" +7 ", 7.0),
        ("12.5-", -12.5),
        ("1e3", 1000.0),
    ],
)
def test_unusual_numbers_are_read(company: Company, text: str, value: float) -> None:
    company.required().put("sales.csv", f'date,item_id,location_id,qty\n2026-01-01,a,x,"{text}"\n2026-01-01,a,x,1.5\n')
    company.load()
    assert company.raw("sales")["qty"].to_list() == [value, 1.5]


def test_a_guess_is_told_and_a_mapping_settles_it(company: Company) -> None:
    company.required().put("s.csv", "date;item_id;location_id;qty\n03/04/2026;a;y;1,234\n")
    source: dict[str, Any] = {"table": "sales", "files": "s.csv"}
    result = company.load(source={"s": source})["s.csv", "sales"]
    assert company.raw("sales").filter(location_id="y").select("date", "qty").row(0) == (date(2026, 4, 3), 1.234)
    assert ["date_format" in one or "decimal" in one for one in result.warnings] == [True, True]
    result = company.load(source={"s": source | {"date_format": "%m/%d/%Y", "decimal": "."}})["s.csv", "sales"]
    assert company.raw("sales").filter(location_id="y").select("date", "qty").row(0) == (date(2026, 3, 4), 1234.0)
    assert result.warnings == ()


def test_two_digit_years_need_a_format(company: Company) -> None:
    company.required().put("s.csv", "date,item_id,location_id,qty\n31.12.25,a,y,1\n")
    source: dict[str, Any] = {"table": "sales", "files": "s.csv"}
    company.load(source={"s": source})
    assert company.rejects()[0][1:5] == (2, "date", "date", "31.12.25")
    company.load(source={"s": source | {"date_format": "%d.%m.%y"}})
    assert company.raw("sales").filter(location_id="y")["date"].to_list() == [date(2025, 12, 31)]
    with pytest.raises(InputError, match="date_format = '%Q'"):
        company.load(source={"s": source | {"date_format": "%Q"}})


def test_a_quote_that_never_closes_costs_one_row(company: Company) -> None:
    rows = b"2026-01-01,a,x,5\n" * 300
    company.required().put("sales.csv", SALES + rows + b'2026-01-01,"a,x,5\n' + rows + b'2026-01-01,5" nail,x,5\n')
    result = company.load()["sales.csv", "sales"]
    assert (result.row_count, result.loaded_count) == (603, 602)
    assert company.rejects()[0][1:5] == (303, None, "quote", '2026-01-01,"a,x,5')
    assert company.raw("sales").filter(item_id='5" nail')["_row"].to_list() == [604]


def test_rows_count_as_in_a_spreadsheet(company: Company) -> None:
    text = 'date,item_id,location_id,qty\r\n\r\n2026-01-01,"a\n\nb",x,1\r\n\r\nbad,a,x,1\r\n2026-01-01,a,x,2'
    company.required().put("sales.csv", text)
    company.load()
    assert company.raw("sales").select("item_id", "_row").rows() == [("a b", 3), ("a", 6)]
    assert company.rejects()[0][1:5] == (5, "date", "date", "bad")


def test_broken_bytes_are_rejected_with_their_row(company: Company) -> None:
    company.required().put("sales.csv", SALES + "2026-01-01,grün,x,1\n".encode() + b"2026-01-01,\xff,x,1\n")
    company.load()
    assert [one[1:4] for one in company.rejects()] == [(4, None, "encoding")]


def test_stray_quotes_swallow_no_neighbours(company: Company) -> None:
    rows = [
        b'2026-01-01,a"b,"x,1',
        b'2026-01-01,"a",x,2',
        b'2026-01-01,"a",x,3\xff,,',
        b'2026-01-01,",x,4',
        '2026-01-01,"grün",x,5'.encode(),
    ]
    company.required().put("sales.csv", b"date,item_id,location_id,qty\n" + b"\n".join(rows))
    company.load()
    assert company.raw("sales")["_row"].to_list() == [3, 6]
    assert [one[1:4] for one in company.rejects()] == [(2, None, "quote"), (4, None, "encoding"), (5, None, "quote")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sales.csv", b""),
        ("sales.csv", b"\n\n"),
        ("sales.csv.gz", b"no gzip"),
        ("sales.csv.gz", gzip.compress(SALES * 100, mtime=0)[:-20]),
        ("sales.parquet", b"PAR1 no parquet"),
        ("sales.xlsx", b"no workbook"),
    ],
)
def test_an_unreadable_file_is_named(company: Company, name: str, content: bytes) -> None:
    company.required().put(name, content)
    with pytest.raises(InputError, match=f"inputs/{name} "):
        company.load()


def test_gzip_and_names_with_pattern_signs(company: Company) -> None:
    company.required().put("sales [1]*.csv.gz", gzip.compress(SALES, mtime=0))
    company.put("sales ['2'].csv", SALES)
    assert [one.loaded_count for one in company.load().values()] == [1, 1, 1, 1]


def test_workbooks(company: Company) -> None:
    company.required()
    with xlsxwriter.Workbook(str(company.inputs / "sales_book.xlsx")) as book:
        book.add_worksheet("cover")
        sheet = book.add_worksheet("lines")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(1, 0, ["Date", "item_id", "location_id", "qty"])
        sheet.write_datetime(2, 0, at(2026, 1, 2), day)
        sheet.write_row(2, 1, [123, "y", 1.5])
        sheet.write_row(4, 0, [46025, "00123", "y", "2.5"])
        sheet.write_row(5, 0, ["soon", "a", "y", 3])
    source = {"table": "sales", "files": "sales_book.xlsx", "sheet": "lines"}
    company.load(source={"s": source})
    rows = company.raw("sales").filter(location_id="y").select("date", "item_id", "_row").rows()
    assert rows == [(date(2026, 1, 2), "123", 3), (date(2026, 1, 3), "00123", 5)]
    assert [one[1:5] for one in company.rejects()] == [(6, "Date", "date", "soon")]
    with pytest.raises(InputError, match="has no sheet 'sums'; it has: cover, lines"):
        company.load(source={"s": source | {"sheet": "sums"}})
    with pytest.raises(InputError, match="sheet 'cover' is empty"):
        company.load(source={"s": source | {"sheet": None}})


def test_parquet_with_its_own_types(company: Company) -> None:
    frame = pl.DataFrame(
        {
            "date": [20260101, 20260102, 1, None],
            "item_id": [1, 2, 3, 4],
            "location_id": pl.Series([7.0, 7.5, 7.0, 7.0]),
            "qty": pl.Series([1, None, 3, 4], dtype=pl.Int8),
            "when": [at(2026, 1, 1, 23)] * 4,
            "unit_price": [1.0, float("nan"), 2.0, 3.0],
        }
    )
    frame.write_parquet(company.required().inputs / "sales_p.parquet")
    company.load()
    assert [one[1:5] for one in company.rejects()] == [
        (3, "unit_price", "number", "NaN"),
        (4, "date", "date", "1"),
        (5, "date", "required", None),
    ]
    assert company.raw("sales").filter(location_id="7").select("date", "item_id").rows() == [(date(2026, 1, 1), "1")]
    source = {
        "table": "sales",
        "files": "sales_p.parquet",
        "columns": {"date": "when"},
        "only": "\"when\" >= '2026-01-01' and item_id <> '4'",
    }
    company.load(source={"s": source})
    assert sorted(company.raw("sales")["item_id"]) == ["1", "3", "a"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, 400),
            st.integers(0, 3),
            st.sampled_from([b'"', b"\n", b"\r", b",", b";", b"\0", b"\xff", b"x", b"\xef\xbb\xbf"]),
        ),
        max_size=6,
    )
)
def test_mutated_bytes_lose_no_row(
    edits: list[tuple[int, int, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content = b"date,item_id,location_id,qty\r\n" + b"".join(
        b'2026-01-%02d,"a",x,%d\r\n' % (k, k) for k in range(1, 16)
    )
    for place, cut, insert in edits:
        content = content[:place] + insert + content[place + cut :]
    with Warehouse() as warehouse:
        there = Company(tmp_path_factory.mktemp("mutated"), warehouse)
        there.required().put("sales_m.csv", content)
        try:
            result = there.load()["sales_m.csv", "sales"]
        except InputError as error:
            if "sales_m.csv" not in str(error):
                raise
            return
        assert result.loaded_count == there.warehouse.query("select count(*) from raw.sales").item() - 1
        assert result.rejected_count == len(there.rejects())
        assert result.row_count >= 15 - len(edits)


@pytest.mark.slow
def test_a_million_rows_take_seconds(tmp_path: Path) -> None:
    rows = "".join(
        f"2025-{1 + k % 12:02}-{1 + k % 28:02};item {k % 5000};shop {k % 40};{k % 9},5\n" for k in range(1_000_000)
    )
    with Warehouse() as warehouse:
        company = Company(tmp_path, warehouse)
        company.required().put("sales.csv", "date;item_id;location_id;qty\n" + rows + "bad;a;x;1\n")
        start = time.perf_counter()
        result = company.load()["sales.csv", "sales"]
        assert time.perf_counter() - start < 20
    assert (result.row_count, result.loaded_count) == (1_000_001, 1_000_000)
