"""Plan tables of station order: what to order, and what stock will then be."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table

SCOPES = ("all", "inside_fence", "outside_fence")


class AgedLot(Table):
    """Usable stock that expires, by its last day: stated lots, else what receipts say (step age_stock)."""

    item_id = c.key("item")
    location_id = c.key("location")
    lot_id = c.key("lot, or the receipt it is thought to be of")
    qty = c.qty("units, together at most the stock on hand", least=0.0)
    expiry_date = c.day("day from which it cannot be sold; empty if never")
    basis = c.word("what says so", "lot", "receipt")


class Curve(Table):
    """What each further pack is worth at a node tonight (step order)."""

    item_id = c.key("item")
    location_id = c.key("location")
    pack_index = c.index_key("1 is the first pack")
    pack_qty = c.qty("units in the pack", least=0.0)
    pack_value = c.money("value of this pack, given the ones before", required=True)
    unit_value = c.money("value of its last unit", required=True)
    served_qty = c.qty("units of this pack expected to be needed in window 1, as promised", least=0.0)
    pair_value = c.money("value of this pack where no order follows for two reviews; where a supplier counts orders")


class Wish(Table):
    """What every node would order without limits (step order)."""

    item_id = c.key("item")
    location_id = c.key("location")
    source_id = c.text("source of the arc in use", required=True)
    kind = c.word("kind of supply; pass: used up, its need passes on", "buy", "move", "make", "pass")
    method = c.word("ordering rule used", "curve", "order_up_to", "reorder_point", "min_max", "mrp", "simple")
    qty = c.qty("units wished", least=0.0)
    unrounded_qty = c.qty("units before packs and minimums", least=0.0)
    simple_qty = c.qty("what the simple rule would order; empty without a forecast", required=False, least=0.0)
    order_bucket_index = c.whole("bucket of the order: 0 is tonight")
    wait_days = c.days("days from tonight until it is placed", required=True)
    wait_reason = c.word("what it waits for", "order_day", "approval", "planning_fence", required=False)
    lead_time_buckets = c.whole("lead time used")
    review_buckets = c.whole("review time used")
    reason_code = c.text(
        "why this quantity: no_demand, shelf_floor, pack_too_big, moq_deferred, value, ...", required=True
    )
    binding_limit = c.text("what cut or raised the quantity")
    value = c.money("what the line earns over ordering nothing", required=True)
    last_unit_value = c.money("value of the last unit", required=True)
    wait_value = c.money("what an order one review later would earn over two; where a supplier counts orders")
    window_1_qty = c.qty("mean demand of the first coverage window", least=0.0)
    window_2_qty = c.qty("mean demand of the second", least=0.0)
    stock_at_arrival_qty = c.qty("projected stock when it arrives, mean")
    stock_at_arrival_q10_qty = c.qty("the same, 10 % quantile")
    need_qty = c.qty("mean demand until the next chance arrives, wishes of others included", required=False, least=0.0)
    need_90_qty = c.qty("the same, 90 % quantile", least=0.0)
    stockout_probability_before_arrival = c.share("nothing ordered tonight can change it", required=True)
    stockout_probability_without = c.share("chance of running out in window 1 without the order", required=True)
    stockout_probability_with = c.share("the same with the wished quantity", required=True)
    expected_lost_without_qty = c.qty("units lost in window 1 without the order", least=0.0)
    expected_lost_with_qty = c.qty("the same with it", least=0.0)
    expected_leftover_qty = c.qty("units of the order left at the end of window 1", least=0.0)
    expected_waste_qty = c.qty("units that expire because of the order; 0 where stock lasts", least=0.0)
    expected_lost_sales_value_without = c.money("money lost without the order", required=True, least=0.0)
    promised_fill_rate = c.share("share of window 1's demand served", required=True)


class Requirement(Table):
    """Demand that a node's orders put on its source (step order): means over the sampled paths."""

    item_id = c.key("item wanted at the source")
    location_id = c.key("the source")
    dependant_item_id = c.key("item that orders, or is made")
    dependant_location_id = c.key("where")
    bucket_index = c.index_key("bucket of release")
    qty = c.qty("units wanted, mean", least=0.0)
    tonight_qty = c.qty("of which by tonight's order", least=0.0)


