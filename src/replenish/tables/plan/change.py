"""Plan table of what changed since the previous run."""

from __future__ import annotations

from replenish.tables import columns as c
from replenish.tables.table import Table

CAUSES = (
    "calendar",
    "dependent_demand",
    "data_corrections",
    "on_hand",
    "open_orders",
    "moves",
    "sales",
    "forecast_model",
    "events",
    "lead_time",
    "policy",
    "rounding",
    "limits",
    "other",
)


class Change(Table):
    """What is ordered anew at a node beside the previous run's proposals, cause by cause (step compare).

    One row a node and cause with a part in it; the parts of a node add up to its change. No rows on a first night.
    """

    item_id = c.key("item")
    location_id = c.key("location")
    cause = c.word_key("family of inputs that was replaced by tonight's, in this order", *CAUSES)
    proposal_id = c.text("largest line of tonight, else of the previous run", required=True)
    kind = c.word("kind of that line", "purchase", "transfer", "production")
    source_id = c.text("its source", required=True)
    previous_qty = c.qty("units of the previous run's new lines and increases", least=0.0)
    qty = c.qty("the same of tonight", least=0.0)
    change_qty = c.qty("qty less previous_qty")
    part_qty = c.qty("units of the change that this cause brought")
    change_value = c.money("change_qty at unit cost; empty where no cost is known")
    part_value = c.money("part_qty at unit cost")
    movement = c.word("what became of the order", "appeared", "vanished", "grown", "shrunk")
    is_rerun = c.yes("taken apart by running the node again; else all of it is other")
    explanation = c.text("the parts in one sentence", required=True)
