"""All that is to be scheduled: the jobs as rows, as the scheduler takes them, and what stands behind each step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.shop import Job, Option, Step
from replenish.steps.panel import Ints
from replenish.steps.schedule.frozen import Frozen
from replenish.steps.schedule.jobs import LATER
from replenish.steps.schedule.material import Wait
from replenish.steps.schedule.plant import DAY, Plant, Row
from replenish.steps.schedule.settle import settled

_WEIGHTS = 1000  # the heaviest job counts so much, the lightest 1
_LONGEST_LEAD_DAYS = 10_000.0


@dataclass(frozen=True)
class Work:
    """Jobs by due date; lists and arrays follow their order."""

    jobs: pl.DataFrame
    shop_jobs: list[Job]
    ways: list[list[list[Row]]]  # of each job and step, the operation behind each option; none by lead time
    waits: list[Wait]
    is_frozen: list[bool]
    moved: set[tuple[int, int]]  # job and step that stay on their machine, but not in their hours
    frozen: Frozen
    plant: Plant

    @property
    def step_start(self) -> Ints:
        """First step of each job, and the number of all steps."""
        return np.cumsum([0, *(len(job.steps) for job in self.shop_jobs)])

    @property
    def option_start(self) -> Ints:
        """First option of each step."""
        return np.cumsum([0, *(len(step.options) for job in self.shop_jobs for step in job.steps)])

    @property
    def machine_start(self) -> Ints:
        """First machine of each work centre."""
        return np.cumsum([0, *(centre.machine_count for centre in self.plant.centres)])


def work_of(jobs: pl.DataFrame, plant: Plant, waits: list[Wait], frozen: Frozen) -> Work:
    """Every job as the scheduler takes it: in minutes from tonight's midnight."""
    tonight = frozen.midnight.date()
    machines = [centre.machine_count for centre in plant.centres]
    shop_jobs, ways, is_frozen = [], [], []
    for row, wait, weight in zip(jobs.iter_rows(named=True), waits, _weights(jobs), strict=True):
        steps, operations = plant.steps_of(row["item_id"], row["source_id"], row["qty"])
        stay = frozen.placed(row, steps, operations, machines)
        free = steps or [_by_lead_time(row["lead_time_days"], len(machines))]
        planned = max((row["release_date"] - tonight).days, 0) * DAY
        ready = max(((wait.day or tonight) - tonight).days, 0) * DAY
        if row["kind"] != LATER or wait.is_unknown:
            ready = max(ready, planned)
        due = (row["due_date"] - tonight).days * DAY + DAY
        shop_jobs.append(Job(stay or free, ready, due, weight, planned))
        ways.append(operations)
        is_frozen.append(stay is not None)
    number = {job_id: n for n, job_id in enumerate(jobs["job_id"])}
    late = {(number[job_id], k) for job_id, k in frozen.late}
    shop_jobs, moved = settled(shop_jobs, plant.centres, late)
    return Work(jobs, shop_jobs, ways, waits, is_frozen, moved, frozen, plant)


def _by_lead_time(days: float, centre: int) -> Step:
    """An item without a routing takes its lead time, and no machine."""
    return Step([Option(centre, round(min(days, _LONGEST_LEAD_DAYS) * DAY))])


def _weights(jobs: pl.DataFrame) -> list[int]:
    """What a minute late costs, in whole numbers that keep the sums small."""
    values = (jobs["weight"] * jobs["qty"]).to_numpy()
    most = values.max(initial=0.0)
    return [max(1, round(_WEIGHTS * float(value / most))) if most > 0 else 1 for value in values]
