"""Core tables of the plant: what is done where, in which hours, and what the shop floor wrote down."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table


class Operation(Table):
    """Operations of every routing, alternates included, with the numbers that planning needs."""

    item_id = c.key("item made")
    location_id = c.key("plant")
    operation_seq = c.index_key("place in the routing")
    step_seq = c.whole("first place of its group of alternates; its own place where it has none")
    alternate_rank = c.whole("1 is the operation planned with; others of its group may be used instead")
    work_center_id = c.text("work centre", required=True)
    run_hours_per_unit = c.hours("hours of one machine for one unit started at this operation", required=True)
    setup_hours = c.hours("hours to set up", required=True)
    setup_family = c.text("family that shares a set-up")
    start_qty_per_good = c.rate("units to start here for one good unit at the end of the routing", required=True)
    queue_hours = c.hours("waiting before the operation", required=True)
    is_splittable = c.yes("closed time may interrupt it")


class WorkCenter(Table):
    """Machines with their defaults filled in."""

    work_center_id = c.key("work centre")
    location_id = c.text("plant", required=True)
    machine_count = c.whole("machines that run side by side")
    efficiency_rate = c.rate("real over planned speed", required=True, least=0.0)
    cost_per_hour = c.money("cost of an hour of one machine", required=True, least=0.0)
    overtime_hours = c.hours("overtime possible a bucket, of all machines together", required=True)
    overtime_cost_per_hour = c.money("extra cost of an hour of overtime", required=True, least=0.0)


class WorkDay(Table):
    """Hours each work centre is open, day by day, tonight onwards."""

    work_center_id = c.key("work centre")
    date = c.day_key("day")
    hours = c.hours("hours one machine runs that day; 0 is closed", required=True)


class SetupChange(Table):
    """Hours to change a work centre from one set-up family to another."""

    work_center_id = c.key("work centre")
    from_family = c.key("family before")
    to_family = c.key("family after")
    hours = c.hours("hours of change", required=True)


class ProductionOrder(Table):
    """Production order lines, open and finished, but those called off: how the plant keeps its dates."""

    order_id = c.key("order")
    line_id = c.key("line")
    item_id = c.text("item made", required=True)
    location_id = c.text("location supplied", required=True)
    source_id = c.text("plant", required=True)
    qty = c.qty("good units ordered", least=0.0)
    received_qty = c.qty("units received so far", least=0.0)
    due_date = c.day("day it was due", required=True)
    finish_date = c.day("day of the last receipt; empty while it is open")


class PlantLog(Table):
    """What the shop floor wrote down, beside what the routing says."""

    work_center_id = c.key("work centre")
    date = c.day_key("day")
    order_id = c.text_key("production order; empty where the log names none")
    location_id = c.text("plant")
    item_id = c.text("item made, where the order is of one item")
    planned_hours = c.hours("hours planned; where not written, hours run and stopped", required=True)
    run_hours = c.hours("hours run; where not written, planned less stopped hours", required=True)
    down_hours = c.hours("hours stopped", required=True)
    good_qty = c.qty("good units", least=0.0)
    scrap_qty = c.qty("scrapped units", least=0.0)
    ideal_qty_per_hour = c.rate("units an ideal hour makes; empty where unknown", least=0.0)
    is_ideal_stated = c.yes("the log states that rate; else it is that of the routing")
    routing_hours_per_unit = c.hours("hours of one unit at planned speed, as the routing says")
    setup_hours = c.hours("hours to set up, as the routing says")
    yield_rate = c.share("good share of the operation, as the routing says")
