"""Load a company folder into a database in memory and look at what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from replenish.ingest import LoadResult, load_folder
from replenish.settings import load
from replenish.warehouse import Warehouse


@contextmanager
def ingested(folder: Path) -> Iterator[tuple[Warehouse, dict[str, LoadResult]]]:
    """The warehouse, and the result of each file by its name inside inputs/."""
    with Warehouse(None) as warehouse:
        results = load_folder(warehouse, folder, load(folder / "replenish.toml"))
        yield warehouse, {Path(one.file).name: one for one in results}
