"""Whole nights of plants drawn at random: each adds up, whatever is wrong in its books."""

from __future__ import annotations

import random
from datetime import timedelta

import polars as pl
import pytest

import replenish as rp
from tests.night.hostile_plant import settings, tables
from tests.night.small import LAST_DAY

# Fences and approvals; needs beyond the horizon; components that have ended; numbers far apart; huge beside small.
TOLD = (0, 5, 30, 90, 1019)
KEY = ["item_id", "location_id"]


def _two_nights(seed: int) -> tuple[rp.Run, rp.Run]:
    """Two nights of a plant; each raises where one law of the plan does not hold."""
    rng = random.Random(seed)
    given, rule = tables(rng), settings(rng)
    first = rp.run(given, rule, as_of=LAST_DAY)
    return first, rp.run(given, rule, as_of=LAST_DAY + timedelta(days=rng.choice([1, 2, 7])), earlier=first)


def _is_sound(run: rp.Run) -> None:
    """What the checks of the night do not say."""
    job = run.table("plan.job_order")
    passed = run.table("core.arc").filter(arc_rank=1, kind="pass").select(KEY)
    assert job.filter(pl.col("kind") != "open_order").join(passed, on=KEY, how="semi").is_empty()
    for made in ("plan.planned_make", "plan.levelled_make"):
        own = run.table(made).filter(pl.col("qty") > 0).join(passed, on=KEY, how="semi")
        running = run.table("core.open_supply").filter(kind="production")
        assert own.join(running, on=KEY, how="anti").is_empty()
    # tonight's order is one job, and stands in the plan once, in the bucket in which it is placed
    tonight = run.table("plan.wish").filter(pl.col("kind") == "make", pl.col("qty") > 0)
    planned = run.table("plan.planned_make").filter(pl.col("tonight_qty") > 0)
    both = tonight.join(planned, on=KEY, how="inner")
    assert (both["order_bucket_index"] == both["bucket_index"]).all()
    assert planned.height == both.height
    ordered = run.table("plan.order").filter(pl.col("kind") == "make", pl.col("qty") > 1e-6)
    assert job.filter(kind="proposal").height == ordered.height
    _is_counted_once(run)


def _is_counted_once(run: rp.Run) -> None:
    """What is required of a node is what its dependants ask once cut, and what production in the books still takes."""
    need = run.table("core.firm_need")
    assert not need.select("order_id", "line_id", *KEY).is_duplicated().any()
    last = run.table("core.bucket")["bucket_end"].max()
    wish = run.table("plan.wish").select(*KEY, wish="qty").join(run.table("plan.order").select(*KEY, "qty"), on=KEY)
    share = pl.when(pl.col("wish") > 0).then(pl.col("qty") / pl.col("wish")).otherwise(1.0)
    share = wish.select(dependant_item_id="item_id", dependant_location_id="location_id", share=share)
    asked = run.table("plan.requirement").join(share, on=["dependant_item_id", "dependant_location_id"], how="left")
    parts = [
        asked.select(*KEY, asked=pl.col("qty") - pl.col("tonight_qty") * (1 - pl.col("share").fill_null(1.0))),
        need.filter(pl.col("due_date") <= last).select(*KEY, asked="open_qty"),
    ]
    told = run.table("plan.projection").group_by(KEY).agg(pl.col("requirement_qty").sum())
    goes_on = run.table("core.node").filter(pl.col("listed_to").is_null(), ~pl.col("is_cyclic")).select(KEY)
    both = told.join(pl.concat(parts).group_by(KEY).agg(pl.col("asked").sum()), on=KEY, how="left")
    both = both.join(goes_on, on=KEY, how="semi").with_columns(pl.col("asked").fill_null(0.0))
    off = (pl.col("requirement_qty") - pl.col("asked")).abs() > 1e-6 * pl.max_horizontal(1.0, "asked")
    assert both.filter(off).is_empty(), both.filter(off)


@pytest.mark.parametrize("seed", TOLD)
def test_a_night_of_any_plant_adds_up(seed: int) -> None:
    for run in _two_nights(seed):
        _is_sound(run)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, 120, 10))
def test_nights_of_many_plants_add_up(start: int) -> None:
    for seed in range(start, start + 10):
        for run in _two_nights(seed):
            _is_sound(run)
