"""The schedule of the generated factory: nothing is late that its capacity allows on time, and frozen jobs stay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from replenish import steps
from replenish.examples import write_example
from replenish.night.run import run_folder
from replenish.tables import core, plan
from tests.steps.schedule_world import MANNER, TABLES

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("factory") / "company"
    write_example("factory", folder)
    return run_folder(folder).folder


def tables(night: Path) -> dict[str, pl.DataFrame]:
    """What step schedule read that night."""
    places = {name: night / f"{table.full_name().replace('.', '/')}.parquet" for name, table in TABLES.items()}
    return {name: pl.read_parquet(file) for name, file in places.items()}


def test_no_order_is_late_that_could_be_in_time(night: Path) -> None:
    """A bound for each job: all machines it could want, no set-ups, but its materials and its hours as they are."""
    found = pl.read_parquet(night / "plan" / "job_order.parquet")
    known = tables(night)
    known["work_center"] = known["work_center"].with_columns(machine_count=pl.lit(found.height, dtype=pl.Int32))
    known["operation"] = known["operation"].with_columns(setup_hours=0.0)
    known["setup_change"] = core.SetupChange.create_empty()
    bound, _ = steps.schedule(*known.values(), **MANNER)
    late = found.join(bound, on="job_id", suffix="_bound").filter(pl.col("tardy_days") > 0)
    assert late.filter(pl.col("tardy_days_bound") == 0)["job_id"].to_list() == []


def test_planned_jobs_begin_sooner_only_to_be_in_time(night: Path) -> None:
    """A job begun before its bucket would be late from its bucket on, or another one would that it makes room for."""
    known = tables(night)
    planned = pl.read_parquet(night / "plan" / "job_order.parquet").filter(pl.col("kind") == "planned")
    bucket = planned["job_id"].str.split("/").list.last().cast(pl.Int32).alias("bucket_index")
    starts = planned.with_columns(bucket).join(
        known["bucket"].select("bucket_index", "bucket_start"), on="bucket_index"
    )
    early = starts.filter(pl.col("start_at").dt.date() < pl.col("bucket_start"))
    assert early.height <= 3
    assert early.filter(pl.col("bucket_start") <= pl.col("due_date") - pl.duration(days=7)).is_empty()


def test_jobs_inside_the_fence_of_the_next_night_stay(night: Path) -> None:
    known = tables(night)
    first = pl.read_parquet(night / "plan" / "job.parquet")
    known["previous_job"] = core.PreviousJob.cast(first)
    fence = 3
    orders, again = steps.schedule(*known.values(), **{**MANNER, "release_fence_days": fence})
    midnight = known["bucket"].filter(pl.col("bucket_index") == 0)["bucket_start"].item() + timedelta(days=fence)
    begins = first.group_by("job_id").agg(pl.col("start_at").min()).filter(pl.col("start_at").dt.date() < midnight)
    assert begins.height > 3
    assert set(begins["job_id"]) == set(orders.filter("is_frozen")["job_id"])
    columns = ["job_id", "operation_seq", "work_center_id", "machine", "start_at", "end_at", "setup_hours"]
    kept = [
        frame.filter(pl.col("job_id").is_in(begins["job_id"].implode())).select(columns) for frame in (first, again)
    ]
    assert kept[0].equals(kept[1])
    plan.Job.validate(again)
