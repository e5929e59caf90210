"""The line, station by station: read tables, take one step, write its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import polars as pl

from replenish import steps
from replenish.blocks import each_part, over_blocks
from replenish.member_names import fitted_members
from replenish.numerics.simple_mode import COVER_SHARE
from replenish.sections import START_DISPERSION
from replenish.steps.score.buckets import LOOKED_BACK_DAYS
from replenish.steps.score_exceptions import SCORED_DAYS
from replenish.stream import Stream
from replenish.tables import core, plan, proposal
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse

MADE = (plan.Decoupling, core.MakeRate)  # what targets of made items rest on
Station = Callable[[Warehouse, Tonight], None]
_NETWORK = (core.Node, core.Arc, core.BomLine, core.Bucket)


def audit(house: Warehouse, tonight: Tonight) -> None:
    """Which stock records can be believed?"""
    house.write(plan.RecordLaw, steps.learn_counts(house.read(core.CountLine)))
    rest = house.read_all(core.CountLine, plan.RecordLaw, core.Bucket)
    blocks = _stream(house, tonight).read(core.DemandHistory, core.Position, core.Node)
    _stream(house, tonight).write((plan.Record,), ([steps.audit(*block, *rest)] for block in blocks))


def season(house: Warehouse, tonight: Tonight) -> None:
    """What does the calendar do to a category?"""
    blocks = _stream(house, tonight).read(core.DemandHistory, core.Node, core.EventBucket)
    house.write(plan.Season, steps.season(blocks, *house.read_all(plan.Record, core.Bucket)))


def unconstrain(house: Warehouse, tonight: Tonight) -> None:
    """What would have sold, had it been there?"""
    blocks = _stream(house, tonight).read(core.DemandHistory, core.Node, core.EventBucket)
    rest = house.read_all(plan.Record, plan.Season, core.Bucket)
    shared = dict(zip(("record", "season", "bucket"), rest, strict=True))
    seen = each_part(steps.seen_sales, _named(blocks), tonight.settings.compute, shared)
    step = partial(steps.unconstrain, seed=tonight.settings.seed, as_of=tonight.as_of)
    found = each_part(step, _named(blocks), tonight.settings.compute, shared | steps.sales_pools(seen))
    _stream(house, tonight).write((plan.Demand, plan.EventEffect), found)


def _named(blocks: Iterable[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    return (dict(zip(("history", "node", "event_bucket"), block, strict=True)) for block in blocks)


def learn_uplift(house: Warehouse, tonight: Tonight) -> None:
    """What do events do to demand, past and to come?"""
    house.write(plan.EventUplift, steps.learn_uplift(house.read(plan.EventEffect)))
    if house.read(plan.EventUplift).is_empty():
        return  # no past event: the demand is as it was
    blocks = _stream(house, tonight).read(plan.Demand, core.Node, core.EventBucket, plan.EventUplift)
    bucket = house.read(core.Bucket)
    lifted = ([steps.lift(demand, node, event, uplift, bucket)] for demand, node, event, uplift in blocks)
    _stream(house, tonight).write((plan.Demand,), lifted)


def segment(house: Warehouse, tonight: Tonight) -> None:
    """What kind of demand, what value?"""
    blocks = _stream(house, tonight).read(plan.Demand, core.Node)
    house.write(plan.Segment, steps.segment(blocks, house.read(core.Bucket)))


def learn_lead_time(house: Warehouse, tonight: Tonight) -> None:
    """When, and whether, does supply arrive?"""
    reads = house.read_all(core.ReceiptLine, core.Arc)
    house.write(plan.LeadTime, steps.learn_lead_time(*reads, as_of=tonight.as_of))


def keep_promises(house: Warehouse, tonight: Tonight) -> None:
    """Did orders of earlier nights do what they promised?"""
    bucket = house.read(core.Bucket)
    blocks = _stream(house, tonight).read(core.PreviousPromise, plan.Demand, core.Node)
    kept = ([steps.keep_promises(told, came, node, bucket, tonight.as_of)] for told, came, node in blocks)
    _stream(house, tonight).write((plan.KeptPromise,), kept)
    house.write(plan.PromiseScore, steps.score_promises(house.read(plan.KeptPromise)))


def score_exceptions(house: Warehouse, tonight: Tonight) -> None:
    """Did announced stock-outs happen, and were those that happened announced?"""
    demand = _stream(house, tonight).read(plan.Demand, since=-SCORED_DAYS // tonight.bucket_days)
    told = house.read_all(core.PreviousAnnouncement, core.PreviousSteadiness, core.Bucket)
    house.write(plan.ExceptionScore, steps.score_exceptions(demand, *told, as_of=tonight.as_of))


def weeks(house: Warehouse, tonight: Tonight) -> None:
    """What is an ordinary week of every node, and how much of its past can be learned from?"""
    season, bucket = house.read_all(plan.Season, core.Bucket)
    blocks = _stream(house, tonight).read(plan.Demand, core.Node)
    made = ((steps.baseline(d, season, n, bucket), steps.availability(d, season, n, bucket)) for d, n in blocks)
    _stream(house, tonight).write((plan.Baseline, plan.Availability), made)


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
    demand = _stream(house, tonight).read(plan.Demand, since=-LOOKED_BACK_DAYS // tonight.bucket_days)
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


def decouple(house: Warehouse, tonight: Tonight) -> None:
    """Where in production should safety stock lie?"""
    reads = (plan.Forecast, plan.Parameter, plan.LeadTime, core.Node, core.Arc, core.BomLine, core.Bucket)
    house.write(plan.Decoupling, steps.decouple(*house.read_all(*reads)))


def target(house: Warehouse, tonight: Tonight) -> None:
    """Classical answers: safety stock, reorder point, order-up-to, EOQ."""
    demand_side = (plan.Forecast, plan.Parameter, plan.LeadTime, plan.Segment, plan.Calibration)
    frames = house.read_all(*demand_side, core.Node, core.Arc, core.BomLine, core.Bucket, *MADE)
    cover, seed = tonight.settings.order.max_cover_days, tonight.settings.seed
    house.write(plan.Target, steps.target(*frames, max_cover_days=cover, seed=seed))
    house.write(plan.MinMax, steps.min_max(*house.read_all(plan.Target, core.Arc, core.PreviousMinMax)))


def rebalance(house: Warehouse, tonight: Tonight) -> None:
    """Which stock is worth more elsewhere, and moves before anything is ordered?"""
    plans = (plan.Forecast, plan.Parameter, plan.LeadTime, plan.Target, plan.Record)
    facts = (core.OpenSupply, core.OpenDemand, plan.AgedLot, *_NETWORK, core.GraphIssue)
    frames, least = house.read_all(*plans, *facts), tonight.settings.order.min_move_value
    house.write(plan.Rebalance, steps.rebalance(*frames, as_of=tonight.as_of, min_value=least))


def age_stock(house: Warehouse, tonight: Tonight) -> None:
    """How old is the stock on hand?"""
    frames = house.read_all(core.Lot, plan.Record, core.ReceiptLine, core.Node, core.Arc)
    house.write(plan.AgedLot, steps.age_stock(*frames, as_of=tonight.as_of))


def order(house: Warehouse, tonight: Tonight) -> None:
    """What is each further pack worth, and what would we order without limits?"""
    demand_side = (plan.Forecast, plan.Parameter, plan.LeadTime, plan.Target, plan.Rebalance, plan.Record)
    reads = (*demand_side, core.OpenSupply, core.OpenDemand, plan.AgedLot, *_NETWORK, core.Supplier)
    rule = tonight.settings.order.model_dump(include={"windows", "max_cover_days", "lifo_share"})
    rule |= {"path_count": tonight.settings.order.paths, **_dials(house, tonight)}
    wishes = steps.order(*house.read_all(*reads), seed=tonight.settings.seed, **rule)
    house.write_all((plan.Curve, plan.Wish, plan.Requirement), wishes)


def _dials(house: Warehouse, tonight: Tonight) -> dict[str, float]:
    """The one dial of each rule: as the settings say, else as the newest backtest chose, else where one starts."""
    tuned = {rule: float(dial) for rule, dial in house.read(core.Tuned).select("rule", "dial").iter_rows()}
    dispersion = tonight.settings.order.decision_dispersion or tuned.get("curve", START_DISPERSION)
    return {"decision_dispersion": dispersion, "cover_share": tuned.get("simple", COVER_SHARE)}


def allocate(house: Warehouse, tonight: Tonight) -> None:
    """If stock at a source is short, who gets it?"""
    plans = (plan.Curve, plan.Wish, plan.Requirement, plan.Rebalance, plan.Record)
    lines = (core.OpenSupply, core.OpenDemand)
    frames = house.read_all(*plans, *lines, core.Node, core.Arc, core.Bucket)
    shortage = tonight.settings.order.shortage
    house.write(plan.Order, steps.allocate(*frames, as_of=tonight.as_of, shortage=shortage))


def spend(house: Warehouse, tonight: Tonight) -> None:
    """If money, space or trucks are short, which packs are bought?"""
    facts = (core.Arc, core.Item, core.Location, core.Supplier)
    frames = house.read_all(plan.Order, plan.Curve, plan.Wish, *facts)
    order = tonight.settings.order
    spent = steps.spend(*frames, budget=order.budget or None, fill_target=order.fill_target or None)
    house.write_all((plan.Order, plan.Limit, plan.CutLine), spent)


def project(house: Warehouse, tonight: Tonight) -> None:
    """What will stock be, and which supply serves which demand?"""
    plans = (plan.Order, plan.Wish, plan.Requirement, plan.Forecast, plan.Parameter, plan.LeadTime, plan.Target)
    facts = (plan.Rebalance, plan.Record, core.OpenSupply, core.OpenDemand, plan.AgedLot, *_NETWORK)
    share, path_count, seed = tonight.settings.order.lifo_share, tonight.settings.order.paths, tonight.settings.seed
    projections = steps.project(*house.read_all(*plans, *facts), path_count=path_count, seed=seed, lifo_share=share)
    house.write_all((plan.Projection, plan.Peg), projections)


def supplier_review(house: Warehouse, tonight: Tonight) -> None:
    """How often should each supplier be ordered from?"""
    reads = house.read_all(plan.Target, core.Arc, core.Node, core.Supplier, core.CalendarDay)
    cover, days = tonight.settings.order.max_cover_days, tonight.bucket_days
    reviews = steps.supplier_review(*reads, bucket_days=days, max_cover_days=cover)
    house.write_all((plan.SupplierReview, plan.ReviewMultiple), reviews)


def learn_drift(house: Warehouse, tonight: Tonight) -> None:
    """Which master values does the evidence speak against?"""
    reads = (core.ReceiptLine, plan.LeadTime, plan.Target, core.Arc, core.Node, plan.SupplierReview)
    house.write(plan.Drift, steps.learn_drift(*house.read_all(*reads), as_of=tonight.as_of))


def vendor_managed(house: Warehouse, _: Tonight) -> None:
    """What does a vendor-managed location tell its supplier?"""
    reads = (plan.Order, plan.Projection, plan.Record, core.Node, core.Bucket)
    house.write(plan.Vmi, steps.vendor_managed(*house.read_all(*reads)))


def propose(house: Warehouse, tonight: Tonight) -> None:
    """One line a person or an ERP can act on, with its reason."""
    plans = (plan.Order, plan.Wish, plan.Target, plan.Projection, plan.Peg, plan.Forecast, plan.Parameter, plan.Record)
    supply = (plan.LeadTime, core.OpenSupply, core.OpenDemand, plan.AgedLot, core.Node, core.Arc)
    rest = (core.Location, core.Supplier, core.GraphIssue, plan.Segment, core.PreviousProposal, core.PreviousException)
    history = (core.Position, core.ProjectLine, core.DemandOutlier, plan.Drift, plan.Rebalance, core.SourceRank)
    lines = steps.propose(*house.read_all(*plans, *supply, *rest, *history), **tonight.manners)
    house.write_all(proposal.PROPOSAL_TABLES, lines)


def steady(house: Warehouse, tonight: Tonight) -> None:
    """How much did orders change since last night, too much to act on?"""
    facts = (core.PreviousProposal, core.PreviousSteadiness, core.OpenSupply, core.Node, core.Arc, core.Supplier)
    switch = tonight.settings.exceptions.kill_switch
    told: dict[str, Any] = {"run_id": tonight.run_id, "as_of": tonight.as_of, "kill_switch": switch}
    weighed = steps.steady(*house.read_all(proposal.Proposal, *facts), **told)
    house.write_all((proposal.Proposal, proposal.SupplierOrder, plan.Nervousness, plan.Steadiness), weighed)


def _stream(house: Warehouse, tonight: Tonight) -> Stream:
    """Blocks of so many nodes of weeks; a node of days has seven times the rows, so there are fewer in a block."""
    return Stream(house, max(1, tonight.settings.compute.block_nodes * tonight.bucket_days // 7))


STATIONS: dict[str, tuple[Station, ...]] = {
    "demand": (audit, season, unconstrain, learn_uplift, segment, learn_lead_time, keep_promises, score_exceptions),
    "forecast": (weeks, rehearse, score, recalibrate, fit, forecast, hierarchy),
    "order": (decouple, target, age_stock, rebalance, order, allocate, spend, project, vendor_managed),
    "propose": (supplier_review, learn_drift, propose, steady),
}
