"""What a run publishes for people and machines to act on: the proposal contract, version 1."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table

CONTRACT_VERSION = 1
ACTIONS = ("NEW", "EXPEDITE", "DEFER", "INCREASE", "DECREASE", "CANCEL", "ON_SCHEDULE")
BEST_ACTIONS = ("order_less", "move", "mark_down")
EXCEPTION_CODES = (
    "RELEASE_PAST_DUE",
    "EXPEDITE",
    "DEFER",
    "CANCEL",
    "INCREASE",
    "DECREASE",
    "SUPPLY_PAST_DUE",
    "DEMAND_PAST_DUE",
    "SHORTAGE",
    "POTENTIAL_STOCKOUT",
    "BELOW_SAFETY_STOCK",
    "EXCESS",
    "DEAD_STOCK",
    "LATE_DEMAND",
    "AT_RISK_LEAD_TIME",
    "AT_RISK_CAPACITY",
    "AT_RISK_SUPPLIER",
    "AT_RISK_MATERIAL",
    "OVERLOAD",
    "EXPIRY_RISK",
    "EXPIRED",
    "NO_SOURCE",
    "NO_BOM",
    "BOM_CYCLE",
    "DATA_INVALID",
    "GHOST_STOCK",
    "LEAD_TIME_DRIFT",
    "PARAMETER_DRIFT",
    "OUTLIER",
)


class Proposal(Table):
    """One line a person or an ERP can act on, with its reason (step propose)."""

    proposal_id = c.key("stable: the same need keeps its id night after night")
    run_id = c.text("run that made this line", required=True)
    action = c.word("what to do", *ACTIONS)
    kind = c.word("kind of order", "purchase", "transfer", "production")
    item_id = c.text("item", required=True)
    location_id = c.text("receiving location", required=True)
    source_id = c.text("supplier, origin location, or making location", required=True)
    qty = c.qty("units after the change; 0 for CANCEL", least=0.0)
    uom = c.text("base unit of the item", required=True)
    order_date = c.day("release", required=True)
    need_date = c.day("when it is needed", required=True)
    receipt_date = c.day("expected in stock", required=True)
    existing_order_id = c.text("order the message is about; empty for NEW")
    existing_line_id = c.text("its line")
    old_qty = c.qty("quantity before the change", required=False, least=0.0)
    old_date = c.day("date before the change")
    unit_cost = c.money("cost of one unit", least=0.0)
    value = c.money("quantity times unit cost; for CANCEL the money freed", least=0.0)
    currency = c.text("currency of all money", required=True)
    priority = c.whole("1 is the most valuable")
    stockout_probability_without = c.share("chance of running out before the next chance, doing nothing", required=True)
    expected_lost_sales_value_without = c.money("money lost by doing nothing", least=0.0)
    reason_code = c.text("word of the reasons", required=True)
    explanation = c.text("one sentence a planner accepts, with the numbers in it", required=True)
    safety_stock_qty = c.qty("safety stock", required=False)
    reorder_point_qty = c.qty("reorder point", required=False)
    order_up_to_qty = c.qty("order-up-to", required=False)
    hold = c.yes("not to be executed")
    hold_cause = c.text("exception code behind the hold, and why")
    expires_at = c.day("void after this day", required=True)
    first_need_date = c.day("need date when the id was made", required=True)
    id_counter = c.whole("tells lines of equal need apart")
    expected_waste_qty = c.qty("units that expire because of a NEW line", required=False, least=0.0)
    expected_waste_value = c.money("the same at cost less salvage, plus disposal", least=0.0)
    start_at = c.moment("production begins by the schedule")
    finish_at = c.moment("production ends by the schedule")
    material_date = c.day("first day on which all components are there")
    short_item_id = c.text("component that is there last; empty where all are there tonight")
    load_hours = c.hours("run and set-up hours")
    bottleneck_id = c.text("work centre it waits longest for")
    pegged_demand = c.text("whom production serves in the end, in its units: customer orders by date, then the rest")
    promise_date = c.day("day on which production is done by the schedule: the first that can honestly be promised")
    waiting_orders = c.text("production orders and proposals that wait for the line")


class Exception(Table):
    """What needs a person, ranked by money (step propose)."""

    exception_id = c.key("code, node, order and cause, hashed: the same trouble keeps it night after night")
    rank = c.whole("1 has most at stake")
    code = c.word("kind of exception", *EXCEPTION_CODES)
    item_id = c.text("item; empty where no node is meant")
    location_id = c.text("location")
    order_id = c.text("order or job")
    date = c.day("first date it matters", required=True)
    qty = c.qty("units concerned", required=False)
    value_at_stake = c.money("money at stake", required=True, least=0.0)
    cause_id = c.text("proposal, order or node behind it")
    explanation = c.text("one sentence with the numbers in it", required=True)
    first_seen_run = c.text("run that first showed it", required=True)
    hold = c.yes("whether it holds proposals back")
    best_action = c.word("what pays most about stock that will expire", *BEST_ACTIONS, required=False)


class Promise(Table):
    """What a line promises, so that later nights can be judged (step propose)."""

    proposal_id = c.key("proposal")
    item_id = c.text("item", required=True)
    location_id = c.text("location", required=True)
    window_start = c.day("first day of the coverage window", required=True)
    window_end = c.day("last day", required=True)
    stockout_probability = c.share("chance of running out in it, with the order", required=True)
    expected_demand_qty = c.qty("mean demand in it", least=0.0)
    expected_sales_qty = c.qty("mean sales in it", least=0.0)


class CountList(Table):
    """Where counting pays, most money first (step propose)."""

    item_id = c.key("item")
    location_id = c.key("location")
    rank = c.whole("1 pays most")
    reason = c.word("why", "ghost_stock", "negative_stock", "zero_stock", "record_error", "cycle")
    recorded_on_hand_qty = c.qty("what the books say")
    ghost_probability = c.share("chance that the shelf is empty", required=True)
    value = c.money("money a count saves", required=True, least=0.0)


class SupplierOrder(Table):
    """Executable lines added up per source, kind, destination and order date (step propose)."""

    kind = c.key("purchase, transfer or production")
    source_id = c.key("supplier, origin or making location")
    location_id = c.key("destination")
    order_date = c.day_key("release")
    line_count = c.whole("lines")
    qty = c.qty("units", least=0.0)
    value = c.money("money", required=False, least=0.0)
    currency = c.text("currency", required=True)
    min_order_value = c.money("least value the supplier takes")
    is_below_minimum = c.yes("the supplier's minimum is not met")


class Excess(Table):
    """Stock nobody will want in reasonable time, whatever money lies in it (step propose)."""

    item_id = c.key("item")
    location_id = c.key("location")
    code = c.word("dead: on hand, and nobody asked for it in a year of available days", "DEAD_STOCK", "EXCESS")
    position_qty = c.qty("on hand and due less customer orders past due; of dead stock what is on hand", least=0.0)
    kept_qty = c.qty(
        "what may lie there: the most of 95 % quantile of demand over cover_days, shelf floor, order-up-to; 0 if dead",
        least=0.0,
    )
    qty = c.qty("units beyond it", least=0.0)
    value = c.money("the same at unit cost; empty without money", least=0.0)
    cover_days = c.days("protection time and maximum cover; a year if dead", required=True)
    mean_qty = c.qty("mean demand of those days", least=0.0)


PROPOSAL_TABLES: tuple[type[Table], ...] = (Proposal, Exception, Promise, CountList, SupplierOrder, Excess)
