"""A whole night of each generated company, held against what only the generator knows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

from replenish.examples import factory, retail, write_example
from replenish.examples.days import AS_OF
from replenish.night.run import run_folder

NODE = ["item_id", "location_id"]
WEEKS = 4
pytestmark = pytest.mark.slow


class Night(NamedTuple):
    """The published plan folder and the true tables."""

    plan: Path
    truth: dict[str, pl.DataFrame]
    buckets_a_week: int

    def table(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.plan / f"{name}.parquet")


@pytest.fixture(scope="module", params=["retail", "factory"])
def night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Night:
    folder = tmp_path_factory.mktemp(request.param)
    write_example(request.param, folder)
    finished = run_folder(folder)
    assert finished.as_of == AS_OF
    generate, buckets_a_week = {"retail": (retail, 7), "factory": (factory, 1)}[request.param]
    return Night(finished.folder / "plan", generate(), buckets_a_week)


def test_sold_out_demand_is_estimated_without_bias(night: Night) -> None:
    """Demand on censored buckets, summed: within 8 % of the truth, where sales alone miss far more."""
    told = night.table("demand").filter(pl.col("state") == "censored")
    true = night.truth["truth.demand"].select("date", *NODE, true_qty="demand_qty")
    joined = told.join(true, left_on=["bucket_start", *NODE], right_on=["date", *NODE])
    assert joined.height > 200
    assert joined["demand_qty"].sum() == pytest.approx(joined["true_qty"].sum(), rel=0.08)
    assert joined["sales_qty"].sum() < 0.9 * joined["true_qty"].sum()


def test_the_forecast_is_near_the_true_mean(night: Night) -> None:
    """The next four weeks against the true mean of the last four: totals within 15 %, nodes within 25 % on average."""
    ahead = night.table("forecast").filter(pl.col("bucket_index") < WEEKS * night.buckets_a_week)
    forecast = ahead.group_by(NODE).agg(pl.col("forecast_qty").sum())
    recent = night.truth["truth.demand"].filter(pl.col("date") > AS_OF - timedelta(weeks=WEEKS))
    joined = recent.group_by(NODE).agg(pl.col("mean_qty").sum()).join(forecast, on=NODE)
    error = (joined["forecast_qty"] - joined["mean_qty"]).abs().sum() / joined["mean_qty"].sum()
    assert joined["forecast_qty"].sum() == pytest.approx(joined["mean_qty"].sum(), rel=0.15)
    assert error < 0.25


def test_the_false_records_are_found(night: Night) -> None:
    record = night.table("record")
    wrong = night.truth["truth.record"]
    for flag, what in (("is_ghost", "ghost"), ("is_negative", "negative")):
        planted = set(wrong.filter(pl.col("what") == what).select(NODE).iter_rows())
        assert planted <= set(record.filter(flag).select(NODE).iter_rows())
    assert record.filter("is_ghost").height <= 5, "few are accused wrongly"


def test_lead_times_are_learned(night: Night) -> None:
    """Bought nodes with enough receipts: mean within a fifth of the law's, a day at least."""
    learned = night.table("lead_time").filter(pl.col("kind") == "buy", pl.col("observation_count") >= 30)
    law = night.truth["truth.lead_time"].select(*NODE, "mean_days")
    joined = learned.join(law, on=NODE)
    error = (joined["lead_time_days"] - joined["mean_days"]).abs()
    assert joined.height >= 3
    assert (error <= (0.2 * joined["mean_days"]).clip(1.0)).all()


def test_every_order_follows_its_arc(night: Night) -> None:
    """Packs and least quantities of the sourcing table, or less where the source is short."""
    lines = night.table("proposal").filter(pl.col("action") == "NEW")
    arcs = night.truth["sourcing"].select(*NODE, "source_id", "multiple_qty", "min_qty")
    joined = lines.join(arcs, on=[*NODE, "source_id"])
    assert joined.height == lines.height > 50
    packs = joined["qty"] / joined["multiple_qty"].fill_null(1.0)
    assert ((packs - packs.round()).abs() < 1e-6).all()
    bought = joined.filter(pl.col("kind") != "transfer")
    assert (bought["qty"] >= bought["min_qty"].fill_null(0.0)).all()