class Order(Table):
    """What is ordered after scarce stock was shared out (step allocate)."""

    item_id = c.key("item")
    location_id = c.key("location")
    source_id = c.text("source of the arc in use", required=True)
    kind = c.word("kind of supply; pass: used up, its need passes on", "buy", "move", "make", "pass")
    qty = c.qty("units ordered tonight", least=0.0)
    wish_qty = c.qty("units wished", least=0.0)
    pack_count = c.rate("packs", required=True, least=0.0)
    unit_cost = c.money("cost of one unit", required=True, least=0.0)
    value = c.money("what the line earns over ordering nothing", required=True)
    shadow_price = c.money("value of one more unit of scarce stock; 0 where none is scarce", required=True, least=0.0)
    order_date = c.day("release", required=True)
    receipt_date = c.day("expected in stock", required=True)
    need_date = c.day("first day the projection without it is short; receipt date if never", required=True)
    reason_code = c.text(
        "why this quantity: no_demand, shelf_floor, pack_too_big, moq_deferred, value, ...", required=True
    )
    binding_limit = c.text("what cut or raised the quantity")
    is_release_past_due = c.yes("should have been ordered earlier")
    expected_waste_qty = c.qty("units that expire because of the order; 0 where stock lasts", least=0.0)
    expected_waste_value = c.money("the same at cost less salvage, plus disposal", required=True, least=0.0)


class Limit(Table):
    """What is shared by many orders, and what one more unit of it would earn (step spend)."""

    kind = c.word_key(
        "budget of purchases in money, share of demand that purchases must promise to serve (valued at cost), space of "
        "a location, volume or weight of a supplier's trucks, in their units, or least money or units of its order",
        *("budget", "fill", "volume", "truck_volume", "truck_weight", "supplier_value", "supplier_qty"),
    )
    scope_id = c.text_key("location, or supplier and location of trucks and minimums; empty for budget and fill")
    source_id = c.text("supplier whose trucks or minimum these are")
    location_id = c.text("where they drive to, or the order goes")
    truck_count = c.rate("how many trucks drive", least=0.0)
    available = c.rate(
        "how much there is tonight; of trucks what those that drive hold; of minimums what is asked",
        required=True,
        least=0.0,
    )
    wanted = c.rate("how much the orders would take without it", required=True, least=0.0)
    used = c.rate("how much they take", required=True, least=0.0)
    shadow_price = c.money(
        "what one more unit would earn; 0 where there is enough; of a fill target what the next money would earn for "
        "each 1 spent, negative where the target asks for packs that lose; of a minimum what one unit less would earn",
        required=True,
    )


class CutLine(Table):
    """Purchases ranked by what they earn for their money: the last ones bought and the first ones not (step spend)."""

    rank = c.index_key("1 earns most for its money")
    item_id = c.text("item", required=True)
    location_id = c.text("location", required=True)
    source_id = c.text("supplier", required=True)
    pack_index = c.whole("last step of plan.curve in it")
    qty = c.qty("units", least=0.0)
    cost = c.money("what they cost", required=True, least=0.0)
    gain_value = c.money("what they earn", required=True)
    value_rate = c.rate("gain over cost", required=True)
    cumulative_cost = c.money("cost up to here", required=True, least=0.0)
    is_taken = c.yes("bought tonight")


class Rebalance(Table):
    """Lateral moves of tonight, decided before the orders, which count on them (step rebalance)."""

    item_id = c.key("item")
    location_id = c.key("where its next units are worth more")
    source_id = c.key("where its last units are worth less")
    qty = c.qty("units to move", least=0.0)
    value = c.money("what the move earns, its costs taken off", required=True)
    move_cost = c.money("freight of the units and cost of the move", required=True, least=0.0)
    unit_cost = c.money("cost of one unit over the lane", required=True, least=0.0)
    first_expiry_date = c.day("lots are taken in the order of their expiry from this date on; empty where none expires")
    order_date = c.day("leaves the origin", required=True)
    receipt_date = c.day("expected in stock", required=True)
    on_hand_qty = c.qty("stock at the destination")
    source_on_hand_qty = c.qty("stock at the origin before the move", least=0.0)
    stockout_probability_without = c.share(
        "chance that the destination runs out before an order of tonight could come", required=True
    )
    expected_lost_without_qty = c.qty("units it would then lose", least=0.0)
    expected_lost_sales_value_without = c.money("what they would cost", required=True, least=0.0)


