"""Every proposal of tonight: sort it, filter it, send a link to what you see."""

from __future__ import annotations

from typing import Any

import polars as pl

from replenish.reporting import Report
from replenish.reporting.shards import columns_text

TITLE = "Proposals"
FILE = "proposals.html"
ORDER = 2
TEMPLATE = "proposals.html.j2"
SCRIPTS = ("listing.js", "proposals.js")

COLUMNS = (
    "priority",
    "proposal_id",
    "action",
    "kind",
    "item_id",
    "item_name",
    "location_id",
    "location_name",
    "source_id",
    "source_name",
    "qty",
    "uom",
    "simple_qty",
    "order_date",
    "receipt_date",
    "existing_order_id",
    "value",
    "stockout_probability_without",
    "expected_lost_sales_value_without",
    "expected_waste_qty",
    "expected_waste_value",
    "explanation",
    "hold",
    "hold_cause",
    "start_at",
    "finish_at",
    "load_hours",
    "pegged_demand",
    "waiting_orders",
)


TOP_MOVES = 200
TOP_LEVELS = 50
TOP_LIMITS = 50
MORE_MONEY = 1000.0  # what the list shows the purchases of


def view(report: Report) -> dict[str, Any]:
    """Values of the template; the rows go into the shard `proposals`."""
    proposals = report.table("proposal").sort("priority", "proposal_id").select(COLUMNS)
    proposals = proposals.with_columns(pl.col("start_at", "finish_at").dt.strftime("%Y-%m-%d %H:%M"))
    report.add_shard("proposals", columns_text(proposals))
    moves = report.table("rebalance").sort(
        "value", "item_id", "location_id", "source_id", descending=[True, False, False, False]
    )
    told = {"moves": moves.head(TOP_MOVES).to_dicts(), "move_count": moves.height, **_limits(report)}
    told |= _levels(report)
    return told | {"count": proposals.height, "held": proposals.filter(pl.col("hold")).height}


def _levels(report: Report) -> dict[str, Any]:
    """Minimum and maximum that an ERP should be told, the largest change of stock value first."""
    levels = report.table("min_max")
    size = pl.col("max_change_value").abs()
    ranked = levels.sort(size, "item_id", "location_id", descending=[True, False, False], nulls_last=True)
    return {"levels": ranked.head(TOP_LEVELS).to_dicts(), "level_count": levels.height}


def _limits(report: Report) -> dict[str, Any]:
    """Limits with their prices, and what the next money would buy."""
    ranked = report.table("cut_line").sort("rank")
    spent = ranked.filter("is_taken").select(pl.col("cumulative_cost").max()).item() or 0.0
    next_ones = ranked.filter(~pl.col("is_taken") & (pl.col("cumulative_cost") <= spent + MORE_MONEY))
    gain, cost = (float(next_ones[name].sum()) for name in ("gain_value", "cost"))
    limits = report.table("limit").sort("shadow_price", "kind", "scope_id", descending=[True, False, False])
    return {
        "limits": limits.head(TOP_LIMITS).to_dicts(),
        "limit_count": limits.height,
        "next_ones": next_ones.to_dicts(),
        "next_gain": gain,
        "next_cost": cost,
        "more": MORE_MONEY,
    }
