"""Demand of items without a history of their own: what items like them sold when they were new.

An item that takes over from another inherits its demand instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.new_item import gamma_posterior
from replenish.steps.forecast.analogues import Analogues
from replenish.steps.forecast.gate import NEW_WEEKS
from replenish.steps.forecast.succession import Succession, succession
from replenish.steps.panel import Bools, Floats, Ints

INHERITED_SIZE = 10.0  # a predecessor's level is believed like ten analogues that agree: variance at its floor, 0.1 m^2


@dataclass(frozen=True)
class NewItems:
    """Ordinary weeks to come [N, weeks] and the gamma size of the rate behind them [N]; NaN where not asked for.

    NaN too where no analogue exists.
    """

    weekly_qty: Floats
    size: Floats


def new_items(nodes: pl.DataFrame, weekly: Floats, weeks: int) -> NewItems:
    """Prior from the nearest analogues or the predecessor, sharpened by the node's own weeks, if under 13 of them.

    `nodes`: item_id, location_id, category, brand, size, cluster, unit_price, has_money, successor_item_id, and
    launch_week and handover_week (null = before the history), in the order of `weekly` [N, W] (ordinary demand up to
    last week, NaN = missing). Launch curves are divided out of what was sold and multiplied back by the item's age.
    """
    seen = (~np.isnan(weekly)).sum(axis=1)
    out = NewItems(np.full((seen.size, weeks), np.nan), np.full(seen.size, np.nan))
    new = np.flatnonzero(seen < NEW_WEEKS)
    if new.size == 0:
        return out
    launch = launch_columns(nodes, weekly)
    heirs = succession(nodes, weekly, launch)
    a, b, profile = Analogues.learn(nodes, weekly, launch).priors(new)
    inherits = heirs.level[new] > 0
    a = np.where(inherits, INHERITED_SIZE, a)
    b = np.where(inherits, INHERITED_SIZE / np.where(inherits, heirs.level[new], 1.0), b)
    profile[inherits] = 1.0  # steps into a running demand
    sold, exposure = _evidence(weekly[new], launch[new], profile, np.where(inherits, heirs.from_column[new], 0))
    a, b = gamma_posterior(a, b, sold, exposure)
    age = np.maximum(np.arange(weekly.shape[1], weekly.shape[1] + weeks)[None, :] - launch[new, None], 0)
    ahead = (a / b)[:, None] * at_age(profile, age)
    out.weekly_qty[new] = np.where(_waits(heirs, new, weekly, weeks), _own_mean(weekly[new])[:, None], ahead)
    out.size[new] = a
    return out


def launch_columns(nodes: pl.DataFrame, weekly: Floats) -> Ints:
    """Column of `weekly` in which each node was launched, negative before the history, beyond it in the future.

    Without a known launch it is the first week that was seen, tonight's where none was.
    """
    there = ~np.isnan(weekly)
    width = weekly.shape[1]
    first = np.where(there.any(axis=1), np.argmax(there, axis=1) if width else 0, width)
    known = nodes["launch_week"].cast(pl.Float64).to_numpy()
    return np.where(np.isnan(known), first, np.nan_to_num(known) + width).astype(np.int64)


def at_age(profile: Floats, age: Ints) -> Floats:
    """Launch index by weeks since launch [K, weeks]; beyond the profile its settled last weeks go on."""
    settled = profile[:, -4:].mean(axis=1, keepdims=True)
    last = profile.shape[1] - 1
    inside = np.take_along_axis(profile, np.minimum(age, last), axis=1)
    return np.where(age > last, settled, inside)


def _evidence(weekly: Floats, launch: Ints, profile: Floats, from_column: Ints) -> tuple[Floats, Floats]:
    """Units sold and weeks of exposure at a launch index of 1, of available weeks from a column on."""
    column = np.arange(weekly.shape[1])[None, :]
    speaks = ~np.isnan(weekly) & (column >= from_column[:, None])
    index = at_age(profile, np.maximum(column - launch[:, None], 0))
    return np.where(speaks, np.nan_to_num(weekly), 0.0).sum(axis=1), np.where(speaks, index, 0.0).sum(axis=1)


def _waits(heirs: Succession, new: Ints, weekly: Floats, weeks: int) -> Bools:
    """Weeks in which the predecessor still serves the demand that is to be inherited [K, weeks]."""
    coming = np.arange(weekly.shape[1], weekly.shape[1] + weeks)[None, :]
    return (heirs.level[new] > 0)[:, None] & (coming < heirs.from_column[new, None])


def _own_mean(weekly: Floats) -> Floats:
    there = ~np.isnan(weekly)
    return np.where(there, np.nan_to_num(weekly), 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
