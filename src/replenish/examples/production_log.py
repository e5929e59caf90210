"""What the shop floor wrote down, told from the production orders and their routing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from replenish.examples.master_data import rows
from replenish.tables import inputs


def production_log(tables: Mapping[str, pl.DataFrame], rng: np.random.Generator) -> pl.DataFrame:
    """A line a work centre and day on which something was finished: hours, stoppages, good and scrap."""
    made = tables["open_order"].filter(pl.col("kind") == "production").select("order_id", "line_id", "item_id")
    done = tables["receipt"].join(made, on=["order_id", "line_id"]).join(tables["routing"], on="item_id")
    planned = pl.col("qty") * pl.col("run_hours_per_unit") + pl.col("setup_hours").fill_null(0.0)
    log = (
        done.group_by("work_center_id", "date")
        .agg(
            planned_hours=planned.sum().round(2),
            made_qty=pl.col("qty").sum(),
            run_hours_per_unit=pl.col("run_hours_per_unit").mean(),
            yield_rate=pl.col("yield_rate").fill_null(1.0).mean(),
        )
        .sort("work_center_id", "date")
    )
    slowness, stoppage = rng.uniform(0.95, 1.2, log.height), rng.exponential(0.4, log.height)
    log = log.with_columns(
        run_hours=(pl.col("planned_hours") * slowness).round(2),
        down_hours=pl.Series(stoppage).round(2),
        good_qty=pl.col("made_qty").round(3),
        scrap_qty=(pl.col("made_qty") * (1.0 / pl.col("yield_rate") - 1.0)).round(0),
        ideal_qty_per_hour=(1.0 / pl.col("run_hours_per_unit")).round(3),
    )
    return rows(inputs.ProductionLog, log.drop("made_qty", "run_hours_per_unit", "yield_rate").iter_rows(named=True))
