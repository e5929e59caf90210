"""The line, station by station: read tables, take one step, write its tables."""

from __future__ import annotations

from collections.abc import Callable

from replenish.pipeline.comparing import compare
from replenish.pipeline.demand import (
    audit,
    judge_overrides,
    keep_promises,
    learn_lead_time,
    learn_uplift,
    score_exceptions,
    season,
    segment,
    unconstrain,
)
from replenish.pipeline.forecasting import fit, forecast, hierarchy, recalibrate, rehearse, score, weeks
from replenish.pipeline.ordering import (
    age_stock,
    allocate,
    decouple,
    exchange,
    level,
    order,
    project,
    rebalance,
    spend,
    target,
    vendor_managed,
)
from replenish.pipeline.producing import follow_pegs, offer, schedule
from replenish.pipeline.proposing import (
    address,
    learn_drift,
    measure_plant,
    phase_safety,
    propose,
    steady,
    supplier_review,
    tell_delta,
)
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse

Station = Callable[[Warehouse, Tonight], None]

STATIONS: dict[str, tuple[Station, ...]] = {
    "demand": (
        audit,
        season,
        unconstrain,
        learn_uplift,
        segment,
        learn_lead_time,
        keep_promises,
        judge_overrides,
        score_exceptions,
    ),
    "forecast": (weeks, rehearse, score, recalibrate, fit, forecast, hierarchy),
    "order": (decouple, target, age_stock, rebalance, order, allocate, spend, level, project, vendor_managed, exchange),
    "produce": (schedule, follow_pegs, offer),
    "propose": (supplier_review, measure_plant, learn_drift, propose, address, phase_safety, steady, tell_delta),
    "compare": (compare,),
}
