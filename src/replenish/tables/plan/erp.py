"""Plan tables behind the files in the words of ERPs."""

from __future__ import annotations

from replenish.publish_settings import ERP_SYSTEMS
from replenish.tables import columns as c
from replenish.tables.table import Table


class ErpLine(Table):
    """What each ERP written for calls the things a proposal speaks of (step address); empty without dialects."""

    system = c.word_key("ERP", *ERP_SYSTEMS)
    proposal_id = c.key("proposal that asks for something")
    item_key = c.text("item")
    location_key = c.text("receiving location")
    source_key = c.text("supplier, or origin of a transfer; production has none")
    uom_key = c.text("base unit of the item")
    company_key = c.text("company of the receiving location; empty: the one of the settings")
    picking_type_key = c.text("operation type in Odoo: of the receiving location, of a transfer of its origin")
    bom_key = c.text("bill of materials")
    operation_key = c.text("operation in frePPLe")
    order_key = c.text("open order or its line that a message is about")
    order_status = c.text("how firm that order is in the books")
    is_known = c.yes("proposed by the previous run too")
    missing = c.text("keys it lacks there: the line is held")


class SafetyPhase(Table):
    """Safety stock from a day on, so many days of demand as tonight (step phase_safety); empty without frePPLe."""

    item_id = c.key("item")
    location_id = c.key("location")
    start_date = c.day_key("first day it holds")
    end_date = c.day("first day it holds no longer", required=True)
    safety_stock_qty = c.qty("safety stock", least=0.0)
