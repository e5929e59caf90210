"""The warehouse: typed frames in and out, layers in the order their tables need, transactions, laws."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from replenish import warehouse as module
from replenish.tables import inputs, plan
from replenish.tables.table import Table
from replenish.warehouse import Warehouse, WarehouseError


@pytest.fixture
def sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A house of SQL of the test's own."""
    for layer in ("macros", "core", "checks"):
        (tmp_path / layer).mkdir()
    monkeypatch.setattr(module, "share_path", lambda _: tmp_path)
    module._selects.cache_clear()
    yield tmp_path
    module._selects.cache_clear()


def pegs(*quantities: float) -> pl.DataFrame:
    row = {
        "item_id": "a",
        "location_id": "x",
        "supply_kind": "stock",
        "supply_id": None,
        "supply_date": date(2026, 1, 1),
        "demand_kind": "forecast",
        "demand_id": None,
        "demand_date": date(2026, 1, 1),
        "is_late": False,
    }
    rows = [row | {"peg_index": index, "qty": qty} for index, qty in enumerate(quantities)]
    return pl.DataFrame(rows, schema_overrides={"peg_index": pl.Int32, "supply_id": pl.String, "demand_id": pl.String})


def test_what_is_written_is_read_typed_and_sorted_by_key() -> None:
    with Warehouse() as house:
        house.write(plan.Peg, pegs(1.0, 2.0, 3.0).reverse())
        found = house.read(plan.Peg)
    assert found.columns == list(plan.Peg.columns())
    assert found["qty"].to_list() == [1.0, 2.0, 3.0]
    plan.Peg.validate(found)


@pytest.mark.parametrize("kept_bytes", [0, module.KEPT_BYTES], ids=["from disk", "kept"])
def test_what_is_read_is_what_was_written_last(monkeypatch: pytest.MonkeyPatch, kept_bytes: int) -> None:
    monkeypatch.setattr(module, "KEPT_BYTES", kept_bytes)
    with Warehouse() as house:
        for change in (
            lambda: house.write(plan.Peg, pegs(1.0, 2.0)),
            lambda: house.append("plan.peg", pegs(5.0, 6.0, 3.0).tail(1)),
            lambda: house.execute("update plan.peg set qty = qty + 1"),
            lambda: house.store("plan.peg", pegs(4.0, 9.0).reverse()),
        ):
            change()
            stored = house.query("select qty from plan.peg order by peg_index")["qty"].to_list()
            assert house.read(plan.Peg)["qty"].to_list() == stored
            assert house.read(plan.Peg)["qty"].to_list() == stored


def test_a_frame_with_a_wrong_column_is_refused_by_name() -> None:
    with Warehouse() as house, pytest.raises(ValueError, match=r"plan\.peg: missing columns \['qty'\]"):
        house.write(plan.Peg, pegs(1.0).rename({"qty": "quantity"}))


def test_an_empty_value_in_a_required_column_is_refused() -> None:
    frame = pegs(1.0).with_columns(demand_date=pl.lit(None, dtype=pl.Date))
    with Warehouse() as house, pytest.raises(ValueError, match="demand_date"):
        house.write(plan.Peg, frame)


@pytest.mark.parametrize("table", [*inputs.INPUT_TABLES, *plan.PLAN_TABLES])
def test_every_table_can_be_made_empty_and_read_back(table: type[Table]) -> None:
    with Warehouse() as house:
        house.create([table])
        assert house.read(table).schema == house.types(table)


def test_a_table_of_an_older_version_gets_the_columns_it_lacks() -> None:
    with Warehouse() as house:
        house.execute("create schema raw; create table raw.policy (item_id varchar, _row integer)")
        house.execute("insert into raw.policy values ('tea', 1)")
        house.create([inputs.Policy], {"_row": "integer", "_load_id": "varchar"})
        house.create([inputs.Policy], {"_row": "integer", "_load_id": "varchar"})
        policy = house.read(inputs.Policy)
        assert (policy["item_id"].item(), policy["lot_rule"].item()) == ("tea", None)
        assert house.query("select _row, _load_id from raw.policy").row(0) == (1, None)


def test_a_layer_is_built_in_the_order_its_tables_need(sql: Path) -> None:
    (sql / "core" / "a_last.sql").write_text("-- the sum\nselect sum(n) as total from core.middle")
    (sql / "core" / "middle.sql").write_text("-- twice\nwith twice as (select n * 2 as n from core.z_first) from twice")
    (sql / "core" / "z_first.sql").write_text("-- numbers\nselect unnest([1, 2, 3]) as n")
    with Warehouse() as house:
        house.build("core")
        assert house.query("from core.a_last").item() == 12


def test_tables_that_need_each_other_are_an_error(sql: Path) -> None:
    (sql / "core" / "hen.sql").write_text("select * from core.egg")
    (sql / "core" / "egg.sql").write_text("select * from core.hen")
    with Warehouse() as house, pytest.raises(Exception, match="cycle"):
        house.build("core")


def test_a_wrong_statement_names_its_file(sql: Path) -> None:
    (sql / "core" / "broken.sql").write_text("select no_such_column from (select 1 as one)")
    with Warehouse() as house, pytest.raises(WarehouseError, match=r"sql/core/broken\.sql"):
        house.build("core")


def test_a_broken_law_is_told_with_its_sentence_and_first_rows(sql: Path) -> None:
    (sql / "checks" / "even.sql").write_text(
        "-- Numbers are even.\nselect n from plan.numbers where n % 2 = 1 order by n"
    )
    (sql / "checks" / "small.sql").write_text("-- Numbers are small.\nselect n from plan.numbers where n > 9")
    with Warehouse() as house:
        house.store("plan.numbers", pl.DataFrame({"n": [2, 3, 5]}))
        (failure,) = house.check()
    assert (failure.name, failure.law, failure.count) == ("even", "Numbers are even.", 2)
    assert failure.sample[0] == {"n": 3}


def test_a_transaction_that_fails_leaves_nothing() -> None:
    with Warehouse() as house:
        house.write(plan.Peg, pegs(1.0))
        with pytest.raises(ValueError, match="missing columns"), house.transaction():
            house.write_all((plan.Peg, plan.Curve), (pegs(5.0, 6.0), pegs(7.0)))
        assert house.read(plan.Peg)["qty"].to_list() == [1.0]


def test_names_are_quoted_wherever_they_become_sql() -> None:
    hostile = 'plan."; drop table students; --'
    with Warehouse() as house:
        house.store(hostile, pl.DataFrame({"n": [1]}))
        assert house.exists(hostile)
        assert house.query(f"from {module.quoted(hostile)}").item() == 1


def test_a_file_held_by_another_process_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "no.duckdb").write_text("this is not a database")
    with pytest.raises(WarehouseError, match=r"cannot open the warehouse .*no\.duckdb"):
        Warehouse(tmp_path / "no.duckdb")
