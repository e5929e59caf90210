"""Core tables of what happened and what is there: sales, stock, lots, open orders, receipts, counts."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table


class DemandHistory(Table):
    """One row per listed node and closed bucket: what was sold, received and left."""

    item_id = c.key("item")
    location_id = c.key("location")
    bucket_index = c.index_key("negative: closed buckets")
    bucket_start = c.day("first day", required=True)
    sales_qty = c.qty("units sold, matched returns taken off")
    opening_qty = c.qty("stock at its opening; empty where never known", required=False)
    receipt_qty = c.qty("units received", least=0.0)
    closing_qty = c.qty("stock at its close, snapshot or ledger; empty where never known", required=False)
    in_stock_share = c.share("share of the bucket in stock, where reported")
    open_share = c.share("share of the bucket's days open", required=True)


class ProjectLine(Table):
    """Order lines that are projects: far beyond what the node sells, from one customer; left out of sales_qty."""

    item_id = c.key("item")
    location_id = c.key("where it was sold")
    date = c.day_key("day of the sale")
    customer_id = c.key("buyer; - where only the order is known")
    order_id = c.key("order; - where only the buyer is known")
    qty = c.qty("units of the order on that day", least=0.0)
    limit_qty = c.qty("the largest line that would be everyday demand", least=0.0)


class DemandOutlier(Table):
    """Nodes whose plan rests on a bucket that dwarfs everything else they sold, and the nodes that supply them."""

    item_id = c.key("item")
    location_id = c.key("location")
    origin_item_id = c.key("item that sold so much")
    origin_location_id = c.key("where it sold so much")
    bucket_start = c.day("first day of that bucket", required=True)
    qty = c.qty("units sold in it")
    next_qty = c.qty("the most it sold in any other bucket")


class FeedSilence(Table):
    """Stretches of open buckets in which a place that sells sold nothing, longer than ever before and beyond chance."""

    location_id = c.key("location; * where all of them sold nothing")
    first_bucket_index = c.index_key("first silent bucket")
    last_bucket_index = c.whole("last one")
    first_date = c.day("first silent day", required=True)
    last_date = c.day("last one", required=True)
    silent_count = c.whole("open buckets in it")
    usual_count = c.rate("items that usually sell in a bucket", required=True, least=0.0)
    silence_probability = c.share("chance of such silence (Poisson)", required=True)
    moved_count = c.whole("nodes and buckets in which stock fell all the same")
    cause = c.word("what it looks like", "silent_location", "feed_gap")


class UnitJump(Table):
    """Nodes whose sales or stock came in other units from one bucket to the next, and stayed so."""

    item_id = c.key("item")
    location_id = c.key("location")
    feed = c.word_key("what jumped", "sales", "stock")
    first_date = c.day("first day in the new unit", required=True)
    factor_rate = c.rate("new over old: 12 where pieces were cases, a twelfth the other way", required=True, least=0.0)
    before_qty = c.qty("units a bucket before; of stock, what there should have been")
    after_qty = c.qty("the same after; of stock, what the books show")


class DoubtfulBucket(Table):
    """Buckets whose sales are unknown, not none or many: left out of demand."""

    item_id = c.key("item")
    location_id = c.key("location")
    bucket_index = c.index_key("negative: closed buckets")


class DataDoubt(Table):
    """Nodes whose orders rest on data that cannot be right: their lines wait for a person."""

    item_id = c.key("item")
    location_id = c.key("location")
    cause = c.word_key("what is wrong", "negative_stock", "silent_location", "unit_jump", "feed_gap")
    origin_id = c.text_key("where it began: item, location, or * for all of the feed")
    first_date = c.day("first day in doubt", required=True)
    last_date = c.day("last day in doubt", required=True)
    detail = c.text("what was seen and what to do, for people", required=True)


class Position(Table):
    """Stock of every node at close of as-of."""

    item_id = c.key("item")
    location_id = c.key("location")
    recorded_on_hand_qty = c.qty("what the books say; may be negative")
    snapshot_date = c.day("day of the snapshot; empty where there is none")
    blocked_qty = c.qty("in lots on hold", least=0.0)
    expired_qty = c.qty("in lots past their date", least=0.0)
    reserved_qty = c.qty("promised beyond the customer orders in the books", least=0.0)
    on_order_qty = c.qty("open purchase, transfer and production lines", least=0.0)
    backorder_qty = c.qty("open sales order lines already due", least=0.0)


class Lot(Table):
    """Usable lots with their last selling day."""

    item_id = c.key("item")
    location_id = c.key("location")
    lot_id = c.key("lot")
    qty = c.qty("units", least=0.0)
    expiry_date = c.day("day from which it cannot be sold; empty if never")


class OpenSupply(Table):
    """Order lines still to arrive, and accepted proposals not yet in the books."""

    order_id = c.key("order")
    line_id = c.key("line")
    kind = c.word("kind of order", "purchase", "transfer", "production")
    item_id = c.text("item", required=True)
    location_id = c.text("where it arrives", required=True)
    source_id = c.text("where it comes from")
    open_qty = c.qty("units to come", least=0.0)
    order_date = c.day("day it was placed")
    due_date = c.day("promised date", required=True)
    status = c.text("how firm it is", required=True)
    is_past_due = c.yes("due on or before as-of")
    is_lost = c.yes("older than three lead times: no longer counted on")


class OpenDemand(Table):
    """Customer order lines still to be served."""

    order_id = c.key("order")
    line_id = c.key("line")
    item_id = c.text("item", required=True)
    location_id = c.text("where it ships from", required=True)
    open_qty = c.qty("units to serve", least=0.0)
    due_date = c.day("promised date", required=True)


class FirmNeed(Table):
    """Components that open production orders will still take."""

    order_id = c.key("production order")
    line_id = c.key("line")
    item_id = c.key("component")
    location_id = c.text("plant", required=True)
    parent_item_id = c.text("item made", required=True)
    open_qty = c.qty("units of the component", least=0.0)
    due_date = c.day("day its production starts, tonight at the earliest", required=True)


class ReceiptLine(Table):
    """Order lines with what was received, or their age: the evidence on lead times."""

    order_id = c.key("order")
    line_id = c.key("line")
    kind = c.word("kind of supply", "buy", "move", "make")
    item_id = c.text("item", required=True)
    location_id = c.text("where it arrives", required=True)
    source_id = c.text("where it comes from", required=True)
    order_date = c.day("day it was placed", required=True)
    due_date = c.day("promised date", required=True)
    ordered_qty = c.qty("units ordered", least=0.0)
    received_qty = c.qty("units received so far", least=0.0)
    delay_days = c.days("order to quantity-weighted receipt, or age while open", required=True)
    is_received = c.yes("closed by receipts; an open line is censored at its age")


class EventBucket(Table):
    """Events on the nodes and buckets they touch, past and future."""

    item_id = c.key("item")
    location_id = c.key("location")
    bucket_index = c.index_key("bucket")
    event_id = c.key("event")
    kind = c.word("what happens", "promotion", "holiday", "launch", "closure")
    expected_uplift_rate = c.rate("demand over baseline the user expects")
    event_share = c.share("share of the bucket's days inside the event", required=True)


class CountLine(Table):
    """Counts up to as-of."""

    item_id = c.key("item")
    location_id = c.key("location")
    date = c.day_key("day of the count")
    book_qty = c.qty("units in the books")
    counted_qty = c.qty("units found", least=0.0)
    category = c.text("category path of the item", required=True)
    moved_qty = c.qty("sold and received since the count before; empty for the first", required=False, least=0.0)
