"""The ladder from last night's orders to tonight's: one family of inputs after the other becomes tonight's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from replenish.numerics.attributed_change import State, attributed_change
from replenish.steps.compare.levels import Levels, Retarget
from replenish.steps.compare.nights import (
    PACK_COLUMNS,
    Method,
    Night,
    assembled,
    at_nodes,
    beside,
    is_same,
    lift_of,
    on_tonights_calendar,
    part_of,
    used_arcs,
    with_free_qty,
)
from replenish.steps.compare.reach import Group
from replenish.steps.facts import DOUBT
from replenish.steps.order.decided import Business
from replenish.steps.panel import KEY, Floats
from replenish.tables.plan import CAUSES

Reorder = Callable[[Business, int], pl.DataFrame]
"""Sizes of orders of nodes up to a level: unrounded_qty, qty and what set them."""
Reforecast = Callable[[pl.DataFrame, Method, pl.DataFrame], tuple[pl.DataFrame, pl.DataFrame]]
"""plan.forecast and plan.parameter of these nodes with a method and lead times, on tonight's history."""


@dataclass(frozen=True)
class Again:
    """How to run a night's steps again, as tonight's settings say."""

    reorder: Reorder
    reforecast: Reforecast
    retarget: Retarget


RUNGS = CAUSES[: CAUSES.index("limits")]  # what shared limits take and what no run explains is told beside them
LAST, TONIGHT = "last", "tonight"


@dataclass(frozen=True)
class Forecasts:
    """Forecasts and laws of demand on the way from last night's to tonight's."""

    last: tuple[pl.DataFrame, pl.DataFrame]
    sales: tuple[pl.DataFrame, pl.DataFrame]  # tonight's history by last night's method, last night's events
    model: tuple[pl.DataFrame, pl.DataFrame]  # and tonight's method
    events: tuple[pl.DataFrame, pl.DataFrame]  # and tonight's events
    tonight: tuple[pl.DataFrame, pl.DataFrame]  # and the law over tonight's lead time

    def at(self, state: State) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Those of a state: families are replaced in a fixed order, so the last one replaced tells."""
        for name, found in (("lead_time", self.tonight), ("events", self.events), ("forecast_model", self.model)):
            if state[name] == TONIGHT:
                return found
        return self.sales if state["sales"] == TONIGHT else self.last


def parts_of(group: Group, last: Night, tonight: Night, again: Again) -> dict[str, Floats]:
    """Units before packs that each family brought, one entry a target of the group, in the order of its targets.

    Everything below the group is taken from last night to tonight at once: dependent demand. The sizes of last night
    are those it published, so what differs on its own inputs under tonight's calendar is the calendar's: the day that
    went by, a new draw of the sampled paths, and settings or a program that changed.
    """
    now = used_arcs(part_of(tonight.about, group.nodes))
    before_now = on_tonights_calendar(part_of(last.about, group.nodes), now)
    alike = replace(now, forecast=now.forecast.select(before_now.forecast.columns))
    whole = beside(before_now, alike, pl.concat([group.targets, group.lower]))
    above = beside(before_now, alike, group.targets)
    forecasts = _forecasts(above, now, last.method, tonight.method, group, again.reforecast)
    published = at_nodes(group.targets, with_free_qty(last.wish), "free_qty")

    start = assembled(dict.fromkeys(RUNGS, whole) | {"calendar": now}, whole.forecast, whole.parameter)
    levels = Levels(group, start, now, again.retarget)

    def quantity(state: State) -> Floats:
        if state["calendar"] == LAST:
            return published
        about = start
        if group.lower.is_empty() or state["dependent_demand"] == TONIGHT:
            take = {name: now if state[name] == TONIGHT else above for name in RUNGS}
            about = levels.put(state, assembled(take, *forecasts.at(state)))
        return at_nodes(group.targets, with_free_qty(again.reorder(about, group.level)), "free_qty")

    before = dict.fromkeys(RUNGS, LAST)
    after = dict.fromkeys(RUNGS, TONIGHT) | dict.fromkeys(_untouched(above, now, group, forecasts), LAST)
    return attributed_change(before, after, RUNGS, quantity)


def _untouched(above: Business, now: Business, group: Group, forecasts: Forecasts) -> list[str]:
    """Families in which nothing that the group's nodes rest on has changed."""
    pairs = {
        "on_hand": [(_books(above), now.record), (above.lot, now.lot)],
        "data_corrections": [(_corrections(above), _corrections(now))],
        "open_orders": [(above.open_supply, now.open_supply), (_needs(above), _needs(now))],
        "moves": [(above.rebalance, now.rebalance)],
        "sales": [(above.open_demand, now.open_demand), *_pairs(forecasts.last, forecasts.sales)],
        "forecast_model": _pairs(forecasts.sales, forecasts.model),
        "events": _pairs(forecasts.model, forecasts.events),
        "lead_time": [(above.lead_time, now.lead_time), *_pairs(forecasts.events, forecasts.tonight)],
        "rounding": [(above.arc.select(*KEY, *PACK_COLUMNS), now.arc)],
    }
    same = [name for name, tables in pairs.items() if all(is_same(*pair) for pair in tables)]
    return same if group.lower.height else ["dependent_demand", *same]


