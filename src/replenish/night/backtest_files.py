"""A backtest of a company's folder: its input files in a scratch warehouse, its tables and its page out."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zlib import crc32

import polars as pl
import polars.selectors as cs

from replenish import ingest
from replenish.night import backtest, tuned, watched
from replenish.night.folder import Place, make_tables
from replenish.reporting.backtest import write_page
from replenish.share import share_path
from replenish.warehouse import Warehouse

UNSAID = ("outcome", "advice", "replay")  # among the plain values: windows are many, the rest stands beside the tables
PER_ITEM = ("sales", "stock", "item", "sourcing", "open_order", "lot", "stock_count", "price_break")


@dataclass(frozen=True)
class Replayed:
    """A finished backtest and where it lies."""

    told: backtest.Told
    folder: Path

    def as_data(self) -> dict[str, Any]:
        """Everything as plain values."""
        shown = {name: table for name, table in self.told.tables.items() if name not in UNSAID}
        tables = {name: table.with_columns(cs.date().cast(pl.String)).to_dicts() for name, table in shown.items()}
        facts = {"as_of": self.told.as_of.isoformat(), "nodes": self.told.node_count, "advice": self.told.advice}
        return facts | tables | {"folder": str(self.folder)}

    def text(self) -> str:
        """The contest for people: one line a rule, then what to do."""
        lines = [f"as of {self.told.as_of}, {self.told.node_count} nodes", ""]
        lines += [f"{'rule':16}{'dial':>6}{'cost':>12}{'fill':>8}{'stock value':>14}{'lines':>9}{'nightly saves':>15}"]
        for row in self.told.tables["contest"].sort("cost").iter_rows(named=True):
            fill = "" if row["fill_rate"] is None else f"{row['fill_rate']:.1%}"
            figures = f"{row['cost']:>12,.0f}{fill:>8}{row['stock_value']:>14,.0f}{row['line_count']:>9,}"
            saved = "" if row["rule"] == "curve" else f"{row['saved_rate']:.1%} {row['verdict']}"
            lines.append(f"{row['rule']:16}{row['dial']:>6}{figures}  {saved}")
        return "\n".join([*lines, "", *self.told.advice, f"page       {self.folder / 'index.html'}"])


def replay_folder(
    folder: Path,
    *,
    weeks: int,
    items: int,
    as_of: date | None = None,
    out: Path | None = None,
    progress: Callable[[str], None],
) -> Replayed:
    """Replay the history of the company in `folder` and write what was found into a folder of its own.

    Nothing that a night reads is touched before the end, so that one may run meanwhile. Raises what a night raises.
    """
    place = watched.place_at(folder, None, progress)
    with watched.watched(place, "backtest", progress):
        return _replay(place, weeks, as_of, items, out, progress)


def _replay(
    place: Place, weeks: int, as_of: date | None, items: int, out: Path | None, progress: Callable[[str], None]
) -> Replayed:
    with tempfile.TemporaryDirectory(prefix="replenish-backtest-") as scratch:
        limit = place.settings.compute.memory_limit_gb
        with Warehouse(Path(scratch) / "warehouse.duckdb", memory_limit_gb=limit) as house:
            make_tables(house)
            ingest.load_folder(house, place.folder, place.settings)
            _keep_some(house, items)
            told = backtest.roll(house, place.settings, as_of, weeks, progress)
    target = (out or place.runs / tuned.FOLDER) / told.as_of.isoformat()
    _write(target, told, place.settings.company.name, place.settings.company.currency)
    return Replayed(told, target)


def _keep_some(house: Warehouse, items: int) -> None:
    """Leave the items with the lowest checksums: the same ones every time, whatever their order."""
    named = house.query("select distinct item_id from raw.sales where item_id is not null")["item_id"].to_list()
    if items <= 0 or len(named) <= items:
        return
    kept = sorted(named, key=lambda one: (crc32(one.encode()), one))[:items]
    house.store("raw.kept_item", pl.DataFrame({"item_id": kept}))
    for table in PER_ITEM:
        house.execute(f"delete from raw.{table} where item_id not in (select item_id from raw.kept_item)")


def _write(target: Path, told: backtest.Told, company: str, currency: str) -> None:
    """Tables as CSV and Parquet and the page, by one rename."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backtest-") as made:
        fresh = Path(made) / "new"
        fresh.mkdir()
        for name, table in told.tables.items():
            table.write_csv(fresh / f"{name}.csv")
            table.write_parquet(fresh / f"{name}.parquet")
        facts = {"as_of": told.as_of, "nodes": told.node_count, "company": company, "currency": currency}
        write_page(fresh / "index.html", told.tables, told.advice, facts, pages=share_path("reports"))
        if target.exists():
            os.replace(target, Path(made) / "old")
        os.replace(fresh, target)
        shutil.rmtree(Path(made) / "old", ignore_errors=True)
