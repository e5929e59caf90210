"""The tables and settings are documented, named by their units, and their pages are what the code says."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import dataframely as dy
import pytest

from docs.generate import HERE, LAYERS, PAGES, settings
from replenish.tables.table import Table

TABLES = tuple(chain.from_iterable(tables for _, tables in LAYERS.values()))

# words of a name that tell its unit, and the few columns that stand without one because their meaning has none
WORDS = {
    "base unit": {"qty"},
    "money": {"value", "cost", "price"},
    "days": {"days"},
    "hours": {"hours"},
    "share": {"share", "probability", "rate", "target"},
    "ratio": {"rate", "qty2", "count", "volume", "weight", "qty"},
    "date": {"date", "start", "end", "from", "to", "at", "of"},
    "time": {"at"},
    "count": {"count", "index", "days", "weeks", "buckets", "rank", "week", "weekday", "start"},
}
SYMBOLS = {"phi", "kappa", "rho", "lead_time_pmf", "lateness_pmf"}
PLAIN = {"average_interval", "squared_variation", "level", "priority", "id_counter"}
PLAIN |= {"available", "wanted", "used"}  # of a limit: money or volume


def columns() -> Iterator[tuple[type[Table], str, dy.Column]]:
    """Every column of every table."""
    for table in TABLES:
        for name, column in table.columns().items():
            yield table, name, column


def kinds_of(table: type[Table]) -> Iterator[type[Table]]:
    """Every class made of this one, and those made of them."""
    for kind in table.__subclasses__():
        yield kind
        yield from kinds_of(kind)


def test_every_table_class_is_in_the_dictionary() -> None:
    """A class that is written down in tables/ is in one of the layers."""
    made = {table for table in kinds_of(Table) if table.__module__.startswith("replenish.tables.")}
    assert made == set(TABLES)
    names = [table.full_name() for table in TABLES]
    assert len(names) == len(set(names))


def test_every_table_says_what_a_row_is() -> None:
    """A sentence for every table."""
    assert not [
        table.full_name() for table in TABLES if not (table.__dict__.get("__doc__") or "").strip().endswith(".")
    ]


def test_every_column_has_a_meaning() -> None:
    """Words for every column, beside its unit."""
    empty = [
        f"{table.full_name()}.{name}" for table, name, column in columns() if not (column.metadata or {})["meaning"]
    ]
    assert not empty


def test_the_unit_is_in_the_name() -> None:
    """A number's name tells its unit."""
    off = [
        f"{table.full_name()}.{name} ({unit})"
        for table, name, column in columns()
        if (unit := (column.metadata or {})["unit"])
        and not WORDS[unit] & set(name.split("_"))
        and name not in SYMBOLS | PLAIN
    ]
    assert not off


def test_a_unit_word_means_its_unit() -> None:
    """Nothing calls itself a quantity, days or hours and is something else."""
    endings = {"_qty": {"base unit"}, "_days": {"days", "count"}, "_hours": {"hours"}, "_date": {"date"}}
    off = [
        f"{table.full_name()}.{name}"
        for table, name, column in columns()
        for ending, units in endings.items()
        if name.endswith(ending) and (column.metadata or {})["unit"] not in units
    ]
    assert not off


def test_fixed_columns_are_the_same_everywhere() -> None:
    """item_id and location_id are text, bucket_start is a date, bucket_index a whole number, wherever they stand."""
    kinds: dict[str, set[str]] = {}
    for _, name, column in columns():
        kinds.setdefault(name, set()).add(str(column.dtype))
    assert {name: kinds[name] for name in ("item_id", "location_id", "bucket_start", "bucket_index")} == {
        "item_id": {"String"},
        "location_id": {"String"},
        "bucket_start": {"Date"},
        "bucket_index": {"Int32"},
    }


def test_every_setting_is_described() -> None:
    """A sentence for every setting."""
    described = dict(settings())
    assert {"seed", "order.paths", "source.*.files", "compute.workers"} <= described.keys()
    assert not [name for name, field in described.items() if not (field.description or "").endswith(".")]


@pytest.mark.parametrize("file", PAGES)
def test_page_is_what_the_code_says(file: str) -> None:
    """The pages are generated; `make docs` writes them again."""
    assert Path(HERE / file).read_text(encoding="utf-8") == PAGES[file](), "run `make docs`"