def _books(about: Business) -> pl.DataFrame:
    return about.record.drop("record_adjustment_qty", "ghost_probability")


def _corrections(about: Business) -> pl.DataFrame:
    """What is corrected, and doubts as far as an order heeds them."""
    doubt = pl.when(pl.col("ghost_probability") >= DOUBT).then("ghost_probability").otherwise(0.0)
    return about.record.select(*KEY, "record_adjustment_qty", ghost_probability=doubt)


def _needs(about: Business) -> pl.DataFrame:
    return pl.DataFrame() if about.firm_need is None else about.firm_need


def _pairs(
    first: tuple[pl.DataFrame, pl.DataFrame], second: tuple[pl.DataFrame, pl.DataFrame]
) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
    return list(zip(first, second, strict=True))


def _forecasts(
    above: Business, now: Business, before: Method, method: Method, group: Group, reforecast: Reforecast
) -> Forecasts:
    """Tonight's history is forecast again by last night's method, and by tonight's, both over last night's lead times.

    Their ratio, bucket by bucket, takes tonight's published forecast back to last night's method: what both runs leave
    out (analogues among all nodes, reconciliation) cancels. Members run tonight are used in both: fits that were
    renewed tonight count as sales.
    """
    own = group.targets.join(now.parameter, on=KEY, how="semi", maintain_order="left")
    names = now.forecast.columns
    if own.is_empty():
        found = (now.forecast, now.parameter)
        return Forecasts((above.forecast, above.parameter), found, found, found, found)
    by_last, laws_then = reforecast(own, before, above.lead_time)
    by_tonight, laws_now = reforecast(own, method, above.lead_time)
    model = _lifted(now.forecast, above.forecast)
    sales = _scaled(model, by_last, by_tonight)
    return Forecasts(
        last=(above.forecast, above.parameter),
        sales=(_spread(sales, by_last).select(names), _laws(now.parameter, laws_then)),
        model=(_spread(model, by_tonight).select(names), _laws(now.parameter, laws_now)),
        events=(now.forecast, _laws(now.parameter, laws_now)),
        tonight=(now.forecast, now.parameter),
    )


def _lifted(forecast: pl.DataFrame, last: pl.DataFrame) -> pl.DataFrame:
    """Tonight's forecast with the events that last night knew; as it is where last night had none of the node."""
    place = [*KEY, "bucket_index"]
    both = forecast.join(lift_of(last), on=place, how="left", maintain_order="left")
    both = both.join(lift_of(forecast).rename({"lift_rate": "own_rate"}), on=place, how="left", maintain_order="left")
    same = ((pl.col("lift_rate") - pl.col("own_rate")).abs() < 1e-9).fill_null(value=True)
    lifted = pl.when(same).then("forecast_qty").otherwise(pl.col("baseline_qty") * pl.col("lift_rate"))
    return both.with_columns(forecast_qty=lifted).drop("lift_rate", "own_rate")


def _scaled(forecast: pl.DataFrame, over: pl.DataFrame, under: pl.DataFrame) -> pl.DataFrame:
    """A forecast times the ratio of two others' baselines; as it is where they say nothing or the same."""
    place = [*KEY, "bucket_index"]
    both = over.select(*place, over="baseline_qty").join(
        under.select(*place, under="baseline_qty"), on=place, how="inner"
    )
    ratio = pl.when((pl.col("under") > 0) & (pl.col("over") != pl.col("under"))).then(pl.col("over") / pl.col("under"))
    joined = forecast.join(both.select(*place, ratio=ratio), on=place, how="left", maintain_order="left")
    return joined.with_columns(pl.col("forecast_qty", "baseline_qty") * pl.col("ratio").fill_null(1.0)).drop("ratio")


def _spread(forecast: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """A forecast with the variances of another where that has the node."""
    place = [*KEY, "bucket_index"]
    told = other.select(*place, other_qty2="variance_qty2")
    both = forecast.join(told, on=place, how="left", maintain_order="left")
    return both.with_columns(variance_qty2=pl.coalesce("other_qty2", "variance_qty2")).drop("other_qty2")


def _laws(parameter: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Laws of demand as a re-run says; new items, which lean on all others, keep tonight's."""
    names = ["family", "phi", "kappa", "rho"]
    told = other.select(*KEY, *(pl.col(name).alias(f"{name}_other") for name in names))
    both = parameter.join(told, on=KEY, how="left", maintain_order="left")
    keeps = (pl.col("method") == "new_item") | pl.col("phi_other").is_null()
    taken = [pl.when(keeps).then(name).otherwise(f"{name}_other").alias(name) for name in names]
    return both.with_columns(taken).select(parameter.columns)


def zeros(count: int) -> dict[str, Floats]:
    """No part of any family."""
    return {name: np.zeros(count) for name in RUNGS}
