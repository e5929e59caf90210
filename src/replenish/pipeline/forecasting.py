"""Stations of the forecast: how much, bucket by bucket, how sure."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from replenish import steps
from replenish.blocks import over_blocks
from replenish.member_names import fitted_members
from replenish.pipeline.streams import stream
from replenish.steps.score.buckets import LOOKED_BACK_DAYS
from replenish.tables import core, plan
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse


def weeks(house: Warehouse, tonight: Tonight) -> None:
    """What is an ordinary week of every node, and how much of its past can be learned from?"""
    season, bucket = house.read_all(plan.Season, core.Bucket)
    blocks = stream(house, tonight).read(plan.Demand, core.Node)
    made = ((steps.baseline(d, season, n, bucket), steps.availability(d, season, n, bucket)) for d, n in blocks)
    stream(house, tonight).write((plan.Baseline, plan.Availability), made)


def rehearse(house: Warehouse, tonight: Tonight) -> None:
    """What did fitted members say on earlier nights? Those never heard are rehearsed on a sample."""
    heard, unheard = house.read(core.PreviousPastMember), _unheard(house, tonight)
    told = [heard, _rehearsed(house, tonight, [one for one in unheard if one != "ml"])]
    if "ml" in unheard:
        told.append(steps.rehearse_global(*house.read_all(plan.Baseline, core.Node, core.Bucket)))
    house.write(plan.PastMember, pl.concat(told).sort(plan.PastMember.primary_key()))


def _rehearsed(house: Warehouse, tonight: Tonight, members: list[str]) -> Any:
    if not members:
        return plan.PastMember.create_empty()
    nodes = steps.rehearsed_nodes(*house.read_all(plan.Baseline, plan.Segment, core.Node))
    sample = house.read(plan.Baseline).join(nodes, on=["item_id", "location_id"], how="semi", maintain_order="left")
    step, shared = partial(steps.rehearse, members=members), {"bucket": house.read(core.Bucket)}
    return over_blocks(step, {"baseline": sample}, tonight.settings.compute, shared)


def _unheard(house: Warehouse, tonight: Tonight) -> list[str]:
    heard = set(house.read(core.PreviousPastMember)["member"])
    return [name for name in fitted_members(tonight.settings.forecast.members) if name not in heard]


def score(house: Warehouse, tonight: Tonight) -> None:
    """Which members have earned their place, and how large are errors of the sum?"""
    past = (plan.Baseline, plan.PastMember, plan.Season, plan.Segment, plan.LeadTime)
    fitted = fitted_members(tonight.settings.forecast.members)
    told: dict[str, Any] = {"seed": tonight.settings.seed, "window_weeks": tonight.settings.forecast.window_weeks}
    reads = house.read_all(*past, core.Arc, core.Node, core.Bucket)
    demand = stream(house, tonight).read(plan.Demand, since=-LOOKED_BACK_DAYS // tonight.bucket_days)
    scores = steps.score(demand, *reads, fitted=fitted, **told)
    house.write_all((plan.Score, plan.ErrorLaw, plan.ErrorFactor, plan.Calibration), scores)


def recalibrate(house: Warehouse, _: Tonight) -> None:
    """Do broken promises ask for a wider law?"""
    mended = steps.recalibrate(*house.read_all(plan.Calibration, plan.KeptPromise))
    house.write_all((plan.Calibration, plan.PromiseLaw), mended)


def fit(house: Warehouse, tonight: Tonight) -> None:
    """What do the heavy members say? Block by block of nodes, over the cores; one model of all nodes on its own."""
    names, told = ("baseline", "segment", "history_check", "previous_fit"), tonight.rotation
    reads = house.read_all(plan.Baseline, plan.Segment, core.HistoryCheck, core.PreviousMemberFit)
    frames = {name: frame if told["members"] else frame.clear() for name, frame in zip(names, reads, strict=True)}
    shared = {"bucket": house.read(core.Bucket)}
    fits = over_blocks(partial(steps.fit_members, **told), frames, tonight.settings.compute, shared)
    house.write_all((plan.Member, plan.MemberFit), steps.told_members(fits, _global(house, tonight)))


def _global(house: Warehouse, tonight: Tonight) -> Any:
    if "ml" not in fitted_members(tonight.settings.forecast.members):
        return plan.Member.create_empty()
    horizon = tonight.settings.calendar.horizon_weeks
    return steps.fit_global(*house.read_all(plan.Baseline, core.Node), horizon_weeks=horizon)


def forecast(house: Warehouse, tonight: Tonight) -> None:
    """How much, bucket by bucket, how sure?"""
    past = (plan.Baseline, plan.Member, plan.Score, plan.Season, plan.Segment, plan.Availability)
    laws = (plan.EventUplift, plan.ErrorLaw, plan.ErrorFactor, plan.Calibration, plan.LeadTime)
    reads = (*past, *laws, core.Arc, core.EventBucket, core.Node, core.Bucket)
    forecasts = steps.forecast(*house.read_all(*reads), window_weeks=tonight.settings.forecast.window_weeks)
    house.write_all((plan.Forecast, plan.Parameter), forecasts)


def hierarchy(house: Warehouse, tonight: Tonight) -> None:
    """What do forecasts add up to, at any level?"""
    if tonight.settings.forecast.hierarchy == "mint":
        reads = (plan.Forecast, plan.Parameter, plan.Baseline, core.Node, core.Bucket)
        house.write(plan.Forecast, steps.reconcile(*house.read_all(*reads)))
    house.write(plan.Total, steps.hierarchy(*house.read_all(plan.Forecast, core.Node, core.Bucket)))
