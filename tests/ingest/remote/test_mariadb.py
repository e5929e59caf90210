"""MySQL's protocol, against a real MariaDB where one is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from replenish.ingest import InputError
from replenish.ingest.remote import sql
from replenish.ingest.remote.address import address_of
from replenish.settings import Settings
from tests.ingest.company import Company
from tests.mariadb import PASSWORD, is_installed, mariadb

pytestmark = pytest.mark.skipif(not is_installed(), reason="no MariaDB on this machine: apt-get install mariadb-server")
SOURCES: dict[str, Any] = {
    "sold": {"table": "sales", "connection": "erp", "query": "select *, '100%' as note, '8:15' as t from sold"},
    "shelf": {"table": "stock", "connection": "erp", "query": "shelf"},
}
TABLES = (
    "set sql_mode = ''",
    "use erp",
    "create table sold (date datetime, item_id int, location_id text, qty decimal(12,3), unit_price double)",
    "insert into sold values ('2026-01-01 23:30:00', 7, 'sö;ü\"', 1234567.125, 1.5), ('0000-00-00', 7, 'x', 1, null)",
    "create table shelf (date date, item_id text, location_id text, on_hand_qty int)",
    "insert into shelf values ('2026-01-05', '7', 'x', 3)",
    "create function gone() returns int modifies sql data begin delete from sold; return 1; end",
)
ERP = {"erp": {"url_env": "ERP_URL"}}


@pytest.fixture(scope="module", name="server")
def a_server() -> Iterator[tuple[str, Callable[..., None]]]:
    with mariadb() as server:
        server[1](*TABLES)
        yield server


def test_rows_keep_their_values_and_nobody_writes(
    company: Company, server: tuple[str, Callable[..., None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ERP_URL", server[0])
    company.load(connection=ERP, source=SOURCES)
    rows = company.raw("sales").select("date", "item_id", "location_id", "qty", "unit_price").rows()
    assert [(str(day), *rest) for day, *rest in rows] == [("2026-01-01", "7", 'sö;ü"', 1234567.125, 1.5)]
    assert [one[2:5] for one in company.rejects()] == [("date", "date", "0000-00-00 00:00:00")]
    assert {one.status for one in company.load(connection=ERP, source=SOURCES).values()} == {"unchanged"}
    for query, told in (
        ("select sleep(9), sold.* from sold", "max_statement_time|interrupted"),
        ("select * from nowhere", r"erp\.nowhere.* doesn't exist"),
    ):
        bad = SOURCES | {"sold": SOURCES["sold"] | {"query": query}}
        with pytest.raises(InputError, match=told) as error:
            company.load(connection={"erp": ERP["erp"] | {"timeout_seconds": 1}}, source=bad)
        assert PASSWORD not in str(error.value)


def test_the_session_is_read_only(server: tuple[str, Callable[..., None]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ERP_URL", server[0])
    address = address_of("erp", Settings.model_validate({"connection": ERP}).connection, "here")
    with pytest.raises(InputError, match="READ ONLY transaction"):
        list(sql.rows(address, "select gone() as g", Path(), "[source.x]"))
