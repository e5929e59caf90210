"""How much a node sells in each ordinary week to come: members, their combination, and the exceptions to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.combination import combine, guard, median_of_available
from replenish.numerics.smoothing import TSB_ALPHA, moving_average_levels, tsb_levels
from replenish.steps.forecast.gate import DEAD_WEEKS, NEW_WEEKS, OWN_WEEKS, TSB_WEEKS, is_dead, is_sparse
from replenish.steps.forecast.new_items import launch_columns, new_items
from replenish.steps.forecast.succession import fade
from replenish.steps.panel import KEY, Bools, Floats, panel

MEMBERS = ("ets", "ces", "theta")
NO_ANALOGUE = "no history and nothing alike to learn from"


@dataclass(frozen=True)
class Levels:
    """Ordinary weekly demand to come [N, weeks], NaN where it could not be told, and how it was made."""

    weekly_qty: Floats
    method: list[str]
    own_weight: Floats  # 1 for nodes with a history, 0 for those that live on analogues
    prior_size: Floats  # gamma size of a new item's rate; inf where there is none
    is_clipped: Bools


def future_levels(
    nodes: pl.DataFrame, weekly: Floats, member: pl.DataFrame, average_interval: pl.Series, window: int, weeks: int
) -> Levels:
    """Combine moving average and challenger; new items lean on analogues; dead ones and those never sold get 0."""
    count = (~np.isnan(weekly)).sum(axis=1)
    anchor, challenger, clipped = _members(nodes, weekly, member, average_interval, window, weeks)
    combined = combine(anchor, challenger)
    own = np.clip((count - OWN_WEEKS) / (NEW_WEEKS - OWN_WEEKS), 0.0, 1.0)
    new = new_items(nodes, weekly, weeks)
    own = np.where(np.isnan(new.size), 1.0, own)
    blended = np.where((own >= 1)[:, None], 0.0, (1.0 - own)[:, None] * np.nan_to_num(new.weekly_qty))
    combined = np.where((own < 1)[:, None], own[:, None] * np.nan_to_num(combined) + blended, combined)
    combined = np.minimum(combined, fade(nodes, weekly, launch_columns(nodes, weekly))[:, None])
    dead = is_dead(weekly)
    never = (count >= NEW_WEEKS) & ~(np.nan_to_num(weekly) > 0).any(axis=1)
    combined = np.where((dead | never)[:, None], 0.0, combined)
    challenged = (~np.isnan(challenger)).any(axis=1)
    sparse = is_sparse(average_interval)
    method = np.select(
        [np.isnan(combined).any(axis=1), never, dead, own < 1, challenged & sparse, challenged],
        ["none", "no_demand", "dead", "new_item", "intermittent", "ensemble"],
        default="seasonal_sma",
    )
    size = np.where((own < 1) & ~np.isnan(new.size), new.size, np.inf)
    return Levels(combined, method.tolist(), own, size, clipped)


def _members(
    nodes: pl.DataFrame, weekly: Floats, member: pl.DataFrame, average_interval: pl.Series, window: int, weeks: int
) -> tuple[Floats, Floats, Bools]:
    """Guarded anchor and challenger of every node [N, weeks], and where a guard spoke."""
    count = (~np.isnan(weekly)).sum(axis=1)
    recent = np.nan_to_num(weekly[:, -DEAD_WEEKS:])
    largest = recent.max(axis=1, initial=0.0)[:, None]
    anchor = np.repeat(moving_average_levels(weekly, window)[:, -1:], weeks, axis=1)
    tsb = np.where((count >= TSB_WEEKS)[:, None], tsb_levels(weekly, TSB_ALPHA, TSB_ALPHA)[:, -1:], np.nan)
    fitted = np.stack([_member(nodes, member, name, weeks) for name in MEMBERS])
    kept, negative = guard(fitted, largest)
    # a member that runs wild in any week of the horizon is not believed in the others
    wild = (np.isnan(kept) & ~np.isnan(fitted)).any(axis=2, keepdims=True)
    ensemble = median_of_available(np.where(wild, np.nan, kept))
    sparse = is_sparse(average_interval)[:, None]
    challenger = np.where(sparse, np.repeat(tsb, weeks, axis=1), ensemble)
    spoke = np.logical_or(wild, negative).sum(axis=(0, 2)) > 0
    return anchor, challenger, spoke & ~sparse[:, 0]


def _member(nodes: pl.DataFrame, member: pl.DataFrame, name: str, weeks: int) -> Floats:
    """Forecasts of one member [N, weeks]; the last one stands for weeks beyond what was fitted."""
    rows = member.filter(pl.col("member") == name).sort(*KEY, "week_index")
    cells = panel(rows, nodes, time="week_index", last=weeks - 1)
    grid = np.full((nodes.height, weeks), np.nan)
    if cells.width and cells.row.size:
        grid[:, cells.first : cells.first + cells.width] = cells.grid(rows["member_qty"])
        known = int(rows["week_index"].to_numpy().max()) + 1
        grid[:, known:] = grid[:, known - 1 : known]
    return grid
