"""Plan tables: what the steps decide, station by station."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table

STATES = ("missing", "censored", "partial", "full")
DEMAND_CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "no_demand")


class Record(Table):
    """Which stock records can be believed (step audit)."""

    item_id = c.key("item")
    location_id = c.key("location")
    recorded_on_hand_qty = c.qty("what the books say")
    on_hand_qty = c.qty("what the plan starts from: less lots on hold or expired and reservations", least=0.0)
    record_adjustment_qty = c.qty("on_hand_qty minus recorded_on_hand_qty")
    silent_from_index = c.whole("first silent bucket of a ghost, empty otherwise", required=False)
    silent_buckets = c.whole("open buckets since the last sale, with stock recorded")
    silence_probability = c.share("chance of this silence with stock on the shelf", required=True)
    ghost_probability = c.share("chance that the shelf is empty", required=True)
    is_ghost = c.yes("silence too unlikely: recorded but not selling")
    is_negative = c.yes("the books show less than nothing")
    largest_sales_qty = c.qty("most it sold in a bucket", least=0.0)


class Season(Table):
    """What the calendar does to a group of nodes (step season)."""

    category = c.key("category, or `all`")
    cluster = c.key("location cluster, or `all`")
    position_kind = c.word_key("ISO week 1..53 or weekday 1..7", "week", "weekday")
    position = c.index_key("week of the year or day of the week")
    index_rate = c.rate("demand here over the mean; weekday indices are shares of 7", required=True, least=0.0)
    node_count = c.whole("nodes pooled")
    source = c.word("how it was estimated", "category_cluster", "category", "all", "flat")


class Demand(Table):
    """What would have sold, had it been there (step unconstrain)."""

    item_id = c.key("item")
    location_id = c.key("location")
    bucket_index = c.index_key("negative: closed buckets")
    bucket_start = c.day("first day", required=True)
    state = c.word("how far the shelf let demand show", *STATES)
    sales_qty = c.qty("units sold")
    demand_qty = c.qty("units wanted; an estimate where censored or partial, empty where missing", required=False)
    is_estimate = c.yes("demand_qty is estimated")
    demand_sample_qty = c.qty("a draw from the law whose mean is demand_qty; the same where observed", required=False)
    lost_sales_qty = c.qty("demand beyond sales while open, expected", least=0.0)
    lost_sales_value = c.money("margin of the units lost", required=True, least=0.0)
    lost_sales_low_value = c.money("the same at the 5 % quantile of the demand", required=True, least=0.0)
    lost_sales_high_value = c.money("and at the 95 % quantile", required=True, least=0.0)
    estimate_variance_qty2 = c.rate("variance of demand_qty around the truth; 0 if observed", required=True, least=0.0)
    exposure_rate = c.rate("season index times share of the bucket in stock", required=True, least=0.0)
    uplift_rate = c.rate("event uplift the demand holds; 1 without event", required=True, least=0.0)


class EventEffect(Table):
    """What an event did to a node; zeros where it is still to come (step unconstrain)."""

    item_id = c.key("item")
    location_id = c.key("location")
    kind = c.key("kind of event, or what comes after a promotion")
    event_id = c.key("event")
    category = c.text("category of the item", required=True)
    cluster = c.text("cluster of the location", required=True)
    sold_qty = c.qty("demand of the event's buckets", least=0.0)
    baseline_qty = c.qty("what they would have had without it; 0 where nothing tells", least=0.0)
    inside_qty = c.qty("of which by the share of each bucket inside the event", least=0.0)


class EventUplift(Table):
    """What was learned of a kind of event at a node: demand over baseline (step learn_uplift)."""

    item_id = c.key("item")
    location_id = c.key("location")
    kind = c.key("kind of event, or what comes after a promotion")
    pooled_rate = c.rate("of its category, and for holidays of its location cluster", required=True, least=0.0)
    own_rate = c.rate("of its own events; empty where too little was expected of them")
    own_event_count = c.rate("events its own are worth", required=True, least=0.0)
    is_told = c.yes("counts: what comes after a promotion only where it is a dip beyond noise")
    log_variance_rate = c.rate("variance of the logarithm of single events about it", required=True, least=0.0)


class Availability(Table):
    """What of a node's history can be learned from (step availability)."""

    item_id = c.key("item")
    location_id = c.key("location")
    history_buckets = c.whole("buckets in which demand is known or estimated")
    is_identified = c.yes("some of them were observed: not every one sold out")
    weekday_rates = c.numbers("own weekdays, Monday first, over those of its group; 0 where it is always shut")


