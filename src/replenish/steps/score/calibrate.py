"""Do the promised levels hold? Past windows against the law they would have had, and what that means for its width."""

from __future__ import annotations

from zlib import crc32

import dataframely as dy
import numpy as np
import polars as pl
from scipy.special import ndtri

from replenish.numerics.calibration import recalibrated_level, window_pit
from replenish.numerics.hashed import hashed_uniform
from replenish.numerics.rolling import window_sums
from replenish.steps.laws import coefficients
from replenish.steps.panel import KEY, Floats, Ints
from replenish.steps.pools import ALL, pools_of
from replenish.steps.score.past import Past
from replenish.tables.plan import Calibration

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.98)
SHORT_LEVELS = 3  # the last ones, on which orders rest, set the width
LEAST_WINDOWS = 500  # fewer say nothing of a high level
LEAST_GAP = 0.01  # levels nearer than this hold
NARROWEST, WIDEST = 0.5, 2.0


def calibrate(
    nodes: pl.DataFrame, past: Past, levels: Floats, law: pl.DataFrame, factor: pl.DataFrame, window: Ints, seed: int
) -> dy.DataFrame[Calibration]:
    """Randomised PIT of past protection windows by category (n >= 500) and over all, and the width that mends it.

    The quantile that the law gives at level a' = the pooled PIT of rank ceil((n+1) a) achieved a. The law is stretched
    so that it gives that quantile at a itself, by (z(a') / z(a))^2 of its variance, the mean over the high levels that
    are off by a hundredth or more.
    """
    pit = _pit(nodes, past, levels, law, factor, window, seed)
    names, member = pools_of(nodes["category"].to_list())
    rows = []
    for name, mine in zip(names, member, strict=True):
        values = pit[mine]
        values = values[~np.isnan(values)]
        if values.size == 0 or (name != ALL and values.size < LEAST_WINDOWS):
            continue
        better = recalibrated_level(values, np.array(LEVELS))
        width = width_of(better) if values.size >= LEAST_WINDOWS else 1.0
        achieved = [(values <= level).mean() for level in LEVELS]
        told = [None if np.isnan(one) else float(one) for one in better]
        rows += [(name, *row, width) for row in zip(LEVELS, achieved, [values.size] * len(LEVELS), told, strict=True)]
    names_of = ["category", "level_share", "achieved_share", "window_count", "recalibrated_share", "width_rate"]
    table = pl.DataFrame(rows, schema=names_of, orient="row", schema_overrides={"category": pl.String})
    return Calibration.cast(table.sort(Calibration.primary_key()).select(Calibration.column_names()))


def width_of(better: Floats) -> float:
    """Factor on the variance from recalibrated levels; 1 where they are as promised."""
    promised = np.array(LEVELS)[-SHORT_LEVELS:]
    needed = better[-SHORT_LEVELS:]
    off = ~np.isnan(needed) & (np.abs(needed - promised) >= LEAST_GAP)
    if not off.any():
        return 1.0
    ratio = (ndtri(np.clip(needed[off], 0.6, 0.9999)) / ndtri(promised[off])) ** 2
    return float(np.clip(ratio.mean(), NARROWEST, WIDEST))


def _pit(
    nodes: pl.DataFrame, past: Past, levels: Floats, law: pl.DataFrame, factor: pl.DataFrame, window: Ints, seed: int
) -> Floats:
    sums = window_sums(past.actual, past.variance, past.index, levels, past.origins, window)
    apart = (past.weekly.shape[1] - past.origins)[None, :] % window[:, None] == 0
    a, b, pool = coefficients(law, nodes["category"].to_list(), np.arange(1, window.max(initial=1) + 1))
    rate = factor["factor_rate"].to_numpy()[:, None]
    f = sums.forecast_qty
    spread = rate * (a[pool, window - 1][:, None] * f + b[pool, window - 1][:, None] * f**2)
    ids = nodes.select(pl.concat_str(KEY, separator="\x1f")).to_series()
    seeds = np.array([crc32(f"{one}\x1f{seed}".encode()) for one in ids], dtype=np.int64)[:, None]
    drawn = [hashed_uniform(*np.broadcast_arrays(seeds, 2 * past.origins[None, :] + k)) for k in (0, 1)]
    # what sold-out weeks would have sold is an estimate: its own spread is put back
    actual = np.maximum(sums.actual_qty + np.sqrt(sums.variance) * ndtri(drawn[0]), 0.0)
    pit = window_pit(actual, f, spread, ~nodes["is_continuous"].to_numpy()[:, None], drawn[1])
    return np.where(apart & (f > 0), pit, np.nan)
