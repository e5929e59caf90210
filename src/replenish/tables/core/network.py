"""Core tables of the business: items, places, rules, and the network that supplies them."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables import inputs
from replenish.tables.table import Table


class Bucket(Table):
    """Planning buckets: closed ones are negative, 0 is the first not yet closed."""

    bucket_index = c.index_key("0 is the first open bucket, -1 the last closed one")
    bucket_start = c.day("first day", required=True)
    bucket_end = c.day("last day", required=True)
    bucket_days = c.whole("days in it; fewer where as-of cuts a week")
    season_week = c.whole("ISO week of the middle of its week, 1 to 53")
    week_index = c.whole("week counted from as-of: 0 holds the first open day")
    week_share = c.share("days in the bucket over days in its week", required=True)


class Item(Table):
    """Items with their defaults filled in, each default visible."""

    item_id = c.key("item")
    name = c.text("name for people; the id where there is none", required=True)
    category = c.text("path such as food/dairy; `all` where there is none", required=True)
    brand = c.text("brand")
    size = c.text("size or variant")
    uom = c.text("base unit of measure", required=True)
    is_continuous = c.yes("weight, length or volume: not counted in whole units")
    unit_cost = c.money("cost of one unit", required=True, least=0.0)
    unit_price = c.money("selling price of one unit", required=True, least=0.0)
    cost_source = c.word("where the cost comes from", "input", "from_price", "from_sales", "default")
    price_source = c.word("where the price comes from", "input", "from_sales", "from_cost", "default")
    has_money = c.yes("whether cost or price is known, so that money columns mean something")
    shelf_life_days = c.days("days from receipt until it cannot be sold")
    volume = c.rate("volume of one unit")
    weight = c.rate("weight of one unit")
    launch_date = c.day("first selling day")
    end_date = c.day("last selling day")
    approval_date = c.day("day from which orders are allowed")
    successor_item_id = c.text("item that takes over")
    salvage_value = c.money("what a left-over unit still brings", required=True)
    disposal_cost = c.money("cost of getting rid of one unit", required=True)


class Location(Table):
    """Locations known from any input, with their defaults filled in."""

    location_id = c.key("location")
    name = c.text("name for people; the id where there is none", required=True)
    kind = c.word("what it is", "store", "warehouse", "plant", "3pl", "vmi", "unknown")
    cluster = c.text("group of similar locations; `all` where there is none", required=True)
    calendar_id = c.text("opening calendar")
    volume_capacity = c.rate("room for stock, in the unit of item volumes; empty where none is stated", least=0.0)
    shortage_rule = c.word("what happens to demand that finds no stock", "lost_sales", "backorder")
    shortage_rule_source = c.word("where the rule comes from", "input", "default")


class Supplier(inputs.Supplier):
    """Suppliers as handed in."""


class ErpKey(inputs.ErpKey):
    """Keys of ERPs as handed in."""


class CalendarDay(Table):
    """Days of every calendar, from the first history bucket to the end of the horizon."""

    calendar_id = c.key("calendar")
    date = c.day_key("day")
    hours = c.hours("open hours; 0 is closed", required=True)
    is_open = c.yes("open for any time at all")


class NodeKey(Table):
    """Which items at which locations there are, closed over the sources and components they need."""

    item_id = c.key("item")
    location_id = c.key("location")
    node_index = c.whole("place of the node in the order of item and location, from 0")
    listed_from = c.day("launch, else first sale, stock or receipt; empty where there is none")
    listed_to = c.day("last selling day, empty while open")
    is_sold = c.yes("was ever sold here")


class NodePolicy(Table):
    """What the policy table wants of a node: each column by the most specific line that names it."""

    item_id = c.key("item")
    location_id = c.key("location")
    service_target = c.share("chance of no stock-out in a cycle")
    fill_target = c.share("share of demand served from the shelf")
    target_kind = c.word("which of the two the most specific line names", "service", "fill", "both")
    min_stock_qty = c.qty("presentation stock", required=False, least=0.0)
    max_stock_qty = c.qty("most that may lie there", required=False, least=0.0)
    review_days = c.days("days between order chances")
    shortage_cost = c.money("cost of one lost unit", least=0.0)
    method = c.text("ordering rule")
    lot_rule = c.text("how netted needs become lots")
    lot_qty = c.qty("lot of the rule fixed_quantity", required=False, least=0.0)


class NodeLevel(Table):
    """Place of a node in the network: how far from the customer, and whether it hangs on itself."""

    item_id = c.key("item")
    location_id = c.key("location")
    level = c.whole("longest path from nodes without dependants; they are 0")
    is_cyclic = c.yes("on a cycle of moves and bills")
    cycle_key = c.text("first node of the cycle it is on, the same for all its members")


class Node(Table):
    """Items at locations, with everything the steps need to know of them: one wide row."""

    item_id = c.key("item")
    location_id = c.key("location")
    item_name = c.text("name for people", required=True)
    location_name = c.text("name for people", required=True)
    category = c.text("category path", required=True)
    cluster = c.text("location cluster", required=True)
    brand = c.text("brand")
    size = c.text("size or variant")
    successor_item_id = c.text("item that takes over its demand")
    location_kind = c.text("kind of location", required=True)
    uom = c.text("base unit of measure", required=True)
    is_continuous = c.yes("not counted in whole units")
    listed_from = c.day("launch, else first sale, stock or receipt")
    listed_to = c.day("last selling day, empty while open")
    has_demand = c.yes("demand of its own: sold here, or listed at a store")
    is_component = c.yes("used by a bill of materials at this location")
    level = c.whole("longest path from customer-facing nodes; they are 0")
    is_cyclic = c.yes("on a cycle of the network: not planned")
    unit_cost = c.money("cost of one unit here", required=True, least=0.0)
    unit_price = c.money("selling price of one unit", required=True, least=0.0)
    has_money = c.yes("whether cost or price is known")
    shortage_cost = c.money("money lost with one unit lost", required=True)
    shortage_cost_source = c.word("where it comes from", "policy", "margin", "default")
    holding_cost_per_day = c.money("money to hold one unit for a day", required=True, least=0.0)
    shortage_rule = c.word("what happens to demand that finds no stock", "lost_sales", "backorder")
    service_target = c.share("chance of no stock-out in a cycle", required=True)
    fill_target = c.share("share of demand served from the shelf", required=True)
    target_source = c.word("where the targets come from", "policy", "default")
    target_kind = c.word(
        "which of the two classical levels follow: the one that policy names", "service", "fill", "both"
    )
    min_stock_qty = c.qty("presentation stock", least=0.0)
    max_stock_qty = c.qty("most that may lie there", required=False, least=0.0)
    method = c.word("ordering rule", "curve", "order_up_to", "reorder_point", "min_max", "mrp", "simple")
    lot_rule = c.word("how netted needs become lots", *inputs.LOT_RULES)
    lot_qty = c.qty("lot of the rule fixed_quantity; empty: the economic quantity", required=False, least=0.0)
    shelf_life_days = c.days("days from receipt until it cannot be sold")
    salvage_value = c.money("what a left-over unit still brings", required=True)
    disposal_cost = c.money("cost of getting rid of one unit", required=True)
    approval_date = c.day("day from which orders are allowed")


class Arc(Table):
    """Valid ways to supply a node; rank 1 is the one that is used."""

    item_id = c.key("item supplied")
    location_id = c.key("location supplied")
    kind = c.word_key("kind of supply; pass: never ordered, its need passes on", "buy", "move", "make", "pass")
    source_id = c.key("supplier, origin location, or making location")
    arc_rank = c.whole("1 is the arc used tonight")
    lead_time_days = c.days("order to receipt by master data", required=True)
    lead_time_source = c.word("where it comes from", "sourcing", "supplier", "default")
    wait_days = c.days(
        "days from tonight to the next day on which orders are accepted, and the item approved", required=True
    )
    fence_days = c.days("days from tonight in which nothing new may arrive: the planning fence of makes", required=True)
    review_days = c.days("days from tonight's order chance to the next", required=True)
    slot_gap_days = c.gaps("days between the next chances to order; empty without days on which orders are accepted")
    review_source = c.word("where it comes from", "policy", "sourcing", "calendar", "default")
    min_qty = c.qty("least quantity of a line", least=0.0)
    multiple_qty = c.qty("pack", least=0.0)
    max_qty = c.qty("largest quantity of a line", required=False, least=0.0)
    unit_cost = c.money("cost of one unit over this arc, of the smallest quantity", required=True, least=0.0)
    break_qty = c.steps("quantities from which a unit costs less, ascending", "base unit")
    break_unit_cost = c.steps("cost of one unit from each of them on", "money")
    is_incremental = c.yes("the lower cost holds only for the units above, else for all", required=False)
    order_cost = c.money("cost of one line", required=True, least=0.0)
    calendar_id = c.text("days on which the source works")
    order_calendar_id = c.text("days on which orders are accepted")
    is_default = c.yes("made up because the inputs name no source: buy from `unknown`")


class SourceRank(Table):
    """Sources of nodes that have several for tonight: what a unit costs over each, its quota, and its place."""

    item_id = c.key("item supplied")
    location_id = c.key("location supplied")
    kind = c.word_key("kind of supply", "buy", "move", "make")
    source_id = c.key("supplier, origin location, or making location")
    source_rank = c.whole("1 is the source used tonight")
    reason = c.word("what decides between it and the first (for the first: the second)", "priority", "quota", "cost")
    other_source_id = c.text("the first source; for the first the second", required=True)
    priority = c.whole("as stated", required=False)
    unit_cost = c.money("price of one unit in a usual order", required=True, least=0.0)
    order_share_cost = c.money("what ordering costs, a unit of a usual order", required=True, least=0.0)
    shortage_share_cost = c.money(
        "demand lost until it could arrive, a unit of a usual order", required=True, least=0.0
    )
    landed_cost = c.money("the three together", required=True, least=0.0)
    other_landed_cost = c.money("the same over the other source", required=True, least=0.0)
    arrival_days = c.days("until an order of tonight arrives: lead time and the wait for an order day", required=True)
    quota_share = c.share("quota among the sources that have one")
    taken_qty = c.qty("ordered from it this calendar year", least=0.0)
    behind_qty = c.qty("by how much it falls short of its quota once tonight's order is placed", required=False)


class PlantBill(Table):
    """Bills of the items each plant makes, as they stand in each span of days, phantoms still closed."""

    parent_item_id = c.key("item made")
    component_item_id = c.key("item used")
    location_id = c.key("plant")
    first_date = c.day_key("first day of the span; tonight's order day for what holds already")
    last_date = c.day("last day of the span; empty where it goes on beyond the horizon")
    qty_per = c.qty("units of the component for one unit started of the parent, scrap included", least=0.0)
    is_phantom = c.yes("passes its requirement through without stock")


class PassThrough(Table):
    """Items that are used up at a plant and never ordered there: what is needed beyond their stock passes on."""

    item_id = c.key("item")
    location_id = c.key("plant")
    reason = c.word("why", "successor", "phantom_stock")
    successor_item_id = c.text("item that the need passes to; empty for a phantom, whose components it passes to")


class BomLine(Table):
    """What production takes, phantoms opened, by the day on which the parent's production starts."""

    parent_item_id = c.key("item made")
    component_item_id = c.key("item used")
    location_id = c.key("plant")
    first_date = c.day_key("first start day; tonight's order day for what holds already")
    last_date = c.day("last start day; empty where it goes on beyond the horizon")
    qty_per = c.qty("units of the component for one good unit of the parent, scrap and yield included", least=0.0)


class MakeRate(Table):
    """How fast a routing makes an item, and what setting up for it costs."""

    item_id = c.key("item made")
    location_id = c.key("plant")
    good_per_day_qty = c.qty(
        "good units a day of its slowest operation; empty without run hours", required=False, least=0.0
    )
    setup_cost = c.money("one set-up of all its operations", required=True, least=0.0)


class GraphIssue(Table):
    """What is wrong with the network: the nodes named are excused from the plan, or planned with what is sound."""

    item_id = c.key("item")
    location_id = c.key("location")
    code = c.word_key("exception code", "NO_SOURCE", "NO_BOM", "BOM_CYCLE", "DATA_INVALID")
    detail = c.text("what exactly, for people", required=True)
    is_planned = c.yes("its orders are shown, and held if its data is in doubt; else it has none")