class Segment(Table):
    """Label of the demand and of its value; decides nothing but the members (step segment)."""

    item_id = c.key("item")
    location_id = c.key("location")
    available_buckets = c.whole("buckets that count")
    average_interval = c.rate("buckets between demands (ADI), on the weekly grain")
    squared_variation = c.rate("CV2 of non-zero sizes, on the weekly grain")
    demand_class = c.word("kind of demand", *DEMAND_CLASSES)
    value_year = c.money("unit cost times demand of 365 days", required=True)
    abc_class = c.word("by falling value", "A", "B", "C")
    xyz_class = c.word("by variation", "X", "Y", "Z", required=False)


class LeadTime(Table):
    """When, and whether, supply of a node arrives (step learn_lead_time); one row for the arc in use."""

    item_id = c.key("item")
    location_id = c.key("location")
    source_id = c.text("source of the arc in use", required=True)
    kind = c.word("kind of supply", "buy", "move", "make")
    lead_time_days = c.days("expected days from order to receipt", required=True)
    lead_time_sd_days = c.days("standard deviation", required=True)
    lead_time_pmf = c.law("probability of 0, 1, 2, ... days")
    observation_count = c.whole("receipts and open lines behind it")
    never_share = c.share("share of lines that never arrive", required=True)
    delivered_share = c.share("share of a line's quantity that comes when it comes", required=True)
    lateness_from_days = c.whole("days after the due date of the first entry of lateness_pmf", required=False)
    lateness_pmf = c.law("probability of arriving that many days after the due date, and 1, 2, ... days later")
    is_crossing = c.yes("orders of its lane overtake each other")
    source = c.word("where it comes from", "receipts", "sourcing", "supplier", "default")
    is_default = c.yes("no receipts and no item- or lane-level master value")


class Baseline(Table):
    """Weekly, deseasonalised, event-free demand: what the members are fitted to (part of step forecast)."""

    item_id = c.key("item")
    location_id = c.key("location")
    week_index = c.index_key("negative: closed weeks")
    baseline_qty = c.qty("demand of a full, ordinary week; empty where missing", required=False)
    estimate_variance_qty2 = c.rate("variance of estimated demand around the truth", required=True, least=0.0)
    is_censored = c.yes("some of the week was sold out")


class Member(Table):
    """Forecasts of the fitted members on the deseasonalised weekly grain (part of step forecast)."""

    item_id = c.key("item")
    location_id = c.key("location")
    member = c.key("name of the member")
    week_index = c.index_key("0 is the week of the first open day")
    member_qty = c.qty("units in an ordinary week", least=0.0)


class MemberFit(Table):
    """Parameters of a node's fitted members, run over newer weeks until the next fit (part of step forecast)."""

    item_id = c.key("item")
    location_id = c.key("location")
    member = c.key("name of the member")
    fitted_date = c.day("as-of of the night when all members of the node were fitted", required=True)
    first_date = c.day("first day of the first week it was fitted to", required=True)
    weeks = c.whole("weeks it was fitted to")
    model = c.text("letters of the model as its library names it; empty where it could not be fitted")
    season_weeks = c.whole("weeks of its season; 1 is none")
    parameters = c.numbers("smoothing parameters, then the states before the first week")
    tracking_rate = c.rate("smoothed error over smoothed absolute error when it was fitted", required=True)
    checked_from = c.day("first day of the history that checksum covers", required=True)
    checksum = c.text("checksum of that history up to fitted_date", required=True)


