"""The folder is the truth: unchanged files stay, changed ones replace their rows, removed ones leave."""

from __future__ import annotations

import pytest

from replenish.ingest import InputError
from tests.ingest.company import SALES, Company


def everything(company: Company) -> list[list[tuple[object, ...]]]:
    tables = ("raw.sales", "raw.stock", "raw.reject", "meta.load")
    return [sorted(company.warehouse.query(f"from {one}").rows(), key=repr) for one in tables]


def test_the_same_content_is_not_loaded_twice(company: Company) -> None:
    company.required().put("sales.csv", SALES + b"bad,a,x,5\n")
    company.load()
    before = everything(company)
    assert {one.status for one in company.load().values()} == {"unchanged"}
    assert everything(company) == before


def test_a_changed_file_replaces_its_rows_and_rejects(company: Company) -> None:
    company.required().put("sales.csv", SALES + b"bad,a,x,5\n2026-01-02,a,x,1\n")
    company.put("sales_2.csv", SALES.replace(b",5", b",7"))
    company.load()
    company.put("sales.csv", SALES.replace(b",5", b",6"))
    results = company.load()
    assert results["sales.csv", "sales"].status == "loaded"
    assert results["sales_2.csv", "sales"].status == "unchanged"
    assert sorted(company.raw("sales")["qty"]) == [6.0, 7.0]
    assert company.rejects() == []
    assert company.warehouse.query("select count(*) from meta.load").item() == 3


def test_a_changed_mapping_loads_again(company: Company) -> None:
    company.required().put("s.csv", SALES)
    source = {"table": "sales", "files": "s.csv"}
    company.load(source={"s": source})
    result = company.load(source={"s": source | {"factors": {"qty": 2.0}}})["s.csv", "sales"]
    assert (result.status, sorted(company.raw("sales")["qty"])) == ("loaded", [5.0, 10.0])


def test_a_removed_file_takes_its_rows_along(company: Company) -> None:
    path = company.required().put("sales_2.csv", SALES + b"bad,a,x,5\n")
    company.load()
    path.unlink()
    result = company.load()["sales_2.csv", "sales"]
    assert result.text == "inputs/sales_2.csv -> sales: no longer there, 1 rows removed"
    assert company.raw("sales").height == 1
    assert company.rejects() == []


def test_an_error_leaves_everything_as_it_was(company: Company) -> None:
    company.required().load()
    before = everything(company)
    company.put("sales.csv", SALES.replace(b",5", b",6"))
    company.put("item.csv", "item_id\na\n")
    company.put("stock.csv", "this is no stock file")
    with pytest.raises(InputError, match=r"stock\.csv"):
        company.load()
    assert everything(company) == before
    assert company.raw("item").is_empty()


def test_load_ids_are_the_same_in_another_warehouse(company: Company, tmp_path_factory: pytest.TempPathFactory) -> None:
    from replenish.warehouse import Warehouse

    company.required().load()
    with Warehouse() as other:
        there = Company(tmp_path_factory.mktemp("there"), other)
        there.required().load()
        assert everything(there) == everything(company)


def test_nothing_is_left_in_the_state_folder(company: Company) -> None:
    (company.folder / ".replenish" / "ingest-killed").mkdir(parents=True)
    company.required().put("sales.csv", SALES.decode().encode("utf-16"))
    company.load()
    assert list((company.folder / ".replenish").iterdir()) == []
