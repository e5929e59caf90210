"""Plan tables about answers: what changed since the last acknowledged run, and what overrides were worth."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.proposal import ACTIONS
from replenish.tables.table import Table

OPERATIONS = ("create", "change", "cancel")


class Delta(Table):
    """What to do to the open proposals of the last acknowledged run to have those of tonight (step tell_delta)."""

    proposal_id = c.key("proposal")
    operation = c.word("create: add it; change: replace it by this line; cancel: take it off", *OPERATIONS)
    changed = c.text("columns that differ from the acknowledged line, separated by spaces; empty unless a change")
    cancel_cause = c.word(
        "why it is taken off: tonight's data hold it, or nothing needs it", *("hold", "gone"), required=False
    )
    run_id = c.text("run of tonight", required=True)
    acknowledged_run_id = c.text("last acknowledged run; empty where none was: then every line is a create")
    acknowledged_qty = c.qty("units of the acknowledged line; empty for create", required=False, least=0.0)
    acknowledged_order_date = c.day("its release")
    acknowledged_need_date = c.day("its need")
    acknowledged_receipt_date = c.day("its arrival")
    acknowledged_source_id = c.text("its source")
    action = c.word(
        "what the line asks for; this and all that follows: of tonight, for cancel as acknowledged", *ACTIONS
    )
    kind = c.word("kind of order", "purchase", "transfer", "production")
    item_id = c.text("item", required=True)
    location_id = c.text("receiving location", required=True)
    source_id = c.text("supplier, origin location, or making location", required=True)
    qty = c.qty("units after the change; 0 for action CANCEL", least=0.0)
    uom = c.text("base unit of the item", required=True)
    order_date = c.day("release", required=True)
    need_date = c.day("when it is needed", required=True)
    receipt_date = c.day("expected in stock", required=True)
    existing_order_id = c.text("order the message is about; empty for NEW")
    existing_line_id = c.text("its line")
    old_qty = c.qty("quantity before the change", required=False, least=0.0)
    old_date = c.day("date before the change")
    unit_cost = c.money("cost of one unit", least=0.0)
    value = c.money("quantity times unit cost; for action CANCEL the money freed", least=0.0)
    currency = c.text("currency of all money", required=True)


class OverrideValue(Table):
    """What an edited or rejected line cost beside what was proposed, on what really happened (step judge_overrides)."""

    item_id = c.key("item")
    location_id = c.key("location")
    proposal_id = c.key("proposal")
    window_start = c.day("first day of the replay: the earlier arrival of the two", required=True)
    window_end = c.day("last day: one review after the later arrival", required=True)
    basis = c.word("what was asked of the node: its own demand, or what left it", "demand", "outflow")
    proposed_qty = c.qty("units as proposed", least=0.0)
    ordered_qty = c.qty("units as decided", least=0.0)
    opening_qty = c.qty("stock at the start of the replay")
    other_receipt_qty = c.qty("units that came in the window beside the line", least=0.0)
    demand_qty = c.qty("units asked for in the window", least=0.0)
    proposed_lost_qty = c.qty("units not served from the shelf, had it been as proposed", least=0.0)
    ordered_lost_qty = c.qty("the same as decided", least=0.0)
    proposed_holding_cost = c.money(
        "holding, of what is left over too, had it been as proposed", required=True, least=0.0
    )
    ordered_holding_cost = c.money("the same as decided", required=True, least=0.0)
    proposed_shortage_cost = c.money("margin lost, had it been as proposed", required=True, least=0.0)
    ordered_shortage_cost = c.money("the same as decided", required=True, least=0.0)
    proposed_waste_cost = c.money("left over beyond its shelf life, had it been as proposed", required=True, least=0.0)
    ordered_waste_cost = c.money("the same as decided", required=True, least=0.0)
    override_value = c.money(
        "cost as proposed less cost as decided: positive where the person was right", required=True
    )
