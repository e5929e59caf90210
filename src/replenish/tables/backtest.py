"""Tables of a backtest: what each rule would have cost, and who won."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table

RULES = ("curve", "simple", "weeks_of_cover", "min_max", "z_sigma", "yours")
VERDICTS = ("cheaper", "even", "dearer")


class Outcome(Table):
    """What a rule with a dial did in a window of history."""

    rule = c.word_key("ordering rule", *RULES)
    dial = c.text_key("its one dial: dispersion, share of the second window, or weeks of cover")
    window_index = c.index_key("number of the window")
    phase = c.word("whether its dial was chosen on it, or it was judged on it", "tune", "test")
    window_start = c.day("first day", required=True)
    window_end = c.day("last day", required=True)
    demand_qty = c.qty("units wanted", least=0.0)
    lost_qty = c.qty("units not served in their bucket", least=0.0)
    fill_rate = c.share("share of demand served from the shelf", required=False)
    fill_value_rate = c.share("the same at selling prices", required=False)
    stock_value = c.money("stock at unit cost, mean over buckets", required=True, least=0.0)
    holding_cost = c.money("of stock", required=True, least=0.0)
    shortage_cost = c.money("of units not served", required=True, least=0.0)
    order_cost = c.money("of order lines", required=True, least=0.0)
    waste_cost = c.money("of expired units", required=True, least=0.0)
    cost = c.money("all of them: what rules are compared by", required=True, least=0.0)
    line_count = c.whole("order lines placed")


class Contest(Table):
    """A rule with its chosen dial beside the rule of the nights, on the windows of phase `test`."""

    rule = c.word_key("ordering rule", *RULES)
    dial = c.text("its chosen dial", required=True)
    cost = c.money("of all windows", required=True, least=0.0)
    fill_rate = c.share("share of demand served from the shelf", required=False)
    fill_low_rate = c.share("5 % quantile over resampled nodes and windows", required=False)
    fill_high_rate = c.share("95 % quantile", required=False)
    stock_value = c.money("mean over buckets", required=True, least=0.0)
    lost_qty = c.qty("units not served in their bucket", least=0.0)
    line_count = c.whole("order lines placed")
    waste_cost = c.money("of expired units", required=True, least=0.0)
    saved_rate = c.rate("what the rule of the nights saves of its cost; negative: it costs more")
    saved_low_rate = c.rate("5 % quantile over resampled nodes and windows")
    saved_high_rate = c.rate("95 % quantile")
    won_count = c.whole("windows in which the rule of the nights is cheaper")
    window_count = c.whole("windows")
    verdict = c.word("the rule of the nights beside this one", *VERDICTS)


class Exchange(Table):
    """Stock against fill: where each rule and dial stands on the windows of phase `test`, and where you stand today."""

    rule = c.word_key("ordering rule, or `today` as the books tell it", *RULES, "today")
    dial = c.text_key("its dial")
    stock_value = c.money("mean over buckets", required=True, least=0.0)
    fill_rate = c.share("share of demand served from the shelf", required=False)
    fill_low_rate = c.share("5 % quantile over resampled nodes and windows; empty for today", required=False)
    fill_high_rate = c.share("95 % quantile", required=False)
    cost = c.money("holding, shortage, orders and waste", required=False, least=0.0)


class Kept(Table):
    """What the rule of the nights promised, and what came, by decile of the promise (its own orders, replayed)."""

    decile = c.index_key("of the promised fill rate; 0 is all together")
    window_count = c.whole("coverage windows")
    promised_rate = c.share("share of demand promised to be served", required=False)
    achieved_rate = c.share("share that was", required=False)


class Tuned(Table):
    """The dial of a rule that cost least over all windows: what the nights after a backtest use, where they are free
    to. One number for the whole company, nothing per item.
    """

    rule = c.word_key("ordering rule", *RULES)
    dial = c.text("its one dial", required=True)
    as_of = c.day("last day of the history it was chosen on", required=True)
    window_count = c.whole("windows it was chosen on")


class Advice(Table):
    """What to do about a backtest, in sentences."""

    position = c.index_key("1 is said first")
    sentence = c.text("what to do", required=True)


class Replay(Table):
    """One row: what a backtest replayed."""

    as_of = c.day_key("last day of its history")
    node_count = c.whole("items at locations")


BACKTEST_TABLES: tuple[type[Table], ...] = (Outcome, Contest, Exchange, Kept, Tuned, Advice, Replay)
