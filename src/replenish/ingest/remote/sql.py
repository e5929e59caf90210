"""Rows of a database as text, in pieces; read-only where the database can promise it.

Everything is text as the database itself writes it (NUMERIC exact, dates ISO, booleans true and false), so that dates
and numbers no Python type can hold (infinity, NaN, 0000-00-00) come as what they are, to be judged by the contract.
"""

from __future__ import annotations

import importlib.util
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from replenish.ingest.errors import InputError
from replenish.ingest.headings import headings
from replenish.ingest.remote.address import Address
from replenish.ingest.remote.postgres import postgres_rows

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection as Session

ROWS_AT_A_TIME = 20_000
CONNECT_SECONDS = 10
_NAME = r"[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*){0,2}"
# database: its driver's module, the driver as SQLAlchemy calls it, and the extra that brings it
DRIVERS = {
    "postgresql": ("adbc_driver_postgresql", "", "postgres"),
    "mysql": ("pymysql", "mysql+pymysql", "mysql"),
    "mariadb": ("pymysql", "mariadb+pymysql", "mysql"),
    "mssql": ("pymssql", "mssql+pymssql", "mssql"),
    "sqlite": ("sqlite3", "sqlite", ""),
}


def rows(address: Address, query: str, folder: Path, where: str) -> Iterator[pl.DataFrame]:
    """Pieces of what a query or table gives, all columns text; an empty answer is one empty piece.

    `folder` is the company's, from which SQLite files are named. Raises `InputError` that names `where` and what to do.
    """
    select = _select(query, where)
    check_driver(address)
    if address.kind == "postgresql":
        yield from postgres_rows(address, select, where)
        return
    with _session(address, folder) as session:
        try:
            result = session.exec_driver_sql(select)
            names = headings(result.keys())
            yield _frame([], names)
            for part in result.partitions(ROWS_AT_A_TIME):
                yield _frame(part, names)
        except _faults() as error:
            advice = f"Correct query in {where}, or give it more time (timeout_seconds = {address.timeout_seconds})."
            raise address.trouble(error, advice) from None


def greet(address: Address, folder: Path) -> None:
    """Open the door and close it again. Raises `InputError` when that fails."""
    check_driver(address)
    if address.kind == "postgresql":
        list(postgres_rows(address, "select 1 as one", address.where))
        return
    with _session(address, folder) as session:
        try:
            session.exec_driver_sql("select 1")
        except _faults() as error:
            raise address.trouble(error, "Check that this is the right database.") from None


def check_driver(address: Address) -> None:
    """Raise `InputError` when we cannot read this make of database, or its driver is not installed."""
    if address.kind not in DRIVERS:
        known = ", ".join(sorted(DRIVERS))
        raise InputError(f"{address.where}: databases of the kind {address.kind!r} are not read, only {known}.")
    module, _, extra = DRIVERS[address.kind]
    if importlib.util.find_spec(module) is None:
        raise InputError(f"{address.where}: {address.kind} needs a driver: pip install 'replenish[{extra}]'")


def _select(query: str, where: str) -> str:
    """The query, or the whole of the table that is named; only what begins like a question is asked."""
    text = query.strip().rstrip(";").strip()
    if re.fullmatch(_NAME, text):
        return f"select * from {text}"
    bare = re.sub(r"^(?:\s+|--[^\n]*\n|/\*.*?\*/|\()*", "", text, flags=re.DOTALL)
    if not re.match(r"(select|with)\b", bare, re.IGNORECASE):
        raise InputError(f"{where} query is no select and no table's name. Sources are only read: write a select.")
    return text


@contextmanager
def _session(address: Address, folder: Path) -> Iterator[Session]:
    from sqlalchemy import create_engine
    from sqlalchemy.pool import NullPool

    try:
        url, options = _reading(address, folder)
        engine = create_engine(url, poolclass=NullPool, connect_args=options, hide_parameters=True)
        session = engine.connect().execution_options(stream_results=True, no_parameters=True)
    except _faults() as error:
        advice = f"Check that the server can be reached from here, and what {address.variables_text} says."
        raise address.trouble(error, advice) from None
    with session:
        try:
            for statement in _promises(address, session):
                session.exec_driver_sql(statement)
            session.commit()
        except _faults() as error:
            raise address.trouble(error, "The session could not be made read-only.") from None
        with _stopped_in_time(address, session):
            yield session


@contextmanager
def _stopped_in_time(address: Address, session: Session) -> Iterator[None]:
    """SQLite has no server that would stop a query which takes too long."""
    file: Any = session.connection.driver_connection
    clock = threading.Timer(address.timeout_seconds, file.interrupt) if address.kind == "sqlite" else None
    if clock:
        clock.daemon = True
        clock.start()
    try:
        yield
    finally:
        if clock:
            clock.cancel()


def _reading(address: Address, folder: Path) -> tuple[Any, dict[str, Any]]:
    """URL with the driver, and the driver's own options: SQLite opens the file read-only, others give up in time."""
    url, seconds = address.url.set(drivername=DRIVERS[address.kind][1]), address.timeout_seconds
    if address.kind == "sqlite":
        file = (folder / (url.database or "")).resolve()
        if not file.is_file():
            raise InputError(f"{address.where}: there is no file {url.database!r} in the company folder.")
        return url.set(database=f"{file.as_uri()}", query={"mode": "ro", "uri": "true"}), {"timeout": seconds}
    if address.kind == "mssql":
        return url, {"login_timeout": CONNECT_SECONDS, "timeout": seconds}
    # the server stops a slow query; this is for one that has gone silent
    return url, {"connect_timeout": CONNECT_SECONDS, "read_timeout": seconds + CONNECT_SECONDS}


def _promises(address: Address, session: Session) -> list[str]:
    """What a session promises before it asks; SQL Server has no read-only transactions: its login must only read."""
    if address.kind not in ("mysql", "mariadb"):
        return []
    limit = (
        f"set session max_statement_time = {address.timeout_seconds}"
        if getattr(session.dialect, "is_mariadb", False)
        else f"set session max_execution_time = {address.timeout_seconds * 1000}"
    )
    return ["set session transaction read only", limit]


def _faults() -> tuple[type[Exception], ...]:
    from sqlalchemy.exc import SQLAlchemyError

    return (SQLAlchemyError, OSError)


def _frame(part: Any, names: list[str]) -> pl.DataFrame:
    columns = zip(*part, strict=True) if part else ([] for _ in names)
    return pl.DataFrame({name: [_text(one) for one in values] for name, values in zip(names, columns, strict=True)},
                        schema=dict.fromkeys(names, pl.String))  # fmt: skip


def _text(value: Any) -> str | None:
    """A value as the contract reads it; whole floats without a decimal point, so that numbers can be names."""
    if value is None or isinstance(value, str):
        return value
    write = next((how for kind, how in _WRITERS if isinstance(value, kind)), str)
    return write(value)


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    (float, lambda value: str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)),
    (Decimal, lambda value: format(value, "f")),
    (datetime, lambda value: value.isoformat(sep=" ")),
    (date, lambda value: value.isoformat()),
    (bytes, lambda value: value.decode(errors="replace")),
)
