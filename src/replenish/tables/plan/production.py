"""Plan tables of the plant: what is made when, with which hours, for whom."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table

JOB_KINDS = ("open_order", "proposal", "planned")
ROOT_KINDS = ("sales_order", "forecast", "safety_stock", "surplus")


class PlannedMake(Table):
    """Production that the order step plans to start, bucket by bucket (step order)."""

    item_id = c.key("item made")
    location_id = c.key("location supplied")
    bucket_index = c.index_key("bucket of the start")
    source_id = c.text("plant", required=True)
    qty = c.qty("good units, mean over the sampled paths", least=0.0)
    tonight_qty = c.qty("of these, tonight's order: in the bucket it is placed in, 0 in others", least=0.0)


class Load(Table):
    """Hours each work centre has and needs, bucket by bucket (step level)."""

    work_center_id = c.key("work centre")
    bucket_index = c.index_key("open bucket")
    location_id = c.text("plant", required=True)
    capacity_hours = c.hours("open hours of all machines", required=True)
    overtime_limit_hours = c.hours("overtime possible", required=True)
    planned_hours = c.hours("run and set-up hours of the plan before levelling", required=True)
    levelled_hours = c.hours("the same after levelling", required=True)
    overtime_hours = c.hours("overtime that levelling uses", required=True)
    overload_hours = c.hours("hours of the plan before levelling beyond capacity", required=True)
    hour_value = c.money("what one more hour of capacity here would save", required=True, least=0.0)
    is_stopped = c.yes("the emergency stop ended the search for the least cost: the plan holds, but may be dear")


class LevelledMake(Table):
    """What the plant makes with the hours it has, bucket by bucket (step level)."""

    item_id = c.key("item made")
    location_id = c.key("location supplied")
    bucket_index = c.index_key("bucket of the start")
    planned_qty = c.qty("good units planned without limits", least=0.0)
    qty = c.qty("good units with the hours there are", least=0.0)
    early_qty = c.qty("good units at the end of the bucket made before they were planned", least=0.0)
    late_qty = c.qty("good units at the end of the bucket planned and not yet made", least=0.0)


class Relaxation(Table):
    """The fewest limits to relax so that the plan fits into the plant, and their price (step level).

    With the set-ups of the levelled plan. What is made early relaxes nothing; being behind at the close of a bucket is
    a limit of its own, kind due. A plant that must relax very many is told the hours with which all is in time.
    """

    kind = c.word_key("limit", "capacity", "overtime", "due")
    work_center_id = c.key("work centre; for due the item")
    bucket_index = c.index_key("bucket; for due the one at whose close the item is behind")
    location_id = c.text("plant", required=True)
    hours = c.hours("by how much; for due the hours of work that are behind", required=True)
    cost = c.money("what relaxing it costs", required=True, least=0.0)
    value = c.money("what it saves", required=True, least=0.0)


class JobOrder(Table):
    """Production orders of the near horizon with their dates and reasons (step schedule)."""

    job_id = c.key("order and line of an open order, else kind, item, location and number")
    kind = c.word("where it comes from", *JOB_KINDS)
    order_id = c.text("open order")
    line_id = c.text("its line")
    item_id = c.text("item made", required=True)
    location_id = c.text("location supplied", required=True)
    source_id = c.text("plant", required=True)
    qty = c.qty("good units", least=0.0)
    start_qty = c.qty("units started at the first operation", least=0.0)
    material_date = c.day("first day on which all components are there")
    short_item_id = c.text("component that is there last; empty where all are there tonight")
    due_date = c.day("day by which it is needed", required=True)
    weight = c.money("what a unit of it late costs a day", required=True, least=0.0)
    start_at = c.moment("first operation begins", required=True)
    finish_at = c.moment("last operation ends", required=True)
    tardy_days = c.days("days the finish is after the end of the due day; 0 in time", required=True)
    load_hours = c.hours("run and set-up hours of all its operations", required=True)
    bottleneck_id = c.text("work centre its operations wait longest for")
    is_frozen = c.yes("kept where last night put it")
    method = c.word("how it was placed", "lead_time", "dispatch", "repair", "cp_sat", "frozen")
    search = c.word(
        "how the search ended: nothing better exists, or its work limit or its emergency stop came first",
        *("proven", "work_limit", "time_limit"),
    )


class Job(Table):
    """Operations of these orders, each with its machine and hours (step schedule)."""

    job_id = c.key("production order")
    operation_seq = c.index_key("operation")
    step_seq = c.whole("place in the routing; an alternate has that of its group")
    work_center_id = c.text("work centre", required=True)
    machine = c.whole("machine of the work centre, from 1")
    setup_family = c.text("family it is set up for")
    setup_hours = c.hours("hours to set up, after what ran there before", required=True)
    run_hours = c.hours("hours at work", required=True)
    start_at = c.moment("set-up begins", required=True)
    end_at = c.moment("work ends", required=True)
    is_frozen = c.yes("kept where last night put it")
    is_forced_split = c.yes("closed time interrupts it against its routing: no shift is long enough")


class Atp(Table):
    """What can still be promised of an item, bucket by bucket (step offer)."""

    item_id = c.key("item")
    location_id = c.key("location")
    bucket_index = c.index_key("open bucket")
    bucket_start = c.day("first day", required=True)
    bucket_end = c.day("last day: what is promised for it is there by then", required=True)
    uom = c.text("unit of all quantities", required=True)
    supply_qty = c.qty("stock (in the first bucket), open orders and planned orders that arrive in it", least=0.0)
    order_qty = c.qty("customer orders and firm needs of the bucket", least=0.0)
    expired_qty = c.qty("stock that will pass its date unsold; not promised", least=0.0)
    atp_qty = c.qty("available to promise of this bucket's supply", least=0.0)
    cumulative_atp_qty = c.qty("the sum up to here: the most one new order may ask for by then", least=0.0)
    sure_qty = c.qty("the most that can be promised by then and kept with the promised probability", least=0.0)
    promise_probability = c.share("that probability", required=True)


class FullPeg(Table):
    """Which customer order or forecast each supply serves in the end, through all levels (step follow_pegs)."""

    item_id = c.key("item supplied")
    location_id = c.key("where")
    peg_index = c.index_key("number within the node")
    supply_kind = c.word("what serves", "stock", "open_order", "proposal", "planned", "move")
    supply_id = c.text("order and line of an open order")
    supply_date = c.day("when it is there", required=True)
    root_kind = c.word("what is served; surplus is ordered ahead of any demand in the horizon", *ROOT_KINDS)
    root_id = c.text("order and line of a customer order")
    root_item_id = c.text("item the customer wants", required=True)
    root_location_id = c.text("where", required=True)
    root_date = c.day("when it is wanted", required=True)
    qty = c.qty("units of the supply", least=0.0)
    root_qty = c.qty("units of the customer's item they become", least=0.0)
    way_days = c.days("lead times on the way, from the supply to the customer", required=True)
    is_late = c.yes("the lead times on the way are too long for the day it is wanted")


class PlantFigure(Table):
    """Shop-floor figures of a work centre, in all and week by week (step measure_plant)."""

    work_center_id = c.key("work centre")
    span = c.word_key("one week, or all weeks together", "week", "total")
    week_start = c.day_key("first day of the span; weeks end on the weekday of as-of")
    planned_hours = c.hours("hours planned", required=True)
    run_hours = c.hours("hours run", required=True)
    down_hours = c.hours("hours stopped", required=True)
    good_qty = c.qty("good units", least=0.0)
    scrap_qty = c.qty("scrapped units", least=0.0)
    availability_rate = c.rate("run over planned hours", least=0.0)
    performance_rate = c.rate("hours that the output would take at the ideal rate, over hours run", least=0.0)
    is_ideal_low = c.yes("performance above 1: the ideal rate is too low")
    quality_rate = c.share("good share of the output, weighed by its ideal hours")
    oee_rate = c.rate("overall equipment effectiveness: the three together", least=0.0)
    cycle_hours = c.hours("hours run for one good unit")
    throughput_qty = c.qty("good units a day on which it ran", required=False, least=0.0)
    adherence_share = c.share("share of production orders due in it that were finished by then")
