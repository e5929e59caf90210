"""Jobs that stay where last night put them: those that have begun, and those about to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl

from replenish.numerics.shop import Place, Step

Row = dict[str, Any]


class Frozen:
    """Last night's operations of jobs that begin before the fence and are not finished by now."""

    def __init__(self, previous_job: pl.DataFrame, midnight: datetime, fence_days: int) -> None:
        spans = previous_job.group_by("job_id").agg(pl.col("start_at").min(), pl.col("end_at").max())
        fence = midnight + timedelta(days=fence_days)
        kept = spans.filter(pl.col("start_at") < fence, pl.col("end_at") > midnight)["job_id"]
        rows = previous_job.filter(pl.col("job_id").is_in(kept.implode())).sort("job_id", "operation_seq")
        self.rows: dict[tuple[str, int], Row] = {
            (row["job_id"], row["operation_seq"]): row for row in rows.iter_rows(named=True)
        }
        self.midnight = midnight

    def placed(self, job_id: str, steps: list[Step], ways: list[list[Row]], machines: list[int]) -> list[Step] | None:
        """The steps at their places of last night; None where the job was not there, or its routing has changed."""
        found = []
        for step, rows in zip(steps, ways, strict=True):
            places = (self._place(job_id, n, row, step, machines) for n, row in enumerate(rows))
            place = next((one for one in places if one is not None), None)
            if place is None:
                return None
            found.append(Step(step.options, step.queue, place))
        return found or None

    def _place(self, job_id: str, option: int, row: Row, step: Step, machines: list[int]) -> Place | None:
        old = self.rows.get((job_id, row["operation_seq"]))
        if old is None or old["work_center_id"] != row["work_center_id"]:
            return None
        if old["machine"] > machines[step.options[option].centre]:
            return None
        begin, end = (round((old[name] - self.midnight).total_seconds() / 60) for name in ("start_at", "end_at"))
        return Place(option, old["machine"] - 1, round(old["setup_hours"] * 60), begin, end)
