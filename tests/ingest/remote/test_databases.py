"""Rows of databases: the contract judges what the server wrote, secrets stay in the environment, nobody writes."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from replenish.ingest import InputError
from replenish.night.folder import Place
from replenish.settings import SettingsError, load
from tests.ingest.company import Company
from tests.ingest.page import BLOCKS
from tests.postgres import PASSWORD

Server = tuple[str, str, Callable[[str], str]]

TABLES = """
drop table if exists sold, shelf;
create table sold (day timestamptz, item integer, shop text, qty numeric(12,3), price numeric, paid boolean);
insert into sold values
  ('2026-01-01 23:30:00+00', 1001, 'north', 2.500, 19.99, true),
  ('2026-01-02 08:00:00+00', 1001, 'north', 1234567.125, null, true),
  ('2026-01-03 08:00:00+00', 1002, 'sö;ü"th', -1, 5, false),
  ('infinity', 1002, 'north', 1, 5, true),
  ('2026-01-04 08:00:00+00', 1002, 'north', 'NaN', 5, true),
  ('2026-01-05 08:00:00+00', 1002, null, 1, 5, true);
create table shelf (date date, item_id integer, location_id text, on_hand_qty double precision);
insert into shelf values ('2026-01-05', 1001, 'north', 7), ('2026-01-05', 1002, 'north', 'Infinity');
"""
SOLD = {
    "table": "sales",
    "connection": "erp",
    "query": "select day, item, shop, qty, price, paid, '100%' as note from sold order by random();",
    "columns": {"date": "day", "item_id": "item", "location_id": "shop", "unit_price": "price"},
}
SHELF = {"table": "stock", "connection": "erp", "query": "public.shelf"}


def from_erp(**changes: Any) -> dict[str, Any]:
    return {"connection": {"erp": {"url_env": "ERP_URL"}}, "source": {"sold": SOLD, "shelf": SHELF}} | changes


@pytest.fixture(name="erp")
def with_data(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    server[2](TABLES)
    monkeypatch.setenv("ERP_URL", server[0])
    return server


def test_postgresql_rows_keep_their_values(company: Company, erp: Server) -> None:
    results = company.load(**from_erp(calendar={"time_zone": "Europe/Berlin"}))
    assert results["erp:sold", "sales"].text == "erp:sold -> sales: 6 rows in = 3 loaded + 3 rejected"
    days = company.raw("sales").select("date", "item_id", "location_id", "qty", "unit_price")
    assert [(str(day), *rest) for day, *rest in days.rows()] == [
        ("2026-01-02", "1001", "north", 2.5, 19.99),  # half past midnight in Berlin
        ("2026-01-02", "1001", "north", 1234567.125, None),
        ("2026-01-03", "1002", 'sö;ü"th', -1.0, 5.0),
    ]
    told = [(table, rule, value) for table, _, _, rule, value, _ in company.rejects()]
    assert sorted(told, key=str) == [
        ("sales", "date", "infinity"),
        ("sales", "number", "NaN"),
        ("sales", "required", None),
        ("stock", "number", "Infinity"),
    ]


def test_unchanged_rows_are_unchanged_in_whatever_order_they_come(company: Company, erp: Server) -> None:
    company.load(**from_erp())
    assert {one.status for one in company.load(**from_erp()).values()} == {"unchanged"}
    erp[2]("update sold set price = 7 where item = 1001;")
    again = company.load(**from_erp())
    assert (again["erp:sold", "sales"].status, again["erp:shelf", "stock"].status) == ("loaded", "unchanged")
    assert company.raw("sales")["unit_price"].to_list().count(7.0) == 2


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("delete from sold", "no select"),
        ("nowhere", 'relation "nowhere" does not exist'),
        ("select qty / 0 from sold", "division by zero"),
        ("with gone as (delete from sold returning *) select * from gone", "WITH clause"),
        ("select lo_create(4711)", "read-only transaction"),
        ("select pg_sleep(9) from sold", "statement timeout"),
    ],
)
def test_what_cannot_or_must_not_be_asked(company: Company, erp: Server, query: str, told: str) -> None:
    company.load(**from_erp())
    before = company.raw("sales").rows()
    asked = from_erp(connection={"erp": {"url_env": "ERP_URL", "timeout_seconds": 1}})
    asked["source"] = {"sold": SOLD | {"query": query}, "shelf": SHELF}
    with pytest.raises(InputError, match=r"\[(source\.sold|connection\.erp)\]") as error:
        company.load(**asked)
    assert told in str(error.value)
    assert company.raw("sales").rows() == before
    assert "6" in erp[2]("select count(*) from sold;")


@pytest.mark.parametrize(
    ("connection", "told"),
    [
        ({"url_env": "NOT_SET"}, "NOT_SET is not set"),
        ({"url_env": "WRONG"}, "password authentication failed"),
        ({"url_env": "CLOSED"}, "Connection refused"),
        ({"url_env": "ODD"}, "ODD is no database URL"),
        ({"url_env": "UNKNOWN"}, "'oracle' are not read"),
        ({"url": "sqlite:///none.db"}, "no file 'none.db'"),
        ({"url": "mysql://reader@127.0.0.1:1/erp", "password_env": "SECRET"}, "Can't connect to MySQL"),
        ({"url": "mssql://reader@127.0.0.1:1/erp", "password_env": "SECRET"}, "127.0.0.1"),
    ],
)
def test_a_door_that_does_not_open(
    company: Company, server: Server, monkeypatch: pytest.MonkeyPatch, connection: dict[str, Any], told: str
) -> None:
    secret = "geheim4711"
    for name, url in {
        "WRONG": server[1].replace("erp@", f"erp:{secret}@"),
        "CLOSED": f"postgresql://erp:{secret}@127.0.0.1:1/erp",
        "ODD": f"postgresql://erp:x@{secret}@host/erp",
        "UNKNOWN": f"oracle://erp:{secret}@host/erp",
        "SECRET": secret,
    }.items():
        monkeypatch.setenv(name, url)
    with pytest.raises(InputError, match=r"\[connection\.erp\]") as error:
        company.load(connection={"erp": connection}, source={"sold": SOLD, "shelf": SHELF})
    assert told in str(error.value)
    assert secret not in repr(error.value)
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__ or error.value.__context__ is None


def test_the_page_of_sources_asks_like_this(company: Company, erp: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    erp[2](
        "drop schema if exists reporting cascade; drop table if exists sale_line; create schema reporting;"
        "create table sale_line (sold_at timestamp, item_code text, shop text, quantity int, price numeric(9,2));"
        "insert into sale_line values (current_date - 1, 'a', 'x', 2, 1.25), ('2001-01-01', 'a', 'x', 2, 1.25);"
        "create table reporting.stock_at_close (date date, item_id text, location_id text, on_hand_qty int);"
        "insert into reporting.stock_at_close values (current_date - 1, 'a', 'x', 2);"
    )
    monkeypatch.setenv("ERP_DATABASE_URL", erp[0])
    connection = next(block for block in BLOCKS if "connection" in block)
    results = company.load(limit=0.0, **connection)
    assert [one.loaded_count for one in results.values()] == [1, 1]


def test_a_password_in_the_file_is_refused(tmp_path: Path) -> None:
    """Wherever it may stand; the message says what to do and does not repeat it."""
    for line in (
        'url = "postgresql://erp:geheim4711@host/db"',
        'url = "postgresql://erp:ge/heim4711@ho@st/db"',
        'url = "postgresql://host/db?password=geheim4711"',
        'url = "mssql://host/db?odbc_connect=x;PWD=geheim4711"',
        'url_env = "postgresql://erp:geheim4711@host/db"',
        'password = "geheim4711"',
        'url = ["postgresql://erp:geheim4711@host/db"]',
        'url = "sqlite:///a.db"\nurl_env = "X"',
    ):
        file = tmp_path / "replenish.toml"
        file.write_text(f"[connection.erp]\n{line}\n")
        with pytest.raises(SettingsError, match=r"connection\.erp") as error:
            load(file)
        told = "".join(traceback.format_exception(error.value))
        assert "heim4711" not in told
        assert "environment variable" in told or "url_env" in told


def test_a_connection_nobody_described(company: Company) -> None:
    with pytest.raises(InputError, match=r"\[source\.sold\] connection = 'erp'.*Did you mean 'erq'"):
        company.load(connection={"erq": {"url": "sqlite:///a.db"}}, source={"sold": SOLD})


def test_a_driver_that_is_not_there_names_its_extra(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for url, extra in {"postgresql://a@h/d": "postgres", "mysql://a@h/d": "mysql", "mssql://a@h/d": "mssql"}.items():
        with pytest.raises(InputError, match=rf"pip install 'replenish\[{extra}\]'"):
            company.load(connection={"erp": {"url": url}}, source={"sold": SOLD})


def test_sqlite_is_read_and_never_written(company: Company) -> None:
    file = company.folder / "till.db"
    with sqlite3.connect(file) as till:
        till.execute("create table sales (date text, item_id real, location_id text, qty, unit_price numeric)")
        till.execute("insert into sales values ('2026-01-01', 1001.0, '100%', 2, 1.5)")
        till.execute("insert into sales values ('2026-01-02', 7, 'x', 'two', 1)")
        till.execute("create table stock as select date, item_id, location_id, 5 as on_hand_qty from sales")
    before = file.read_bytes()
    till_db = {"connection": {"till": {"url": "sqlite:///till.db"}}}
    plain = {name: {"table": name, "connection": "till", "query": name} for name in ("sales", "stock")}
    result = company.load(**till_db, source=plain)["till:sales", "sales"]
    assert (result.loaded_count, result.rejected_count) == (1, 1)
    assert company.raw("sales").select("item_id", "location_id", "qty").rows() == [("1001", "100%", 2.0)]
    bad = plain | {"sales": plain["sales"] | {"query": "select load_extension('x'), :a from sales"}}
    with pytest.raises(InputError, match=r"\[connection\.till\]"):
        company.load(**till_db, source=bad)
    endless = "with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) as qty from r"
    in_time = {"connection": {"till": till_db["connection"]["till"] | {"timeout_seconds": 1}}}
    with pytest.raises(InputError, match="timeout_seconds = 1"):
        company.load(**in_time, source=plain | {"sales": plain["sales"] | {"query": endless}})
    assert file.read_bytes() == before


@pytest.mark.parametrize("commands", ["ingest doctor", pytest.param("run doctor", marks=pytest.mark.slow)])
def test_no_byte_of_the_company_holds_the_password(
    commands: str, erp: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Every command says what it did, and every file of the folder is searched: warehouse, logs, runs, pages."""
    from replenish.cli import app
    from tests.night.small import frames, write_folder

    settings = (
        '[connection.erp]\nurl_env = "ERP_URL"\n'
        '[connection.shut]\nurl_env = "SHUT_URL"\n'
        '[source.events]\ntable = "event"\nconnection = "erp"\n'
        "query = \"select 'e' as event_id, 'holiday' as kind, '2026-12-25' as start_date, '2026-12-25' as end_date\"\n"
        "[order]\npaths = 20\n[forecast]\nmembers = 'light'\n"
    )
    folder = write_folder(tmp_path / "shop", frames(30, items=("tea",)), settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHUT_URL", erp[0].replace("/postgres?", "/nowhere?"))
        for command in commands.split():
            with pytest.raises(SystemExit) as end:
                app([command, str(folder)])
            assert end.value.code == (2 if command == "doctor" else 0), command
        with Place.at(folder).open() as house:
            assert house.query("select event_id from raw.event")["event_id"].to_list() == ["e"]
    said = capsys.readouterr()
    told = (said.out + said.err + caplog.text).encode()
    assert b"erp:events -> event: 1 rows in = 1 loaded" in told
    assert b"position as of" in told or "run" in commands
    assert b'database "nowhere" does not exist' in told
    everything = {str(file): file.read_bytes() for file in folder.rglob("*") if file.is_file()} | {"output": told}
    assert len(everything) > (20 if "run" in commands else 6)
    encoded = erp[0].partition("erp:")[2].partition("@")[0]
    for name, content in everything.items():
        for secret in (PASSWORD, encoded):
            assert secret.encode() not in content, name
