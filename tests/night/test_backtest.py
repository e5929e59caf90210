"""History replayed: nothing of the future is seen, the counts add up, and the page tells who won."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from replenish import ingest
from replenish.night import backtest, backtest_files
from replenish.night.facts import NightError
from replenish.night.folder import Place, make_tables
from replenish.night.replay import replay
from replenish.night.run import run_folder
from replenish.settings import Settings
from replenish.steps import simulate
from replenish.warehouse import Warehouse
from tests.night.small import LAST_DAY, frames, write_folder

AS_OF = date(2026, 3, 1)
DAYS, WEEKS = 330, 24
POISONED_FROM = AS_OF - timedelta(days=60)
SETTINGS = {"forecast": {"members": "light"}, "order": {"paths": 40}, "calendar": {"horizon_weeks": 6}}


def company(days: int = DAYS, poison: float = 1.0) -> dict[str, pl.DataFrame]:
    """Three items in two shops fed by a warehouse, never sold out, the last item with twelve days of shelf life.

    Later sales are multiplied by `poison`.
    """
    rng = np.random.default_rng(4)
    rows = []
    for item in range(3):
        for shop in range(2):
            qty = rng.poisson(1.0 + item, days).astype(float)
            when = [AS_OF - timedelta(days=days - 1 - day) for day in range(days)]
            late = np.array([one >= POISONED_FROM for one in when])
            qty = np.where(late, qty * poison, qty)
            rows += [(one, f"I{item}", f"S{shop}", amount) for one, amount in zip(when, qty, strict=True)]
    grid = pl.DataFrame(rows, schema=["date", "item_id", "location_id", "qty"], orient="row")
    items = pl.DataFrame({"item_id": [f"I{k}" for k in range(3)], "unit_cost": 2.0, "unit_price": 3.0})
    items = items.with_columns(shelf_life_days=pl.Series([None, None, 12.0], dtype=pl.Float64))
    lanes = grid.select("item_id", "location_id").unique().sort("item_id", "location_id")
    moves = lanes.with_columns(kind=pl.lit("move"), source_id=pl.lit("W"), lead_time_days=pl.lit(2.0))
    buys = items.select("item_id", location_id=pl.lit("W")).with_columns(
        kind=pl.lit("buy"), source_id=pl.lit("V"), lead_time_days=pl.lit(7.0)
    )
    return {
        "sales": grid.filter(pl.col("qty") > 0),
        "stock": grid.select("date", "item_id", "location_id", on_hand_qty=pl.lit(30.0)),
        "item": items,
        "location": pl.DataFrame({"location_id": ["S0", "S1", "W"], "kind": ["store", "store", "warehouse"]}),
        "sourcing": pl.concat([moves, buys.select(moves.columns)]).with_columns(review_days=pl.lit(7.0)),
    }


@cache
def rolled(poison: float = 1.0) -> backtest.Told:
    """The backtest of the company."""
    house = Warehouse(memory_limit_gb=1.0)
    make_tables(house)
    settings = Settings.model_validate(SETTINGS)
    ingest.load_frames(house, company(poison=poison), settings)
    with pytest.MonkeyPatch.context() as patch:  # fewer dials: the same code in less time
        patch.setitem(simulate.DIALS, "curve", (1.0,))
        patch.setitem(simulate.DIALS, "weeks_of_cover", (2.0, 3.0))
        patch.setitem(simulate.DIALS, "simple", (0.5, 1.0))
        return backtest.roll(house, settings, None, WEEKS, lambda _: None)


def test_costs_add_up_and_every_rule_is_there() -> None:
    """Cost is the sum of its parts in every window; the contest names every rule once."""
    told = rolled()
    outcome = told.tables["outcome"]
    parts = sum(outcome[name] for name in ("holding_cost", "shortage_cost", "order_cost", "waste_cost"))
    np.testing.assert_allclose(parts, outcome["cost"])
    assert set(told.tables["contest"]["rule"]) == {"curve", "simple", "weeks_of_cover", "min_max", "z_sigma"}
    assert set(outcome["phase"]) == {"tune", "test"}
    demand = outcome.group_by("window_index").agg(pl.col("demand_qty").n_unique())
    assert (demand["demand_qty"] == 1).all()  # the same demand for every rule


def test_stock_that_expires_takes_part_and_its_waste_is_a_cost() -> None:
    """The short-lived item is replayed at its three locations; who holds more of it throws more away."""
    told = rolled()
    assert told.node_count == 9
    waste = told.tables["outcome"].group_by("rule", "dial").agg(pl.col("waste_cost").sum())
    by_rule = {(rule, dial): cost for rule, dial, cost in waste.iter_rows()}
    assert by_rule["weeks_of_cover", "3"] > by_rule["weeks_of_cover", "2"] > 0.0
    assert by_rule["curve", "1"] < by_rule["weeks_of_cover", "2"]
    assert told.tables["contest"]["waste_cost"].max() > 0.0


def test_demand_on_sold_out_days_is_drawn_three_times() -> None:
    """Where the shelf was never empty draws agree, elsewhere they differ; without an empty shelf one draw is all."""
    settings = Settings.model_validate(SETTINGS)
    grounds = []
    for is_short in (True, False):
        tables = company()
        out = (pl.col("date").dt.weekday() == 4) & (pl.col("item_id") == "I2")  # Thursdays end with an empty shelf
        if is_short:
            tables["stock"] = tables["stock"].with_columns(on_hand_qty=pl.when(out).then(0.0).otherwise(30.0))
        house = Warehouse(memory_limit_gb=1.0)
        make_tables(house)
        ingest.load_frames(house, tables, settings)
        grounds.append(backtest._grounds(house, settings, None, WEEKS)[0])
    drawn, alone = grounds
    assert (len(drawn), len(alone)) == (3, 1)
    days = [AS_OF - timedelta(days=drawn[0].demand.shape[1] - 1 - k) for k in range(drawn[0].demand.shape[1])]
    is_out = np.array([day.isoweekday() == 4 for day in days]) & (drawn[0].nodes["item_id"] == "I2").to_numpy()[:, None]
    for other in drawn[1:]:
        np.testing.assert_array_equal(drawn[0].demand[~is_out], other.demand[~is_out])
        assert (drawn[0].demand[is_out] != other.demand[is_out]).any()


def test_the_exchange_curve_has_its_interval() -> None:
    """Fill lies inside its interval for every rule and dial; the books have none."""
    exchange = rolled().tables["exchange"].filter(pl.col("rule") != "today")
    assert exchange.height > 5
    assert (exchange["fill_low_rate"] <= exchange["fill_rate"] + 1e-9).all()
    assert (exchange["fill_high_rate"] >= exchange["fill_rate"] - 1e-9).all()


def test_the_nightly_rule_keeps_its_promises_roughly_and_serves_nearly_all() -> None:
    """Promised and achieved fill of the rule's own orders, on demand that is what it seems."""
    kept = rolled().tables["kept"].row(0, named=True)
    assert kept["promised_rate"] > 0.9
    assert abs(kept["promised_rate"] - kept["achieved_rate"]) < 0.03


