"""Levels of nodes that order by them, followed through the ladder: sales that rise raise an order-up-to level."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

import polars as pl

from replenish.numerics.attributed_change import State
from replenish.steps.compare.nights import part_of
from replenish.steps.compare.reach import Group
from replenish.steps.order.decided import Business
from replenish.steps.panel import KEY

Retarget = Callable[[Business], pl.DataFrame]
"""plan.target of the nodes of these tables alone."""

RULED = ("order_up_to", "reorder_point", "min_max")
LEVELS = ("protection_qty", "safety_stock_qty", "reorder_point_qty", "order_up_to_qty", "min_qty", "max_qty")
MOVED_BY = ("dependent_demand", "sales", "forecast_model", "events", "lead_time")
TONIGHT = "tonight"


class Levels:
    """Last night's levels, moved as far as demand and lead times of a state move them; tonight's from policy on.

    A level is last night's plus what the same formulas, on these nodes alone, say now less what they said of last
    night: what depends on others (the wait at a centre, decoupling, calibration) cancels, and its change is policy's.
    """

    def __init__(self, group: Group, last: Business, now: Business, retarget: Retarget) -> None:
        methods = [about.node.filter(pl.col("method").is_in(RULED)).select(KEY) for about in (last, now)]
        ruled = pl.concat(methods).unique().join(group.targets, on=KEY, how="semi").sort(KEY)
        self._ruled, self._retarget = ruled, retarget
        self._nodes = pl.concat([ruled, group.lower])
        self._known: dict[Hashable, pl.DataFrame] = {}
        self._first = pl.DataFrame() if ruled.is_empty() else self._told(last)

    def put(self, state: State, about: Business) -> Business:
        """The tables of a state with the levels that follow."""
        if self._ruled.is_empty() or state["policy"] == TONIGHT:
            return about
        key = tuple(state[name] for name in MOVED_BY)
        if key not in self._known:
            self._known[key] = self._told(about)
        moved = self._known[key].join(self._first, on=KEY, suffix="_first")
        rise = moved.select(*KEY, *((pl.col(name) - pl.col(f"{name}_first")).alias(f"{name}_rise") for name in LEVELS))
        both = about.target.join(rise, on=KEY, how="left", maintain_order="left")
        raised = [(pl.col(name) + pl.col(f"{name}_rise").fill_null(0.0)).alias(name) for name in LEVELS]
        return replace(about, target=both.with_columns(raised).select(about.target.columns))

    def _told(self, about: Business) -> pl.DataFrame:
        told = self._retarget(part_of(about, self._nodes)).select(*KEY, *LEVELS)
        return told.join(self._ruled, on=KEY, how="semi", maintain_order="left")
