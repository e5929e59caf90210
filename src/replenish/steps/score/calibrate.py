"""Do the promised levels hold? The past against the law it would have had, and what mends the law."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import dataframely as dy
import numpy as np
import polars as pl
from scipy.special import ndtri

from replenish.numerics.calibration import recalibrated_level, window_pit
from replenish.numerics.hashed import hashed_uniform
from replenish.numerics.rolling import window_sums
from replenish.steps.laws import coefficients, single_coefficients, width_of_nodes
from replenish.steps.panel import KEY, Bools, Floats, Ints
from replenish.steps.pools import ALL, pools_of
from replenish.steps.score.buckets import BucketErrors
from replenish.steps.score.past import Past
from replenish.tables.plan import Calibration

LEVELS = (0.5, 0.8, 0.9, 0.95, 0.98)
HIGH_LEVELS = 3  # the last ones, on which orders rest, set the width
LEAST_WINDOWS = 500  # fewer say nothing of a high level
LEAST_GAP = 0.01  # levels nearer than this hold
NARROWEST, WIDEST = 0.5, 2.0
EVERY_BUCKETS = 5  # of single buckets; no multiple of a week's days
COLUMNS = (
    "category", "window", "level_share", "achieved_share", "window_count", "recalibrated_share", "width_rate",
)  # fmt: skip


@dataclass(frozen=True)
class Evidence:
    """What happened and the law it would have had, one row a node [N, O]; NaN where there is nothing to compare."""

    actual_qty: Floats
    forecast_qty: Floats
    variance: Floats
    is_count: Bools
    uniform: Floats

    def pit(self, width: Floats) -> Floats:
        """Randomised PIT under the law with its variance times `width` [N]."""
        told = window_pit(
            self.actual_qty, self.forecast_qty, self.variance * width[:, None], self.is_count, self.uniform
        )
        return np.where(self.forecast_qty > 0, told, np.nan)


def calibrate(nodes: pl.DataFrame, told: dict[str, Evidence]) -> dy.DataFrame[Calibration]:
    """Randomised PIT by kind of window and category (n >= 500) and over all, and what mends the law.

    The quantile that the law gives at level a' = the pooled PIT of rank ceil((n+1) a) achieved a. First the law is
    stretched so that it gives the quantiles of the high levels at these levels, by (z(a') / z(a))^2 of its variance in
    the mean; `recalibrated_share` is the a' that is left after that.
    """
    names, member = pools_of(nodes["category"].to_list())
    rows = []
    for window, evidence in told.items():
        raw = evidence.pit(np.ones(nodes.height))
        known = {name: mine for name, mine in zip(names, member, strict=True) if _is_told(name, raw[mine])}
        widths = {name: width_of(recalibrated_level(raw[mine], np.array(LEVELS))) for name, mine in known.items()}
        stretched = evidence.pit(width_of_nodes(nodes["category"].to_list(), widths))
        for name, mine in known.items():
            rows += [(name, window, *row, widths[name]) for row in _levels(stretched[mine])]
    table = pl.DataFrame(rows, schema=list(COLUMNS), orient="row", schema_overrides={"category": pl.String})
    return Calibration.cast(table.sort(Calibration.primary_key()).select(Calibration.column_names()))


def _is_told(name: str, pit: Floats) -> bool:
    count = int((~np.isnan(pit)).sum())
    return count >= LEAST_WINDOWS or (name == ALL and count > 0)


def _levels(pit: Floats) -> list[tuple[float, float, int, float | None]]:
    """Level, share of values at or below it, their number, and the level that would have achieved it."""
    values = pit[~np.isnan(pit)]
    better = recalibrated_level(values, np.array(LEVELS))
    told = [float(one) if values.size >= LEAST_WINDOWS and not np.isnan(one) else None for one in better]
    achieved = [float((values <= level).mean()) for level in LEVELS]
    return list(zip(LEVELS, achieved, [values.size] * len(LEVELS), told, strict=True))


def width_of(better: Floats) -> float:
    """Factor on the variance from recalibrated levels; 1 where they are as promised or cannot be told."""
    promised, needed = np.array(LEVELS)[-HIGH_LEVELS:], better[-HIGH_LEVELS:]
    off = ~np.isnan(needed) & (np.abs(needed - promised) >= LEAST_GAP)
    if not off.any():
        return 1.0
    ratio = (ndtri(np.clip(needed[off], 0.6, 0.9999)) / ndtri(promised[off])) ** 2
    return float(np.clip(ratio.mean(), NARROWEST, WIDEST))


def protection_evidence(
    nodes: pl.DataFrame, past: Past, levels: Floats, law: pl.DataFrame, factor: pl.DataFrame, window: Ints, seed: int
) -> Evidence:
    """Sums over protection windows that do not overlap; what sold-out weeks hid gets its own spread back."""
    sums = window_sums(past.actual, past.variance, past.index, levels, past.origins, window)
    apart = (past.weekly.shape[1] - past.origins)[None, :] % window[:, None] == 0
    a, b, pool = coefficients(law, nodes["category"].to_list(), np.arange(1, window.max(initial=1) + 1))
    rate = factor["factor_rate"].to_numpy()[:, None]
    f = np.where(apart, sums.forecast_qty, np.nan)
    spread = rate * (a[pool, window - 1][:, None] * f + b[pool, window - 1][:, None] * f**2)
    drawn = [_uniform(nodes, 2 * past.origins + k, seed) for k in (0, 1)]
    actual = np.maximum(sums.actual_qty + np.sqrt(sums.variance) * ndtri(drawn[0]), 0.0)
    return Evidence(actual, f, spread, ~nodes["is_continuous"].to_numpy()[:, None], drawn[1])


def bucket_evidence(
    nodes: pl.DataFrame, single: BucketErrors, law: pl.DataFrame, factor: pl.DataFrame, seed: int
) -> Evidence:
    """Single buckets of the last year, every fifth of them."""
    some = slice(None, None, -EVERY_BUCKETS)
    f, actual = single.forecast_qty[:, some], single.actual_qty[:, some]
    a, b, pool = single_coefficients(law, nodes["category"].to_list())
    rate = factor["bucket_factor_rate"].to_numpy()[:, None]
    spread = rate * (a[pool][:, None] * f + b[pool][:, None] * f**2)
    drawn = _uniform(nodes, np.arange(f.shape[1]), seed)
    return Evidence(actual, f, spread, ~nodes["is_continuous"].to_numpy()[:, None], drawn)


def _uniform(nodes: pl.DataFrame, counter: Ints, seed: int) -> Floats:
    """Uniform numbers [N, O] that depend on a node, the seed and the counter alone."""
    ids = nodes.select(pl.concat_str(KEY, separator="\x1f")).to_series()
    seeds = np.array([crc32(f"{one}\x1f{seed}".encode()) for one in ids], dtype=np.int64)
    return hashed_uniform(*np.broadcast_arrays(seeds[:, None], counter[None, :]))
