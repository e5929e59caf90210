"""Large tables read and written so many nodes at a time, so that memory does not grow with the company."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from replenish.tables import core
from replenish.tables.rows import fitted, in_order, types_of
from replenish.tables.table import Table
from replenish.warehouse import Warehouse, quoted

Node = tuple[str, str]

_ASIDE = "~"  # a table is made beside the one it will replace, under its name and this


class Stream:
    """The tables of a warehouse in blocks of consecutive nodes; core.node says which nodes there are."""

    def __init__(self, house: Warehouse, block_nodes: int) -> None:
        self._house = house
        nodes = house.read(core.Node).select("item_id", "location_id")
        self._starts: list[Node] = [nodes.row(first) for first in range(block_nodes, nodes.height, block_nodes)]

    def read(self, *tables: type[Table], since: int | None = None) -> Blocks:
        """Rows of several tables with item_id and location_id, block by block; every pass over them reads anew.

        `since`: only rows of this bucket_index and later ones.
        """
        return Blocks(self._house, tables, [None, *self._starts, None], since)

    def write(self, tables: Sequence[type[Table]], parts: Iterable[Sequence[pl.DataFrame]]) -> None:
        """Replace the tables by frames that come block by block in the order of nodes: all of it or nothing.

        The tables may be read until the last frame has come. Raises `ValueError` when columns, types or required
        values are off, and whatever making a frame raises; then the tables are as they were.
        """
        names = [table.full_name() for table in tables]
        with self._house.transaction():
            self._house.create(tables, suffix=_ASIDE)
            for frames in parts:
                for table, name, frame in zip(tables, names, frames, strict=True):
                    typed = in_order(fitted(table, frame), table.primary_key() or list(table.columns()))
                    self._house.append(name + _ASIDE, typed)
            for name in names:
                self._house.execute(f"drop table if exists {quoted(name)}")
                self._house.execute(f"alter table {quoted(name + _ASIDE)} rename to {name.split('.', 1)[1]}")


class Blocks:
    """One frame a table for every block of nodes, each sorted by its key."""

    def __init__(
        self, house: Warehouse, tables: Sequence[type[Table]], bounds: Sequence[Node | None], since: int | None
    ) -> None:
        self._house = house
        self._since = since
        self._tables = tables
        self._bounds = bounds

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        if (
            len(self._bounds) == 2 and self._since is None
        ):  # one block: nothing to look for, and what the warehouse keeps need not be read
            yield tuple(self._house.read_all(*self._tables))
            return
        for start, end in zip(self._bounds, self._bounds[1:], strict=False):
            yield tuple(self._between(table, start, end) for table in self._tables)

    def _between(self, table: type[Table], start: Node | None, end: Node | None) -> pl.DataFrame:
        columns = ", ".join(f'"{column}"' for column in table.columns())
        rows = self._house.query(
            f"select {columns} from {quoted(table.full_name())} where {_where(start, end, self._since)}"
        )
        return in_order(rows.cast(types_of(table)), table.primary_key() or list(table.columns()))


def _where(start: Node | None, end: Node | None, since: int | None) -> str:
    """From one node up to, but without, the other. Tables lie in the order of their keys: most of one is passed over.

    The bare bounds on item_id are what the database skips by. Names stand in the text, because a query with
    parameters copies its answer row by row.
    """
    parts = ["true"] if since is None else [f"bucket_index >= {since}"]
    if start:
        item, location = map(_literal, start)
        parts += [f"item_id >= {item}", f"(item_id > {item} or location_id >= {location})"]
    if end:
        item, location = map(_literal, end)
        parts += [f"item_id <= {item}", f"(item_id < {item} or location_id < {location})"]
    return " and ".join(parts)


def _literal(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
