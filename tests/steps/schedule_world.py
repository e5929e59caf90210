"""A small plant for tests of step schedule: tables as rows, every column that does not matter filled in."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl

from replenish import steps
from replenish.tables import core, plan
from replenish.tables.rows import types_of
from replenish.tables.table import Table

TONIGHT = date(2026, 3, 2)  # a Monday
DAYS = 28
Row = dict[str, Any]
TABLES: dict[str, type[Table]] = {
    "order": plan.Order,
    "planned_make": plan.PlannedMake,
    "levelled_make": plan.LevelledMake,
    "peg": plan.Peg,
    "open_supply": core.OpenSupply,
    "previous_job": core.PreviousJob,
    "plant_log": core.PlantLog,
    "operation": core.Operation,
    "work_center": core.WorkCenter,
    "work_day": core.WorkDay,
    "setup_change": core.SetupChange,
    "node": core.Node,
    "arc": core.Arc,
    "bom_line": core.BomLine,
    "bucket": core.Bucket,
}
NEUTRAL: Row = {
    "location_id": "works",
    "source_id": "works",
    "order_id": None,
    "kind": "make",
    "arc_rank": 1,
    "alternate_rank": 1,
    "machine_count": 1,
    "run_hours_per_unit": 1.0,
    "start_qty_per_good": 1.0,
    "setup_hours": 0.0,
    "queue_hours": 0.0,
    "efficiency_rate": 1.0,
    "is_splittable": True,
    "first_date": TONIGHT,
    "demand_kind": "sales_order",
    "order_date": TONIGHT,
    "shortage_cost": 1.0,
    "multiple_qty": 1.0,
    "qty_per": 1.0,
    "status": "firm",
}
MANNER: Row = {
    "schedule_days": 14,
    "release_fence_days": 0,
    "day_start": 6.0,
    "work_limit": 2.0,
    "time_limit_seconds": 60.0,
    "seed": 0,
}


def day(number: int) -> date:
    """Days from tonight."""
    return TONIGHT + timedelta(days=number)


def frame(table: type[Table], rows: list[Row]) -> pl.DataFrame:
    """Rows of a table; what they leave out is neutral, or empty, or 0."""
    types, columns = types_of(table), table.columns()
    zero = {
        pl.String: "-",
        pl.Float64: 0.0,
        pl.Int32: 0,
        pl.Date: TONIGHT,
        pl.Boolean: False,
        pl.List: [],
        pl.Datetime: None,
    }
    whole = [
        {name: row.get(name, NEUTRAL.get(name, None if column.nullable else zero[types[name].base_type()]))
         for name, column in columns.items()}
        for row in rows
    ]  # fmt: skip
    return table.cast(pl.DataFrame(whole, schema=types))


def scheduled(manner: Row | None = None, **tables: list[Row]) -> tuple[dict[str, Row], list[Row]]:
    """The step's answer: job orders by id, and operations in the order of machine and time."""
    rows = {"bucket": buckets(), **tables}
    centers = [row["work_center_id"] for row in rows.get("work_center", [])]
    rows.setdefault("work_day", work_days({name: [8] * 5 + [0, 0] for name in centers}))
    frames = [frame(table, rows.get(name, [])) for name, table in TABLES.items()]
    orders, jobs = steps.schedule(*frames, **{**MANNER, **(manner or {})})
    plan.JobOrder.validate(orders)
    plan.Job.validate(jobs)
    ordered = jobs.sort("work_center_id", "machine", "start_at", "end_at")
    return {row["job_id"]: row for row in orders.to_dicts()}, ordered.to_dicts()


def buckets(count: int = DAYS) -> list[Row]:
    """Daily buckets from tonight on."""
    return [{"bucket_index": n, "bucket_start": day(n), "bucket_end": day(n), "bucket_days": 1} for n in range(count)]


def work_days(weeks: dict[str, list[float]]) -> list[Row]:
    """Hours by weekday for each work centre, over all days."""
    return [
        {"work_center_id": name, "date": day(n), "hours": float(week[n % len(week)])}
        for name, week in weeks.items()
        for n in range(DAYS)
    ]


def made(*items: str) -> dict[str, list[Row]]:
    """Nodes and make arcs of these items."""
    return {"node": [{"item_id": item} for item in items], "arc": [{"item_id": item} for item in items]}


def operation(item: str, center: str, **changes: Any) -> Row:
    """An operation of one hour a unit; `seq` is its place."""
    seq = changes.pop("seq", 10)
    return {"item_id": item, "operation_seq": seq, "step_seq": seq, "work_center_id": center, **changes}


def open_order(item: str, name: str, qty: float, due: date) -> Row:
    """A production order in the books."""
    return {"order_id": name, "line_id": "1", "kind": "production", "item_id": item, "open_qty": qty, "due_date": due}


def taken(item: str, supply: Row, taker: str, kind: str, qty: float, number: int = 0) -> Row:
    """A peg: a supply of a component that production takes."""
    return {"item_id": item, "peg_index": number, "demand_kind": kind, "demand_id": taker, "demand_date": TONIGHT,
            "qty": qty, **supply}  # fmt: skip
