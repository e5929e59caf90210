"""One node: what happened, what is expected, what stock will be, and why this quantity. Drawn from shards of nodes."""

from __future__ import annotations

from typing import Any

import polars as pl

from replenish.reporting import Report
from replenish.reporting.shards import columns_text, quantised, rows_text

TITLE = "Items"
FILE = "item.html"
ORDER = 4
TEMPLATE = "item.html.j2"
SCRIPTS = ("item_charts.js", "item_facts.js", "item.js")

SHARD_NODES = 100
KEY = ("item_id", "location_id")
LISTED = (*KEY, "item_name", "location_name", "category", "abc_class", "worst_rank", "worst_code", "action", "new_qty")
LISTS = (
    "sales_qty",
    "estimate_qty",
    "stock_qty",
    "forecast_qty",
    "event_qty",
    "low_qty",
    "high_qty",
    "need_qty",
    "receipt_qty",
    "proposed_qty",
    "planned_qty",
    "stock_q10_qty",
    "stock_q50_qty",
    "stock_q90_qty",
    "stock_without_qty",
)


def view(report: Report) -> dict[str, Any]:
    """Values of the template; shards: `calendar`, the list `nodes`, and `node_<number>` with 100 nodes each."""
    nodes = report.table("node").sort(KEY)
    report.add_shard("calendar", columns_text(report.table("calendar").sort("bucket_index")))
    report.add_shard("nodes", columns_text(nodes.select(LISTED)))
    details = _details(report, nodes)
    for start in range(0, details.height, SHARD_NODES):
        report.add_shard(f"node_{start // SHARD_NODES:04d}", rows_text(details.slice(start, SHARD_NODES)))
    return {"count": nodes.height, "shard_nodes": SHARD_NODES}


def _details(report: Report, nodes: pl.DataFrame) -> pl.DataFrame:
    series = quantised(report.table("series"), LISTS)
    troubles = _listed(
        report.table("exception").sort("rank"), "troubles", "code", "explanation", "value_at_stake", "date"
    )
    orders = report.table("proposal").sort("priority", "proposal_id")
    orders = _listed(
        orders,
        "orders",
        "proposal_id",
        "action",
        "qty",
        "receipt_date",
        "existing_order_id",
        "explanation",
        "hold_cause",
    )
    roots = ("root_kind", "root_id", "root_item_name", "root_location_name", "root_date", "qty", "is_late")
    served = _listed(report.table("served").sort(*KEY, "root_date", *roots), "served", *roots)
    changes = report.table("change").unique(KEY).select(*KEY, change_explanation="explanation")
    joined = nodes
    for table in (series, troubles, orders, served, changes):
        joined = joined.join(table, on=KEY, how="left", maintain_order="left")
    return joined


def _listed(rows: pl.DataFrame, name: str, *columns: str) -> pl.DataFrame:
    dated = rows.with_columns(pl.selectors.date().dt.to_string("%Y-%m-%d"))
    return dated.group_by(KEY, maintain_order=True).agg(pl.struct(columns).alias(name))
