"""Plan tables of station demand: what was wanted, and when supply arrives."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table

STATES = ("missing", "censored", "partial", "full")
DEMAND_CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "no_demand")

PLANT_PARAMETERS = ("yield_rate", "run_hours_per_unit", "ideal_qty_per_hour", "efficiency_rate")


class RecordLaw(Table):
    """What counts tell of the records of a category, shrunk to all counts (step learn_counts)."""

    category = c.key("category, or `all`")
    count_count = c.whole("counts")
    error_variance_rate = c.rate("growth of a record's error variance per unit moved", required=True, least=0.0)
    shrinkage_rate = c.rate("units lost per unit moved; negative where counts find more", required=True)
    ghost_rate = c.share("counts that found nothing although the books showed stock", required=True)


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
    last_count_date = c.day("day of the last count; empty where none is known")
    moved_qty = c.qty("units sold and received since the last count, or in a year at most without one", least=0.0)
    error_sd_qty = c.qty("standard deviation of the record's error, grown with every unit moved", least=0.0)
    shrinkage_rate = c.rate("units lost per unit moved, as counts of its category tell", required=True)


class Drift(Table):
    """Master values that the evidence speaks against, with a proposal for each: never applied (step learn_drift)."""

    item_id = c.text_key("item; empty where all items of the supplier or the work centre are meant")
    location_id = c.key("location supplied; for what the plant does the plant")
    parameter = c.word_key(
        "which master value; supplier_review: of all items",
        "lead_time",
        "review_time",
        "pack",
        "minimum",
        "supplier_review",
        *PLANT_PARAMETERS,
    )
    source_id = c.key("source of the arc in use; for what the plant does the work centre")
    kind = c.word("kind of supply", "buy", "move", "make")
    old_days = c.days("a time as the master says it; empty for quantities")
    new_days = c.days("what the master should say, in whole days")
    old_qty = c.qty("a quantity as the master says it; empty for times", required=False, least=0.0)
    new_qty = c.qty("what the master should say", required=False, least=0.0)
    old_rate = c.rate("a yield, hours a unit, units an hour or an efficiency as the master says it", least=0.0)
    new_rate = c.rate("what the master should say", least=0.0)
    low_rate = c.rate("lower end of its 90 % interval", least=0.0)
    high_rate = c.rate("upper end", least=0.0)
    observed_days = c.days("mean lead time, median gap between orders, best cycle of joint orders")
    observation_count = c.whole("receipts, complete lines, gaps between orders, items, or lines of the log behind it")
    low_days = c.days("lower end of its 90 % interval")
    high_days = c.days("upper end")
    effect_value = c.money("money a year that planning with the old value costs or ties up", least=0.0)
    effect_basis = c.text("how that money is reckoned", required=True)


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


class KeptPromise(Table):
    """What a line of an earlier night promised and what came, once its window is over (step keep_promises)."""

    item_id = c.key("item")
    location_id = c.key("location")
    proposal_id = c.key("proposal")
    category = c.text("category of the item", required=True)
    window_start = c.day("first day of the coverage window", required=True)
    window_end = c.day("last day", required=True)
    stockout_probability = c.share("chance of running out in it that was promised", required=True)
    width_rate = c.rate("factor on the law's variance that earlier promises had asked for", required=True, least=0.0)
    expected_demand_qty = c.qty("mean demand that was promised", least=0.0)
    expected_sales_qty = c.qty("mean sales that were promised", least=0.0)
    achieved_demand_qty = c.qty("units wanted in it, lost ones estimated", least=0.0)
    achieved_sales_qty = c.qty("units sold in it")
    is_stockout = c.yes("ran out in it: a censored or partial bucket, or sales lost")


class PromiseScore(Table):
    """Do orders keep what they promise? By category and tenth of the promised chance (step score_promises)."""

    category = c.key("category, or `all`")
    decile = c.index_key("tenth of the scale of the promised chance of running out, 1 to 10; 0: all of them")
    promise_count = c.whole("promises judged")
    promised_share = c.share("mean promised chance of running out", required=True)
    achieved_share = c.share("share that ran out", required=True)
    promised_fill_rate = c.rate("promised sales over promised demand; empty without demand", least=0.0)
    achieved_fill_rate = c.rate("sales over demand; empty without demand")
    is_alarm = c.yes("shares differ by more than two points over more than 2,000 promises")


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
