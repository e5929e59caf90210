"""The pooled law of errors read back: coefficients of every node at any window length."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.distribution import WINDOW_LENGTHS, between_lengths
from replenish.steps.panel import Floats, Ints
from replenish.steps.pools import ALL, nearest_pool

SINGLE = 0  # weeks that stand for a single planning bucket


def single_coefficients(law: pl.DataFrame, category: list[str]) -> tuple[Floats, Floats, Ints]:
    """a and b of single buckets by pool [G], and the pool of each node; 0 where no law was learned."""
    known = law.filter(pl.col("window_weeks") == SINGLE)
    names = sorted({ALL, *known["category"].to_list()})
    a, b = np.zeros(len(names)), np.zeros(len(names))
    for name, linear, quadratic in known.select("category", "linear_rate", "quadratic_rate").iter_rows():
        a[names.index(name)], b[names.index(name)] = linear, quadratic
    pool = np.array([names.index(name) for name in nearest_pool(category, names)], dtype=np.int64)
    return a, b, pool


def coefficients(law: pl.DataFrame, category: list[str], window_weeks: Floats) -> tuple[Floats, Floats, Ints]:
    """a and b by pool at each window length [G, H], and the pool of each node; 0 where no law was learned."""
    law = law.filter(pl.col("window_weeks") > SINGLE)
    names = sorted({ALL, *law["category"].to_list()})
    place = {name: g for g, name in enumerate(names)}
    shape = (len(names), len(WINDOW_LENGTHS))
    a, b = np.zeros(shape), np.zeros(shape)
    for name, length, linear, quadratic in law.select(
        "category", "window_weeks", "linear_rate", "quadratic_rate"
    ).iter_rows():
        a[place[name], WINDOW_LENGTHS.index(length)] = linear
        b[place[name], WINDOW_LENGTHS.index(length)] = quadratic
    pool = np.array([place[name] for name in nearest_pool(category, names)], dtype=np.int64)
    return between_lengths(a, WINDOW_LENGTHS, window_weeks), between_lengths(b, WINDOW_LENGTHS, window_weeks), pool


def width_of_nodes(category: list[str], widths: dict[str, float]) -> Floats:
    """Factor on the variance of each node: of its category, of its nearest parent that was calibrated, or of all."""
    return np.array([widths.get(name, 1.0) for name in nearest_pool(category, list(widths))], dtype=np.float64)


def recalibrated(level: Floats, category: list[str], calibration: pl.DataFrame, window: str) -> Floats:
    """Level [N] to ask of the law so that it holds at `level`: interpolated between those that were looked at.

    By the node's category or its nearest parent that was calibrated; as it is below the lowest level and where nothing
    is known, and in proportion to what is left above the highest.
    """
    known = calibration.filter((pl.col("window") == window) & pl.col("recalibrated_share").is_not_null())
    tables = {name: rows.sort("level_share") for (name,), rows in known.group_by("category")}
    out = level.copy()
    pool = np.array(nearest_pool(category, list(tables)))
    for name, rows in tables.items():
        mine = (pool == name) & (level >= rows["level_share"][0])
        asked, given = (np.append(rows[column].to_numpy(), 1.0) for column in ("level_share", "recalibrated_share"))
        out[mine] = np.interp(level[mine], asked, given)
    return out
