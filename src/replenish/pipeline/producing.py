"""Stations of production: when it runs, what can be promised, for whom."""

from __future__ import annotations

from replenish import steps
from replenish.tables import core, plan
from replenish.tonight import Tonight
from replenish.warehouse import Warehouse

PLANT = (core.Operation, core.WorkCenter, core.WorkDay, core.SetupChange)
SEARCH = {"schedule_days", "release_fence_days", "day_start", "work_limit", "time_limit_seconds"}


def schedule(house: Warehouse, tonight: Tonight) -> None:
    """Does the plant have the hours, and when does each job run?"""
    plans = (plan.Order, plan.PlannedMake, plan.LevelledMake, plan.Peg)
    known = (core.OpenSupply, core.PreviousJob, core.PlantLog)
    facts = (core.Node, core.Arc, core.BomLine, core.Bucket)
    told = tonight.settings.production.model_dump(include=SEARCH) | {"seed": tonight.settings.seed}
    house.write_all((plan.JobOrder, plan.Job), steps.schedule(*house.read_all(*plans, *known, *PLANT, *facts), **told))


def follow_pegs(house: Warehouse, _: Tonight) -> None:
    """Which customer order or forecast does every supply serve in the end?"""
    plans = (plan.Peg, plan.Requirement, plan.Order, plan.Wish, plan.LeadTime)
    facts = (core.Node, core.Arc, core.BomLine, core.Bucket, core.FirmNeed, core.OpenSupply)
    house.write(plan.FullPeg, steps.follow_pegs(*house.read_all(*plans, *facts)))


def offer(house: Warehouse, _: Tonight) -> None:
    """What can still be promised of an item, and by when?"""
    plans = (plan.Projection, plan.Requirement, plan.Wish, plan.Order)
    facts = (core.OpenDemand, core.FirmNeed, core.Node, core.Arc, core.Bucket)
    house.write(plan.Atp, steps.offer(*house.read_all(*plans, *facts)))
