"""The schedule as rows of plan.job_order and plan.job."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import dataframely as dy
import polars as pl

from replenish.numerics.schedule_solve import Found
from replenish.steps.schedule.plant import Row
from replenish.steps.schedule.work import Work
from replenish.tables.plan import Job, JobOrder
from replenish.tables.rows import types_of

_LAST = 3_600_000_000  # minutes: a date further away cannot be written
_TOLD = ("job_id", "kind", "order_id", "line_id", "item_id", "location_id", "source_id", "qty", "due_date", "weight")


def job_rows(work: Work, found: Found) -> dy.DataFrame[Job]:
    """One row an operation: its machine and its hours. What is frozen is told as last night told it."""
    placed, options, machines = found.schedule, work.option_start, work.machine_start
    rows: list[Row] = []
    for n, row in enumerate(work.jobs.select("job_id", "qty").iter_rows(named=True)):
        for k, ways in enumerate(work.ways[n]):
            step = int(work.step_start[n]) + k
            operation = ways[int(placed.option[step] - options[step])]
            old = None if (n, k) in work.moved else work.frozen.told(row["job_id"], operation["operation_seq"])
            told = {name: operation[name] for name in ("operation_seq", "step_seq", "work_center_id", "setup_family")}
            setup = int(placed.setup[step])
            hours = old or {
                "machine": int(placed.machine[step] - machines[work.plant.number[operation["work_center_id"]]] + 1),
                "setup_hours": setup / 60,
                "run_hours": int(placed.end[step] - placed.begin[step] - setup) / 60,
                "start_at": _moment(work, placed.start[step]),
                "end_at": _moment(work, placed.finish[step]),
                "is_forced_split": not operation["is_splittable"] and work.plant.is_too_long(operation, row["qty"]),
            }
            rows.append({**hours, **told, "job_id": row["job_id"], "is_frozen": work.is_frozen[n]})
    return Job.cast(pl.DataFrame(rows, schema=types_of(Job)).sort("job_id", "operation_seq"))


def job_order_rows(work: Work, found: Found, job: pl.DataFrame) -> dy.DataFrame[JobOrder]:
    """One row a job: its dates, what it waited for, and how it was placed."""
    spans = _spans(work, found, job)
    hours = dict(job.group_by("job_id").agg((pl.col("setup_hours") + pl.col("run_hours")).sum()).iter_rows())
    search = "proven" if found.is_proven else "time_limit" if found.is_stopped else "work_limit"
    rows = []
    for n, row in enumerate(work.jobs.iter_rows(named=True)):
        start, finish = spans[n]
        end_of_due = work.frozen.midnight + timedelta(minutes=min(work.shop_jobs[n].due, _LAST))
        rows.append(
            {
                **{name: row[name] for name in _TOLD},
                **_material(work, n, spans),
                "start_qty": row["qty"] * (work.ways[n][0][0]["start_qty_per_good"] if work.ways[n] else 1.0),
                "start_at": start,
                "finish_at": finish,
                "tardy_days": max(0.0, (finish - end_of_due).total_seconds() / 86_400),
                "load_hours": hours.get(row["job_id"], 0.0),
                "bottleneck_id": _bottleneck(work, found, n),
                "is_frozen": work.is_frozen[n],
                "method": _method(work, found, n),
                "search": search,
            }
        )
    return JobOrder.cast(pl.DataFrame(rows, schema=types_of(JobOrder)).sort("job_id"))


def _moment(work: Work, minute: Any) -> datetime:
    return work.frozen.midnight + timedelta(minutes=min(int(minute), _LAST))


def _spans(work: Work, found: Found, job: pl.DataFrame) -> list[tuple[datetime, datetime]]:
    """Begin and end of each job."""
    ran = job.group_by("job_id").agg(pl.col("start_at").min(), pl.col("end_at").max())
    told = {job_id: (start, end) for job_id, start, end in ran.iter_rows()}
    placed, steps = found.schedule, work.step_start
    return [
        told.get(job_id) or (_moment(work, placed.start[steps[n]]), _moment(work, placed.finish[steps[n + 1] - 1]))
        for n, job_id in enumerate(work.jobs["job_id"])
    ]


def _material(work: Work, n: int, spans: list[tuple[datetime, datetime]]) -> dict[str, date | str | None]:
    """The day the last component is there, and which; nothing short where all are there tonight."""
    wait, tonight = work.waits[n], work.frozen.midnight.date()
    days = [(spans[maker][1].date(), item) for maker, item in sorted(wait.jobs.items())]
    if wait.day is not None and wait.item_id is not None:
        days.append((wait.day, wait.item_id))
    day, item = max(days, default=(tonight, ""))
    return {"material_date": max(day, tonight), "short_item_id": item if day > tonight else None}


def _bottleneck(work: Work, found: Found, n: int) -> str | None:
    """Work centre of the operation that waits longest after it could begin; none where none waits."""
    placed, job, first = found.schedule, work.shop_jobs[n], int(work.step_start[n])
    makers = [int(placed.finish[work.step_start[maker + 1] - 1]) for maker in work.waits[n].jobs]
    ready, worst, name = max([job.release, *makers]), 0, None
    for k, ways in enumerate(work.ways[n]):
        operation = ways[int(placed.option[first + k] - work.option_start[first + k])]
        waited = int(placed.start[first + k]) - ready - job.steps[k].queue
        if waited > worst:
            worst, name = waited, str(operation["work_center_id"])
        ready = int(placed.finish[first + k])
    return name


def _method(work: Work, found: Found, n: int) -> str:
    if not work.ways[n]:
        return "lead_time"
    if work.is_frozen[n]:
        return "frozen"
    return found.method
