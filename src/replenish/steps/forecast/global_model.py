"""One gradient-boosted model over all nodes at once: the optional member `ml` (extra `replenish[ml]`)."""

from __future__ import annotations

from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.smoothing import moving_average_levels
from replenish.steps.forecast.gate import TSB_WEEKS, is_dead
from replenish.steps.panel import KEY, Bools, Floats, codes, panel
from replenish.tables.columns import LARGEST
from replenish.tables.core import Node
from replenish.tables.plan import Baseline, Member

GLOBAL = "ml"
LEARNT_WEEKS = 156  # newest weeks learnt from
GAP_WINDOW = 13  # weeks whose mean stands in a missing one, where later weeks look back at it
LAGS = [1, 2, 3, 4, 8, 13, 52]
MEANS = [4, 13, 52]
# One thread and a fixed order of rows: the same trees on every machine. Tweedie deviance has the mean as its optimum,
# as squares have, without the largest weeks deciding alone.
TREES: dict[str, Any] = {
    "objective": "tweedie",
    "tweedie_variance_power": 1.2,
    "n_estimators": 150,
    "learning_rate": 0.06,
    "num_leaves": 31,
    "min_child_samples": 40,
    "random_state": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


def fit_global(
    baseline: dy.DataFrame[Baseline], node: dy.DataFrame[Node], *, horizon_weeks: int
) -> dy.DataFrame[Member]:
    """Forecast weeks 0..horizon_weeks of every node that sold and has 8 weeks of history, by one model of them all.

    Each node's ordinary weeks are divided by their own mean; the model sees lags, moving means, category and location,
    and runs week by week over the horizon. Missing weeks are not learnt from.
    """
    nodes = node.filter(pl.col("has_demand")).select(*KEY, "category")
    cells = panel(baseline, nodes, time="week_index", last=-1)
    weekly = cells.grid(baseline["baseline_qty"])[:, -LEARNT_WEEKS:]
    there = ~np.isnan(weekly)
    sold = np.nan_to_num(weekly).sum(axis=1)
    chosen = np.flatnonzero((there.sum(axis=1) >= TSB_WEEKS) & (sold > 0) & ~is_dead(weekly))
    if not chosen.size:
        return Member.create_empty()
    scale = sold[chosen] / there[chosen].sum(axis=1)
    ahead = _ahead(nodes[chosen], weekly[chosen] / scale[:, None], horizon_weeks + 1) * scale[:, None]
    sane = np.flatnonzero(np.isfinite(ahead).all(axis=1) & (ahead <= LARGEST).all(axis=1))
    rows = nodes.select(KEY)[chosen[sane]].with_columns(
        member=pl.lit(GLOBAL),
        week_index=pl.lit(list(range(horizon_weeks + 1))),
        member_qty=pl.Series(ahead[sane].tolist()),
    )
    return Member.cast(rows.explode("week_index", "member_qty"))


def _ahead(nodes: pl.DataFrame, scaled: Floats, horizon: int) -> Floats:
    """Scaled forecasts [N, horizon] of scaled weeks [N, T], NaN = missing; every node has a week that is there."""
    from lightgbm import LGBMRegressor
    from mlforecast import MLForecast
    from mlforecast.lag_transforms import RollingMean

    model = MLForecast(
        models={GLOBAL: LGBMRegressor(**TREES)},
        freq=1,
        lags=LAGS,
        lag_transforms={1: [RollingMean(window, min_samples=1) for window in MEANS]},
        num_threads=1,
    )
    frame, learnt = _long(nodes, scaled)
    told: Any = model.preprocess(frame, static_features=["category", "place"], dropna=False, as_numpy=False)
    told = told.filter(pl.Series(learnt))
    model.fit_models(told.drop("unique_id", "ds", "y").to_numpy(), told["y"].to_numpy())
    ahead: Any = model.predict(horizon)
    levels: Floats = ahead[GLOBAL].to_numpy().reshape(nodes.height, horizon)
    return levels.clip(min=0.0)


def _long(nodes: pl.DataFrame, scaled: Floats) -> tuple[pl.DataFrame, Bools]:
    """The library's long table from each node's first week on, gaps filled, and which of its rows are learnt from."""
    there = ~np.isnan(scaled)
    filled = np.where(there, scaled, moving_average_levels(scaled, GAP_WINDOW)[:, :-1])
    row, column = np.nonzero(np.logical_or.accumulate(there, axis=1))
    first = np.zeros(row.size, dtype=bool)
    first[np.flatnonzero(np.diff(row, prepend=-1))] = True  # nothing lies before it to learn from
    frame = pl.DataFrame(
        {
            "unique_id": row,
            "ds": column,
            "y": filled[row, column],
            "category": codes(nodes, ["category"])[0][row],
            "place": codes(nodes, ["location_id"])[0][row],
        }
    )
    return frame, there[row, column] & ~first
