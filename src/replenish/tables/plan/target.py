"""Plan tables of the classical answers, for people and ERPs."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table

SCOPES = ("all", "inside_fence", "outside_fence")


class Target(Table):
    """The classical answers (step target)."""

    item_id = c.key("item")
    location_id = c.key("location")
    service_target = c.share("chance of no stock-out, as used", required=True)
    fill_target = c.share("share served, as used", required=True)
    target_kind = c.word("which of the two the levels follow", "service", "fill", "both")
    protection_buckets = c.whole("lead plus review, in buckets")
    protection_qty = c.qty("mean demand over the protection time", least=0.0)
    safety_stock_qty = c.qty(
        "order-up-to minus mean demand of the protection time; at stages of production as placed by decouple"
    )
    own_safety_stock_qty = c.qty("the same by its own target alone: a centre before METRIC, its stores before the wait")
    reorder_point_qty = c.qty("order at or below; of (R, s, nQ) where orders come in lots", least=0.0)
    order_up_to_qty = c.qty("order up to; a lot above the reorder point where orders come in lots", least=0.0)
    fill_order_up_to_qty = c.qty("order-up-to that meets the fill target; simulated where sales are lost", least=0.0)
    economic_order_qty = c.qty("economic order quantity, clamped", least=0.0)
    lot_rule = c.word(
        "formula of it: review without an order cost; no_capacity where demand is as fast as production",
        "eoq", "epq", "eoqb", "all_units", "incremental", "review", "no_capacity",
    )  # fmt: skip
    shelf_floor_qty = c.qty("least the shelf should hold", least=0.0)
    floor_cost_value = c.money("a year's holding of what the floor adds to the order-up-to level", least=0.0)
    min_qty = c.qty("minimum for an ERP's min/max", least=0.0)
    max_qty = c.qty("maximum for an ERP's min/max", least=0.0)
    upstream_delay_days = c.days(
        "METRIC: mean wait of the locations it supplies, at its order-up-to level; empty where it supplies none"
    )
    is_last_window = c.yes("it ends before another order could arrive, without a target of its own: newsvendor's level")
    cover_rate = c.rate("order-up-to over mean demand of the protection time; empty where it supplies none")
    supplied_cover_rate = c.rate("the same of the locations it supplies, added up")
    supplied_fill_rate = c.rate("METRIC: share of their demand that these then serve")
    is_clipped = c.yes("a target of 100 % was read as 99.95 %, or the fill target is not reached")
    is_capped = c.yes("held by maximum cover, maximum stock or shelf life")


class MinMax(Table):
    """Minimum and maximum for an ERP's item master, beside what it was last told (step min_max)."""

    item_id = c.key("item")
    location_id = c.key("location")
    uom = c.text("unit of all quantities", required=True)
    min_qty = c.qty("order at or below", least=0.0)
    max_qty = c.qty("order up to", least=0.0)
    multiple_qty = c.qty("pack; 0 where any quantity can be ordered", least=0.0)
    previous_min_qty = c.qty("minimum last exported; empty for a new node", required=False, least=0.0)
    previous_max_qty = c.qty("maximum last exported", required=False, least=0.0)
    previous_multiple_qty = c.qty("pack last exported", required=False, least=0.0)
    change = c.word(
        "what differs from the last export: small is at most one unit or 10 %",
        "new", "pack", "min_and_max", "min", "max", "small", "none",
    )  # fmt: skip
    is_exported = c.yes("in proposals/min_max.csv: new, another pack, or changed by more than one unit and 10 %")


class SupplierReview(Table):
    """How often it would pay to order from a supplier for a destination: joint replenishment (step supplier_review)."""

    source_id = c.key("supplier")
    location_id = c.key("destination")
    item_count = c.whole("items with demand and money that are bought over it")
    review_days = c.days("review time in use, the median of its items", required=True)
    cycle_days = c.days("Silver's best time between orders", required=True)
    suggested_review_days = c.days("the same in order days, within half a shelf life and maximum cover", required=True)
    cost_value = c.money("a year's order, cycle and safety stock cost with today's review", required=True, least=0.0)
    suggested_cost_value = c.money("the same with the one suggested", required=True, least=0.0)
    is_material = c.yes("it saves more than a tenth of that cost: told as PARAMETER_DRIFT")


class ReviewMultiple(Table):
    """On every how manieth joint order each item belongs, at the review suggested (step supplier_review)."""

    item_id = c.key("item")
    location_id = c.key("destination")
    source_id = c.text("supplier", required=True)
    multiple_count = c.whole("1 is every order")
    joint_order_qty = c.qty("units on each of them", least=0.0)


class Decoupling(Table):
    """Stages of production and the safety stock placed at them: nodes that only production asks for (step decouple)."""

    item_id = c.key("item")
    location_id = c.key("location")
    service_time_days = c.days("promised to whoever takes it", required=True)
    supply_time_days = c.days("longest promise of what it is made of", required=True)
    net_replenishment_days = c.days("supply time and own lead time less the promise", required=True)
    safety_stock_qty = c.qty("stock that covers demand over the net time and a review", least=0.0)
    is_decoupling_point = c.yes("safety stock belongs here")


class ExchangeCurve(Table):
    """Stock against fill of the whole company, dial by dial, with tonight's targets on it (step exchange)."""

    rule = c.word_key(
        "one service level for all, each node by its own costs, or tonight's targets as they are",
        *("one_level", "by_cost", "targets"),
    )
    dial_index = c.index_key("0 is the least stock")
    dial_rate = c.rate("service level, or times what a missed unit costs; 1 for the targets", required=True, least=0.0)
    stock_value = c.money("mean stock on the shelves at unit cost", required=True, least=0.0)
    fill_rate = c.share("share of demand served from the shelf", required=True)
    node_count = c.whole("nodes in it: planned, wanted and with money")
