"""Members that must be fitted: ETS, CES and theta, for nodes with steady demand and half a year of history."""

from __future__ import annotations

import warnings
from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from replenish.steps.forecast.gate import wants_ensemble
from replenish.steps.panel import KEY, Floats, panel
from replenish.tables.plan import Baseline, Member, Segment

FIT_WEEKS = 104  # newest weeks fitted to; older ones cost time and say little


def fit_members(
    baseline: dy.DataFrame[Baseline], segment: dy.DataFrame[Segment], *, horizon_weeks: int
) -> dy.DataFrame[Member]:
    """Forecast weeks 0..horizon_weeks of every node that the ensemble serves, one row a member and week.

    ETS(ZZN), CES(N) and dynamic optimised theta on the deseasonalised weeks; missing weeks are closed up. A fit that
    fails leaves its member out. Every node is fitted alone: any split into blocks gives the same rows.
    """
    nodes = segment.select(*KEY, "average_interval")
    cells = panel(baseline, nodes, time="week_index", last=-1)
    weekly = cells.grid(baseline["baseline_qty"])
    chosen = np.flatnonzero(wants_ensemble(weekly, nodes["average_interval"]))
    found = [_fit(weekly[n][~np.isnan(weekly[n])][-FIT_WEEKS:], horizon_weeks + 1) for n in chosen]
    told = [(int(n), name, qty) for n, members in zip(chosen, found, strict=True) for name, qty in members.items()]
    return Member.cast(_rows(nodes, told, horizon_weeks + 1).select(Member.column_names()))


def _fit(series: Floats, horizon: int) -> dict[str, Floats]:
    """Forecasts by member in the order of their names, negative ones as 0; what fails or is not finite is left out."""
    from statsforecast.models import AutoCES, AutoETS, DynamicOptimizedTheta

    models: dict[str, Any] = {
        "ces": AutoCES(season_length=1, model="N"),
        "ets": AutoETS(season_length=1, model="ZZN"),
        "theta": DynamicOptimizedTheta(season_length=1),
    }
    out: dict[str, Floats] = {}
    for name, model in models.items():
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                mean = np.asarray(model.forecast(y=series, h=horizon)["mean"], dtype=np.float64)
            except Exception:  # a foreign optimiser may fail in any way; the other members stand
                continue
        if np.isfinite(mean).all():
            out[name] = np.maximum(mean, 0.0)
    return out


def _rows(nodes: pl.DataFrame, told: list[tuple[int, str, Floats]], weeks: int) -> pl.DataFrame:
    """One row a node, member and week; `told` holds the number of a node, a member and its forecasts."""
    line = np.repeat(np.arange(len(told)), weeks)
    members = nodes.select(KEY)[[n for n, _, _ in told]].with_columns(
        member=pl.Series([name for _, name, _ in told], dtype=pl.String)
    )
    return members[line].with_columns(
        week_index=pl.Series(np.tile(np.arange(weeks), len(told))),
        member_qty=pl.Series(np.concatenate([np.empty(0), *(qty for _, _, qty in told)])),
    )