class Projection(Table):
    """What stock will be, bucket by bucket (step project): means with their exact identity."""

    item_id = c.key("item")
    location_id = c.key("location")
    bucket_index = c.index_key("0 is the first open bucket")
    bucket_start = c.day("first day", required=True)
    opening_qty = c.qty("stock at its opening; negative is backlog")
    record_adjustment_qty = c.qty("correction of the books, in bucket 0 only")
    receipt_qty = c.qty("open orders arriving, as far as they can be counted on", least=0.0)
    undelivered_qty = c.qty("the rest of them: short deliveries and orders that never come", least=0.0)
    moved_in_qty = c.qty("lateral moves of tonight arriving", least=0.0)
    moved_out_qty = c.qty("lateral moves of tonight leaving, in bucket 0 only", least=0.0)
    proposed_qty = c.qty("tonight's order arriving", least=0.0)
    planned_qty = c.qty("later orders the plan expects to place", least=0.0)
    forecast_qty = c.qty("demand of its own", least=0.0)
    requirement_qty = c.qty("demand of dependants", least=0.0)
    order_qty = c.qty("customer orders beyond the forecast they consume", least=0.0)
    demand_qty = c.qty("all demand: forecast, requirement and orders", least=0.0)
    lost_qty = c.qty("demand lost", least=0.0)
    expired_qty = c.qty("lots that expire", least=0.0)
    closing_qty = c.qty(
        "opening + adjustment + receipt + moved in - moved out + proposed + planned - demand + lost - expired"
    )
    closing_q10_qty = c.qty("10 % quantile of closing")
    closing_q50_qty = c.qty("median of closing")
    closing_q90_qty = c.qty("90 % quantile of closing")
    closing_without_qty = c.qty("mean closing with open orders and lateral moves only: nothing ordered or planned")
    lost_without_qty = c.qty("demand lost, or backlogged, with open orders only", least=0.0)
    sure_qty = c.qty("units beyond all demand that stay there from then on, at the node's service target", least=0.0)


class Peg(Table):
    """Which supply serves which demand, first in first out (step project)."""

    item_id = c.key("item")
    location_id = c.key("location")
    peg_index = c.index_key("order of the peg within its node")
    supply_kind = c.word("what serves", "stock", "open_order", "move", "proposal", "planned")
    supply_id = c.text("order and line, or origin of a lateral move; empty for stock")
    supply_date = c.day("day it is there", required=True)
    demand_kind = c.word("what is served", "sales_order", "forecast", "requirement", "production_order", "safety_stock")
    demand_id = c.text("order and line (a production order: that takes it), or dependant node")
    demand_date = c.day("day it is wanted", required=True)
    qty = c.qty("units", least=0.0)
    is_late = c.yes("the supply comes after the demand")


class Vmi(Table):
    """What each vendor-managed location tells its supplier (step vendor_managed)."""

    item_id = c.key("item")
    location_id = c.key("vendor-managed location")
    source_id = c.text("supplier, or origin of the shipment", required=True)
    item_name = c.text("name for people", required=True)
    location_name = c.text("name for people", required=True)
    uom = c.text("base unit of measure", required=True)
    on_hand_qty = c.qty("stock tonight", required=False)
    min_qty = c.qty("least stock agreed", least=0.0)
    max_qty = c.qty("most stock agreed; empty where none is", required=False, least=0.0)
    shipment_qty = c.qty("units to ship", least=0.0)
    order_date = c.day("release", required=True)
    receipt_date = c.day("expected in stock", required=True)
    projected_qty = c.qty("mean stock at the end of the bucket of receipt; empty beyond the horizon", required=False)


class Nervousness(Table):
    """How much orders for the same needs changed since the night before (step steady); no rows without one."""

    scope = c.word_key("lines needed before an order of tonight could arrive are inside the fence", *SCOPES)
    line_count = c.whole("lines of either night")
    node_count = c.whole("nodes both nights planned, with or without a line")
    changed_rate = c.rate("units changed over units of the night before", least=0.0)
    changed_value_rate = c.rate("the same, weighted by unit cost", least=0.0)
    appeared_count = c.whole("nodes that order tonight and did not")
    vanished_count = c.whole("nodes that ordered and do not tonight")
    flipped_share = c.share("both, over the nodes", required=True)


class Steadiness(Table):
    """Nights up to tonight and what they proposed, by which the next are judged (step steady)."""

    as_of = c.day_key("last closed day of the night")
    run_id = c.text("the run", required=True)
    proposal_value = c.money("new lines that data do not hold", required=True, least=0.0)
    line_count = c.whole("such lines")
    flipped_share = c.share("nodes whose order appeared or vanished since the night before")
    is_stopped = c.yes("too different to act on: every line was held")
    cause = c.text("why")


class ExceptionScore(Table):
    """Announced stock-outs against those that came, week by week of the last 13 (step score_exceptions)."""

    week_start = c.day_key("first day of the week")
    code = c.word_key("kind of exception, or both", "all", "SHORTAGE", "POTENTIAL_STOCKOUT")
    judged_count = c.whole("announcements whose time was over in this week")
    true_count = c.whole("of them those whose node ran out")
    precision_share = c.share("the second over the first")
    stockout_count = c.whole("stock-outs that began in this week")
    foreseen_count = c.whole("of them those announced on a night before")
    recall_share = c.share("the second over the first")
    lead_days = c.days("median days from the first announcement to the stock-out")
