"""Input tables, contract version 1: what a company may hand in. Only `sales` and `stock` are required."""

from __future__ import annotations

from typing import get_args

import dataframely as dy
import polars as pl

from replenish.publish_settings import ERP_SYSTEMS
from replenish.sections import LotRule
from replenish.tables import columns as c
from replenish.tables.table import Table

ORDER_KINDS = ("purchase", "transfer", "production", "sales")
SUPPLY_KINDS = ("buy", "move", "make")
LOT_RULES: tuple[str, ...] = get_args(LotRule)
ERP_KINDS = (
    "item",
    "location",
    "supplier",
    "uom",
    "company",
    "picking_type",
    "bom",
    "operation",
    "route",
    "order",
    "reordering_rule",
)


class Sales(Table):
    """What was sold or, where negative, returned: a row a line, or a row a node and bucket."""

    date = c.day("day of the sale, or first day of its bucket", required=True)
    item_id = c.name("item")
    location_id = c.name("where it was sold")
    qty = c.qty("units sold; negative for a return")
    unit_price = c.money("price paid for one unit", least=0.0)
    customer_id = c.text("buyer")
    order_id = c.text("receipt or order number; matches returns to sales")
    channel = c.text("sales channel")


class Stock(Table):
    """Snapshots of stock at close of day; the latest on or before as-of is the position."""

    date = c.day_key("day whose close was recorded")
    item_id = c.key("item")
    location_id = c.key("where it lies")
    on_hand_qty = c.qty("units on hand at close; may be negative by record error", required=False)
    reserved_qty = c.qty("units promised to orders and not available", required=False, least=0.0)
    in_stock_share = c.share("share of the bucket's selling time with stock on the shelf")

    @dy.rule()
    def something_recorded(cls) -> pl.Expr:  # noqa: N805 - the library hands the schema class in
        """A snapshot tells a quantity or a share."""
        return cls.on_hand_qty.col.is_not_null() | cls.in_stock_share.col.is_not_null()


class Item(Table):
    """Item master."""

    item_id = c.key("item")
    name = c.text("name for people")
    category = c.text("path such as food/dairy")
    brand = c.text("brand")
    size = c.text("size or variant")
    uom = c.text("base unit of measure; kg, g, l, ml, m, m2 and m3 are continuous")
    unit_cost = c.money("cost of one unit", least=0.0)
    unit_price = c.money("selling price of one unit", least=0.0)
    shelf_life_days = c.days("days from receipt until it cannot be sold")
    volume = c.rate("volume of one unit", least=0.0)
    weight = c.rate("weight of one unit", least=0.0)
    launch_date = c.day("first selling day")
    end_date = c.day("last selling day")
    approval_date = c.day("day from which orders are allowed")
    successor_item_id = c.text("item that takes over")
    salvage_value = c.money("what a left-over unit still brings", least=0.0)
    disposal_cost = c.money("cost of getting rid of one unit", least=0.0)


class Location(Table):
    """Shops, warehouses, plants and customers with managed stock."""

    location_id = c.key("location")
    name = c.text("name for people")
    kind = c.word("what it is", "store", "warehouse", "plant", "3pl", "vmi", required=False)
    cluster = c.text("group of similar locations")
    calendar_id = c.text("opening calendar")
    volume_capacity = c.rate("volume that fits in", least=0.0)
    shortage_rule = c.word("what happens to demand that finds no stock", "lost_sales", "backorder", required=False)


class Supplier(Table):
    """Who is bought from, and on what terms."""

    supplier_id = c.key("supplier")
    name = c.text("name for people")
    calendar_id = c.text("working calendar")
    order_calendar_id = c.text("days on which orders are accepted")
    lead_time_days = c.days("order to receipt", most=c.LONGEST_DAYS)
    order_cost = c.money("cost of placing one order", least=0.0)
    min_order_value = c.money("least value of one order", least=0.0)
    min_order_qty = c.qty("least quantity of one order", required=False, least=0.0)
    truck_volume = c.rate("volume of one truck", least=0.0)
    truck_weight = c.rate("weight one truck carries", least=0.0)
    truck_cost = c.money("cost of one truck", least=0.0)
    full_truck_only = c.yes("whether only full trucks drive", required=False)


