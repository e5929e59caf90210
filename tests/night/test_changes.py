"""Why orders differ from last night's, through whole nights of a small company in which one thing changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import replenish as rp
from replenish.night.folder import Place
from replenish.night.replay import replay
from replenish.night.run import run_folder
from replenish.tables import plan
from tests.night.small import LAST_DAY, frames, write_folder

Frames = dict[str, pl.DataFrame]
KEY = ["item_id", "location_id"]
QUICK = {"forecast": {"members": "light"}, "order": {"paths": 100}, "compute": {"workers": 1}}
SETTINGS = rp.Settings(**QUICK, exceptions={"min_value": 0.0, "tolerance_share": 0.0})
JAM = (pl.col("item_id") == "jam") & (pl.col("location_id") == "north")
DEPOT = (pl.col("item_id") == "jam") & (pl.col("location_id") == "depot")
BEYOND = {"rounding", "limits"}  # what follows from any other change


def _company() -> Frames:
    """The small company with a depot that can serve every shop, so that shops do not share a shortage."""
    tables = frames(60)
    plenty = pl.when(pl.col("location_id") == "depot").then(150.0).otherwise("on_hand_qty")
    return tables | {"stock": tables["stock"].with_columns(on_hand_qty=plenty)}


def _with(table: str, where: pl.Expr, **values: pl.Expr) -> Frames:
    """The company with these values in the rows of a table."""
    tables = _company()
    changed = {name: pl.when(where).then(value).otherwise(name) for name, value in values.items()}
    return tables | {table: tables[table].with_columns(**changed)}


@pytest.fixture(scope="module")
def last() -> rp.Run:
    return rp.run(_company(), SETTINGS)


def _checked(run: rp.Run, last: rp.Run) -> pl.DataFrame:
    """plan.change, once its parts add up to the difference of both nights' lines, node by node."""
    told = run.table("plan.change")
    told_now, told_before = (_new_units(each).rename({"qty": name}) for each, name in ((run, "now"), (last, "before")))
    both = told_now.join(told_before, on=KEY, how="full", coalesce=True).fill_null(0.0)
    parts = told.group_by(KEY).agg(pl.col("part_qty").sum(), pl.col("previous_qty", "qty").first())
    matched = both.join(parts, on=KEY, how="full", coalesce=True)
    differs = matched.filter(pl.col("now") != pl.col("before"))
    assert differs.height == parts.height == differs["part_qty"].count()
    np.testing.assert_allclose(differs["part_qty"], differs["now"] - differs["before"], atol=1e-6)
    np.testing.assert_array_equal(differs["previous_qty"], differs["before"])
    np.testing.assert_array_equal(differs["qty"], differs["now"])
    assert told["is_rerun"].all()
    assert "other" not in told["cause"], "the last rung is tonight's order"
    return told


def _new_units(run: rp.Run) -> pl.DataFrame:
    return run.table("plan.proposal").filter(action="NEW").group_by(KEY).agg(pl.col("qty").sum())


def _causes(told: pl.DataFrame, item: str, place: str) -> set[str]:
    return set(told.filter(item_id=item, location_id=place)["cause"])


def _placed(tables: Frames) -> Frames:
    line = {"order_id": "o", "line_id": "1", "kind": "transfer", "item_id": "jam", "location_id": "north"}
    dated = {"due_date": LAST_DAY + timedelta(2), "order_date": LAST_DAY - timedelta(1), "source_id": "depot"}
    return tables | {"open_order": pl.DataFrame([{**line, **dated, "qty": 24.0, "open_qty": 24.0}])}


def _shelf(qty: float) -> pl.DataFrame:
    return pl.DataFrame({"item_id": ["jam"], "location_id": ["north"], "min_stock_qty": [qty]})


