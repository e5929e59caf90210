"""Files in object storage: listed by pattern, read whole, unchanged by content; keys from the environment."""

from __future__ import annotations

import io
from collections.abc import Iterator

import polars as pl
import pytest

from replenish.ingest import InputError
from replenish.ingest.remote import reached
from replenish.settings import Settings
from tests.ingest.company import SALES, STOCK, Company
from tests.ingest.page import BLOCKS
from tests.object_storage import object_storage

SOURCES = {
    "sold": {"table": "sales", "files": "s3://shop/sales/*/*.parquet"},
    "shelf": {"table": "stock", "files": "s3://shop/stock.csv"},
}


@pytest.fixture(name="bucket")
def a_bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, bytes]]:
    with object_storage() as (environment, stored):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        for day in (1, 2):
            stored[f"/shop/sales/2026/{day}.parquet"] = parquet(day)
        stored |= {"/shop/sales/readme.txt": b"no", "/shop/stock.csv": STOCK, "/shop/sales/deep/er/3.parquet": b"no"}
        yield stored


def parquet(qty: int) -> bytes:
    file = io.BytesIO()
    pl.read_csv(SALES).with_columns(qty=pl.lit(float(qty))).write_parquet(file)
    return file.getvalue()


def test_files_of_a_bucket_are_loaded_and_kept_fresh(company: Company, bucket: dict[str, bytes]) -> None:
    first, second = (f"s3://shop/sales/2026/{day}.parquet" for day in (1, 2))
    assert {one.status for one in company.load(source=SOURCES).values()} == {"loaded"}
    assert sorted(company.raw("sales")["qty"]) == [1.0, 2.0]
    bucket["/shop/sales/2026/2.parquet"] = parquet(5)
    again = company.load(source=SOURCES)
    assert (again[first, "sales"].status, again[second, "sales"].status) == ("unchanged", "loaded")
    del bucket["/shop/sales/2026/1.parquet"]
    assert company.load(source=SOURCES)[first, "sales"].status == "removed"
    assert company.raw("sales")["qty"].to_list() == [5.0]


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ("s3://shop/none/*.csv", r"no file at s3://shop/none/\*\.csv"),
        ("s3://shop/none.csv", "cannot be read"),
        ("https://shop.example/*.csv", "web servers list no files"),
        ("ftp://shop/a.csv", "write it like s3://bucket"),
    ],
)
def test_what_is_not_there_is_told(company: Company, bucket: dict[str, bytes], files: str, told: str) -> None:
    with pytest.raises(InputError, match=told) as error:
        company.load(source=SOURCES | {"sold": {"table": "sales", "files": files}})
    assert "a-secret" not in str(error.value)


def test_the_doctor_looks_into_the_bucket(company: Company, bucket: dict[str, bytes]) -> None:
    good = list(reached(Settings.model_validate({"source": SOURCES}), company.folder))
    assert good[0] == (True, "[source.sold]: 2 files at s3://shop/sales/*/*.parquet")
    lost = {"sold": {"table": "sales", "files": "s3://shop/none/*.csv"}}
    assert not next(reached(Settings.model_validate({"source": lost}), company.folder))[0]


def test_the_page_of_sources_names_a_bucket_like_this(company: Company, bucket: dict[str, bytes]) -> None:
    bucket["/company/sales/2026/1.parquet"] = parquet(4)
    lake = next(block["source"] for block in BLOCKS if "lake_sales" in block.get("source", {}))
    company.load(source=lake | {"shelf": SOURCES["shelf"]})
    assert company.raw("sales")["qty"].to_list() == [4.0]


def test_a_key_in_the_url_is_refused() -> None:
    for files in ("https://shop.example/a.csv?token=abc", "s3://key:secret@shop/a.csv"):
        with pytest.raises(ValueError, match="credentials belong in the environment") as error:
            Settings.model_validate({"source": {"sold": {"table": "sales", "files": files}}})
        assert files not in str(error.value)
