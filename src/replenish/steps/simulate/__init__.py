"""Step simulate: had we followed this policy, what would have happened?"""

from __future__ import annotations

from replenish.steps.simulate.arena import Arena, arena, true_demand, weekly
from replenish.steps.simulate.judge import (
    Played,
    Window,
    advice,
    chosen,
    contest_rows,
    costs,
    exchange_rows,
    outcome_rows,
    tuned_rows,
    windows_of,
)
from replenish.steps.simulate.rivals import DIALS, Known, aged_lots, known, order_by_rule, state_tables

__all__ = [
    "DIALS",
    "Arena",
    "Known",
    "Played",
    "Window",
    "advice",
    "aged_lots",
    "arena",
    "chosen",
    "contest_rows",
    "costs",
    "exchange_rows",
    "known",
    "order_by_rule",
    "outcome_rows",
    "state_tables",
    "true_demand",
    "tuned_rows",
    "weekly",
    "windows_of",
]