@pytest.mark.slow
def test_no_rule_sees_the_future() -> None:
    """Sales a hundredfold from a day on change nothing that was decided and counted before it."""
    before = pl.col("window_end") < POISONED_FROM
    first, second = (rolled(poison).tables["outcome"].filter(before) for poison in (1.0, 100.0))
    assert first.height > 0
    assert_frame_equal(first.drop("phase"), second.drop("phase"))
    assert not rolled().tables["outcome"].equals(rolled(100.0).tables["outcome"])


@pytest.mark.slow
def test_a_replayed_history_is_replayed_alike() -> None:
    """The same inputs, settings and seed give the same tables."""
    again = rolled.__wrapped__()
    for name, table in rolled().tables.items():
        assert_frame_equal(table, again.tables[name])


def test_too_short_a_history_is_refused_with_what_to_do() -> None:
    """Ten weeks are no history to judge on."""
    house = Warehouse(memory_limit_gb=1.0)
    make_tables(house)
    settings = Settings.model_validate(SETTINGS)
    ingest.load_frames(house, company(days=70), settings)
    with pytest.raises(NightError, match="longer history"):
        backtest.roll(house, settings, None, WEEKS, lambda _: None)


def test_a_rule_that_is_not_beaten_is_kept() -> None:
    """The advice says so in words, and names the dial to turn."""
    contest = pl.DataFrame(
        {
            "rule": ["curve", "yours"],
            "dial": ["0.7", "1"],
            "saved_rate": [0.0, -0.1],
            "saved_low_rate": [0.0, -0.2],
            "saved_high_rate": [0.0, -0.05],
            "verdict": ["even", "dearer"],
        }
    )
    outcomes = pl.DataFrame({"rule": ["curve"] * 2, "dial": ["0.7", "1"], "phase": ["tune"] * 2, "cost": [10.0, 5.0]})
    told = simulate.advice(contest, outcomes, 0.7)
    assert "Keep it" in told[0]
    assert "decision_dispersion = 1 was cheaper than 0.7" in told[1]
    assert "nights from now on use a decision dispersion of 1" in simulate.advice(contest, outcomes, None)[1]


def test_a_folder_gets_its_tables_and_its_page(tmp_path: Path) -> None:
    """Tables as CSV and Parquet, a page without scripts, and a text for the terminal; written again, replaced."""
    told = rolled()
    for _ in range(2):
        backtest_files._write(tmp_path / "x", told, "<b>Shop</b>", "EUR")
    found = {file.name for file in (tmp_path / "x").iterdir()}
    assert {"index.html", "contest.csv", "outcome.parquet", "exchange.csv", "kept.csv", "tuned.parquet"} <= found
    page = (tmp_path / "x" / "index.html").read_text(encoding="utf-8")
    assert "<b>Shop</b>" not in page
    assert "&lt;b&gt;Shop" in page
    assert "weeks of cover" in page
    assert "<svg" in page
    text = backtest_files.Replayed(told, tmp_path / "x").text()
    assert "z_sigma" in text
    assert [one.name for one in tmp_path.iterdir()] == ["x"]


def test_the_next_night_shows_it_and_is_replayed_to_the_byte(tmp_path: Path) -> None:
    """Its tables are inputs of the night: on a page of the report, and in the folder that a replay reads."""
    told = rolled()
    shop = write_folder(tmp_path / "shop", frames(20), '[forecast]\nmembers = "light"\n')
    backtest_files._write(shop / "runs" / "backtest" / LAST_DAY.isoformat(), told, "Shop", "EUR")
    done = run_folder(shop)
    shutil.rmtree(shop / "runs" / "backtest")
    page = (done.folder / "report" / "backtest.html").read_text(encoding="utf-8")
    for row in told.tables["contest"].iter_rows(named=True):
        assert f"{row['cost']:,.0f}" in page
    assert replay(Place.at(shop), done.run_id) == []
