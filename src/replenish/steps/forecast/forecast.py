"""How much, bucket by bucket, how sure?"""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.calendar import GROUP, bucket_days, season_index
from replenish.steps.events import events_on, uplift_rows, variance_rows
from replenish.steps.forecast.laws import Law, error_law_of
from replenish.steps.forecast.levels import NO_ANALOGUE, Levels, future_levels
from replenish.steps.forecast.life import with_life
from replenish.steps.forecast.spread import Spread, spread_levels
from replenish.steps.panel import KEY, Floats, panel
from replenish.steps.protection import protection_days
from replenish.tables.core import Arc, Bucket, EventBucket, Node
from replenish.tables.plan import (
    Availability,
    Baseline,
    Calibration,
    ErrorFactor,
    ErrorLaw,
    EventUplift,
    Forecast,
    LeadTime,
    Member,
    Parameter,
    Score,
    Season,
    Segment,
)

MOST_WINDOWS = 4  # what a node with a history may look ahead; settings allow no more


def forecast(
    baseline: dy.DataFrame[Baseline],
    member: dy.DataFrame[Member],
    score: dy.DataFrame[Score],
    season: dy.DataFrame[Season],
    segment: dy.DataFrame[Segment],
    availability: dy.DataFrame[Availability],
    event_uplift: dy.DataFrame[EventUplift],
    error_law: dy.DataFrame[ErrorLaw],
    error_factor: dy.DataFrame[ErrorFactor],
    calibration: dy.DataFrame[Calibration],
    lead_time: dy.DataFrame[LeadTime],
    arc: dy.DataFrame[Arc],
    event_bucket: dy.DataFrame[EventBucket],
    node: dy.DataFrame[Node],
    bucket: dy.DataFrame[Bucket],
    *,
    window_weeks: int,
) -> tuple[dy.DataFrame[Forecast], dy.DataFrame[Parameter]]:
    """Forecast every node with demand of its own over all open buckets, with the variance of every sum from tonight.

    A node whose demand cannot be told has no forecast rows and a parameter row that says why.
    """
    nodes = with_life(node.filter(pl.col("has_demand")), bucket).join(
        segment.select(*KEY, "average_interval", "demand_class"), on=KEY, how="left", maintain_order="left"
    )
    weeks = panel(baseline, nodes, time="week_index", last=-1)
    future = bucket.filter(pl.col("bucket_index") >= 0).sort("bucket_index")
    ahead = int(future["week_index"].to_numpy().max(initial=0)) + 1
    weekly = weeks.grid(baseline["baseline_qty"])
    levels = future_levels(nodes, weekly, member, score, window_weeks, ahead)
    index = season_index(season, nodes.select(*KEY, *GROUP), bucket)
    known = nodes.select(KEY).join(availability, on=KEY, how="left", maintain_order="left")
    events = events_on(event_bucket, nodes)
    lift = uplift_rows(events, event_uplift), variance_rows(events, event_uplift)
    spread = spread_levels(levels.weekly_qty, nodes, index, known["weekday_rates"], events, *lift, future)
    length = future["bucket_days"].cast(pl.Float64).to_numpy()
    buckets = np.maximum(np.rint(protection_days(nodes, lead_time, arc) / bucket_days(bucket)), 1).astype(np.int64)
    learned = error_law, error_factor, calibration
    law = error_law_of(nodes, spread.forecast_qty, levels, *learned, spread.event_variance_rate, length, buckets)
    return _forecast_table(nodes, future, spread, law), _parameter_table(nodes, known, levels, law)


def _forecast_table(nodes: pl.DataFrame, future: pl.DataFrame, spread: Spread, law: Law) -> dy.DataFrame[Forecast]:
    told = np.flatnonzero(~np.isnan(spread.forecast_qty).any(axis=1))
    out = nodes.select(KEY)[told].join(
        future.select("bucket_index", "bucket_start"), how="cross", maintain_order="left_right"
    )
    out = out.with_columns(
        forecast_qty=pl.Series(spread.forecast_qty[told].ravel()),
        baseline_qty=pl.Series(spread.baseline_qty[told].ravel()),
        event_qty=pl.Series((spread.forecast_qty - spread.baseline_qty)[told].ravel()),
        index_rate=pl.Series(spread.index[told].ravel()),
        uplift_rate=pl.Series(spread.uplift[told].ravel()),
        variance_qty2=pl.Series(law.variance[told].ravel()),
    )
    return Forecast.cast(out.select(Forecast.column_names()))


def _parameter_table(nodes: pl.DataFrame, known: pl.DataFrame, levels: Levels, law: Law) -> dy.DataFrame[Parameter]:
    identified = known["is_identified"].fill_null(value=False).to_numpy()
    method = pl.Series(levels.method, dtype=pl.String)
    out = nodes.select(KEY).with_columns(
        method=method,
        members=pl.Series(levels.members, dtype=pl.String),
        reason=pl.Series([NO_ANALOGUE if one == "none" else None for one in levels.method], dtype=pl.String),
        family=law.family,
        weekly_level_qty=pl.Series(_first(levels.weekly_qty)),
        phi=pl.Series(law.paths.phi),
        kappa=pl.Series(law.paths.kappa),
        rho=pl.Series(law.paths.rho),
        history_buckets=known["history_buckets"].fill_null(0),
        window_count=pl.Series(np.where(identified & (levels.own_weight >= 1), MOST_WINDOWS, 1)),
        is_clipped=pl.Series(levels.is_clipped),
        is_identified=pl.Series(identified),
    )
    return Parameter.cast(out.select(Parameter.column_names()))


def _first(weekly: Floats) -> Floats:
    """Level of the first week; 0 where there is none."""
    return np.nan_to_num(weekly[:, 0]) if weekly.shape[1] else np.zeros(weekly.shape[0])