class Sourcing(Table):
    """Arcs of the network: how a node is supplied."""

    item_id = c.key("item supplied")
    location_id = c.key("location supplied")
    kind = c.word_key("kind of supply", "buy", "move", "make")
    source_id = c.key("supplier, origin location, or making location")
    lead_time_days = c.days("order to receipt", most=c.LONGEST_DAYS)
    review_days = c.days("days between order chances", most=c.LONGEST_DAYS)
    min_qty = c.qty("least quantity of a line", required=False, least=0.0)
    multiple_qty = c.qty("pack: lines are multiples of it", required=False, least=0.0)
    max_qty = c.qty("largest quantity of a line", required=False, least=0.0)
    unit_cost = c.money("cost of one unit over this arc", least=0.0)
    order_cost = c.money("cost of one line", least=0.0)
    priority = c.whole("1 first; 0 is manual only", required=False)
    share = c.share("quota of this source")
    valid_from = c.day("first order day")
    valid_to = c.day("last order day")


class PriceBreak(Table):
    """Quantity discounts."""

    item_id = c.key("item")
    supplier_id = c.key("supplier")
    min_qty = c.qty_key("from this quantity on")
    unit_cost = c.money("cost of one unit", required=True, least=0.0)
    kind = c.word("on all units or only those above", "all_units", "incremental", required=False)


class OpenOrder(Table):
    """Order lines, open and received; received lines stay with open quantity 0."""

    order_id = c.key("order")
    line_id = c.key("line of the order")
    kind = c.word("whose order it is", *ORDER_KINDS)
    item_id = c.name("item")
    location_id = c.name("where it arrives, or ships from for sales")
    qty = c.qty("ordered units", least=0.0)
    due_date = c.day("promised date", required=True)
    open_qty = c.qty("units still to come; the whole quantity where empty", required=False, least=0.0)
    source_id = c.text("supplier, origin or making location")
    order_date = c.day("day it was placed")
    status = c.word("how firm it is", "planned", "firm", "released", "hold", required=False)


class Receipt(Table):
    """Goods received against order lines."""

    order_id = c.key("order")
    line_id = c.key("line of the order")
    date = c.day_key("day of receipt")
    qty = c.qty_key("units received")


class Lot(Table):
    """Stock by lot, with expiry."""

    item_id = c.key("item")
    location_id = c.key("where it lies")
    lot_id = c.key("lot")
    qty = c.qty("units in the lot", least=0.0)
    expiry_date = c.day("last day it may be sold is the day before")
    status = c.word("whether it may be used", "available", "hold", required=False)


class Bom(Table):
    """Bill of materials lines."""

    parent_item_id = c.key("item made")
    component_item_id = c.key("item used")
    qty_per = c.qty("units of the component for base_qty units of the parent")
    base_qty = c.qty("units of the parent the bill is written for; 1 where empty", required=False, least=0.0)
    location_id = c.text("plant the bill holds for; everywhere where empty")
    scrap_rate = c.rate("share of the component lost", least=0.0)
    phantom = c.yes("passes its requirement through without stock", required=False)
    alternate_group = c.text("group of bills of which one is used")
    valid_from = c.day("first release day")
    valid_to = c.day("last release day")


class Routing(Table):
    """Operations that make an item."""

    item_id = c.key("item made")
    location_id = c.key("plant")
    operation_seq = c.index_key("place in the routing")
    work_center_id = c.name("work centre")
    run_hours_per_unit = c.hours("machine hours for one unit", required=True)
    setup_hours = c.hours("hours to set up")
    setup_family = c.text("family that shares a set-up")
    yield_rate = c.share("good share of the output")
    alternate_group = c.text("group of operations of which one is used")
    queue_hours = c.hours("waiting before the operation")
    splittable = c.yes("whether closed time may interrupt it", required=False)


class SetupChange(Table):
    """Hours to change a work centre from one set-up family to another."""

    work_center_id = c.key("work centre")
    from_family = c.key("family before")
    to_family = c.key("family after")
    hours = c.hours("hours of change", required=True)


class WorkCenter(Table):
    """Machines and their hours."""

    work_center_id = c.key("work centre")
    location_id = c.name("plant")
    machine_count = c.rate("machines that run side by side", least=0.0)
    calendar_id = c.text("working calendar")
    efficiency_rate = c.rate("real over planned speed", least=0.0)
    cost_per_hour = c.money("cost of an hour", least=0.0)
    overtime_hours = c.hours("overtime possible a bucket")
    overtime_cost_per_hour = c.money("cost of an hour of overtime", least=0.0)


class Calendar(Table):
    """Open hours by date or, as a rule, by weekday (1 Monday to 7 Sunday); a date beats its weekday."""

    calendar_id = c.text("calendar", required=True)
    date = c.day("day")
    weekday = c.whole("1 Monday to 7 Sunday", required=False)
    hours = c.hours("open hours; 0 is closed", required=True)

    @dy.rule()
    def date_or_weekday(cls) -> pl.Expr:  # noqa: N805 - the library hands the schema class in
        """A line speaks of a date or of a weekday."""
        return cls.date.col.is_not_null() | cls.weekday.col.is_between(1, 7)


