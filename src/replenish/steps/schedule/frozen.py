"""Jobs that stay where last night put them: those that have begun, and those about to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from replenish.numerics.shop import Option, Place, Step
from replenish.steps.schedule.jobs import OPEN, TONIGHT

Row = dict[str, Any]


class Frozen:
    """Last night's operations of jobs that begin before the fence and are not finished by now, or that have begun.

    By the shop floor's log a job has begun that it names with hours run. A proposal of last night that is an open order
    by now keeps its place: the first order of its item that takes the same hours.
    """

    def __init__(
        self, previous_job: pl.DataFrame, plant_log: pl.DataFrame, midnight: datetime, fence_days: int
    ) -> None:
        spans = previous_job.group_by("job_id").agg(pl.col("start_at").min(), pl.col("end_at").max())
        fence = midnight + timedelta(days=fence_days)
        self._near = set(spans.filter(pl.col("start_at") < fence, pl.col("end_at") > midnight)["job_id"].to_list())
        self._known = set(spans["job_id"].to_list())
        self._rows: dict[tuple[str, int], Row] = {
            (row["job_id"], row["operation_seq"]): row for row in previous_job.iter_rows(named=True)
        }
        ran = plant_log.filter(
            pl.col("run_hours") > 0, pl.col("date") < midnight.date(), pl.col("order_id").is_not_null()
        )
        self._ran = set(ran.select("order_id", "work_center_id").iter_rows())
        self._begun = {order for order, _ in self._ran}
        self._names: dict[str, str] = {}  # what last night called the jobs that stay
        self.late: set[tuple[str, int]] = set()  # steps of begun jobs that were to be done by now, in open minutes
        self.midnight = midnight

    def placed(self, job: Row, steps: list[Step], ways: list[list[Row]], machines: list[int]) -> list[Step] | None:
        """The steps at their places of last night; None where the job was not there, or its routing has changed."""
        name = self._name(job)
        if name is None or not steps:
            return None
        is_late = name not in self._near
        at_work = max((k for k, rows in enumerate(ways) if self._has_run(job, rows)), default=0) if is_late else 0
        found = []
        for k, (step, rows) in enumerate(zip(steps, ways, strict=True)):
            places = (self._place(name, n, row, step, machines) for n, row in enumerate(rows))
            place = next((one for one in places if one is not None), None)
            if place is None:
                return None
            if name != job["job_id"] and not self._takes_as_long(name, rows[place.option], step.options[place.option]):
                return None
            if is_late and k >= at_work:
                setup = place.setup if k > at_work else 0
                place = Place(place.option, place.machine, setup, 0, setup + step.options[place.option].duration)
                self.late.add((job["job_id"], k))
            found.append(Step(step.options, step.queue, place))
        self._names[job["job_id"]] = name
        return found

    def told(self, job_id: str, operation_seq: int) -> Row | None:
        """What last night said of an operation that stays."""
        return self._rows.get((self._names.get(job_id, ""), operation_seq))

    def _name(self, job: Row) -> str | None:
        """What last night called a job that is to stay."""
        name = job["job_id"]
        if name not in self._known and job["kind"] == OPEN:
            name = "/".join((TONIGHT, job["item_id"], job["location_id"], "0"))
        is_begun = job["kind"] == OPEN and job["order_id"] in self._begun and name in self._known
        return name if (name in self._near or is_begun) and name not in self._names.values() else None

    def _has_run(self, job: Row, rows: list[Row]) -> bool:
        return any((job["order_id"], row["work_center_id"]) in self._ran for row in rows)

    def _place(self, name: str, option: int, row: Row, step: Step, machines: list[int]) -> Place | None:
        old = self._rows.get((name, row["operation_seq"]))
        if old is None or old["work_center_id"] != row["work_center_id"]:
            return None
        if old["machine"] > machines[step.options[option].centre]:
            return None
        begin, end = (round((old[name] - self.midnight).total_seconds() / 60) for name in ("start_at", "end_at"))
        return Place(option, old["machine"] - 1, round(old["setup_hours"] * 60), begin, end)

    def _takes_as_long(self, name: str, row: Row, option: Option) -> bool:
        """Whether the quantity of tonight runs as long as that of last night."""
        return abs(self._rows[name, row["operation_seq"]]["run_hours"] * 60 - option.duration) < 1
