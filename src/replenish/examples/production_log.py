"""What the shop floor wrote down, told from the production orders, their routing, and how the plant really works."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from replenish.examples.company import Shopfloor
from replenish.examples.master_data import rows
from replenish.tables import inputs

_SLOWEST, _FASTEST = 1.2, 0.97  # hours run for a planned one: what an efficiency of 0.92 stands for


def production_log(tables: Mapping[str, pl.DataFrame], floor: Shopfloor, rng: np.random.Generator) -> pl.DataFrame:
    """A line a work centre, day and order of which something was finished: hours, stoppages, good and scrap.

    Set-ups are stopped hours, and the hours planned are those at the machine, run or stopped.
    """
    made = tables["open_order"].filter(pl.col("kind") == "production").select("order_id", "line_id", "item_id")
    done = tables["receipt"].join(made, on=["order_id", "line_id"]).join(tables["routing"], on="item_id")
    log = (
        done.group_by("work_center_id", "date", "order_id")
        .agg(
            pl.col("qty").sum(),
            pl.col("item_id", "run_hours_per_unit", "yield_rate").first(),
            setup_hours=pl.col("setup_hours").fill_null(0.0).first(),
        )
        .filter(pl.col("qty") > 0)
        .sort("work_center_id", "date", "order_id")
    )
    keys = log.select("item_id", "work_center_id").rows()
    slow = np.array([floor.slowness.get(key, 1.0) for key in keys])
    good = np.array([floor.yields.get(key, said or 1.0) for key, said in zip(keys, log["yield_rate"], strict=True)])
    units = np.ceil(log["qty"].to_numpy()).astype(np.int64)
    scrap = rng.negative_binomial(np.maximum(units, 1), good).astype(np.float64)
    pace, stoppage = rng.uniform(_FASTEST, _SLOWEST, log.height) * slow, rng.exponential(0.4, log.height)
    log = log.with_columns(
        run_hours=((pl.col("qty") + pl.Series(scrap)) * pl.col("run_hours_per_unit") * pl.Series(pace)).round(2),
        down_hours=(pl.col("setup_hours") + pl.Series(stoppage)).round(2),
        good_qty=pl.col("qty").round(3),
        scrap_qty=pl.Series(scrap),
        ideal_qty_per_hour=(1.0 / pl.col("run_hours_per_unit")).round(3),
    ).with_columns(planned_hours=(pl.col("run_hours") + pl.col("down_hours")).round(2))
    return rows(inputs.ProductionLog, log.select(inputs.ProductionLog.column_names()).iter_rows(named=True))
