"""Does the plant have the hours, and when does each job run?"""

from __future__ import annotations

from datetime import date, datetime, time

import dataframely as dy
import polars as pl

from replenish.numerics.schedule_search import best_schedule
from replenish.numerics.schedule_solve import Effort, Found
from replenish.numerics.shop import Centre, lay_out
from replenish.steps.schedule.frozen import Frozen
from replenish.steps.schedule.jobs import production_jobs
from replenish.steps.schedule.material import waits_of
from replenish.steps.schedule.plant import plant_of
from replenish.steps.schedule.rows import job_order_rows, job_rows
from replenish.steps.schedule.work import Work, work_of
from replenish.tables.core import (
    Arc,
    BomLine,
    Bucket,
    Node,
    OpenSupply,
    Operation,
    PlantLog,
    PreviousJob,
    SetupChange,
    WorkCenter,
    WorkDay,
)
from replenish.tables.plan import Job, JobOrder, LevelledMake, Order, Peg, PlannedMake


def schedule(
    order: dy.DataFrame[Order],
    planned_make: dy.DataFrame[PlannedMake],
    levelled_make: dy.DataFrame[LevelledMake],
    peg: dy.DataFrame[Peg],
    open_supply: dy.DataFrame[OpenSupply],
    previous_job: dy.DataFrame[PreviousJob],
    plant_log: dy.DataFrame[PlantLog],
    operation: dy.DataFrame[Operation],
    work_center: dy.DataFrame[WorkCenter],
    work_day: dy.DataFrame[WorkDay],
    setup_change: dy.DataFrame[SetupChange],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bom_line: dy.DataFrame[BomLine],
    bucket: dy.DataFrame[Bucket],
    *,
    schedule_days: int,
    release_fence_days: int,
    day_start: float,
    work_limit: float,
    time_limit_seconds: float,
    seed: int,
) -> tuple[dy.DataFrame[JobOrder], dy.DataFrame[Job]]:
    """Give every operation of open, tonight's and soon planned production its machine and its hours.

    A job begins when its components are there; where another job makes them, when that one is finished, so that a
    delay reaches the top in one run. Items without a routing take their lead time. The limits are those of the search.
    """
    tonight: date = bucket.filter(pl.col("bucket_index") == 0)["bucket_start"].item()
    jobs = production_jobs(order, planned_make, levelled_make, open_supply, peg, node, arc, bucket, schedule_days)
    plant = plant_of(operation, work_center, work_day, setup_change, tonight, day_start)
    frozen = Frozen(previous_job, plant_log, datetime.combine(tonight, time()), release_fence_days)
    work = work_of(jobs, plant, waits_of(jobs, bom_line, peg), frozen)
    found = _searched(work, Effort(work_limit, time_limit_seconds, seed))
    job = job_rows(work, found)
    return job_order_rows(work, found, job), job


def _searched(work: Work, effort: Effort) -> Found:
    """The best schedule of all jobs, those by lead time in a centre without machines."""
    links = [(maker, job) for job, wait in enumerate(work.waits) for maker in sorted(wait.jobs)]
    return best_schedule(lay_out(work.shop_jobs, [*work.plant.centres, Centre(0)], links), effort)
