"""The parts of a change in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PHRASES = {
    "calendar": "the calendar moved on",
    "dependent_demand": "what it supplies asks for {}",
    "data_corrections": "corrections of the stock record changed",
    "open_orders": "open orders changed",
    "moves": "moves between locations changed",
    "sales": "of newer sales",
    "forecast_model": "of how demand is forecast",
    "events": "of events",
    "lead_time": "of the lead time",
    "policy": "of policy, costs and levels",
    "rounding": "of packs and minimums",
    "limits": "of limits that orders share",
    "other": "of causes not taken apart",
}


def sentence(row: Mapping[str, Any], parts: list[tuple[str, float]]) -> str:
    """ "12 more than last night (24, now 36): +15 because of newer sales, -3 because stock rose by 3." """
    size = units(abs(row["change_qty"]))
    direction = "more" if row["change_qty"] > 0 else "less"
    head = f"{size} {direction} than last night ({units(row['previous_qty'])}, now {units(row['qty'])})"
    if row["why_not"]:
        return f"{head}: {row['why_not']}."
    told = sorted(parts, key=lambda part: -abs(part[1]))
    words = [f"{signed(qty)} because {_because(cause, qty, row)}" for cause, qty in told if abs(qty) >= 0.05]
    return f"{head}: {', '.join(words)}." if words else f"{head}."


def _because(cause: str, qty: float, row: Mapping[str, Any]) -> str:
    if cause == "on_hand":
        rise = row["on_hand_change_qty"]
        if abs(rise) < 0.05:
            return "of how old and how sure its stock is"
        return f"stock {'rose' if rise > 0 else 'fell'} by {units(abs(rise))}"
    if cause == "calendar" and row["wait_days"] != row["wait_before_days"]:
        return f"its order day moved (it waits {units(row['wait_days'])} days, not {units(row['wait_before_days'])})"
    return PHRASES[cause].format("more" if qty > 0 else "less")


def units(value: float) -> str:
    """Whole numbers from 100 up, else at most one decimal."""
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}"
    return text.removesuffix(".0")


def signed(value: float) -> str:
    """With its sign in front."""
    return f"{'+' if value > 0 else '-'}{units(abs(value))}"
