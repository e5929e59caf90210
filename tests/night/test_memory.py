"""The Python API: the same line on frames in memory."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta

import polars as pl
import pytest

import replenish as rp
from replenish.ingest import InputError
from replenish.night.facts import NightError
from replenish.tables import core, plan, proposal
from tests.night.small import LAST_DAY, frames

LIGHT = {"forecast": {"members": "light"}}


@pytest.fixture(scope="module")
def run() -> rp.Run:
    return rp.run(frames(), rp.Settings(**LIGHT))


def test_proposals_are_a_frame_and_the_night_knows_its_day(run: rp.Run) -> None:
    lines = run.table("plan.proposal")
    assert isinstance(lines, pl.DataFrame)
    assert run.as_of == LAST_DAY
    assert run.run_id.startswith("2026-11-15-")
    assert {"purchase", "transfer", "production"} <= set(lines["kind"])


@pytest.mark.parametrize("table", [*core.CORE_TABLES, *plan.PLAN_TABLES, *proposal.PROPOSAL_TABLES])
def test_every_table_keeps_its_contract(run: rp.Run, table: type[core.Table]) -> None:
    table.validate(run.table(table.full_name()), cast=True)


def test_every_node_has_a_forecast_or_a_reason(run: rp.Run) -> None:
    nodes = run.table("core.node").filter("has_demand")
    behind = run.table("plan.parameter").join(nodes, on=["item_id", "location_id"], how="semi")
    assert behind.height == nodes.height
    has_forecast = run.table("plan.forecast").group_by("item_id", "location_id").len()
    silent = behind.join(has_forecast, on=["item_id", "location_id"], how="anti")
    assert silent["reason"].null_count() == 0


def test_demand_climbs_from_shops_to_warehouse_plant_and_component(run: rp.Run) -> None:
    wanted = run.table("plan.requirement").group_by("item_id", "location_id").agg(pl.col("qty").sum())
    by_node = {(item, place): qty for item, place, qty in wanted.rows()}
    assert by_node["tea", "depot"] > 0
    assert by_node["tea", "works"] > 0
    assert by_node["leaf", "works"] == pytest.approx(2 * _made(run), rel=1e-6)


def _made(run: rp.Run) -> float:
    releases = run.table("plan.requirement").filter(item_id="leaf", dependant_item_id="tea")
    assert releases.height
    projected = run.table("plan.projection").filter(item_id="tea", location_id="works")
    return float(releases["qty"].sum()) / 2 if projected.height else 0.0


def test_packs_of_the_lane_are_kept(run: rp.Run) -> None:
    moved = run.table("plan.order").filter((pl.col("kind") == "move") & (pl.col("location_id") != "depot"))
    assert (moved["qty"] % 6 == 0).all()


def test_the_same_frames_give_the_same_run(run: rp.Run) -> None:
    again = rp.run(frames(), rp.Settings(**LIGHT))
    assert again.run_id == run.run_id
    for name in ("plan.proposal", "plan.projection", "plan.forecast", "plan.wish"):
        assert again.table(name).equals(run.table(name))


def test_the_order_of_rows_does_not_matter(run: rp.Run) -> None:
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=3) for name, frame in frames().items()}
    again = rp.run(shuffled, rp.Settings(**LIGHT))
    assert again.run_id == run.run_id
    assert again.table("plan.proposal").equals(run.table("plan.proposal"))


def test_nothing_after_as_of_is_seen() -> None:
    known = frames()
    earlier = LAST_DAY - timedelta(days=14)
    poisoned = known | {
        "sales": known["sales"].with_columns(qty=pl.when(pl.col("date") > earlier).then(1e6).otherwise("qty")),
        "stock": pl.concat([known["stock"].with_columns(date=earlier), known["stock"].with_columns(on_hand_qty=1e6)]),
    }
    honest = known | {
        "sales": known["sales"].filter(pl.col("date") <= earlier),
        "stock": known["stock"].with_columns(date=earlier),
    }
    settings = rp.Settings(**LIGHT)
    runs = [rp.run(tables, settings, as_of=earlier) for tables in (poisoned, honest)]
    assert runs[0].run_id == runs[1].run_id
    assert runs[0].table("plan.proposal").equals(runs[1].table("plan.proposal"))


def test_the_same_need_keeps_its_proposal_id_the_next_night(run: rp.Run) -> None:
    later = frames()
    later["stock"] = pl.concat([later["stock"], later["stock"].with_columns(date=LAST_DAY + timedelta(days=1))])
    next_night = rp.run(later, rp.Settings(**LIGHT), as_of=LAST_DAY + timedelta(days=1), earlier=run)
    ids = set(next_night.table("plan.proposal")["proposal_id"])
    assert len(ids & set(run.table("plan.proposal")["proposal_id"])) >= 0.7 * len(ids)


def test_two_frames_are_enough_and_every_default_is_visible() -> None:
    tables = {name: frame for name, frame in frames().items() if name in ("sales", "stock")}
    bare = rp.run(tables, rp.Settings(**LIGHT))
    assert set(bare.table("core.arc")["lead_time_source"]) == {"default"}
    assert bare.table("core.arc")["is_default"].all()
    assert bare.table("plan.proposal")["value"].null_count() == bare.table("plan.proposal").height


def test_fractional_quantities_are_the_same_on_any_number_of_cores() -> None:
    tables = frames(scale=0.1)
    tables["item"] = tables["item"].with_columns(uom=pl.lit("kg"))
    runs = [rp.run(tables, rp.Settings(**LIGHT, compute={"workers": workers})) for workers in (1, 2)]
    assert runs[0].run_id == runs[1].run_id
    assert runs[0].table("plan.projection").equals(runs[1].table("plan.projection"))


def test_an_unknown_table_or_name_says_what_there_is(run: rp.Run) -> None:
    with pytest.raises(InputError, match="sales"):
        rp.run({"sails": frames()["sales"]})
    with pytest.raises(KeyError, match=r"plan\.proposal"):
        run.table("plan.proposals")
    with pytest.raises(KeyError, match="no table 'proposal'"):
        run.table("proposal")


def test_a_day_that_is_no_date_and_a_missing_table_say_what_to_hand_over() -> None:
    with pytest.raises(NightError, match=r"give a datetime\.date"):
        rp.run(frames(), as_of="2026-11-15")  # type: ignore[arg-type]  # a text is refused
    with pytest.raises(InputError, match=r"sources\['stock'\]"):
        rp.run({"sales": frames()["sales"]})


def test_importing_the_package_is_light() -> None:
    code = "import sys, replenish; print(sorted(m for m in ('polars', 'duckdb', 'scipy') if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_as_of_is_the_last_day_the_data_knows_and_a_wild_date_moves_nothing() -> None:
    tables = frames()
    wild = tables["sales"].head(1).with_columns(date=pl.lit(date(2062, 11, 9)))
    tables["sales"] = pl.concat([tables["sales"], wild])
    assert rp.run(tables, rp.Settings(**LIGHT)).as_of == LAST_DAY
