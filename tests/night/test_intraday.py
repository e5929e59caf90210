"""Loads between two nights: whatever changed, and in whatever order, the tables equal those of a full reload."""

from __future__ import annotations

import random
import shutil
import sqlite3
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from replenish.night import folder as stages
from replenish.night.folder import Place
from replenish.night.freshness import freshness
from tests.night.small import LAST_DAY, frames, write_folder

SETTINGS = (
    '[connection.till]\nurl = "sqlite:///till.db"\n'
    '[source.till]\ntable = "sales"\nconnection = "till"\nquery = "sales"\n'
    '[calendar]\nsource_grain = "day"\n[ingest]\nmax_reject_share = 1.0\n'
    "[order]\npaths = 20\n[forecast]\nmembers = 'light'\n"
)
NOON = LAST_DAY + timedelta(days=1)


@pytest.fixture(name="shop")
def a_shop(tmp_path: Path) -> Path:
    tables = frames(20, items=("tea",))
    shop = write_folder(tmp_path / "shop", tables, SETTINGS)
    with sqlite3.connect(shop / "till.db") as till:
        till.execute("create table sales (date text, item_id text, location_id text, qty real)")
        sell(till, LAST_DAY, 3)
    return shop


def sell(till: sqlite3.Connection, day: date, qty: float) -> None:
    till.execute("insert into sales values (?, 'tea', 'north', ?)", [day.isoformat(), qty])


def edit(shop: Path, chance: random.Random) -> None:
    """One change as a working day brings it: a file more, changed or gone, rows of the till more, changed or gone."""
    extra = shop / "inputs" / f"sales_{chance.randrange(3)}.csv"
    day = LAST_DAY - timedelta(days=chance.randrange(60))
    row = f"{day},tea,south,{chance.randrange(1, 9)}\n"
    what = chance.randrange(6)
    with sqlite3.connect(shop / "till.db") as till:
        if what == 0:
            extra.unlink(missing_ok=True)
        elif what in (1, 2):
            before = extra.read_text() if extra.exists() else "date,item_id,location_id,qty\n"
            extra.write_text(before + row + (f"{day},tea,south,many\n" if what == 2 else ""))
        elif what == 3:
            sell(till, day, chance.randrange(1, 9))
        elif what == 4:
            till.execute("update sales set qty = qty + 1 where rowid = (select min(rowid) from sales)")
        else:
            stock = shop / "inputs" / "stock.csv"
            pl.read_csv(stock).with_columns(pl.col("on_hand_qty") + chance.randrange(3)).write_csv(stock)


def state(shop: Path) -> tuple[list[list[tuple[object, ...]]], str, str]:
    """All that was loaded, and the hash of every core table."""
    place = Place.at(shop)
    stages.ingest(place)
    tonight = stages.prepare(place)
    with place.open() as house:
        names = house.query("select table_name from information_schema.tables where table_schema = 'raw' order by 1")
        tables = [f"raw.{name}" for name in names["table_name"]] + ["meta.load"]
        rows = [sorted(house.query(f"from {name}").rows(), key=repr) for name in tables]
    return rows, tonight.input_hash, tonight.run_id


def test_many_loads_equal_one_full_reload(shop: Path, tmp_path: Path) -> None:
    chance = random.Random(5)
    state(shop)
    for number in range(2):
        for _ in range(3):
            edit(shop, chance)
            stages.ingest(Place.at(shop))
        other = tmp_path / f"fresh-{number}"
        shutil.copytree(shop, other, ignore=shutil.ignore_patterns(".replenish"))
        assert state(shop) == state(other)


def test_noon_of_today_leaves_the_last_closed_day_as_it_was(shop: Path) -> None:
    place = Place.at(shop)
    stages.ingest(place)
    closed = stages.prepare(place, LAST_DAY)
    with sqlite3.connect(shop / "till.db") as till:
        sell(till, NOON, 1)
    noon = "date,item_id,location_id,on_hand_qty\n" + f"{NOON},tea,north,4\n"
    (shop / "inputs" / f"stock_{NOON}.csv").write_text(noon)
    stages.ingest(place)
    assert stages.prepare(place, LAST_DAY).run_id == closed.run_id
    told = freshness(place)
    assert f"sales: 42 rows, 2026-06-29 to {NOON}" in told
    assert told[-1].startswith(f"position as of {NOON}: 5 nodes, 250 on hand, 0 on order; snapshots of {LAST_DAY}")


@pytest.mark.slow
def test_a_day_of_loads_publishes_the_same_bytes_as_a_full_reload(shop: Path, tmp_path: Path) -> None:
    from replenish.night.run import run_folder

    chance = random.Random(7)
    for _ in range(6):
        edit(shop, chance)
        stages.ingest(Place.at(shop))
    fresh = tmp_path / "fresh"
    shutil.copytree(shop, fresh, ignore=shutil.ignore_patterns(".replenish"))
    often, once = (run_folder(one) for one in (shop, fresh))
    assert often.run_id == once.run_id
    files = sorted(file.relative_to(once.folder) for file in once.folder.rglob("*") if file.is_file())
    assert files
    assert [one for one in files if (often.folder / one).read_bytes() != (once.folder / one).read_bytes()] == []
