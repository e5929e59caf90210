"""What kind of demand, what value? Labels for reports and a gate for members; they decide nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.segment import abc_class, demand_class, interval_and_variation, xyz_class
from replenish.steps.calendar import bucket_days, first_bucket
from replenish.steps.panel import KEY, Floats, Panel, panel
from replenish.steps.weeks import to_weeks, week_of_columns
from replenish.tables.core import Bucket, Node
from replenish.tables.plan import Demand, Segment

YEAR_DAYS = 365.0
VALUE_WEEKS = 52


def segment(
    blocks: Iterable[tuple[dy.DataFrame[Demand], dy.DataFrame[Node]]], bucket: dy.DataFrame[Bucket]
) -> dy.DataFrame[Segment]:
    """Label every node with demand of its own by pattern (weekly grain), yearly value and variation.

    `blocks` are demand and nodes, a part of the company at a time; only the rank by value looks at all nodes.
    """
    out = pl.concat([_labels(demand, node, bucket) for demand, node in blocks])
    out = out.with_columns(abc_class=pl.Series(abc_class(out["value_year"].to_numpy()), dtype=pl.String))
    return Segment.cast(out.select(Segment.column_names()))


def _labels(demand: pl.DataFrame, node: pl.DataFrame, bucket: pl.DataFrame) -> pl.DataFrame:
    """What can be said of each node alone."""
    nodes = node.filter(pl.col("has_demand")).select(*KEY, "unit_cost")
    cells = panel(demand, nodes, last=-1, first=first_bucket(bucket))
    wanted = cells.grid(demand["demand_qty"])
    week, buckets_a_week = week_of_columns(cells, bucket), 7 // bucket_days(bucket)
    adi, cv2 = interval_and_variation(to_weeks(week, wanted, np.full(wanted.shape, 1 / buckets_a_week), buckets_a_week))
    flat = to_weeks(week, *_ordinary(cells, demand, wanted, buckets_a_week), buckets_a_week)
    cv, xyz = xyz_class(flat, np.ones(flat.shape))
    recent = wanted[:, -VALUE_WEEKS * 7 // bucket_days(bucket) :]
    days = (~np.isnan(recent)).sum(axis=1) * bucket_days(bucket)
    value = np.nansum(recent, axis=1) / np.maximum(days, 1) * YEAR_DAYS * nodes["unit_cost"].to_numpy()
    return nodes.select(KEY).with_columns(
        available_buckets=pl.Series((~np.isnan(wanted)).sum(axis=1)),
        average_interval=pl.Series(adi).fill_nan(None),
        squared_variation=pl.Series(cv2).fill_nan(None),
        demand_class=pl.Series(demand_class(adi, cv2), dtype=pl.String),
        value_year=pl.Series(value),
        xyz_class=pl.Series(
            [None if missing else one for missing, one in zip(np.isnan(cv), xyz, strict=True)], dtype=pl.String
        ),
    )


def _ordinary(cells: Panel, demand: pl.DataFrame, wanted: Floats, buckets_a_week: int) -> tuple[Floats, Floats]:
    """Observed demand without its events, and the share of an ordinary week each bucket stands for."""
    observed = cells.grid(demand["is_estimate"]) == 0
    flat = np.where(observed, wanted / cells.grid(demand["uplift_rate"], empty=1.0), np.nan)
    return flat, cells.grid(demand["exposure_rate"], empty=0.0) / buckets_a_week
