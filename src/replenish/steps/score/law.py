"""The law of the error of a sum: pooled variance by category and window length, and each node beside it."""

from __future__ import annotations

from dataclasses import dataclass

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.distribution import WINDOW_LENGTHS, node_factor, settled_variance
from replenish.numerics.rolling import WindowSums, window_sums
from replenish.numerics.spike import spikes
from replenish.steps.laws import SINGLE, coefficients, single_coefficients
from replenish.steps.panel import KEY, Bools, Floats, Ints
from replenish.steps.pools import pools_of
from replenish.steps.score.buckets import BucketErrors
from replenish.steps.score.past import Past
from replenish.tables.plan import ErrorFactor, ErrorLaw

LEAST_ROWS, LEAST_NODES = 200, 30  # of errors and of nodes behind a category's own law


@dataclass(frozen=True)
class _Fits:
    """Coefficients and number of errors by pool and window length [G, K]."""

    a: Floats
    b: Floats
    rows: Ints


def error_law(nodes: pl.DataFrame, past: Past, levels: Floats, single: BucketErrors) -> dy.DataFrame[ErrorLaw]:
    """Var(f) = a f + b f^2 of the error of a window's sum, for every category (and parent) with errors enough.

    A window of 0 weeks is a single planning bucket.
    """
    names, member = pools_of(nodes["category"].to_list())
    fits = _fits(past, levels, member, single)
    ready = (fits.rows >= LEAST_ROWS).all(axis=1) & (member.sum(axis=1) >= LEAST_NODES)
    ready[0] = (fits.rows[0] > 0).all()  # the last resort needs only to exist
    chosen = np.flatnonzero(ready)
    lengths = (SINGLE, *WINDOW_LENGTHS)
    law = pl.DataFrame(
        {
            "category": [names[g] for g in chosen for _ in lengths],
            "window_weeks": list(lengths) * chosen.size,
            "linear_rate": fits.a[chosen].ravel(),
            "quadratic_rate": fits.b[chosen].ravel(),
            "row_count": fits.rows[chosen].ravel(),
        },
        schema_overrides={"category": pl.String, "window_weeks": pl.Int32},
    )
    return ErrorLaw.cast(law.sort(ErrorLaw.primary_key()).select(ErrorLaw.column_names()))


def error_factor(
    nodes: pl.DataFrame, past: Past, levels: Floats, single: BucketErrors, law: pl.DataFrame, window: Ints
) -> dy.DataFrame[ErrorFactor]:
    """Each node's squared errors over its own window (weeks) and of single buckets against its group's law."""
    sums = window_sums(past.actual, past.variance, past.index, levels, past.origins, window)
    forecast, squared = _squares(sums)
    a, b, pool = coefficients(law, nodes["category"].to_list(), np.arange(1, window.max(initial=1) + 1))
    a, b = a[pool, window - 1][:, None], b[pool, window - 1][:, None]
    fitted = a * forecast + b * forecast**2
    origins = (~np.isnan(squared) & (fitted > 0)).sum(axis=1)
    out = nodes.select(KEY).with_columns(
        factor_rate=pl.Series(node_factor(squared, fitted, 1.0, window)),
        bucket_factor_rate=pl.Series(_single_factor(nodes, single, law)),
        origin_count=pl.Series(origins),
        effective_count=pl.Series(np.minimum(origins / window, origins)),
    )
    return ErrorFactor.cast(out.select(ErrorFactor.column_names()))


def _single_factor(nodes: pl.DataFrame, single: BucketErrors, law: pl.DataFrame) -> Floats:
    """A node's single buckets beside those of its group: many of them, so that little is left of the group's."""
    a, b, pool = single_coefficients(law, nodes["category"].to_list())
    fitted = a[pool][:, None] * single.forecast_qty + b[pool][:, None] * single.forecast_qty**2
    return node_factor(single.squared_error, fitted, 1.0, np.ones(nodes.height, dtype=np.int64))


def _fits(past: Past, levels: Floats, member: Bools, single: BucketErrors) -> _Fits:
    """a, b and number of errors of every pool and window length; errors inside history where origins are too few."""
    usual = ~spikes(past.weekly).any(axis=1)  # one wrong record must not blow up the errors of all
    member = member & (usual | ~usual.any())
    shape = (member.shape[0], 1 + len(WINDOW_LENGTHS))
    a, b, rows = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=np.int64)
    for k, length in enumerate((SINGLE, *WINDOW_LENGTHS)):
        if length == SINGLE:
            forecast, squared = single.forecast_qty, single.squared_error
        else:
            span = np.full(len(levels), length)
            forecast, squared = _squares(
                window_sums(past.actual, past.variance, past.index, levels, past.origins, span)
            )
        if (~np.isnan(squared)).sum() < LEAST_ROWS:
            forecast, squared = _in_sample(past)
        for g, mine in enumerate(member):
            part = forecast[mine].ravel(), squared[mine].ravel()
            fitted = settled_variance(*part, np.zeros(part[0].size, dtype=np.int64), 1)
            a[g, k], b[g, k] = fitted[0][0], fitted[1][0]
            rows[g, k] = (~np.isnan(part[1])).sum()
    return _Fits(a, b, rows)


def _squares(sums: WindowSums) -> tuple[Floats, Floats]:
    """Forecast of each window and its squared error, the variance of estimated demand added."""
    return sums.forecast_qty, (sums.actual_qty - sums.forecast_qty) ** 2 + sums.variance


def _in_sample(past: Past) -> tuple[Floats, Floats]:
    """One-week errors about a node's own mean, for companies too young for past origins."""
    there = ~np.isnan(past.weekly)
    count = there.sum(axis=1)
    mean = np.where(there, past.weekly, 0.0).sum(axis=1) / np.maximum(count, 1)
    freedom = np.where(count > 1, count / np.maximum(count - 1, 1), np.nan)[:, None]
    forecast = mean[:, None] * past.index
    return np.where(there, forecast, np.nan), (past.actual - forecast) ** 2 * freedom + past.variance
