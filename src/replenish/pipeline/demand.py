"""Stations of demand: what would have sold, and what supply is like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from replenish import steps
from replenish.blocks import each_part
from replenish.pipeline.streams import believed, stream
from replenish.steps.judge_overrides import OVERRIDDEN
from replenish.steps.score_exceptions import SCORED_DAYS
from replenish.tables import core, plan
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse


def audit(house: Warehouse, tonight: Tonight) -> None:
    """Which stock records can be believed?"""
    house.write(plan.RecordLaw, steps.learn_counts(house.read(core.CountLine)))
    rest = house.read_all(core.CountLine, plan.RecordLaw, core.Bucket)
    blocks = believed(house, tonight, core.Position, core.Node)
    stream(house, tonight).write((plan.Record,), ([steps.audit(*block, *rest)] for block in blocks))


def season(house: Warehouse, tonight: Tonight) -> None:
    """What does the calendar do to a category?"""
    blocks = believed(house, tonight, core.Node, core.EventBucket)
    house.write(plan.Season, steps.season(blocks, *house.read_all(plan.Record, core.Bucket)))


def unconstrain(house: Warehouse, tonight: Tonight) -> None:
    """What would have sold, had it been there?"""
    blocks = believed(house, tonight, core.Node, core.EventBucket)
    rest = house.read_all(plan.Record, plan.Season, core.Bucket)
    shared = dict(zip(("record", "season", "bucket"), rest, strict=True))
    seen = each_part(steps.seen_sales, _named(blocks), tonight.settings.compute, shared)
    step = partial(steps.unconstrain, seed=tonight.settings.seed, as_of=tonight.as_of)
    found = each_part(step, _named(blocks), tonight.settings.compute, shared | steps.sales_pools(seen))
    stream(house, tonight).write((plan.Demand, plan.EventEffect), found)


def _named(blocks: Iterable[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(("history", "node", "event_bucket"), block, strict=True)) for block in blocks)


def learn_uplift(house: Warehouse, tonight: Tonight) -> None:
    """What do events do to demand, past and to come?"""
    house.write(plan.EventUplift, steps.learn_uplift(house.read(plan.EventEffect)))
    if house.read(plan.EventUplift).is_empty():
        return  # no past event: the demand is as it was
    blocks = stream(house, tonight).read(plan.Demand, core.Node, core.EventBucket, plan.EventUplift)
    bucket = house.read(core.Bucket)
    lifted = ([steps.lift(demand, node, event, uplift, bucket)] for demand, node, event, uplift in blocks)
    stream(house, tonight).write((plan.Demand,), lifted)


def segment(house: Warehouse, tonight: Tonight) -> None:
    """What kind of demand, what value?"""
    blocks = stream(house, tonight).read(plan.Demand, core.Node)
    house.write(plan.Segment, steps.segment(blocks, house.read(core.Bucket)))


def learn_lead_time(house: Warehouse, tonight: Tonight) -> None:
    """When, and whether, does supply arrive?"""
    reads = house.read_all(core.ReceiptLine, core.Arc)
    house.write(plan.LeadTime, steps.learn_lead_time(*reads, as_of=tonight.as_of))


def keep_promises(house: Warehouse, tonight: Tonight) -> None:
    """Did orders of earlier nights do what they promised?"""
    bucket = house.read(core.Bucket)
    blocks = stream(house, tonight).read(core.PreviousPromise, plan.Demand, core.Node)
    kept = ([steps.keep_promises(told, came, node, bucket, tonight.as_of)] for told, came, node in blocks)
    stream(house, tonight).write((plan.KeptPromise,), kept)
    house.write(plan.PromiseScore, steps.score_promises(house.read(plan.KeptPromise)))


def judge_overrides(house: Warehouse, tonight: Tonight) -> None:
    """Were people right to change or reject what earlier nights proposed?"""
    house.write(plan.OverrideValue, plan.OverrideValue.create_empty())
    if house.read(core.AnsweredLine)["outcome"].is_in(OVERRIDDEN).any():  # else the history need not be read
        told: dict[str, Any] = {"as_of": tonight.as_of, "bucket_days": tonight.bucket_days}
        told["bucket"] = house.read(core.Bucket)
        blocks = stream(house, tonight).read(core.AnsweredLine, plan.Demand, core.DemandHistory, core.Node)
        judged = ([steps.judge_overrides(*block, **told)] for block in blocks)
        stream(house, tonight).write((plan.OverrideValue,), judged)


def score_exceptions(house: Warehouse, tonight: Tonight) -> None:
    """Did announced stock-outs happen, and were those that happened announced?"""
    demand = stream(house, tonight).read(plan.Demand, since=-SCORED_DAYS // tonight.bucket_days)
    told = house.read_all(core.PreviousAnnouncement, core.PreviousSteadiness, core.Bucket)
    house.write(plan.ExceptionScore, steps.score_exceptions(demand, *told, as_of=tonight.as_of))
