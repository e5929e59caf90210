"""Every select by examples: tests/sql/<layer>/<table>/<sentence>.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from replenish.share import share_path
from replenish.warehouse import Warehouse
from tests.sql.given_expect import TABLES, Row, empty_warehouse, holding, read_case, result_of

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*/*/*.yaml"))
PLAIN = {
    "core.supplier",
    "core.previous_proposal",
    "core.previous_exception",
    "core.previous_member_fit",
    "core.previous_promise",
    "core.tuned",
}  # handed on as they came


@pytest.fixture(scope="module")
def house() -> Iterator[Warehouse]:
    with empty_warehouse() as house:
        yield house


@pytest.mark.parametrize("file", CASES, ids=lambda file: "/".join(file.relative_to(HERE).with_suffix("").parts))
def test_select_returns_what_is_expected(file: Path, house: Warehouse) -> None:
    given, expect = read_case(file)
    layer, table = file.parent.parts[-2:]
    with holding(house, given):
        got = result_of(house, f"{layer}.{table}")
    _keeps_its_contract(f"{layer}.{table}", got)
    assert _comparable(got.to_dicts(), expect) == _comparable(expect, expect)


@pytest.mark.parametrize("layer", ["core", "checks"])
def test_every_select_has_an_example(layer: str) -> None:
    told = {file.parent.name for file in CASES if file.parent.parent.name == layer}
    plain = {name.split(".")[1] for name in PLAIN}
    assert {file.stem for file in (share_path("sql") / layer).glob("*.sql")} - told - plain == set()


def _keeps_its_contract(full_name: str, got: pl.DataFrame) -> None:
    """A core table has the columns, types, key and ranges its class promises, in the order of its key."""
    if full_name.startswith("core."):
        table = TABLES[full_name]
        assert dict(got.schema) == {name: column.dtype for name, column in table.columns().items()}
        table.validate(got)
        assert got.equals(got.sort(table.primary_key()))


def _comparable(rows: list[Row], expect: list[Row]) -> list[tuple[tuple[str, Any], ...]]:
    """Rows cut down to the columns the expectation names, in a fixed order; numbers to nine digits."""
    columns = list(expect[0]) if expect else []
    if expect:
        assert all(list(row) == columns for row in expect), "every expected row names the same columns"
    cut = [tuple((column, _rounded(row[column])) for column in columns) for row in rows]
    return sorted(cut, key=repr)


def _rounded(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    return float(f"{value:.9g}") if isinstance(value, (int, float)) else value
