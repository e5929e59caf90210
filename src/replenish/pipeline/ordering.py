"""Stations of the decision: what to order, and what stock will then be."""

from __future__ import annotations

from replenish import steps
from replenish.numerics.simple_mode import COVER_SHARE
from replenish.sections import START_DISPERSION
from replenish.tables import core, plan
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse

MADE = (plan.Decoupling, core.MakeRate)  # what targets of made items rest on
_NETWORK = (core.Node, core.Arc, core.BomLine, core.Bucket)


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
    told = house.read_all(plan.Target, core.Node, core.Arc, core.PreviousMinMax)
    house.write(plan.MinMax, steps.min_max(*told))


def rebalance(house: Warehouse, tonight: Tonight) -> None:
    """Which stock is worth more elsewhere, and moves before anything is ordered?"""
    plans = (plan.Forecast, plan.Parameter, plan.LeadTime, plan.Target, plan.Record)
    facts = (core.OpenSupply, core.OpenDemand, plan.AgedLot, *_NETWORK, core.GraphIssue)
    frames, least = house.read_all(*plans, *facts), tonight.settings.order.min_move_value
    need = house.read(core.FirmNeed)
    house.write(plan.Rebalance, steps.rebalance(*frames, as_of=tonight.as_of, min_value=least, firm_need=need))


def age_stock(house: Warehouse, tonight: Tonight) -> None:
    """How old is the stock on hand?"""
    frames = house.read_all(core.Lot, plan.Record, core.ReceiptLine, core.Node, core.Arc)
    house.write(plan.AgedLot, steps.age_stock(*frames, as_of=tonight.as_of))


def order(house: Warehouse, tonight: Tonight) -> None:
    """What is each further pack worth, and what would we order without limits?"""
    demand_side = (plan.Forecast, plan.Parameter, plan.LeadTime, plan.Target, plan.Rebalance, plan.Record)
    reads = (*demand_side, core.OpenSupply, core.OpenDemand, plan.AgedLot, *_NETWORK, core.Supplier, core.MakeRate)
    rule = tonight.settings.order.model_dump(include={"windows", "max_cover_days", "lifo_share"})
    rule |= {"path_count": tonight.settings.order.paths, **dials(house, tonight), **tonight.order_rule}
    frames, need = house.read_all(*reads), house.read(core.FirmNeed)
    wishes = steps.order(*frames, seed=tonight.settings.seed, firm_need=need, **rule)
    house.write_all((plan.Curve, plan.Wish, plan.Requirement, plan.PlannedMake), wishes)


def dials(house: Warehouse, tonight: Tonight) -> dict[str, float]:
    """The one dial of each rule: as the settings say, else as the newest backtest chose, else where one starts."""
    tuned = {rule: float(dial) for rule, dial in house.read(core.Tuned).select("rule", "dial").iter_rows()}
    dispersion = tonight.settings.order.decision_dispersion or tuned.get("curve", START_DISPERSION)
    return {"decision_dispersion": dispersion, "cover_share": tuned.get("simple", COVER_SHARE)}


def allocate(house: Warehouse, tonight: Tonight) -> None:
    """If stock at a source is short, who gets it?"""
    plans = (plan.Curve, plan.Wish, plan.Requirement, plan.Rebalance, plan.Record)
    lines = (core.OpenSupply, core.OpenDemand)
    frames = house.read_all(*plans, *lines, core.Node, core.Arc, core.Bucket)
    shortage, need = tonight.settings.order.shortage, house.read(core.FirmNeed)
    house.write(plan.Order, steps.allocate(*frames, as_of=tonight.as_of, shortage=shortage, firm_need=need))


def spend(house: Warehouse, tonight: Tonight) -> None:
    """If money, space or trucks are short, which packs are bought?"""
    facts = (core.Arc, core.Item, core.Location, core.Supplier)
    frames = house.read_all(plan.Order, plan.Curve, plan.Wish, *facts)
    order = tonight.settings.order
    spent = steps.spend(*frames, budget=order.budget or None, fill_target=order.fill_target or None)
    house.write_all((plan.Order, plan.Limit, plan.CutLine), spent)


def level(house: Warehouse, tonight: Tonight) -> None:
    """Does the plant have the hours, and what is made early, late or in overtime where it has not?"""
    plans = (plan.PlannedMake, plan.Order, plan.Wish, plan.Curve, plan.Limit, plan.Record)
    facts = (core.OpenSupply, core.Node, core.Arc, core.BomLine, core.Bucket)
    plant = (core.Operation, core.WorkCenter, core.WorkDay, core.MakeRate, core.FirmNeed)
    rule = tonight.settings.production.model_dump(include={"backlog_cost_rate", "work_limit", "time_limit_seconds"})
    levelled = steps.level(*house.read_all(*plans, *facts, *plant), **rule)
    house.write_all((plan.Load, plan.LevelledMake, plan.Relaxation, plan.Order), levelled)


def project(house: Warehouse, tonight: Tonight) -> None:
    """What will stock be, and which supply serves which demand?"""
    plans = (plan.Order, plan.Wish, plan.Requirement, plan.Forecast, plan.Parameter, plan.LeadTime, plan.Target)
    facts = (plan.Rebalance, plan.Record, core.OpenSupply, core.OpenDemand, plan.AgedLot, *_NETWORK, core.MakeRate)
    frames, order = house.read_all(*plans, *facts), tonight.settings.order
    rule = order.model_dump(include={"lifo_share", "max_cover_days"}) | tonight.order_rule
    rule |= {"path_count": order.paths, "seed": tonight.settings.seed}
    projections = steps.project(*frames, firm_need=house.read(core.FirmNeed), **rule)
    house.write_all((plan.Projection, plan.Peg), projections)


def vendor_managed(house: Warehouse, _: Tonight) -> None:
    """What does a vendor-managed location tell its supplier?"""
    reads = (plan.Order, plan.Projection, plan.Record, core.Node, core.Bucket)
    house.write(plan.Vmi, steps.vendor_managed(*house.read_all(*reads)))


def exchange(house: Warehouse, _: Tonight) -> None:
    """What would more stock serve, and less?"""
    reads = (plan.Forecast, plan.Parameter, plan.LeadTime, plan.Target, *_NETWORK)
    house.write(plan.ExchangeCurve, steps.exchange(*house.read_all(*reads)))
