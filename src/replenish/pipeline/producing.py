"""Stations of the plant: what is made when, and for whom."""

from __future__ import annotations

from replenish import steps
from replenish.tables import core, plan
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse


def follow_pegs(house: Warehouse, _: Tonight) -> None:
    """Which customer order or forecast does every supply serve in the end?"""
    plans = (plan.Peg, plan.Requirement, plan.Order, plan.Wish, plan.LeadTime)
    facts = (core.Node, core.Arc, core.BomLine, core.Bucket, core.FirmNeed, core.OpenSupply)
    house.write(plan.FullPeg, steps.follow_pegs(*house.read_all(*plans, *facts)))