class Event(Table):
    """Promotions, holidays, launches and closures."""

    event_id = c.key("event")
    kind = c.word("what happens", "promotion", "holiday", "launch", "closure")
    start_date = c.day("first day", required=True)
    end_date = c.day("last day", required=True)
    item_id = c.text("item; every item where empty")
    category = c.text("category; every category where empty")
    location_id = c.text("location; everywhere where empty")
    expected_uplift_rate = c.rate("demand over baseline the user expects", least=0.0)

    @dy.rule()
    def ends_after_start(cls) -> pl.Expr:  # noqa: N805 - the library hands the schema class in
        """An event does not end before it starts."""
        return cls.end_date.col >= cls.start_date.col


class Policy(Table):
    """What the company wants of a node, a category or a location; the most specific line counts."""

    item_id = c.text("item; all where empty")
    category = c.text("category; all where empty")
    location_id = c.text("location; all where empty")
    service_target = c.share("chance of no stock-out in a cycle")
    fill_target = c.share("share of demand served from the shelf")
    min_stock_qty = c.qty("presentation stock", required=False, least=0.0)
    max_stock_qty = c.qty("most that may lie there", required=False, least=0.0)
    review_days = c.days("days between order chances", most=c.LONGEST_DAYS)
    shortage_cost = c.money("cost of one lost unit", least=0.0)
    method = c.word(
        "ordering rule", "curve", "order_up_to", "reorder_point", "min_max", "mrp", "simple", required=False
    )
    lot_rule = c.word("how netted needs become lots", *LOT_RULES, required=False)
    lot_qty = c.qty("lot of the rule fixed_quantity", required=False, least=0.0)


class StockCount(Table):
    """Counted stock beside the books."""

    date = c.day_key("day of the count")
    item_id = c.key("item")
    location_id = c.key("where it was counted")
    book_qty = c.qty("units in the books")
    counted_qty = c.qty("units found", least=0.0)


class ProductionLog(Table):
    """What the shop floor did: lines a work centre, day and order; several, one a shift say, add up."""

    work_center_id = c.name("work centre")
    date = c.day("day", required=True)
    order_id = c.text("production order; the day as a whole where empty")
    planned_hours = c.hours("hours planned")
    run_hours = c.hours("hours run")
    down_hours = c.hours("hours down")
    good_qty = c.qty("good units", required=False, least=0.0)
    scrap_qty = c.qty("scrapped units", required=False, least=0.0)
    ideal_qty_per_hour = c.rate("units an ideal hour makes", least=0.0)


class Acknowledge(Table):
    """What became of earlier proposals."""

    proposal_id = c.key("proposal")
    status = c.word("what was decided", "accepted", "edited", "rejected", "expired")
    erp_order_id = c.text("order it became")
    qty = c.qty("units ordered", required=False, least=0.0)
    date = c.day("date asked for")
    user = c.text("who decided")
    reason = c.text("why")
    at = c.day("day of the decision")
    run_id = c.text("run whose line was answered; empty: the newest before the day of the decision")


class ErpKey(Table):
    """How an ERP calls what is called otherwise here; docs/erp_files.md tells which keys each system needs."""

    system = c.word_key("ERP", *ERP_SYSTEMS)
    kind = c.word_key("what is meant", *ERP_KINDS)
    our_id = c.key("its id here: of a bill ITEM@PLANT, of a picking type purchase@LOCATION, of an order ORDER/LINE")
    erp_id = c.name("its key there: an external ID in Odoo, a name in ERPNext and frePPLe")
    name = c.text("name for people")

    @dy.rule()
    def external_id_is_one_word(cls) -> pl.Expr:  # noqa: N805 - the library hands the schema class in
        """An external ID of Odoo has neither spaces nor commas."""
        return (cls.system.col != "odoo") | ~cls.erp_id.col.str.strip_chars().str.contains(r"[\s,]")


INPUT_TABLES: tuple[type[Table], ...] = (
    Sales,
    Stock,
    Item,
    Location,
    Supplier,
    Sourcing,
    PriceBreak,
    OpenOrder,
    Receipt,
    Lot,
    Bom,
    Routing,
    SetupChange,
    WorkCenter,
    Calendar,
    Event,
    Policy,
    StockCount,
    ProductionLog,
    Acknowledge,
    ErpKey,
)
REQUIRED_TABLES: tuple[type[Table], ...] = (Sales, Stock)
