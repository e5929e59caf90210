"""Forecasts of nodes made to agree with forecasts of their totals (MinT with a diagonal W, nothing negative).

Source: Wickramasuriya, Athanasopoulos & Hyndman (2019); Wickramasuriya, Turlach & Hyndman (2020).
"""

from __future__ import annotations

import warnings

import dataframely as dy
import numpy as np
import polars as pl
from scipy import sparse

from replenish.numerics.distribution import floor_variance
from replenish.numerics.reconcile import nonnegative_parts, top_down
from replenish.steps.levels import levels_of
from replenish.steps.panel import KEY, Bools, Floats, Ints, panel
from replenish.steps.pools import ALL
from replenish.steps.weeks import week_sums
from replenish.tables.core import Bucket, Node
from replenish.tables.plan import Baseline, Forecast, Parameter

FIT_WEEKS, LEAST_WEEKS = 104, 26  # newest weeks of a total that are fitted; with fewer a level has no history
MOST_CORRECTION = 2.0  # a total that says more than this times its parts, or less than the reverse, is not believed


def reconcile(
    forecast: dy.DataFrame[Forecast],
    parameter: dy.DataFrame[Parameter],
    baseline: dy.DataFrame[Baseline],
    node: dy.DataFrame[Node],
    bucket: dy.DataFrame[Bucket],
) -> dy.DataFrame[Forecast]:
    """Correct every node's weeks by what the totals above it say, each trusted by the variance of its errors.

    Totals are categories with their parents, and top categories at each location. Their
    forecast is the sum of the nodes' times the level ETS sees in the total of ordinary demand, over the sum of the
    nodes' levels: season and events come from the nodes. A week's correction scales all its buckets, their baseline and
    events alike, and variances with the square. Nodes that expect nothing stay at nothing.
    """
    nodes = forecast.select(KEY).unique(maintain_order=True)
    nodes = nodes.join(node.select(*KEY, "category", "is_continuous"), on=KEY, maintain_order="left")
    nodes = nodes.join(parameter.select(*KEY, "weekly_level_qty"), on=KEY, maintain_order="left")
    if nodes.height == 0:
        return forecast
    cells, history = panel(forecast), panel(baseline, nodes, time="week_index", last=-1)
    ahead = bucket.filter(pl.col("bucket_index").is_between(cells.first, cells.first + cells.width - 1))
    ahead = ahead.sort("bucket_index")
    week = ahead["week_index"].cast(pl.Int64).to_numpy()
    qty, variance = cells.grid(forecast["forecast_qty"]), cells.grid(forecast["variance_qty2"])
    weekly = week_sums(week, qty)
    past = _filled(history.grid(baseline["baseline_qty"])[:, -FIT_WEEKS:])
    wanted = _by_category(nodes, weekly, past, _week_variance(variance, ahead["bucket_days"].to_numpy()))
    starts = np.flatnonzero(np.concatenate([[True], week[1:] != week[:-1]]))
    parts = [top_down(part, wanted[:, k]) for k, part in enumerate(np.split(qty, starts[1:], axis=1))]
    scaled = np.concatenate(parts, axis=1)
    spread = _scaled_variance(variance, qty, scaled, ~nodes["is_continuous"].to_numpy())
    each = pl.Series(cells.rows(np.where(qty > 0, scaled / np.where(qty > 0, qty, 1.0), 1.0)))
    out = forecast.with_columns(
        pl.col("forecast_qty", "baseline_qty") * each, variance_qty2=pl.Series(cells.rows(spread))
    )
    return Forecast.cast(out.with_columns(event_qty=pl.col("forecast_qty") - pl.col("baseline_qty")))


def _by_category(nodes: pl.DataFrame, weekly: Floats, past: Floats, variance: Floats) -> Floats:
    """Reconciled weeks of all nodes [N, W], one top category at a time, so that no summing matrix grows large."""
    out = weekly.copy()
    level = nodes["weekly_level_qty"].fill_null(0.0).to_numpy()
    top = nodes["category"].str.split("/").list.first().to_numpy()
    for name in np.unique(top):
        rows = np.flatnonzero((top == name) & (weekly.sum(axis=1) > 0))
        levels = levels_of(nodes[rows])
        wide = (pl.col("location_id") == ALL) | (pl.col("category") == name)
        totals = _distinct(levels.summing[np.flatnonzero(levels.frame.select(wide).to_series().to_numpy())])
        told, ratio, above = _of_totals(totals @ past[rows], totals @ level[rows])
        totals = totals[told]
        if told.size:
            base = np.vstack([(totals @ weekly[rows]) * ratio[:, None], weekly[rows]])
            out[rows] = mint(totals, base, np.concatenate([_positive(above), _positive(variance[rows])]))
    return out