class Score(Table):
    """How members did over past origins, by kind of demand, and which are in use (step score)."""

    member = c.key("member or combination")
    demand_class = c.key("kind of demand, or `all`")
    window = c.word_key("sum over the protection time, or one week", "protection", "week")
    origin_count = c.whole("origins scored")
    cell_count = c.whole("node and origin pairs scored")
    wape_rate = c.rate("sum of absolute errors over sum of demand")
    bias_rate = c.rate("sum of errors over sum of demand")
    rmsse_rate = c.rate("root mean squared scaled error, mean over nodes")
    value_added_rate = c.rate("rmsse of seasonal_naive minus this one")
    pinball_rate = c.rate("pinball loss at the critical ratio over a node's usual weekly change, mean over windows")
    gain_rate = c.rate("share of the moving average's pinball loss saved on the same windows")
    gain_error_rate = c.rate("standard error of gain_rate, by nodes and weeks")
    is_used = c.yes("tonight's forecast of this kind of demand is made with it")


class PastMember(Table):
    """What fitted members said on earlier nights, or would have said: the evidence on them (part of step score)."""

    item_id = c.key("item")
    location_id = c.key("location")
    member = c.key("name of the member")
    origin_date = c.day_key("last closed day when the forecast was made")
    level_qty = c.qty("mean forecast of the next four ordinary weeks", least=0.0)


class Calibration(Table):
    """Do the promised levels hold? Past windows against the law they had (step score)."""

    category = c.key("category, or `all`")
    window = c.word_key("sum over the protection time, or a single bucket", "protection", "bucket")
    level_share = c.share_key("promised level")
    achieved_share = c.share("share of randomised PIT values at or below it, width_rate applied", required=True)
    window_count = c.whole("windows that do not overlap")
    recalibrated_share = c.share("level at which the law achieves the promised one")
    width_rate = c.rate("the law's variance is multiplied with it so that high levels hold", required=True, least=0.0)


class ErrorLaw(Table):
    """Variance of the error of a window's sum, pooled: a f + b f^2 (step score)."""

    category = c.key("category, or `all`")
    window_weeks = c.index_key("length of the window in weeks; 0 is a single planning bucket")
    linear_rate = c.rate("a", required=True, least=0.0)
    quadratic_rate = c.rate("b", required=True, least=0.0)
    row_count = c.whole("node and origin pairs behind it")


class ErrorFactor(Table):
    """A node's own errors beside its group's law, shrunk (step score)."""

    item_id = c.key("item")
    location_id = c.key("location")
    factor_rate = c.rate("multiplies the group's variance of a window's sum", required=True, least=0.0)
    bucket_factor_rate = c.rate("multiplies the group's variance of a single bucket", required=True, least=0.0)
    origin_count = c.whole("past origins scored")
    effective_count = c.rate("independent windows they amount to", required=True, least=0.0)


class Forecast(Table):
    """How much, bucket by bucket, how sure (step forecast)."""

    item_id = c.key("item")
    location_id = c.key("location")
    bucket_index = c.index_key("0 is the first open bucket")
    bucket_start = c.day("first day", required=True)
    forecast_qty = c.qty("mean of unconstrained demand", least=0.0)
    baseline_qty = c.qty("the same without events", least=0.0)
    event_qty = c.qty("what events add or take: forecast_qty less baseline_qty")
    index_rate = c.rate("season index", required=True, least=0.0)
    uplift_rate = c.rate("event uplift", required=True, least=0.0)
    variance_qty2 = c.rate("variance of the error of the sum of buckets 0..t", required=True, least=0.0)