CHANGES: dict[str, tuple[Callable[[], Frames], set[str]]] = {
    "stock": (lambda: _with("stock", JAM, on_hand_qty=pl.lit(30.0)), {"on_hand"}),
    "an_open_order": (lambda: _placed(_company()), {"open_orders"}),
    "lead_time": (lambda: _with("sourcing", DEPOT, lead_time_days=pl.lit(45.0)), {"lead_time"}),
    "policy": (lambda: _company() | {"policy": _shelf(60.0)}, {"policy"}),
    "a_pack": (lambda: _with("sourcing", JAM, multiple_qty=pl.lit(16.0)), {"rounding"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_one_thing_changed_is_the_one_cause(name: str, last: rp.Run) -> None:
    tables, causes = CHANGES[name]
    told = _checked(rp.run(tables(), SETTINGS, earlier=last), last)
    at = "depot" if name == "lead_time" else "north"
    assert causes <= _causes(told, "jam", at) <= causes | BEYOND
    assert set(told["item_id"]) == {"jam"}
    assert at == "depot" or _causes(told, "jam", "depot") <= {"dependent_demand"} | BEYOND


@pytest.mark.slow
def test_levels_follow_sales_and_lead_times_and_are_no_policy() -> None:
    by_level = {"policy": pl.DataFrame({"method": ["order_up_to"]})}
    last = rp.run(_company() | by_level, SETTINGS)
    newest = pl.col("date") >= LAST_DAY - timedelta(20)
    sold = _with("sales", (pl.col("item_id") == "jam") & newest, qty=pl.col("qty") + 15.0)
    told = _checked(rp.run(sold | by_level, SETTINGS, earlier=last), last)
    assert _dearest(told.filter(item_id="jam", location_id="north")) == "sales"
    slow = _with("sourcing", DEPOT, lead_time_days=pl.lit(45.0))
    told = _checked(rp.run(slow | by_level, SETTINGS, earlier=last), last)
    assert _dearest(told.filter(item_id="jam", location_id="depot")) == "lead_time"


def _dearest(told: pl.DataFrame) -> str:
    return str(told.sort(pl.col("part_qty").abs(), descending=True)["cause"][0])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_parts_add_up_whatever_changes_together(seed: int, last: rp.Run) -> None:
    rng = np.random.default_rng(seed)
    tables = _placed(_company())
    sales = tables["sales"]
    newest = pl.col("date") == LAST_DAY - timedelta(6)
    more = pl.Series(rng.poisson(8, sales.height).astype(float))
    tables["sales"] = sales.with_columns(qty=pl.when(newest).then(more).otherwise("qty"))
    stock, arcs = tables["stock"], tables["sourcing"]
    tables["stock"] = stock.with_columns(on_hand_qty=pl.Series(rng.integers(0, 80, stock.height).astype(float)))
    days, packs = (pl.Series(rng.integers(1, most, arcs.height).astype(float)) for most in (20, 9))
    tables["sourcing"] = arcs.with_columns(lead_time_days=days, multiple_qty=packs)
    tables["policy"] = _shelf(float(rng.integers(0, 40)))
    told = _checked(rp.run(tables, SETTINGS, earlier=last), last)
    assert {"on_hand", "rounding"} <= set(told["cause"])


TOML = """
[forecast]
members = "light"
[order]
paths = 100
[exceptions]
min_value = 0.0
tolerance_share = 0.0
[compute]
workers = {workers}
"""


def _two_nights(folder: Path, workers: int) -> Path:
    tables = _company()
    before = [LAST_DAY - timedelta(days=7), LAST_DAY]
    tables["stock"] = pl.concat([tables["stock"].with_columns(date=pl.lit(day)) for day in before])
    write_folder(folder, tables, TOML.format(workers=workers))
    run_folder(folder, as_of=before[0])
    return run_folder(folder, as_of=before[1]).folder


def test_a_week_later_newer_sales_are_a_cause_and_the_night_can_be_replayed(tmp_path: Path) -> None:
    run = _two_nights(tmp_path / "company", 1)
    told = pl.read_parquet(run / "plan" / "change.parquet")
    assert {"calendar", "sales"} <= set(told["cause"])
    assert "other" not in told["cause"]
    assert told.equals(plan.Change.cast(told).sort(plan.Change.primary_key()))
    csv = pl.read_csv(run / "proposals" / "changes.csv")
    assert csv.height == told.height
    page = (run / "report" / "changes.html").read_text(encoding="utf-8")
    assert "Because of what" in page
    assert 'role="img"' in page
    first = next(one for one in (tmp_path / "company" / "runs").iterdir() if "2026-11-08" in one.name)
    assert pl.read_parquet(first / "plan" / "change.parquet").is_empty()
    assert "no earlier night to compare with" in (first / "report" / "changes.html").read_text(encoding="utf-8")
    place = Place.at(tmp_path / "company")
    assert replay(place, run.name) == []


@pytest.mark.slow
def test_cores_change_nothing(tmp_path: Path) -> None:
    one, two = (_two_nights(tmp_path / str(workers), workers) for workers in (1, 2))
    name = "plan/change.parquet"
    assert (one / name).read_bytes() == (two / name).read_bytes()


def test_what_cannot_be_run_again_is_other(last: rp.Run, monkeypatch: pytest.MonkeyPatch) -> None:
    table_of = last.table
    monkeypatch.setattr(last, "table", lambda name: table_of(name).drop("error_sd_qty", strict=False))
    told = rp.run(_with("stock", JAM, on_hand_qty=pl.lit(30.0)), SETTINGS, earlier=last).table("plan.change")
    assert set(told["cause"]) == {"other"}
    assert told["explanation"].str.contains("another version").all()
    assert not told["is_rerun"].any()
