"""Parameters of the previous run are an input of the next: in memory, in a folder, and when a night is replayed."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

import replenish as rp
from replenish.night.folder import Place
from replenish.night.replay import replay
from replenish.night.run import run_folder
from replenish.tables import core, plan
from tests.night.small import LAST_DAY, frames, write_folder

SETTINGS = {"forecast": {"members": ["ets", "theta"], "rotation_nights": 28}}
TOML = '[forecast]\nmembers = ["ets", "theta"]\nrotation_nights = 28\n'
WEEK = timedelta(days=7)


def fitted_on(run: rp.Run, day: date) -> set[tuple[str, str]]:
    return set(run.table("plan.member_fit").filter(fitted_date=day).select("item_id", "location_id").rows())


@pytest.fixture(scope="module")
def first() -> rp.Run:
    return rp.run(frames(), rp.Settings(**SETTINGS), as_of=LAST_DAY - WEEK)


def test_the_first_night_fits_all_and_the_second_brings_what_it_left(first: rp.Run) -> None:
    assert first.table("core.previous_member_fit").is_empty()
    assert len(fitted_on(first, LAST_DAY - WEEK)) == 6
    second = rp.run(frames(), rp.Settings(**SETTINGS), earlier=first)
    assert second.table("core.previous_member_fit").equals(first.table("plan.member_fit"))
    kept = fitted_on(second, LAST_DAY - WEEK)
    assert len(kept) >= 4
    keys = ["item_id", "location_id", "member"]
    now, then = (run.table("plan.member_fit").select(*keys, "parameters") for run in (second, first))
    same = now.join(then, on=[*keys, "parameters"]).select("item_id", "location_id").rows()
    assert kept <= set(same)
    core.PreviousMemberFit.validate(second.table("core.previous_member_fit"))
    plan.MemberFit.validate(second.table("plan.member_fit"))


def test_sales_handed_in_anew_fit_their_node_anew(first: rp.Run) -> None:
    kept = fitted_on(rp.run(frames(), rp.Settings(**SETTINGS), earlier=first), LAST_DAY - WEEK)
    item, place = min(kept)
    tables = frames()
    is_late = (
        (pl.col("item_id") == item)
        & (pl.col("location_id") == place)
        & (pl.col("date") == LAST_DAY - 20 * WEEK - timedelta(days=6))
    )
    assert tables["sales"].filter(is_late).height == 1
    tables["sales"] = tables["sales"].with_columns(
        qty=pl.when(is_late).then(pl.col("qty") + 1).otherwise(pl.col("qty"))
    )
    second = rp.run(tables, rp.Settings(**SETTINGS), earlier=first)
    assert fitted_on(second, LAST_DAY - WEEK) == kept - {(item, place)}


def test_a_history_window_that_moves_on_is_no_change_of_history() -> None:
    narrow = rp.Settings(forecast=SETTINGS["forecast"], calendar={"history_weeks": 36})
    before = rp.run(frames(), narrow, as_of=LAST_DAY - 3 * WEEK)
    after = rp.run(frames(), narrow, earlier=before)
    assert len(fitted_on(after, LAST_DAY - 3 * WEEK)) >= 4


def test_with_a_rotation_of_one_night_everything_is_fitted(first: rp.Run) -> None:
    every = {"forecast": {**SETTINGS["forecast"], "rotation_nights": 1}}
    second = rp.run(frames(), rp.Settings(**every), earlier=first)
    assert fitted_on(second, LAST_DAY - WEEK) == set()
    assert len(fitted_on(second, LAST_DAY)) == 6


def test_a_rotated_night_is_replayed_to_the_byte(tmp_path: Path) -> None:
    company = write_folder(tmp_path / "company", frames(), TOML)
    before = run_folder(company, as_of=LAST_DAY - WEEK)
    done = run_folder(company)
    brought = pl.read_parquet(done.folder / "core" / "previous_member_fit.parquet")
    assert brought.equals(pl.read_parquet(before.folder / "plan" / "member_fit.parquet"))
    assert pl.read_parquet(done.folder / "plan" / "member_fit.parquet").filter(fitted_date=LAST_DAY - WEEK).height > 0
    assert replay(Place.at(company), done.run_id) == []


def test_a_run_of_a_version_that_kept_no_fits_is_followed_by_fits_of_all(tmp_path: Path) -> None:
    company = write_folder(tmp_path / "company", frames(), TOML)
    before = run_folder(company, as_of=LAST_DAY - WEEK)
    (before.folder / "plan" / "member_fit.parquet").unlink()
    done = run_folder(company)
    assert pl.read_parquet(done.folder / "plan" / "member_fit.parquet")["fitted_date"].unique().to_list() == [LAST_DAY]
    shutil.rmtree(company)


def test_the_global_model_is_a_member_like_any_other() -> None:
    run = rp.run(frames(), rp.Settings(forecast={"members": ["ml"]}))
    member = run.table("plan.member")
    assert set(member["member"]) == {"ml"}
    assert member.select("item_id", "location_id").unique().height == 6
    assert run.table("plan.member_fit").is_empty()
