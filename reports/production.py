"""The plant: hours there are and hours needed, the schedule, what is late and why, how it works, what it can sell."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import polars as pl

from replenish.reporting import Report
from replenish.reporting.charts import Layer, time_chart
from replenish.reporting.format import moment, number, quantity
from replenish.reporting.gantt import MOST_DAYS, Bar, gantt

TITLE = "Production"
FILE = "production.html"
ORDER = 7
TEMPLATE = "production.html.j2"
SCRIPTS = ()

WEEKS = 4  # summed up in the table of hours
MOST_CHARTS, MOST_MACHINES, MOST_BARS = 12, 60, 2000
MOST_LINES, MOST_LIMITS, MOST_PROMISES = 300, 25, 40
PROMISED_BUCKETS = 6
COLOURS = 8
_SAME = 1e-6
PLANT_VALUES = {
    "yield_rate": "yield",
    "run_hours_per_unit": "hours a unit",
    "ideal_qty_per_hour": "ideal units an hour",
    "efficiency_rate": "efficiency",
}
_PLACE = ["work_center_id", "location_name"]


def is_shown(report: Report) -> bool:
    """Only a company with a plant has this page."""
    return any(report.table(name).height for name in ("plant_load", "job", "plant_figure"))


def view(report: Report) -> dict[str, Any]:
    """Values of the template."""
    jobs = report.table("job").sort("start_at", "work_center_id", "machine", "job_id", "operation_seq")
    late = report.table("late_order").sort("late_cost", "tardy_days", "job_id", descending=[True, True, False])
    by_price = ["cost", "bucket_start", "kind", "who", "location_name"]
    relaxed = report.table("relaxation").sort(by_price, descending=[True, False, False, False, False])
    drift = report.table("drift").filter(pl.col("parameter").is_in(list(PLANT_VALUES)))
    by_money = [pl.col("effect_value").is_null(), -pl.col("effect_value")]
    drift = drift.sort(*by_money, "item_id", "source_id", "parameter")
    return {
        **_load(report.table("plant_load")),
        **_schedule(jobs),
        "late": late.head(MOST_LINES).to_dicts(),
        "late_count": late.height,
        "late_cost": late["late_cost"].sum(),
        "order_count": jobs["job_id"].n_unique(),
        "relaxed": relaxed.head(MOST_LIMITS).to_dicts(),
        "relaxed_count": relaxed.height,
        "relaxed_cost": relaxed["cost"].sum(),
        **_figures(report.table("plant_figure")),
        **_promises(report.table("atp")),
        "drifts": drift.to_dicts(),
        "values": PLANT_VALUES,
    }


def _load(load: pl.DataFrame) -> dict[str, Any]:
    """Hours by work centre over the next weeks, worst first, and the weeks of the worst as charts."""
    soon = load.filter(pl.col("week_index") < WEEKS)
    totals = soon.group_by(_PLACE).agg(
        pl.col("capacity_hours", "planned_hours", "levelled_hours", "overtime_hours", "overload_hours").sum()
    )
    whole = load.group_by(_PLACE).agg(
        pl.col("hour_value").max(),
        horizon_overload_hours=pl.col("overload_hours").sum(),
        first_overload=pl.col("bucket_start").filter(pl.col("overload_hours") > 0).min(),
    )
    rows = totals.join(whole, on=_PLACE, how="left").with_columns(
        planned_share=_share("planned_hours"), levelled_share=_share("levelled_hours")
    )
    order = ["horizon_overload_hours", "planned_share", *_PLACE]
    rows = rows.sort(order, descending=[True, True, False, False], nulls_last=True)
    shown = rows.head(MOST_CHARTS).to_dicts()
    return {
        "hours": rows.to_dicts(),
        "load_charts": [(row["work_center_id"], _load_chart(load, row["work_center_id"])) for row in shown],
    }


def _share(hours: str) -> pl.Expr:
    return pl.when(pl.col("capacity_hours") > 0).then(pl.col(hours) / pl.col("capacity_hours"))


def _load_chart(load: pl.DataFrame, center: str) -> Any:
    weeks = load.filter(pl.col("work_center_id") == center).group_by("week_start").agg(
        pl.col("capacity_hours", "planned_hours", "levelled_hours", "overtime_hours").sum()
    ).sort("week_start")  # fmt: skip
    usual = (weeks["levelled_hours"] - weeks["overtime_hours"]).clip(0.0)
    layers = [
        Layer("In usual hours", "expected", "bar", usual.to_list()),
        Layer("In overtime", "lost", "bar", weeks["overtime_hours"].to_list()),
        Layer("Capacity", "capacity", "line", weeks["capacity_hours"].to_list()),
        Layer("Before levelling", "before", "line", weeks["planned_hours"].to_list()),
    ]
    over = weeks.filter(pl.col("planned_hours") > pl.col("capacity_hours")).height
    told = (
        f"Hours of {center} by week, in usual hours and overtime, against capacity; {over} weeks were planned beyond it"
    )
    return time_chart(weeks["week_start"].to_list(), layers, label=told, currency="hours")


def _schedule(jobs: pl.DataFrame) -> dict[str, Any]:
    """The picture of the schedule and its lines, and how much of it there is no room for."""
    machines = jobs.select("work_center_id", "machine").unique().sort("work_center_id", "machine")
    shown = machines.head(MOST_MACHINES).with_row_index("row")
    several = shown.group_by("work_center_id").len().filter(pl.col("len") > 1)["work_center_id"].to_list()
    names = [f"{name} {which}" if name in several else name for _, name, which in shown.iter_rows()]
    items = jobs["item_id"].unique(maintain_order=True).to_list()
    colours = {item: place % COLOURS for place, item in enumerate(items)}
    drawn = jobs.join(shown, on=["work_center_id", "machine"], how="inner", maintain_order="left")
    bars = [_bar(row, colours[row["item_id"]]) for row in drawn.head(MOST_BARS).to_dicts()]
    told = (
        f"{jobs.height} operations on {machines.height} machines; {jobs.filter('is_late').height} belong to late orders"
    )
    return {
        "gantt": gantt(names, bars, label=told) if bars else None,
        "jobs": jobs.head(MOST_LINES).to_dicts(),
        "job_count": jobs.height,
        "hidden_machines": machines.height - shown.height,
        "hidden_bars": drawn.height - len(bars),
        "drawn_count": len(bars),
        "drawn_days": MOST_DAYS if _is_longer(drawn) else None,
    }


def _is_longer(jobs: pl.DataFrame) -> bool:
    """Whether some of the schedule lies beyond the days that are drawn."""
    first, last = jobs["start_at"].dt.date().min(), jobs["end_at"].max()
    return isinstance(first, date) and isinstance(last, datetime) and (last.date() - first).days >= MOST_DAYS


def _bar(row: dict[str, Any], colour: int) -> Bar:
    unit = f" {row['uom']}" if row["uom"] else ""
    title = (
        f"{row['item_name']}: {quantity(row['qty'])}{unit}, order {row['job_id']}, operation {row['operation_seq']}. "
        f"{moment(row['start_at'])} to {moment(row['end_at'])}: {number(row['setup_hours'], 1)} hours of set-up, "
        f"{number(row['run_hours'], 1)} at work. Due {row['due_date']:%d.%m.}"
        f"{', late by ' + number(row['tardy_days'], 1) + ' days' if row['is_late'] else ''}"
        f"{'; kept where last night put it' if row['is_frozen'] else ''}."
    )
    return Bar(
        row["row"], row["start_at"], row["end_at"], row["setup_hours"], colour, row["item_name"], title, row["is_late"]
    )


def _figures(figures: pl.DataFrame) -> dict[str, Any]:
    """Work centres with their figures, worst effectiveness first, and week by week."""
    total = figures.filter(pl.col("span") == "total").sort("oee_rate", "work_center_id", nulls_last=True)
    weeks = figures.filter(pl.col("span") == "week")
    starts = weeks["week_start"].unique().sort().to_list()
    cells = {(row["work_center_id"], row["week_start"]): row for row in weeks.to_dicts()}
    lines = [(center, [cells.get((center, start)) for start in starts]) for center in total["work_center_id"].to_list()]
    return {"figures": total.to_dicts(), "week_starts": starts, "figure_weeks": lines}


def _promises(atp: pl.DataFrame) -> dict[str, Any]:
    """Items with most orders first, then those with least to promise: cumulative, bucket by bucket."""
    near = atp.sort("bucket_start").filter(pl.col("bucket_start").rank("dense") <= PROMISED_BUCKETS)
    near = near.with_columns(_whole_units("cumulative_atp_qty", "sure_qty"))
    key = ["item_id", "location_id", "item_name", "location_name", "uom"]
    nodes = near.group_by(key).agg(
        pl.when(pl.col("is_continuous").any())
        .then(pl.col("order_qty").sum())
        .otherwise(_up("order_qty"))
        .alias("order_qty"),
        cells=pl.struct("cumulative_atp_qty", "sure_qty").sort_by("bucket_start"),
        last=pl.col("cumulative_atp_qty").sort_by("bucket_start").last(),
    )
    nodes = nodes.sort("order_qty", "last", "item_id", "location_id", descending=[True, False, False, False])
    return {
        "promises": nodes.head(MOST_PROMISES).to_dicts(),
        "promise_count": nodes.height,
        "promise_starts": near["bucket_start"].unique().sort().to_list(),
        "promise_probability": near["promise_probability"].min(),
    }


def _whole_units(*names: str) -> list[pl.Expr]:
    """No part of a piece can be promised: rounded down where the item is counted."""
    return [pl.when("is_continuous").then(name).otherwise((pl.col(name) + _SAME).floor()).alias(name) for name in names]


def _up(name: str) -> pl.Expr:
    return (pl.col(name).sum() - _SAME).ceil()