class Total(Table):
    """What forecasts add up to, week by week: every category, its parents and all, at every location and at all."""

    category = c.key("category path or one of its parents, or `all`")
    location_id = c.key("location, or `all`")
    week_index = c.index_key("0 is the week of the first open day")
    week_start = c.day("first open day", required=True)
    node_count = c.whole("items at locations added up")
    forecast_qty = c.qty("sum of their forecasts", least=0.0)
    event_qty = c.qty("what events add or take of it")
    forecast_value = c.money("the same at selling prices, of nodes with known price or cost", required=True, least=0.0)


class Parameter(Table):
    """What lies behind a node's forecast: one row for every node with demand of its own (step forecast)."""

    item_id = c.key("item")
    location_id = c.key("location")
    method = c.word("how made", "ensemble", "intermittent", "seasonal_sma", "new_item", "dead", "no_demand", "none")
    members = c.text("forecasts blended into the mean, joined by ` + `; empty where none of its own history is in it")
    reason = c.text("why there is no forecast; empty where there is one")
    family = c.word("law of demand", "negative_binomial", "gamma")
    weekly_level_qty = c.qty("deseasonalised units in an ordinary week", least=0.0)
    phi = c.rate("linear dispersion of one bucket", required=True, least=0.0)
    kappa = c.rate("quadratic dispersion of one bucket", required=True, least=0.0)
    rho = c.share("share of the quadratic part common to all buckets", required=True)
    history_buckets = c.whole("available buckets behind it")
    window_count = c.whole("coverage windows H the decision may look at")
    is_clipped = c.yes("a member or forecast was clipped or dropped")
    is_identified = c.yes("the level could be told from the data")


class Target(Table):
    """The classical answers (step target)."""

    item_id = c.key("item")
    location_id = c.key("location")
    service_target = c.share("chance of no stock-out, as used", required=True)
    fill_target = c.share("share served, as used", required=True)
    protection_buckets = c.whole("lead plus review, in buckets")
    protection_qty = c.qty("mean demand over the protection time", least=0.0)
    safety_stock_qty = c.qty("order-up-to minus mean demand of the protection time")
    reorder_point_qty = c.qty("order at or below", least=0.0)
    order_up_to_qty = c.qty("order up to", least=0.0)
    fill_order_up_to_qty = c.qty("order-up-to that meets the fill target", least=0.0)
    economic_order_qty = c.qty("economic order quantity, clamped", least=0.0)
    shelf_floor_qty = c.qty("least the shelf should hold", least=0.0)
    min_qty = c.qty("minimum for an ERP's min/max", least=0.0)
    max_qty = c.qty("maximum for an ERP's min/max", least=0.0)
    is_clipped = c.yes("a target of 100 % was read as 99.95 %")
    is_capped = c.yes("held by maximum cover, maximum stock or shelf life")


class Curve(Table):
    """What each further pack is worth at a node tonight (step order)."""

    item_id = c.key("item")
    location_id = c.key("location")
    pack_index = c.index_key("1 is the first pack")
    pack_qty = c.qty("units in the pack", least=0.0)
    pack_value = c.money("value of this pack, given the ones before", required=True)
    unit_value = c.money("value of its last unit", required=True)


