"""The station of change: why tonight's lines are not last night's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl

from replenish import steps
from replenish.pipeline.ordering import dials
from replenish.steps.compare import Again, Method, Night, Nights
from replenish.steps.order import Business, size
from replenish.tables import core, plan, proposal
from replenish.tables.rows import fitted
from replenish.tables.table import Table
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse

_ABOUT = (plan.Forecast, plan.Parameter, plan.LeadTime, plan.Target, plan.Rebalance, plan.Record)
_FACTS = (core.OpenSupply, core.OpenDemand, plan.AgedLot, core.Node, core.Arc, core.BomLine, core.Bucket)
ORDER_READS = (*_ABOUT, *_FACTS, core.Supplier, core.MakeRate, core.FirmNeed)
METHOD_READS = (plan.Score, plan.Season, plan.Segment, plan.ErrorLaw, plan.ErrorFactor, plan.Calibration)
HISTORY_READS = (plan.Baseline, plan.Member, plan.Availability, plan.EventUplift, core.EventBucket)

TableOf = Callable[[type[Table]], Any]


def compare(house: Warehouse, tonight: Tonight) -> None:
    """What changed since last night, and because of what?"""
    if tonight.last_night is None:
        return house.write(plan.Change, plan.Change.create_empty())
    lines, order, node = house.read_all(proposal.Proposal, core.PreviousOrder, core.Node)
    again = Again(_reorder(house, tonight), _reforecast(house, tonight), _retarget(house, tonight))
    nights = Nights(_last_night(tonight), _night(house.read))
    damper = tonight.settings.exceptions.model_dump(include={"min_value", "tolerance_share"})
    return house.write(plan.Change, steps.compare(lines, order, node, nights, again, **damper))


def _last_night(tonight: Tonight) -> Night | None:
    """Last night's tables; None where its version had not all of them."""
    try:
        return _night(partial(_recalled, tonight))
    except (ValueError, KeyError):
        return None


def _night(table_of: TableOf) -> Night:
    about = Business(*(table_of(table) for table in ORDER_READS))
    return Night(about, Method(*(table_of(table) for table in METHOD_READS)), table_of(plan.Wish))


def _recalled(tonight: Tonight, table: type[Table]) -> pl.DataFrame:
    """A table of last night with the columns that tonight's version knows, sorted by its key."""
    assert tonight.last_night is not None
    frame = tonight.last_night(table.full_name())
    known = frame.select([name for name in frame.columns if name in table.columns()])
    return fitted(table, known).sort(table.primary_key() or list(table.columns()), nulls_last=True)


def _reorder(house: Warehouse, tonight: Tonight) -> Callable[[Any, int], pl.DataFrame]:
    """Tonight's way to size orders, for any tables."""
    order = tonight.settings.order
    rule = order.model_dump(include={"windows", "max_cover_days", "lifo_share"})
    rule |= {"path_count": order.paths, "seed": tonight.settings.seed, **dials(house, tonight), **tonight.order_rule}
    return lambda about, last_level: size(about, last_level=last_level, **rule)


def _reforecast(house: Warehouse, tonight: Tonight) -> Callable[..., tuple[pl.DataFrame, pl.DataFrame]]:
    """Tonight's history forecast by any method."""
    history, network = house.read_all(*HISTORY_READS), house.read_all(core.Arc, core.Node, core.Bucket)
    week = tonight.settings.forecast.window_weeks
    return partial(steps.forecast_by, history=history, network=network, window_weeks=week)


def _retarget(house: Warehouse, tonight: Tonight) -> Callable[[Business], pl.DataFrame]:
    """Tonight's formulas of levels, for any tables."""
    told = {"max_cover_days": tonight.settings.order.max_cover_days, "seed": tonight.settings.seed}
    return partial(_levels, house.read_all(plan.Segment, plan.Calibration, plan.Decoupling), **told)


def _levels(learned: list[Any], of: Any, **told: Any) -> pl.DataFrame:
    segment, calibration, decoupling = learned
    demand_side = (of.forecast, of.parameter, of.lead_time, segment, calibration)
    return steps.target(*demand_side, of.node, of.arc, of.bom_line, of.bucket, decoupling, of.make_rate, **told)
