"""A company before its history is played out: master data as input tables, and the truth no export ever shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl


@dataclass(frozen=True)
class Season:
    """Demand follows exp(strength * cos(2 pi (t - peak))) over the year, scaled to mean 1."""

    peak_week: float
    strength: float


@dataclass(frozen=True)
class Lateness:
    """A delivery is late with probability `late_share`, then by 1 + Poisson(mean_late_days - 1) days."""

    late_share: float
    mean_late_days: float
    partial_share: float = 0.0


@dataclass(frozen=True)
class Mishaps:
    """What goes wrong with the books: nodes as (item, location)."""

    ghost: tuple[str, str]
    ghost_from: date
    negative: tuple[str, str]


@dataclass(frozen=True)
class Shopfloor:
    """Where the plant is not as its routing says, by item and work centre: times as slow, and the true yield."""

    slowness: Mapping[tuple[str, str], float]
    yields: Mapping[tuple[str, str], float]


@dataclass(frozen=True)
class Company:
    """Master data and true laws.

    `tables`: input tables by name. `profile`: a row a node with demand of its own (item_id, location_id, mean_per_day,
    dispersion = variance over mean, growth_rate a year, sold_from, fades_from). `weekday`: share of a week's demand by
    weekday, Monday first, mean 1. `seasons`: by category. `uplifts`: true uplift by event. `lateness`: by source.
    `order_weekdays`: weekdays (0 Monday) on which a source takes orders. `shopfloor`: what the plant does
    otherwise than its routing says.
    """

    tables: Mapping[str, pl.DataFrame]
    profile: pl.DataFrame
    weekday: tuple[float, ...]
    seasons: Mapping[str, Season]
    uplifts: Mapping[str, float]
    lateness: Mapping[str, Lateness]
    order_weekdays: Mapping[str, tuple[int, ...]]
    mishaps: Mishaps
    shopfloor: Shopfloor = field(default_factory=lambda: Shopfloor({}, {}))
