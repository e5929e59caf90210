"""What became of the made-up company's earlier lines: a few of every kind, over some weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from replenish.tables import core, plan
from tests.reporting.rows import AS_OF
from tests.steps.propose_frames import frame

KINDS = ("accepted", "accepted", "edited", "rejected", "expired", "open")


def answer_tables(key: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Lines of the nodes with their answers, and what overrides were worth."""
    lines: list[dict[str, Any]] = []
    worth: list[dict[str, Any]] = []
    for number, node in enumerate(key.head(36).iter_rows(named=True)):
        night, outcome = AS_OF - timedelta(days=70 - 2 * number), KINDS[number % len(KINDS)]
        by = {"user": "<i>Ann</i>", "reason": "room for more & less", "at": night} if number % 6 < 4 else {}
        told = {**node, "proposal_id": f"P-{number:012d}", "night_date": night, "outcome": outcome, **by}
        days = {"receipt_date": night + timedelta(days=3), "ordered_date": night + timedelta(days=3)}
        lines.append({**told, **days, "action": "NEW", "qty": 10.0, "ordered_qty": 4.0, "value": 12.5 + number})
        if outcome in ("edited", "rejected"):
            worth.append({**node, "proposal_id": told["proposal_id"], "override_value": 20.0 - 1.5 * number})
    return {
        "core.answered_line": frame(core.AnsweredLine, lines),
        "plan.override_value": frame(plan.OverrideValue, worth),
    }
