"""The line, station by station: read tables, take one step, write its tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from replenish import steps
from replenish.blocks import over_blocks
from replenish.settings import Settings
from replenish.tables import core, plan, proposal
from replenish.warehouse import Warehouse


@dataclass(frozen=True)
class Tonight:
    """The plain facts of a night: everything a station is told beside its tables."""

    run_id: str
    as_of: date
    bucket_days: int
    settings: Settings
    previous_run_id: str | None = None
    input_hash: str = ""
    last_known_date: date | None = None


Station = Callable[[Warehouse, Tonight], None]


def audit(house: Warehouse, tonight: Tonight) -> None:
    """Which stock records can be believed?"""
    house.write(plan.Record, steps.audit(*house.read_all(core.DemandHistory, core.Position, core.CountLine)))


def season(house: Warehouse, tonight: Tonight) -> None:
    """What does the calendar do to a category?"""
    house.write(plan.Season, steps.season(*house.read_all(core.DemandHistory, core.Node, core.Bucket)))


def unconstrain(house: Warehouse, tonight: Tonight) -> None:
    """What would have sold, had it been there?"""
    reads = (core.DemandHistory, core.Node, plan.Record, plan.Season, core.EventBucket, core.Bucket)
    demand = steps.unconstrain(*house.read_all(*reads), seed=tonight.settings.seed, as_of=tonight.as_of)
    house.write(plan.Demand, demand)


def segment(house: Warehouse, tonight: Tonight) -> None:
    """What kind of demand, what value?"""
    house.write(plan.Segment, steps.segment(*house.read_all(plan.Demand, core.Node, core.Bucket)))


def learn_lead_time(house: Warehouse, tonight: Tonight) -> None:
    """When, and whether, does supply arrive?"""
    reads = house.read_all(core.ReceiptLine, core.Arc)
    house.write(plan.LeadTime, steps.learn_lead_time(*reads, as_of=tonight.as_of))


def score(house: Warehouse, tonight: Tonight) -> None:
    """Which members have earned their place, and how large are errors of the sum?"""
    house.write(plan.Baseline, steps.baseline(*house.read_all(plan.Demand, plan.Season, core.Node, core.Bucket)))
    reads = (plan.Demand, plan.Baseline, plan.Season, plan.Segment, plan.LeadTime, core.Arc, core.Node, core.Bucket)
    scores = steps.score(*house.read_all(*reads), window_weeks=tonight.settings.forecast.window_weeks)
    house.write_all((plan.Score, plan.ErrorLaw, plan.ErrorFactor), scores)


def fit(house: Warehouse, tonight: Tonight) -> None:
    """What do the heavy members say? Block by block of nodes, over the cores."""
    frames = dict(zip(("baseline", "segment"), house.read_all(plan.Baseline, plan.Segment), strict=True))
    compute, settings = tonight.settings.compute, tonight.settings
    step = partial(steps.fit_members, horizon_weeks=settings.calendar.horizon_weeks)
    light = settings.forecast.members == "light"
    found = plan.Member.create_empty() if light else over_blocks(step, frames, compute.workers, compute.block_nodes)
    house.write(plan.Member, found)


def forecast(house: Warehouse, tonight: Tonight) -> None:
    """How much, bucket by bucket, how sure?"""
    demand_side = (plan.Demand, plan.Baseline, plan.Member, plan.Season, plan.Segment, plan.ErrorLaw, plan.ErrorFactor)
    reads = (*demand_side, plan.LeadTime, core.Arc, core.EventBucket, core.Node, core.Bucket)
    forecasts = steps.forecast(*house.read_all(*reads), window_weeks=tonight.settings.forecast.window_weeks)
    house.write_all((plan.Forecast, plan.Parameter), forecasts)


def target(house: Warehouse, tonight: Tonight) -> None:
    """Classical answers: safety stock, reorder point, order-up-to, EOQ."""
    demand_side = (plan.Forecast, plan.Parameter, plan.LeadTime, plan.Segment)
    frames = house.read_all(*demand_side, core.Node, core.Arc, core.BomLine, core.Bucket)
    house.write(plan.Target, steps.target(*frames, max_cover_days=tonight.settings.order.max_cover_days))


def order(house: Warehouse, tonight: Tonight) -> None:
    """What is each further pack worth, and what would we order without limits?"""
    demand_side = (plan.Forecast, plan.Parameter, plan.LeadTime, plan.Target, plan.Record)
    reads = (*demand_side, core.OpenSupply, core.OpenDemand, core.Node, core.Arc, core.BomLine, core.Bucket)
    rule = tonight.settings.order.model_dump(include={"windows", "decision_dispersion", "max_cover_days"})
    path_count, seed = tonight.settings.order.paths, tonight.settings.seed
    wishes = steps.order(*house.read_all(*reads), path_count=path_count, seed=seed, **rule)
    house.write_all((plan.Curve, plan.Wish, plan.Requirement), wishes)


def allocate(house: Warehouse, tonight: Tonight) -> None:
    """If stock at a source is short, who gets it?"""
    plans, lines = (plan.Curve, plan.Wish, plan.Requirement, plan.Record), (core.OpenSupply, core.OpenDemand)
    frames = house.read_all(*plans, *lines, core.Node, core.Arc, core.Bucket)
    house.write(plan.Order, steps.allocate(*frames, as_of=tonight.as_of))


def project(house: Warehouse, tonight: Tonight) -> None:
    """What will stock be, and which supply serves which demand?"""
    plans = (plan.Order, plan.Wish, plan.Requirement, plan.Forecast, plan.Parameter, plan.LeadTime, plan.Target)
    facts = (plan.Record, core.OpenSupply, core.OpenDemand, core.Lot, core.Node, core.Arc, core.BomLine, core.Bucket)
    path_count, seed = tonight.settings.order.paths, tonight.settings.seed
    projections = steps.project(*house.read_all(*plans, *facts), path_count=path_count, seed=seed)
    house.write_all((plan.Projection, plan.Peg), projections)


def propose(house: Warehouse, tonight: Tonight) -> None:
    """One line a person or an ERP can act on, with its reason."""
    plans = (plan.Order, plan.Wish, plan.Target, plan.Projection, plan.Peg, plan.Forecast, plan.Parameter, plan.Record)
    supply = (plan.LeadTime, core.OpenSupply, core.OpenDemand, core.Lot, core.Node, core.Arc, core.Item)
    rest = (core.Location, core.Supplier, core.GraphIssue, plan.Segment, core.PreviousProposal, core.PreviousException)
    history = (core.Position, core.ProjectLine, core.DemandOutlier)
    lines = steps.propose(*house.read_all(*plans, *supply, *rest, *history), **_manners(tonight))
    house.write_all(proposal.PROPOSAL_TABLES, lines)


def _manners(tonight: Tonight) -> dict[str, Any]:
    limits = tonight.settings.exceptions.model_dump()
    night = {"run_id": tonight.run_id, "as_of": tonight.as_of, "bucket_days": tonight.bucket_days}
    business = {"currency": tonight.settings.company.currency}
    return limits | night | business | {"max_cover_days": tonight.settings.order.max_cover_days}


STATIONS: dict[str, tuple[Station, ...]] = {
    "demand": (audit, season, unconstrain, segment, learn_lead_time),
    "forecast": (score, fit, forecast),
    "order": (target, order, allocate, project),
    "propose": (propose,),
}
