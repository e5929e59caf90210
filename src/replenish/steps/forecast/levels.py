"""How much a node sells in each ordinary week to come: members, their combination, and the exceptions to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from replenish.numerics.combination import guard
from replenish.numerics.smoothing import moving_average_levels
from replenish.steps.forecast.cheap import ANCHOR, FITTED, blend, cheap_levels
from replenish.steps.forecast.gate import DEAD_WEEKS, NEW_WEEKS, OWN_WEEKS, is_dead, is_sparse
from replenish.steps.forecast.new_items import launch_columns, new_items
from replenish.steps.forecast.succession import fade
from replenish.steps.panel import KEY, Bools, Floats, panel

NO_ANALOGUE = "no history and nothing alike to learn from"


@dataclass(frozen=True)
class Levels:
    """Ordinary weekly demand to come [N, weeks], NaN where it could not be told, and how it was made."""

    weekly_qty: Floats
    method: list[str]
    members: list[str | None]  # names joined by ` + `; None where nothing of the node's own history is in it
    own_weight: Floats  # 1 for nodes with a history, 0 for those that live on analogues
    prior_size: Floats  # gamma size of a new item's rate; inf where there is none
    is_clipped: Bools


def future_levels(
    nodes: pl.DataFrame, weekly: Floats, member: pl.DataFrame, score: pl.DataFrame, window: int, weeks: int
) -> Levels:
    """Blend the members in use for each kind of demand; new items lean on analogues; dead ones, never sold ones get 0.

    `nodes`: among others demand_class and average_interval in the order of `weekly` [N, W].
    """
    count = (~np.isnan(weekly)).sum(axis=1)
    combined, names, clipped = _members(nodes, weekly, member, score, window, weeks)
    own = np.clip((count - OWN_WEEKS) / (NEW_WEEKS - OWN_WEEKS), 0.0, 1.0)
    new = new_items(nodes, weekly, weeks)
    own = np.where(np.isnan(new.size), 1.0, own)
    blended = np.where((own >= 1)[:, None], 0.0, (1.0 - own)[:, None] * np.nan_to_num(new.weekly_qty))
    combined = np.where((own < 1)[:, None], own[:, None] * np.nan_to_num(combined) + blended, combined)
    combined = np.minimum(combined, fade(nodes, weekly, launch_columns(nodes, weekly))[:, None])
    dead = is_dead(weekly)
    never = (count >= NEW_WEEKS) & ~(np.nan_to_num(weekly) > 0).any(axis=1)
    combined = np.where((dead | never)[:, None], 0.0, combined)
    sparse = is_sparse(nodes["average_interval"])
    challenged = np.array([text not in (None, ANCHOR) for text in names], dtype=bool)
    silent = np.isnan(combined).any(axis=1) | never | dead | (own <= 0)
    method = np.select(
        [np.isnan(combined).any(axis=1), never, dead, own < 1, challenged & sparse, challenged],
        ["none", "no_demand", "dead", "new_item", "intermittent", "ensemble"],
        default="seasonal_sma",
    )
    size = np.where((own < 1) & ~np.isnan(new.size), new.size, np.inf)
    names = [None if none else text for none, text in zip(silent, names, strict=True)]
    return Levels(combined, method.tolist(), names, own, size, clipped)


def _members(
    nodes: pl.DataFrame, weekly: Floats, member: pl.DataFrame, score: pl.DataFrame, window: int, weeks: int
) -> tuple[Floats, list[str | None], Bools]:
    """Blend of every node [N, weeks], the names of what is in it, and where a guard spoke."""
    kinds = nodes["demand_class"].fill_null("no_demand").to_numpy()
    used = in_use(score)
    levels = {name: np.repeat(level[:, -1:], weeks, axis=1) for name, level in cheap_levels(weekly, window).items()}
    told, spoke = _fitted(nodes, weekly, member, sorted({name for names in used.values() for name in names}), weeks)
    out = np.repeat(moving_average_levels(weekly, window)[:, -1:], weeks, axis=1)
    names = np.full(nodes.height, None, dtype=object)
    names[~np.isnan(out).any(axis=1)] = ANCHOR
    for kind, chosen in used.items():
        mine = np.flatnonzero(kinds == kind)
        at_hand = {name: level[mine] for name, level in (levels | told).items() if name in chosen}
        blended = blend(at_hand, at_hand) if at_hand else out[mine]
        out[mine] = np.where(np.isnan(blended), out[mine], blended)
        names[mine] = np.where(np.isnan(blended).any(axis=1), names[mine], _joined(at_hand, mine.size))
    return out, names.tolist(), spoke


def _joined(levels: dict[str, Floats], rows: int) -> NDArray[np.object_]:
    """Names of the members that said something in every week, row by row; the moving average's where none did."""
    silent: dict[str, Bools] = {name: np.any(np.isnan(level), axis=1) for name, level in levels.items()}
    said = [" + ".join(name for name in sorted(silent) if not silent[name][row]) or ANCHOR for row in range(rows)]
    return np.array(said, dtype=object)


def in_use(score: pl.DataFrame) -> dict[str, list[str]]:
    """Members in use by kind of demand, as the contest left them."""
    rows = score.filter(pl.col("is_used") & (pl.col("window") == "protection"))
    out: dict[str, list[str]] = {}
    for kind, name in rows.select("demand_class", "member").sort("demand_class", "member").iter_rows():
        out.setdefault(kind, []).append(name)
    return out


def _fitted(
    nodes: pl.DataFrame, weekly: Floats, member: pl.DataFrame, names: list[str], weeks: int
) -> tuple[dict[str, Floats], Bools]:
    """Guarded forecasts of the fitted members [N, weeks], and where a guard spoke."""
    largest = np.nan_to_num(weekly[:, -DEAD_WEEKS:]).max(axis=1, initial=0.0)[:, None]
    spoke, out = np.zeros(nodes.height, dtype=bool), {}
    for name in [one for one in names if one in FITTED]:
        said = _member(nodes, member, name, weeks)
        kept, negative = guard(said, largest)
        # a member that runs wild in any week of the horizon is not believed in the others
        wild: Bools = np.any(np.isnan(kept) & ~np.isnan(said), axis=1)
        out[name] = np.where(wild[:, None], np.nan, kept)
        spoke |= wild | np.any(negative, axis=1)
    return out, spoke


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
