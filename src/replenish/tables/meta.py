"""Bookkeeping of the warehouse: what tonight's SQL may assume, what was loaded, which runs there were."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table


class Setting(Table):
    """One row: what the settings say of the night; empty where the data shall tell."""

    as_of = c.day("last closed day, where it is given")
    bucket_days = c.whole("1 or 7, where it is given", required=False)
    week_start = c.whole("weekday a week starts on, where it is given", required=False)
    source_grain_days = c.whole("1, 7 or 30, where it is given", required=False)
    horizon_weeks = c.whole("weeks planned ahead")
    history_weeks = c.whole("weeks looked back at most")
    lead_time_days = c.days("default lead time", required=True)
    review_days = c.days("default review time", required=True)
    service_target = c.share("default service target", required=True)
    fill_target = c.share("default fill target", required=True)
    holding_rate = c.rate("share of unit cost a year", required=True)
    margin_share = c.share("default margin as share of price", required=True)
    order_cost = c.money("default cost of one line", required=True)
    method = c.text("default ordering rule", required=True)
    lot_rule = c.text("default lot rule of netted nodes", required=True)
    currency = c.text("currency", required=True)
    planning_fence_days = c.whole("days ahead in which made items get no new order by machine")
    day_start = c.hours("hour of the day at which work centres open", required=True)
    doubt_days = c.whole("days up to as-of searched for silence, feed gaps and jumps of units")
    chance_share = c.share("probability below which what is found is no chance", required=True)


class Night(Table):
    """One row: as-of, grain and the defaults that SQL fills gaps with."""

    as_of = c.day("last closed day", required=True)
    bucket_days = c.whole("1 or 7")
    week_start = c.whole("weekday a week starts on, 1 Monday to 7 Sunday")
    source_grain_days = c.whole("1, 7 or 30: how sales are dated")
    horizon_weeks = c.whole("weeks planned ahead")
    history_weeks = c.whole("weeks looked back at most")
    lead_time_days = c.days("default lead time", required=True)
    review_days = c.days("default review time", required=True)
    service_target = c.share("default service target", required=True)
    fill_target = c.share("default fill target", required=True)
    holding_rate = c.rate("share of unit cost a year", required=True)
    margin_share = c.share("default margin as share of price", required=True)
    order_cost = c.money("default cost of one line", required=True)
    method = c.text("default ordering rule", required=True)
    lot_rule = c.text("default lot rule of netted nodes", required=True)
    currency = c.text("currency", required=True)
    planning_fence_days = c.whole("days ahead in which made items get no new order by machine")
    day_start = c.hours("hour of the day at which work centres open", required=True)
    doubt_days = c.whole("days up to as-of searched for silence, feed gaps and jumps of units")
    chance_share = c.share("probability below which what is found is no chance", required=True)


class Load(Table):
    """One row a file and table loaded: rows in = rows loaded + rows rejected."""

    load_id = c.key("table, file and content, hashed")
    table_name = c.text("input table", required=True)
    file = c.text("file below the company folder, connection:source, or URL", required=True)
    sha256 = c.text("content of the file or answer, and of its mapping", required=True)
    row_count = c.whole("rows in")
    loaded_count = c.whole("rows loaded")
    rejected_count = c.whole("rows rejected, set-aside ones included")
    set_aside_count = c.whole("rows set aside by the mapping's own filters")
    ignored_columns = c.text("columns not in the contract, comma separated")


class Run(Table):
    """Run history; the newest complete row with an earlier as-of is the previous run."""

    run_id = c.key("as-of and 8 hex of what went in")
    as_of = c.day("last closed day", required=True)
    previous_run_id = c.text("run it continued from")
    status = c.word("how it ended", "complete", "failed")
    settings_hash = c.text("settings", required=True)
    input_hash = c.text("inputs as of the night", required=True)
    version = c.text("version of the program", required=True)
    proposal_count = c.whole("proposals published")
    proposal_value = c.money("their value")
    folder = c.text("where it was published")
    message = c.text("what went wrong, where it failed")


META_TABLES: tuple[type[Table], ...] = (Setting, Night, Load, Run)