class Wish(Table):
    """What every node would order without limits (step order)."""

    item_id = c.key("item")
    location_id = c.key("location")
    source_id = c.text("source of the arc in use", required=True)
    kind = c.word("kind of supply", "buy", "move", "make")
    method = c.word("ordering rule used", "curve", "order_up_to", "reorder_point", "min_max", "mrp", "simple")
    qty = c.qty("units wished", least=0.0)
    unrounded_qty = c.qty("units before packs and minimums", least=0.0)
    order_bucket_index = c.whole("bucket of the order: 0 is tonight")
    lead_time_buckets = c.whole("lead time used")
    review_buckets = c.whole("review time used")
    reason_code = c.text(
        "why this quantity: no_demand, shelf_floor, pack_too_big, moq_deferred, value, ...", required=True
    )
    binding_limit = c.text("what cut or raised the quantity")
    value = c.money("what the line earns over ordering nothing", required=True)
    last_unit_value = c.money("value of the last unit", required=True)
    window_1_qty = c.qty("mean demand of the first coverage window", least=0.0)
    window_2_qty = c.qty("mean demand of the second", least=0.0)
    stock_at_arrival_qty = c.qty("projected stock when it arrives, mean")
    stock_at_arrival_q10_qty = c.qty("the same, 10 % quantile")
    need_90_qty = c.qty("demand until the next chance arrives, 90 % quantile", least=0.0)
    stockout_probability_before_arrival = c.share("nothing ordered tonight can change it", required=True)
    stockout_probability_without = c.share("chance of running out in window 1 without the order", required=True)
    stockout_probability_with = c.share("the same with the wished quantity", required=True)
    expected_lost_without_qty = c.qty("units lost in window 1 without the order", least=0.0)
    expected_lost_with_qty = c.qty("the same with it", least=0.0)
    expected_leftover_qty = c.qty("units of the order left at the end of window 1", least=0.0)
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
    kind = c.word("kind of supply", "buy", "move", "make")
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


class Projection(Table):
    """What stock will be, bucket by bucket (step project): means with their exact identity."""

    item_id = c.key("item")
    location_id = c.key("location")
    bucket_index = c.index_key("0 is the first open bucket")
    bucket_start = c.day("first day", required=True)
    opening_qty = c.qty("stock at its opening; negative is backlog")
    record_adjustment_qty = c.qty("correction of the books, in bucket 0 only")
    receipt_qty = c.qty("open orders arriving", least=0.0)
    proposed_qty = c.qty("tonight's order arriving", least=0.0)
    planned_qty = c.qty("later orders the plan expects to place", least=0.0)
    forecast_qty = c.qty("demand of its own", least=0.0)
    requirement_qty = c.qty("demand of dependants", least=0.0)
    order_qty = c.qty("customer orders beyond the forecast they consume", least=0.0)
    demand_qty = c.qty("all demand: forecast, requirement and orders", least=0.0)
    lost_qty = c.qty("demand lost", least=0.0)
    expired_qty = c.qty("lots that expire", least=0.0)
    closing_qty = c.qty("opening + adjustment + receipt + proposed + planned - demand + lost - expired")
    closing_q10_qty = c.qty("10 % quantile of closing")
    closing_q50_qty = c.qty("median of closing")
    closing_q90_qty = c.qty("90 % quantile of closing")
    closing_without_qty = c.qty("mean closing with open orders only: nothing proposed or planned")
    lost_without_qty = c.qty("demand lost, or backlogged, with open orders only", least=0.0)


class Peg(Table):
    """Which supply serves which demand, first in first out (step project)."""

    item_id = c.key("item")
    location_id = c.key("location")
    peg_index = c.index_key("order of the peg within its node")
    supply_kind = c.word("what serves", "stock", "open_order", "proposal", "planned")
    supply_id = c.text("order and line; empty for stock")
    supply_date = c.day("day it is there", required=True)
    demand_kind = c.word("what is served", "sales_order", "forecast", "requirement", "safety_stock")
    demand_id = c.text("order and line, or dependant node")
    demand_date = c.day("day it is wanted", required=True)
    qty = c.qty("units", least=0.0)
    is_late = c.yes("the supply comes after the demand")


PLAN_TABLES: tuple[type[Table], ...] = (
    Record,
    Season,
    Demand,
    EventEffect,
    EventUplift,
    Segment,
    LeadTime,
    Baseline,
    Availability,
    Member,
    MemberFit,
    PastMember,
    Score,
    Calibration,
    ErrorLaw,
    ErrorFactor,
    Forecast,
    Total,
    Parameter,
    Target,
    Curve,
    Wish,
    Requirement,
    Order,
    Projection,
    Peg,
)
