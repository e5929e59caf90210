"""The warehouse: the only door to DuckDB. Typed frames go in and out; layers are built from SQL files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, TypeVar, cast

import dataframely as dy
import duckdb
import polars as pl

from replenish.share import share_path
from replenish.tables.rows import fitted, in_order, types_of
from replenish.tables.table import Table

AnyTable = TypeVar("AnyTable", bound=Table)
_File = Path | None

KEPT_BYTES = 8 << 20  # a frame up to this size is kept while the warehouse is open: asking the database costs more

_SQL_TYPES: dict[Any, str] = {
    pl.String: "varchar",
    pl.Float64: "double",
    pl.Int32: "integer",
    pl.Int64: "bigint",
    pl.Date: "date",
    pl.Datetime: "timestamp_ms",
    pl.Boolean: "boolean",
    pl.List: "double[]",
}


class WarehouseError(RuntimeError):
    """The database could not be opened or a statement failed; the message names the file and what to do."""


@dataclass(frozen=True)
class Failure:
    """A law that does not hold: the check's name, its sentence, how many rows break it, and the first five of them."""

    name: str
    law: str
    count: int
    sample: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Select:
    """One SQL file: `layer.name`, its header comment, its text, and the tables it reads."""

    name: str
    comment: str
    text: str


class Warehouse:
    """One DuckDB database: a file, or memory where no path is given. Use as a context manager."""

    def __init__(
        self, path: _File = None, *, memory_limit_gb: float = 2.0, threads: int | None = None, temp: _File = None
    ) -> None:
        config: dict[str, Any] = {
            "memory_limit": f"{memory_limit_gb:g}GiB",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        config |= {"threads": threads} if threads else {}
        if temp or path:
            config["temp_directory"] = str(temp or Path(f"{path}.tmp"))
        self._config = config
        self._kept: dict[str, pl.DataFrame] = {}
        try:
            self._connection = duckdb.connect(str(path) if path else ":memory:", config=config)
        except duckdb.Error as error:
            advice = "Close what holds it open; if it is damaged, delete it: the next run loads all files again."
            raise WarehouseError(f"cannot open the warehouse {path}: {error}\n{advice}") from error

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Release the file; open frames stay valid."""
        self._connection.close()

    def execute(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> None:
        """Run one statement for its effect."""
        self._kept.clear()
        self._connection.execute(sql, parameters or None)

    def query(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> pl.DataFrame:
        """Rows of one select."""
        return self._connection.sql(sql, params=parameters or None).pl()  # execute(...).pl() is gone in DuckDB 2

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing: what happens inside is undone when an error leaves it."""
        self._connection.execute("begin transaction")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            self._kept.clear()
            raise
        self._connection.execute("commit")

    def create(self, tables: Iterable[type[Table]], extra: Mapping[str, str] | None = None, suffix: str = "") -> None:
        """Make tables, `suffix` added to their names; those there get columns they lack. `extra`: more columns."""
        chosen = tuple(tables)
        found = "select concat(schema_name, '.', table_name), list(column_name) from duckdb_columns() group by all"
        there: dict[str, list[str]] = dict(self._connection.execute(found).fetchall())
        statements = [f"create schema if not exists {one}" for one in {layer_of(one.full_name()) for one in chosen}]
        for table in chosen:
            name, types = table.full_name() + suffix, types_of(table)
            columns = {column: _SQL_TYPES[kind.base_type()] for column, kind in types.items()} | dict(extra or {})
            told = {column: f'"{column}" {kind}' for column, kind in columns.items()}
            if name not in there:
                statements.append(f"create table {quoted(name)} ({', '.join(told.values())})")
            missing = [told[column] for column in told.keys() - set(there.get(name, told))]
            statements += [f"alter table {quoted(name)} add column {one}" for one in sorted(missing)]
        self._connection.execute("; ".join(statements))

    types = staticmethod(types_of)

    def exists(self, full_name: str) -> bool:
        """Whether there is such a table."""
        return full_name in self.table_names(layer_of(full_name))

    def table_names(self, layer: str) -> list[str]:
        """Full names of a layer's tables, sorted."""
        rows = self._connection.execute(
            "select table_name from duckdb_tables() where schema_name = ? order by table_name", [layer]
        ).fetchall()
        return [f"{layer}.{name}" for (name,) in rows]

    def read(self, table: type[AnyTable]) -> dy.DataFrame[AnyTable]:
        """The whole table, typed by its class and sorted by its key."""
        name, types = table.full_name(), types_of(table)
        if name in self._kept:
            return cast("dy.DataFrame[AnyTable]", self._kept[name])
        columns = ", ".join(f'"{column}"' for column in types)
        rows = self.query(f"select {columns} from {quoted(name)}").cast(types)
        return cast("dy.DataFrame[AnyTable]", self._keep(name, in_order(rows, table.primary_key() or list(types))))

    def read_all(self, *tables: type[Table]) -> list[Any]:
        """Several tables at once, in the order named."""
        return [self.read(table) for table in tables]

    def write_all(self, tables: Sequence[type[Table]], frames: Sequence[pl.DataFrame]) -> None:
        """Replace several tables, frame by frame."""
        for table, frame in zip(tables, frames, strict=True):
            self.write(table, frame)

    def write(self, table: type[Table], frame: pl.DataFrame) -> None:
        """Replace the table by this frame. Raises `ValueError` when columns, types or required values are off."""
        typed = in_order(fitted(table, frame), table.primary_key() or list(table.columns()))
        self.store(table.full_name(), typed)
        self._keep(table.full_name(), typed)

    def store(self, full_name: str, frame: pl.DataFrame) -> None:
        """Replace a table of any layer by a frame, as it is."""
        self._kept.pop(full_name, None)
        self._connection.execute(f"create schema if not exists {layer_of(full_name)}")
        self._connection.execute(f"create or replace table {quoted(full_name)} as select * from frame")

    def append(self, full_name: str, frame: pl.DataFrame) -> None:
        """Add rows to an existing table, columns matched by name."""
        self._kept.pop(full_name, None)
        # `frame` is found by its name here: a frame that is registered stays in memory until the transaction ends
        self._connection.execute(f"insert into {quoted(full_name)} by name select * from frame")

    def read_csv_text(
        self, path: Path, *, width: int, places: Sequence[int], delimiter: str, has_quotes: bool, is_parallel: bool
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Rows of a UTF-8 text file below its heading, in order, all text, only the columns at `places` of `width`.

        The second frame has a row for each line that is no row: `line` (the heading is 1), `kind` and `text`.
        Raises `WarehouseError` when the file as a whole cannot be read.
        """
        fields = ", ".join(f"'c{place}': 'varchar'" for place in range(width))
        quote = "'\"'" if has_quotes else "''"
        chosen = ", ".join(f"c{place}" for place in places)
        reader = (
            f"select {chosen} from read_csv($path, auto_detect=false, header=true, columns={{{fields}}},"
            f" delim=$delimiter, quote={quote}, escape={quote}, store_rejects=true, parallel={is_parallel})"
        )
        broken = "line, arg_min(error_type::varchar, column_idx) as kind, left(min(csv_line), 1000) as text"
        told = f"select {broken} from reject_errors group by line order by line"
        # a database of its own: a file that breaks the reader must not break the warehouse
        with duckdb.connect(":memory:", config=self._config) as apart:
            try:
                return apart.execute(reader, {"path": str(path), "delimiter": delimiter}).pl(), apart.execute(told).pl()
            except duckdb.Error as error:
                raise WarehouseError(str(error).splitlines()[0]) from error

    def build(self, layer: str) -> None:
        """Run every select of `sql/<layer>/` in the order their tables need each other, and store the results."""
        self._make_ready(layer)
        for select in _in_order(_selects(layer)):
            self._build_one(select)

    def build_table(self, full_name: str) -> None:
        """Run the one select behind a table; the tables it reads must be there."""
        layer = layer_of(full_name)
        self._make_ready(layer)
        self._build_one(next(one for one in _selects(layer) if one.name == full_name))

    def _make_ready(self, layer: str) -> None:
        for macro in _selects("macros"):
            self._connection.execute(macro.text)
        self._connection.execute(f"create schema if not exists {layer}")

    def check(self) -> list[Failure]:
        """Every law of `sql/checks/` that does not hold, those of the mart once it is built; none is the proof."""
        asked = [one for one in _selects("checks") if "mart." not in one.text or self.table_names("mart")]
        return [failure for select in asked if (failure := self._failure(select))]

    def _failure(self, select: Select) -> Failure | None:
        with _named(select):
            rows = self.query(f"from (\n{select.text}\n) order by all")
        if rows.is_empty():
            return None
        return Failure(select.name.split(".")[1], select.comment, rows.height, tuple(rows.head(5).to_dicts()))

    def _keep(self, full_name: str, frame: pl.DataFrame) -> pl.DataFrame:
        if frame.estimated_size() <= KEPT_BYTES:
            self._kept[full_name] = frame
        return frame

    def _build_one(self, select: Select) -> None:
        self._kept.pop(select.name, None)
        with _named(select):
            self._connection.execute(f"create or replace table {quoted(select.name)} as {select.text}")


@contextmanager
def _named(select: Select) -> Iterator[None]:
    """What the database says of a select, told with the file it is in."""
    try:
        yield
    except duckdb.Error as error:
        raise WarehouseError(f"sql/{select.name.replace('.', '/')}.sql: {error}") from error


def layer_of(full_name: str) -> str:
    """`core` of `core.node`."""
    return full_name.split(".", 1)[0]


def quoted(full_name: str) -> str:
    """`layer.name` safe to put into SQL text."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in full_name.split(".", 1))


@cache
def _selects(layer: str) -> tuple[Select, ...]:
    files = sorted((share_path("sql") / layer).glob("*.sql"))
    return tuple(_select(layer, file) for file in files)


def _select(layer: str, file: Path) -> Select:
    text = file.read_text(encoding="utf-8").strip().removesuffix(";")
    lines = [line[2:].strip() for line in text.splitlines() if line.startswith("--")]
    return Select(f"{layer}.{file.stem}", " ".join(lines), text)


@cache
def _in_order(selects: tuple[Select, ...]) -> tuple[Select, ...]:
    """The selects, each after those whose tables it reads."""
    by_name = {select.name: select for select in selects}
    with duckdb.connect(":memory:") as parser:
        needs = {name: sorted(_reads(parser, one) & by_name.keys() - {name}) for name, one in by_name.items()}
    return tuple(by_name[name] for name in TopologicalSorter(needs).static_order())


def _reads(parser: duckdb.DuckDBPyConnection, select: Select) -> set[str]:
    row = parser.execute("select json_serialize_sql(?)", [select.text]).fetchone()
    tree = json.loads(row[0]) if row else {}
    if tree.get("error"):
        raise WarehouseError(f"sql/{select.name.replace('.', '/')}.sql: {tree.get('error_message')}")
    return {f"{one['schema_name']}.{one['table_name']}" for one in _base_tables(tree)}


def _base_tables(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        if tree.get("type") == "BASE_TABLE" and tree.get("schema_name"):
            yield tree
        for branch in tree.values():
            yield from _base_tables(branch)
    elif isinstance(tree, list):
        for branch in tree:
            yield from _base_tables(branch)
