"""The generated plant is slow with one item and poor with another: the log says so, and nothing else."""

from __future__ import annotations

import polars as pl
import pytest

from replenish.examples import factory
from replenish.examples.days import AS_OF
from replenish.steps.learn_drift.plant import plant_drifts
from replenish.tables import core, inputs
from tests.sql.given_expect import empty_warehouse


@pytest.fixture(scope="module", params=[1, 2])
def tables(request: pytest.FixtureRequest) -> dict[str, pl.DataFrame]:
    return factory(request.param)


def test_every_line_names_its_order_and_hours_add_up(tables: dict[str, pl.DataFrame]) -> None:
    log = tables["production_log"]
    made = tables["open_order"].filter(pl.col("kind") == "production")
    assert inputs.ProductionLog.is_valid(log)
    assert set(log["order_id"]) <= set(made["order_id"])
    assert made.group_by("order_id").agg(pl.col("item_id").n_unique())["item_id"].max() == 1
    assert (log["planned_hours"] - log["run_hours"] - log["down_hours"]).abs().max() < 0.01


def test_the_log_tells_the_slow_item_and_the_poor_yield_and_nothing_else(tables: dict[str, pl.DataFrame]) -> None:
    with empty_warehouse() as house:
        house.execute("update meta.night set as_of = ?", [AS_OF])
        for name in ("production_log", "routing", "work_center", "open_order", "item"):
            house.store(f"staging.{name}", tables[name])
        for name in ("work_center", "plant_log", "item"):
            house.build_table(f"core.{name}")
        found = plant_drifts(*house.read_all(core.PlantLog, core.WorkCenter, core.Item), as_of=AS_OF)
    told = {(row["item_id"], row["source_id"], row["parameter"]): row for row in found.to_dicts()}
    truth = tables["truth.plant"]
    parameters = {"slowness": "run_hours_per_unit", "yield": "yield_rate"}
    assert set(told) == {(item, center, parameters[what]) for item, center, what, _ in truth.rows()}
    for item, center, what, rate in truth.rows():
        row = told[item, center, parameters[what]]
        true = rate * (row["old_rate"] if what == "slowness" else 1.0)
        assert row["new_rate"] == pytest.approx(true, rel=0.05)
        assert row["effect_value"] > 1000
