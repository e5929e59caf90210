"""How sure: variance of the error of every sum from tonight on, and the law of single buckets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.distribution import PathDispersion, floor_variance, path_dispersion
from replenish.numerics.loss import LARGEST_COUNT_MEAN
from replenish.steps.forecast.levels import Levels
from replenish.steps.laws import coefficients, single_coefficients, width_of_nodes
from replenish.steps.panel import KEY, Floats, Ints


@dataclass(frozen=True)
class Law:
    """Cumulative variance [N, H], dispersion of single buckets [N], and family."""

    variance: Floats
    paths: PathDispersion
    family: pl.Series


def error_law_of(
    nodes: pl.DataFrame,
    forecast_qty: Floats,
    levels: Levels,
    error_law: pl.DataFrame,
    error_factor: pl.DataFrame,
    calibration: pl.DataFrame,
    event_variance_rate: Floats,
    bucket_length: Floats,
    protection: Ints,
) -> Law:
    """Pooled law times the node's factor and the width that makes levels hold; new items keep the law of their prior.

    `event_variance_rate` [N, H]: factor of 1 + this on what exceeds Poisson noise in the bucket. `bucket_length` [H] in
    days, `protection` [N] in buckets (at least 1).
    """
    f = np.nan_to_num(forecast_qty)
    total, square = np.cumsum(f, axis=1), np.cumsum(f * f, axis=1)
    weeks = np.cumsum(bucket_length) / 7.0
    a, b, pool = coefficients(error_law, nodes["category"].to_list(), weeks)
    factors = nodes.join(error_factor, on=KEY, how="left", maintain_order="left")
    s, single = (factors[name].fill_null(1.0).to_numpy() for name in ("factor_rate", "bucket_factor_rate"))
    s, single = s * _width(nodes, calibration, "protection"), single * _width(nodes, calibration, "bucket")
    wide = s[:, None]
    own = wide * (a[pool] * total + b[pool] * total**2)
    shared = np.where(
        np.isinf(levels.prior_size), 0.0, 1.0 / np.where(levels.prior_size > 0, levels.prior_size, np.inf)
    )
    weight = levels.own_weight
    variance = weight[:, None] * own + (1.0 - weight[:, None]) * (total + shared[:, None] * total**2)
    counts = ~nodes["is_continuous"].to_numpy()
    variance = np.maximum.accumulate(floor_variance(variance, total, counts[:, None]), axis=1)
    one_a, one_b, pool = single_coefficients(error_law, nodes["category"].to_list())
    phi = np.maximum(weight * single * one_a[pool] + (1.0 - weight), 1.0)
    kappa = weight * single * one_b[pool] + (1.0 - weight) * shared
    excess = (phi - 1.0)[:, None] * f + kappa[:, None] * f * f
    variance = variance + np.cumsum(event_variance_rate * excess, axis=1)
    last = np.clip(protection, 1, f.shape[1])[:, None] - 1
    in_window, squared, spread = (np.take_along_axis(part, last, axis=1)[:, 0] for part in (total, square, variance))
    paths = path_dispersion(in_window, squared, spread, phi, kappa)
    family = np.where(counts & (in_window <= LARGEST_COUNT_MEAN), "negative_binomial", "gamma")
    return Law(variance, paths, pl.Series(family, dtype=pl.String))


def _width(nodes: pl.DataFrame, calibration: pl.DataFrame, window: str) -> Floats:
    rows = calibration.filter(pl.col("window") == window).select("category", "width_rate").unique()
    return width_of_nodes(nodes["category"].to_list(), dict(rows.iter_rows()))
