"""How well do the work centres work: effectiveness, cycle time, throughput, and the dates they keep?"""

from __future__ import annotations

from datetime import date, timedelta

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.oee import effectiveness
from replenish.steps.panel import codes
from replenish.tables.core import Operation, PlantLog, ProductionOrder
from replenish.tables.plan import PlantFigure

WEEKS = 13
_KEY = ["work_center_id", "span", "week_start"]
_SUMS = ("planned_hours", "run_hours", "down_hours", "good_qty", "scrap_qty")


def measure_plant(
    plant_log: dy.DataFrame[PlantLog],
    production_order: dy.DataFrame[ProductionOrder],
    operation: dy.DataFrame[Operation],
    *,
    as_of: date,
) -> dy.DataFrame[PlantFigure]:
    """Figures of each work centre over the last 13 weeks, in all and week by week; a week is seven days up to as-of's.

    An order counts for every work centre that its item's routing passes: it is kept where its last receipt is on or
    before its due day.
    """
    worked = _by_span(plant_log, "date", as_of)
    kept = _by_span(_due(production_order, operation), "due_date", as_of)
    rows = pl.concat([worked.select(_KEY), kept.select(_KEY)]).unique().sort(_KEY)
    rows = rows.join(_worked(worked), on=_KEY, how="left", maintain_order="left")
    share = kept.group_by(_KEY).agg(adherence_share=pl.col("is_kept").mean())
    rows = rows.join(share, on=_KEY, how="left", maintain_order="left")
    return PlantFigure.cast(_with_rates(rows).select(PlantFigure.column_names()).sort(PlantFigure.primary_key()))


def _by_span(rows: pl.DataFrame, day: str, as_of: date) -> pl.DataFrame:
    """Rows of the weeks looked at, each twice: in its week and in all weeks together."""
    first = as_of - timedelta(days=7 * WEEKS - 1)
    recent = rows.filter(pl.col(day).is_between(first, as_of))
    weeks_in = (pl.col(day) - pl.lit(first)).dt.total_days() // 7
    by_week = recent.with_columns(
        span=pl.lit("week"), week_start=(pl.lit(first) + pl.duration(days=7 * weeks_in)).cast(pl.Date)
    )
    return pl.concat([by_week, recent.with_columns(span=pl.lit("total"), week_start=pl.lit(first))])


def _due(production_order: pl.DataFrame, operation: pl.DataFrame) -> pl.DataFrame:
    """Orders at each work centre that they pass, with whether their date was kept."""
    routing = (
        operation.filter(pl.col("alternate_rank") == 1).select("item_id", "location_id", "work_center_id").unique()
    )
    orders = production_order.select("item_id", "due_date", "finish_date", location_id="source_id")
    orders = orders.with_columns(is_kept=(pl.col("finish_date") <= pl.col("due_date")).fill_null(False))
    return orders.join(routing, on=["item_id", "location_id"], how="inner", maintain_order="left")


def _worked(worked: pl.DataFrame) -> pl.DataFrame:
    """Hours, units and effectiveness of each work centre and span that the log tells of."""
    row, keys = codes(worked, _KEY)
    planned, run, good, scrap = (
        worked[name].to_numpy() for name in ("planned_hours", "run_hours", "good_qty", "scrap_qty")
    )
    rate = worked["ideal_qty_per_hour"].fill_null(np.nan).to_numpy()
    told = effectiveness(planned, run, good, scrap, rate, row, keys.height)
    rates = [pl.Series(f"{name}_rate", values, nan_to_null=True) for name, values in told._asdict().items()]
    run_days = pl.col("date").filter(pl.col("run_hours") > 0).n_unique()
    totals = worked.group_by(_KEY).agg(pl.col(_SUMS).sum(), run_days=run_days)
    return keys.select(_KEY).with_columns(rates).join(totals, on=_KEY, how="left", maintain_order="left")


def _with_rates(rows: pl.DataFrame) -> pl.DataFrame:
    rows = rows.with_columns(pl.col(_SUMS).fill_null(0.0))
    return rows.with_columns(
        quality_rate=pl.col("quality_rate").clip(0.0, 1.0),
        is_ideal_low=(pl.col("performance_rate") > 1.0 + 1e-9).fill_null(False),
        cycle_hours=pl.when((pl.col("good_qty") > 0) & (pl.col("run_hours") > 0)).then(
            pl.col("run_hours") / pl.col("good_qty")
        ),
        throughput_qty=pl.when(pl.col("run_days") > 0).then(pl.col("good_qty") / pl.col("run_days")),
    )
