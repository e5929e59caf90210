"""Stations of the plant: what can be promised of what will be there."""

from __future__ import annotations

from replenish import steps
from replenish.tables import core, plan
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse


def offer(house: Warehouse, _: Tonight) -> None:
    """What can still be promised of an item, and by when?"""
    plans = (plan.Projection, plan.Requirement, plan.Wish, plan.Order)
    facts = (core.OpenDemand, core.Node, core.Arc, core.Bucket)
    house.write(plan.Atp, steps.offer(*house.read_all(*plans, *facts)))
