"""The line, one verb a file: typed tables in, typed tables out; no files, no clock, no settings object."""

from __future__ import annotations

from replenish.steps.address import address
from replenish.steps.age_stock import age_stock
from replenish.steps.allocate import allocate
from replenish.steps.audit import audit
from replenish.steps.availability import availability
from replenish.steps.believed import believed
from replenish.steps.compare import compare
from replenish.steps.decouple import decouple
from replenish.steps.exchange import exchange
from replenish.steps.follow_pegs import follow_pegs
from replenish.steps.forecast import (
    baseline,
    fit_global,
    fit_members,
    forecast,
    forecast_by,
    reconcile,
    rehearse,
    rehearse_global,
    rehearsed_nodes,
    told_members,
)
from replenish.steps.hierarchy import hierarchy
from replenish.steps.judge_overrides import judge_overrides
from replenish.steps.keep_promises import keep_promises
from replenish.steps.learn_counts import learn_counts
from replenish.steps.learn_drift import learn_drift
from replenish.steps.learn_lead_time import learn_lead_time
from replenish.steps.learn_uplift import learn_uplift
from replenish.steps.level import level
from replenish.steps.lift import lift
from replenish.steps.measure_plant import measure_plant
from replenish.steps.min_max import min_max
from replenish.steps.offer import offer
from replenish.steps.order import order
from replenish.steps.phase_safety import phase_safety
from replenish.steps.project import project
from replenish.steps.propose import propose
from replenish.steps.rebalance import rebalance
from replenish.steps.recalibrate import recalibrate
from replenish.steps.schedule import schedule
from replenish.steps.score import score
from replenish.steps.score_exceptions import score_exceptions
from replenish.steps.score_promises import score_promises
from replenish.steps.season import season
from replenish.steps.segment import segment
from replenish.steps.spend import spend
from replenish.steps.steady import steady
from replenish.steps.supplier_review import supplier_review
from replenish.steps.target import target
from replenish.steps.tell_delta import tell_delta
from replenish.steps.unconstrain import sales_pools, seen_sales, unconstrain
from replenish.steps.vendor_managed import vendor_managed

__all__ = [
    "address",
    "age_stock",
    "allocate",
    "audit",
    "availability",
    "baseline",
    "believed",
    "compare",
    "decouple",
    "exchange",
    "fit_global",
    "fit_members",
    "follow_pegs",
    "forecast",
    "forecast_by",
    "hierarchy",
    "judge_overrides",
    "keep_promises",
    "learn_counts",
    "learn_drift",
    "learn_lead_time",
    "learn_uplift",
    "level",
    "lift",
    "measure_plant",
    "min_max",
    "offer",
    "order",
    "phase_safety",
    "project",
    "propose",
    "rebalance",
    "recalibrate",
    "reconcile",
    "rehearse",
    "rehearse_global",
    "rehearsed_nodes",
    "sales_pools",
    "schedule",
    "score",
    "score_exceptions",
    "score_promises",
    "season",
    "seen_sales",
    "segment",
    "spend",
    "steady",
    "supplier_review",
    "target",
    "tell_delta",
    "told_members",
    "unconstrain",
    "vendor_managed",
]
