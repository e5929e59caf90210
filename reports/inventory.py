"""Where the money in stock lies, how fast it turns, what of it nobody will want, and what more or less would serve."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from replenish.reporting import Report
from replenish.reporting.exchange import exchange_picture
from replenish.reporting.shards import columns_text

TITLE = "Inventory"
FILE = "inventory.html"
ORDER = 6
TEMPLATE = "inventory.html.j2"
SCRIPTS = ("listing.js", "inventory.js")

ABC, XYZ = ("A", "B", "C"), ("X", "Y", "Z")
MOST_GROUPS = 50  # categories and locations shown; mart.inventory_group has them all
CAUSE_WORDS = {
    "pack_or_minimum": "Pack or minimum larger than what may lie there",
    "forecast_fell": "Demand fell since the last order",
    "order_early": "Ordered too early",
    "manual_order": "Ordered by hand: no night proposed it",
    "shelf_floor": "Kept to fill the shelf",
    "season_ended": "Season or listing ended",
    "duplicate_order": "Ordered twice",
    "other": "No cause that the orders tell",
}
LISTED = (
    "item_id",
    "location_id",
    "item_name",
    "location_name",
    "category",
    "abc_class",
    "xyz_class",
    "demand_year_value",
    "on_hand_qty",
    "on_hand_value",
    "cover_days",
    "turns_rate",
    "stock_days",
    "carrying_year_cost",
    "surplus_code",
    "surplus_cause",
    "surplus_qty",
    "surplus_value",
)


def view(report: Report) -> dict[str, Any]:
    """Values of the template; the rows go into the shard `inventory`, most stock first."""
    nodes = report.table("inventory_node").sort(
        "on_hand_value", "item_id", "location_id", descending=[True, False, False], nulls_last=True
    )
    report.add_shard("inventory", columns_text(nodes.select(LISTED)))
    report.add_shard("causes", json.dumps(CAUSE_WORDS, sort_keys=True))
    groups = report.table("inventory_group")
    whole = groups.filter(pl.col("scope") == "all").to_dicts()
    return {
        "count": nodes.height,
        "whole": whole[0] if whole else None,
        "matrix": _matrix(groups),
        "classes": _classes(groups),
        **_largest(groups, "category", "categories"),
        **_largest(groups, "location", "locations"),
        "causes": _causes(report.table("excess_cause")),
        "words": CAUSE_WORDS,
        **_exchange(report),
    }


def _matrix(groups: pl.DataFrame) -> list[tuple[str, list[dict[str, Any]]]]:
    """Rows A, B, C with cells X, Y, Z; cells without items are there too."""
    cells = {row["group_id"]: row for row in groups.filter(pl.col("scope") == "cell").to_dicts()}
    empty = {"node_count": 0}
    return [(abc, [{**cells.get(abc + xyz, empty), "abc": abc, "xyz": xyz} for xyz in XYZ]) for abc in ABC]


def _classes(groups: pl.DataFrame) -> list[dict[str, Any]]:
    """A, B, C, then X, Y, Z; last, and once, what nobody buys where it lies."""
    named = groups.filter(pl.col("scope").is_in(["abc", "xyz"]) & (pl.col("group_id") != "-"))
    rest = groups.filter((pl.col("scope") == "abc") & (pl.col("group_id") == "-"))
    return [*named.sort("scope", "group_id").to_dicts(), *rest.to_dicts()]


def _largest(groups: pl.DataFrame, scope: str, name: str) -> dict[str, Any]:
    """The groups with most stock, and how many there are."""
    found = groups.filter(pl.col("scope") == scope).sort(
        "stock_value", "group_id", descending=[True, False], nulls_last=True
    )
    return {name: found.head(MOST_GROUPS).to_dicts(), f"{name}_count": found.height}


def _causes(table: pl.DataFrame) -> list[dict[str, Any]]:
    """Kind and cause, most money first within each kind; excess before dead stock."""
    return table.sort(
        "code", "value", "cause", descending=[True, True, False], nulls_last=True
    ).to_dicts()  # fmt: skip


def _exchange(report: Report) -> dict[str, Any]:
    """The curve with its two points, as a picture and as a table."""
    curve = report.table("exchange_curve").sort("rule", "dial_index")
    points = {name: next(iter(curve.filter(pl.col("rule") == name).to_dicts()), None) for name in ("targets", "today")}
    currency = report.table("overview").item(0, "currency")
    drawn = curve.filter(pl.col("rule") == "one_level").height > 0
    return {
        "curve": curve.filter(pl.col("rule").is_in(["one_level", "by_cost"])).to_dicts(),
        "chart": exchange_picture(curve, currency) if drawn else None,
        **points,
    }
