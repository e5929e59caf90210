"""Core tables that the previous run and the newest backtest brought."""

from __future__ import annotations

from replenish.tables import backtest, plan, proposal
from replenish.tables import columns as c
from replenish.tables.table import Table

OUTCOMES = ("accepted", "edited", "rejected", "expired", "open")


class PreviousProposal(Table):
    """Lines of the previous run, so that the same need keeps its id."""

    proposal_id = c.key("proposal")
    action = c.text("what the line asked for: NEW becomes an order, others change one", required=True)
    kind = c.text("purchase, transfer or production", required=True)
    item_id = c.text("item", required=True)
    location_id = c.text("receiving location", required=True)
    source_id = c.text("source", required=True)
    need_date = c.day("when it is needed", required=True)
    receipt_date = c.day("when it would arrive")
    qty = c.qty("units", least=0.0)
    existing_order_id = c.text("order it would change; empty for NEW")
    existing_line_id = c.text("its line")
    old_qty = c.qty("quantity before the change", required=False, least=0.0)
    old_date = c.day("date before the change")
    first_need_date = c.day("need date when the id was made", required=True)
    id_counter = c.whole("tells lines of equal need apart")
    is_decided = c.yes("accepted or edited since: an order now, no longer a proposal")


class PreviousLine(Table):
    """Lines that nights of the last half year proposed: of each the newest version, or the one that was answered."""

    proposal_id = c.key("proposal")
    run_id = c.text("run whose version this is", required=True)
    night_date = c.day("as-of of that run", required=True)
    first_night_date = c.day("as-of of the night that first proposed it", required=True)
    action = c.text("what it asked for", required=True)
    kind = c.text("purchase, transfer or production", required=True)
    item_id = c.text("item", required=True)
    location_id = c.text("receiving location", required=True)
    category = c.text("category of the item", required=True)
    source_id = c.text("source", required=True)
    need_date = c.day("when it was needed", required=True)
    receipt_date = c.day("when it would arrive", required=True)
    qty = c.qty("units after the change", least=0.0)
    existing_order_id = c.text("order it would change; empty for NEW")
    existing_line_id = c.text("its line")
    old_qty = c.qty("quantity before the change", required=False, least=0.0)
    old_date = c.day("date before the change")
    value = c.money("quantity times unit cost; for CANCEL the money freed", least=0.0)
    hold = c.yes("was not to be executed")
    expires_at = c.day("void after this day", required=True)
    review_days = c.whole("days from its arrival to that of the next order")
    first_need_date = c.day("need date when the id was made", required=True)
    id_counter = c.whole("tells lines of equal need apart")


class PreviousRunLine(Table):
    """Executable lines as runs published them: of the last acknowledged run, and of those since then."""

    run_id = c.key("run")
    proposal_id = c.key("proposal")
    night_date = c.day("as-of of the run", required=True)
    action = c.text("what to do", required=True)
    kind = c.text("purchase, transfer or production", required=True)
    item_id = c.text("item", required=True)
    location_id = c.text("receiving location", required=True)
    source_id = c.text("source", required=True)
    qty = c.qty("units after the change", least=0.0)
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


class AcknowledgedProposal(PreviousRunLine):
    """Executable lines of the last acknowledged run: the newest earlier one of which any line was answered."""

    is_answered = c.yes("accepted, edited, rejected or given up: no longer on the list of open proposals")


class AnsweredLine(PreviousLine):
    """Lines of earlier nights and what became of them."""

    outcome = c.word("what became of it; accepted means unchanged", *OUTCOMES)
    ordered_qty = c.qty("units that stand after the answer; empty while it is open", required=False, least=0.0)
    ordered_date = c.day("arrival that stands after the answer")
    erp_order_id = c.text("order it became")
    user = c.text("who decided")
    reason = c.text("why")
    at = c.day("day of the decision")


class PreviousOrder(Table):
    """What the previous run proposed to order anew at every node: NEW lines and what INCREASEs added."""

    item_id = c.key("item")
    location_id = c.key("location")
    proposal_id = c.text("largest of these lines", required=True)
    kind = c.text("its kind: purchase, transfer or production", required=True)
    source_id = c.text("its source", required=True)
    previous_qty = c.qty("units, all lines together", least=0.0)


class PreviousException(Table):
    """Exceptions of the previous run, so that each keeps the run that first showed it."""

    exception_id = c.key("exception")
    first_seen_run = c.text("run that first showed it", required=True)


class PreviousMemberFit(plan.MemberFit):
    """Fitted members of the previous run, so that most nodes need no fit tonight."""


class PreviousPastMember(plan.PastMember):
    """What fitted members said on nights up to the previous run, one origin a week: the evidence on them."""


class PreviousPromise(proposal.Promise):
    """What lines of earlier nights promised, unless edited, rejected or expired since: their windows are still open
    or ended in the last 400 days. Of a line promised more than once, the last promise.
    """

    width_rate = c.rate("factor on the law's variance that earlier promises had asked for", required=True, least=0.0)


class PreviousAnnouncement(Table):
    """Stock-outs that nights up to the previous run announced, of the last half year."""

    exception_id = c.key("exception")
    seen_date = c.day_key("as-of of the night that first said it")
    last_seen_date = c.day("as-of of the last night that said it", required=True)
    code = c.word("kind of exception", "SHORTAGE", "POTENTIAL_STOCKOUT")
    item_id = c.text("item", required=True)
    location_id = c.text("location", required=True)
    date = c.day("day it named when it was last said", required=True)


class PreviousJob(plan.Job):
    """Operations as the previous run scheduled them, so that those about to begin stay where they are."""


class PreviousSteadiness(plan.Steadiness):
    """What nights up to the previous run proposed, the last twenty: what is usual."""


class PreviousMinMax(Table):
    """Minimum and maximum last exported of every node, however many nights ago."""

    item_id = c.key("item")
    location_id = c.key("location")
    min_qty = c.qty("minimum last exported", least=0.0)
    max_qty = c.qty("maximum last exported", least=0.0)
    multiple_qty = c.qty("pack last exported", least=0.0)


class Tuned(backtest.Tuned):
    """The dial of each rule that the newest backtest of this company chose; no rows before the first."""


class BacktestOutcome(backtest.Outcome):
    """What each rule and dial did in each window of the newest backtest; no rows before the first."""


class BacktestContest(backtest.Contest):
    """Each rule beside the rule of the nights in the newest backtest."""


class BacktestExchange(backtest.Exchange):
    """Stock against fill of every rule and dial in the newest backtest."""


class BacktestKept(backtest.Kept):
    """What the rule of the nights promised in the newest backtest, and what came."""


class BacktestAdvice(backtest.Advice):
    """What to do about the newest backtest."""


class BacktestReplay(backtest.Replay):
    """What the newest backtest replayed."""


class HistoryCheck(Table):
    """Checksums of a node's sales, to notice history that was handed in anew."""

    item_id = c.key("item")
    location_id = c.key("location")
    checked_from = c.day("first day of the history that checksum covers", required=True)
    checksum = c.text("checksum of sales from checked_from to as-of", required=True)
    previous_checksum = c.text("the same over the days that the previous fit covered; empty without such a fit")
