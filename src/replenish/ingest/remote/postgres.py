"""PostgreSQL through ADBC: the server writes every value as text, in a read-only transaction with a time limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from replenish.ingest.headings import headings
from replenish.ingest.remote.address import Address

CONNECT_SECONDS = 10


def postgres_rows(address: Address, select: str, where: str) -> Iterator[pl.DataFrame]:
    """Pieces of what a select gives, an empty one first. Raises `InputError` that names the connection."""
    from adbc_driver_manager import Error
    from adbc_driver_postgresql import dbapi

    # what a broken stream says comes as one of the errors of Python or of Arrow
    faults = (Error, OSError, ValueError, RuntimeError)
    try:
        connection = dbapi.connect(_uri(address))
    except faults as error:
        advice = f"Check that the server can be reached from here, and what {address.variables_text} says."
        raise address.trouble(error, advice) from None
    try:
        with connection, connection.cursor() as cursor:
            for statement in _promises(address):
                cursor.execute(statement)
            yield from _pieces(cursor, select)
    except faults as error:
        advice = f"Correct query in {where}, or give it more time (timeout_seconds = {address.timeout_seconds})."
        raise address.trouble(error, advice) from None


def _promises(address: Address) -> list[str]:
    """Statements, not start-up options: a connection pooler in between would refuse those."""
    zone = [f"set local timezone = '{address.time_zone}'"] if address.time_zone else []
    return [
        "set transaction isolation level repeatable read, read only",
        f"set local statement_timeout = '{address.timeout_seconds}s'",
        "set local datestyle = 'ISO, YMD'",
        *zone,
    ]


def _pieces(cursor: Any, select: str) -> Iterator[pl.DataFrame]:
    cursor.execute(f"select * from ({select}\n) as asked limit 0")
    count = len(cursor.description)
    names = headings(one[0] for one in cursor.description)
    places = [f"c{place}" for place in range(count)]
    yield pl.DataFrame(schema=dict.fromkeys(names, pl.String))
    as_text = ", ".join(f"{place}::text" for place in places)
    cursor.execute(f"select {as_text} from ({select}\n) as asked ({', '.join(places)})")
    for batch in cursor.fetch_record_batch():
        piece = pl.from_arrow(batch)
        assert isinstance(piece, pl.DataFrame)
        piece.columns = names
        yield piece.cast(pl.String)


def _uri(address: Address) -> str:
    """The URL as libpq reads it."""
    url = address.url.set(drivername="postgresql")
    if "connect_timeout" not in url.query:
        url = url.update_query_dict({"connect_timeout": str(CONNECT_SECONDS)})
    return url.render_as_string(hide_password=False)
