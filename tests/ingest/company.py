"""A small company folder for tests: write files, load, look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from replenish.ingest import LoadResult, load_folder
from replenish.settings import Settings
from replenish.warehouse import Warehouse

STOCK = b"date,item_id,location_id,on_hand_qty\n2026-01-01,a,x,5\n"
SALES = b"date,item_id,location_id,qty\n2026-01-01,a,x,5\n"


class Company:
    """A folder with inputs, and the warehouse they are loaded into."""

    def __init__(self, folder: Path, warehouse: Warehouse) -> None:
        self.folder, self.warehouse = folder, warehouse
        self.inputs = folder / "inputs"
        self.inputs.mkdir()

    def put(self, name: str, content: bytes | str) -> Path:
        path = self.inputs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def required(self) -> Company:
        """The required tables, one good row each."""
        self.put("sales.csv", SALES)
        self.put("stock.csv", STOCK)
        return self

    def load(self, *, limit: float = 1.0, **settings: Any) -> dict[tuple[str, str], LoadResult]:
        chosen = Settings.model_validate({"ingest": {"max_reject_share": limit}, **settings})
        results = load_folder(self.warehouse, self.folder, chosen)
        for one in results:
            if one.status in ("loaded", "unchanged"):
                assert one.row_count == one.loaded_count + one.rejected_count
        return {(one.file.removeprefix("inputs/"), one.table): one for one in results}

    def raw(self, table: str) -> pl.DataFrame:
        return self.warehouse.query(f"from raw.{table} order by _load_id, _row")

    def rejects(self) -> list[tuple[Any, ...]]:
        columns = 'table_name, row, "column", rule, value, is_set_aside'
        return self.warehouse.query(f"select {columns} from raw.reject order by table_name, file, row").rows()


@pytest.fixture(name="company")
def make_company(tmp_path: Path) -> Iterator[Company]:
    with Warehouse() as warehouse:
        yield Company(tmp_path, warehouse)
