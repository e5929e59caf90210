"""Stations of the proposal: what a person or an ERP can act on."""

from __future__ import annotations

from typing import Any

from replenish import steps
from replenish.tables import core, plan, proposal
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse


def supplier_review(house: Warehouse, tonight: Tonight) -> None:
    """How often should each supplier be ordered from?"""
    reads = house.read_all(plan.Target, core.Arc, core.Node, core.Supplier, core.CalendarDay)
    cover, days = tonight.settings.order.max_cover_days, tonight.bucket_days
    reviews = steps.supplier_review(*reads, bucket_days=days, max_cover_days=cover)
    house.write_all((plan.SupplierReview, plan.ReviewMultiple), reviews)


def measure_plant(house: Warehouse, tonight: Tonight) -> None:
    """How well do the work centres work, and do they keep their dates?"""
    reads = (core.PlantLog, core.ProductionOrder, core.Operation)
    house.write(plan.PlantFigure, steps.measure_plant(*house.read_all(*reads), as_of=tonight.as_of))


def learn_drift(house: Warehouse, tonight: Tonight) -> None:
    """Which master values does the evidence speak against?"""
    reads = (core.ReceiptLine, plan.LeadTime, plan.Target, core.Arc, core.Node, plan.SupplierReview)
    plant = (core.PlantLog, core.WorkCenter, core.Item)
    house.write(plan.Drift, steps.learn_drift(*house.read_all(*reads, *plant), as_of=tonight.as_of))


def propose(house: Warehouse, tonight: Tonight) -> None:
    """One line a person or an ERP can act on, with its reason."""
    plans = (plan.Order, plan.Wish, plan.Target, plan.Projection, plan.Peg, plan.Forecast, plan.Parameter, plan.Record)
    supply = (plan.LeadTime, core.OpenSupply, core.OpenDemand, plan.AgedLot, core.Node, core.Arc)
    rest = (core.Location, core.Supplier, core.GraphIssue, plan.Segment, core.PreviousProposal, core.PreviousException)
    history = (core.Position, core.ProjectLine, core.DemandOutlier, plan.Drift, plan.Rebalance, core.SourceRank)
    plant = (plan.FullPeg, plan.JobOrder, plan.Load, plan.LevelledMake, core.WorkCenter, core.DataDoubt)
    lines = steps.propose(*house.read_all(*plans, *supply, *rest, *history, *plant), **tonight.manners)
    house.write_all(proposal.PROPOSAL_TABLES, lines)


def address(house: Warehouse, tonight: Tonight) -> None:
    """How does each ERP call the things a proposal speaks of? What has no key there waits."""
    reads = (proposal.Proposal, proposal.Exception, core.ErpKey, core.OpenSupply, core.PreviousProposal)
    told = tonight.erp_terms | {"run_id": tonight.run_id, "as_of": tonight.as_of}
    made = steps.address(*house.read_all(*reads, core.PreviousException), **told)
    house.write_all((proposal.Proposal, proposal.Exception, plan.ErpLine), made)


def phase_safety(house: Warehouse, tonight: Tonight) -> None:
    """What safety stock will be wanted on later days?"""
    reads, dialects = (plan.Target, plan.Projection, core.Bucket), tonight.settings.publish.dialects
    house.write(plan.SafetyPhase, steps.phase_safety(*house.read_all(*reads), dialects=dialects))


def steady(house: Warehouse, tonight: Tonight) -> None:
    """How much did orders change since last night, too much to act on?"""
    facts = (core.PreviousProposal, core.PreviousSteadiness, core.OpenSupply, core.Node, core.Arc, core.Supplier)
    switch = tonight.settings.exceptions.kill_switch
    told: dict[str, Any] = {"run_id": tonight.run_id, "as_of": tonight.as_of, "kill_switch": switch}
    weighed = steps.steady(*house.read_all(proposal.Proposal, *facts), **told)
    house.write_all((proposal.Proposal, proposal.SupplierOrder, plan.Nervousness, plan.Steadiness), weighed)


def tell_delta(house: Warehouse, tonight: Tonight) -> None:
    """What must an ERP do to the last acknowledged run's lines to hold tonight's?"""
    lines, acknowledged = house.read_all(proposal.Proposal, core.AcknowledgedProposal)
    house.write(plan.Delta, steps.tell_delta(lines, acknowledged, tonight.run_id))
