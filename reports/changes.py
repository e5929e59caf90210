"""Why tonight's orders are not last night's: every change, cause by cause."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from replenish.reporting import Report
from replenish.reporting.shards import columns_text
from replenish.reporting.waterfall import Step, waterfall

TITLE = "Changes"
FILE = "changes.html"
ORDER = 8
TEMPLATE = "changes.html.j2"
SCRIPTS = ("listing.js", "changes.js")

KEY = ["item_id", "location_id"]
CAUSES = {
    "calendar": ("Calendar", "time went by: another order day, another draw of chance, changed settings"),
    "dependent_demand": ("Demand from below", "what the places it supplies ask for, or what is made of it"),
    "data_corrections": ("Data corrections", "doubts of the stock record, lots on hold, reservations"),
    "on_hand": ("Stock", "what lies there, how old it is and how sure the books are"),
    "open_orders": ("Open orders", "orders placed, accepted, received, moved or called off since"),
    "moves": ("Moves between locations", "units that lateral moves bring or take"),
    "sales": ("Sales", "newer sales and customer orders, forecast in last night’s way"),
    "forecast_model": ("Forecast model", "another mix of methods, season or spread"),
    "events": ("Events", "promotions, holidays and what was learned of them"),
    "lead_time": ("Lead time", "when supply arrives, and what varies until then"),
    "policy": ("Policy and costs", "sources, costs, service levels, reviews and the levels made of them"),
    "rounding": ("Rounding", "packs, minimums and what they take or add"),
    "limits": ("Limits", "stock, money, space, trucks and hours that orders share"),
    "other": ("Other", "small changes, items planned on one night only, and what running them again does not explain"),
}
MOVEMENTS = ("appeared", "vanished", "grown", "shrunk")
LISTED = (
    "proposal_id",
    *("item_id", "item_name", "location_id", "location_name", "source_name", "kind", "movement"),
    *("previous_qty", "qty", "change_qty", "change_value", "uom", "is_rerun", "is_proposed", "explanation"),
)
TOP_MESSAGES = 200


def view(report: Report) -> dict[str, Any]:
    """Values of the template; the nodes that changed go into the shard `changes`."""
    parts = report.table("change").sort(*KEY, "cause")
    nodes = _nodes(parts)
    report.add_shard("changes", columns_text(nodes))
    titles = {name: title for name, (title, _) in CAUSES.items()}
    report.add_shard("change_causes", json.dumps(titles, sort_keys=True))
    messages = report.table("changed_message").sort("movement", "existing_order_id", "existing_line_id", *KEY)
    currency = str(report.table("overview")["currency"].item(0) or "")
    return {
        "is_first": report.table("steadiness").height < 2,
        "count": nodes.height,
        "rerun_count": nodes.filter("is_rerun").height,
        "causes": _causes(parts),
        "movements": _movements(nodes),
        "chart": _chart(parts, nodes, currency),
        "messages": messages.head(TOP_MESSAGES).to_dicts(),
        "message_count": messages.height,
    }


def _nodes(parts: pl.DataFrame) -> pl.DataFrame:
    """One row a node, the dearest change first, with its largest cause."""
    ranked = parts.sort(*KEY, pl.col("part_qty").abs(), "cause", descending=[False, False, True, False])
    largest = ranked.group_by(KEY, maintain_order=True).agg(
        pl.col("cause").first(), pl.col(LISTED).exclude(KEY).first()
    )
    dear = pl.col("change_value").abs()
    return largest.sort(dear, *KEY, descending=[True, False, False], nulls_last=True).select(*LISTED, "cause")


def _causes(parts: pl.DataFrame) -> list[dict[str, Any]]:
    """What each cause added and took, in the order in which causes are replaced."""
    up, down = (pl.col("part_value").filter(sign) for sign in (pl.col("part_qty") > 0, pl.col("part_qty") < 0))
    sums = parts.group_by("cause").agg(
        node_count=pl.len(), up=up.sum(), down=down.sum(), net=pl.col("part_value").sum()
    )
    rows = {row["cause"]: row for row in sums.to_dicts()}
    return [rows[name] | {"title": title, "meaning": text} for name, (title, text) in CAUSES.items() if name in rows]


def _movements(nodes: pl.DataFrame) -> list[dict[str, Any]]:
    """Orders that appeared, vanished, grew and shrank."""
    rows = []
    for name in MOVEMENTS:
        mine = nodes.filter(movement=name)
        rows.append({"movement": name, "count": mine.height, "value": float(mine["change_value"].sum())})
    return rows


def _chart(parts: pl.DataFrame, nodes: pl.DataFrame, currency: str) -> str | None:
    """From last night's money in these orders to tonight's; nothing where no cost is known."""
    known = nodes.filter(pl.col("change_value").is_not_null())
    if known.is_empty():
        return None
    cost = pl.col("change_value") / pl.col("change_qty")
    before, now = (float(known.select((cost * pl.col(name)).sum()).item()) for name in ("previous_qty", "qty"))
    told = [Step(row["title"], row["net"]) for row in _causes(parts) if row["net"]]
    words = "; ".join(f"{step.name} {step.value:+,.0f}" for step in told)
    label = f"Money in orders that changed: {before:,.0f} {currency} last night; {words}; {now:,.0f} tonight"
    steps = [Step("Last night", before, is_total=True), *told, Step("Tonight", now, is_total=True)]
    return waterfall(steps, label=label, currency=currency)