def mint(totals: sparse.csr_matrix, base: Floats, variance: Floats) -> Floats:
    """Parts [N, W] that agree best with forecasts of totals and parts, none negative (hierarchicalforecast's MinT).

    `totals` [L, N], `base` [L + N, W] totals first, `variance` [L + N] of errors, positive. Where its solver gives up,
    our own kernel answers.
    """
    from hierarchicalforecast.methods import MinTraceSparse

    # the library takes variances from errors: two of them, of opposite sign, have any variance one likes
    errors = np.sqrt(variance / 2.0)[:, None] * np.array([1.0, -1.0])
    summing = sparse.vstack([totals, sparse.eye(totals.shape[1])]).tocsr()
    model = MinTraceSparse("wls_var", nonnegative=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = model.fit_predict(summing, base, y_insample=errors, y_hat_insample=np.zeros(errors.shape))
            return np.maximum(found["mean"][totals.shape[0] :], 0.0)
        except Exception:  # a foreign optimiser may fail in any way
            return nonnegative_parts(totals, base, variance)


def _distinct(summing: sparse.csr_matrix) -> sparse.csr_matrix:
    """Totals of at least two nodes, each set of nodes once."""
    sets: dict[bytes, int] = {}
    for row in range(summing.shape[0]):
        inside = summing.indices[summing.indptr[row] : summing.indptr[row + 1]]
        if inside.size > 1:
            sets.setdefault(np.sort(inside).tobytes(), row)
    return summing[sorted(sets.values())]


def _of_totals(past: Floats, level: Floats) -> tuple[Ints, Floats, Floats]:
    """Totals with a history, their own level over that of their parts, and the variance of their one-week errors."""
    from statsforecast.models import AutoETS

    told, ratio, variance = [], [], []
    for row in np.flatnonzero(((past > 0).sum(axis=1) >= LEAST_WEEKS) & (level > 0)):
        series = past[row, np.argmax(past[row] > 0) :]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                found = AutoETS(season_length=1, model="ZNN").forecast(y=series, h=1, fitted=True)
            except Exception:  # a total that cannot be fitted says nothing
                continue
        own, errors = float(found["mean"][0]), series - np.asarray(found["fitted"])
        if np.isfinite(own) and np.isfinite(errors).all():
            told.append(row)
            ratio.append(float(np.clip(own / level[row], 1.0 / MOST_CORRECTION, MOST_CORRECTION)))
            variance.append(float(np.mean(errors**2)))
    return np.array(told, dtype=np.int64), np.array(ratio), np.array(variance)


def _filled(weekly: Floats) -> Floats:
    """Ordinary weeks with the node's mean where missing, 0 before the first."""
    there = ~np.isnan(weekly)
    mean = np.where(there, np.nan_to_num(weekly), 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    begun = np.logical_or.accumulate(there, axis=1)
    return np.where(there, np.nan_to_num(weekly), np.where(begun, mean[:, None], 0.0))


def _week_variance(variance: Floats, days: Ints) -> Floats:
    """Variance of the error of a week's sum [N], from that of the first buckets that make up seven days."""
    so_far = np.cumsum(days)
    at = min(int(np.searchsorted(so_far, 7)), so_far.size - 1)
    out: Floats = variance[:, at] * 7.0 / so_far[at]
    return out


def _positive(variance: Floats) -> Floats:
    """Zero variances as the smallest positive one of their kind; 1 where there is none."""
    some = variance[variance > 0]
    return np.maximum(variance, some.min() if some.size else 1.0)


def _scaled_variance(variance: Floats, qty: Floats, scaled: Floats, counts: Bools) -> Floats:
    """Variances of sums [N, H] after their means were scaled: with the square, never falling, counts at 1.01 f."""
    before, after = np.cumsum(qty, axis=1), np.cumsum(scaled, axis=1)
    growth = np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)
    out: Floats = np.maximum.accumulate(floor_variance(variance * growth**2, after, counts[:, None]), axis=1)
    return out
