"""What came in, what was left out and why, what had to be assumed, and how good the forecasts have been."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import polars as pl

from replenish.reporting import Report

TITLE = "Data health"
FILE = "data_health.html"
ORDER = 12
TEMPLATE = "data_health.html.j2"
SCRIPTS = ()

MOST_CATEGORIES = 8  # whose promised levels are shown; the table of the run has them all

MOST_DRIFTS = 50

MOST_TOUCHED = 50

DOUBTS = {
    "negative_stock": "Stock below zero",
    "silent_location": "A place that sells nothing",
    "feed_gap": "Days missing from a feed",
    "unit_jump": "Another unit",
    "demand_outlier": "Demand beyond reason",
    "ghost_stock": "Stock that may not be there",
}

TOPICS = {
    "defaults": "Assumed, because the inputs are silent",
    "records": "Records in doubt",
    "demand": "Demand",
    "forecast": "Forecast",
    "network": "Network of supply",
}


def view(report: Report) -> dict[str, Any]:
    """Values of the template."""
    findings = report.table("data_health").sort("topic", "position", "finding").to_dicts()
    topics = [(TOPICS[topic], list(rows)) for topic, rows in groupby(findings, key=lambda row: row["topic"])]
    rejects = (
        report.table("reject")
        .sort("is_set_aside", -pl.col("row_count"), "table_name", "file", "rule", "column")
        .to_dicts()
    )
    return {
        "loads": report.table("load").sort("table_name", "file").to_dicts(),
        "rejects": [
            {**row, "examples": list(zip(row["example_rows"], row["example_values"], strict=True))} for row in rejects
        ],
        "topics": topics,
        **_touched(report.table("blast_radius")),
        "drifts": report.table("drift")
        .sort(
            "effect_value",
            "item_id",
            "location_id",
            "parameter",
            descending=[True, False, False, False],
            nulls_last=True,
        )
        .head(MOST_DRIFTS)
        .to_dicts(),
        "drift_count": report.table("drift").height,
        "reviews": report.table("supplier_review")
        .sort(pl.col("suggested_cost_value") - pl.col("cost_value"), "source_id", "location_id")
        .head(MOST_DRIFTS)
        .to_dicts(),
        "review_count": report.table("supplier_review").height,
        "kinds": _kinds(report.table("score")),
        **_calibration(report.table("calibration")),
        "broken_promises": report.table("promise_score").filter("is_alarm").height,
    }


def _touched(table: pl.DataFrame) -> dict[str, Any]:
    """What each doubt touches, most money at stake first, with the address of the lines it holds back."""
    rows = table.sort("value_at_stake", "hold_count", "cause", "origin_id", descending=[True, True, False, False])
    shown = [{**row, "word": DOUBTS[row["cause"]], "lines": _lines(row)} for row in rows.head(MOST_TOUCHED).to_dicts()]
    return {"touched": shown, "touched_count": table.height}


def _lines(row: dict[str, Any]) -> dict[str, str]:
    """What the list of proposals is searched for: the code of the hold, and what all lines of this doubt say."""
    code = {"demand_outlier": "OUTLIER", "ghost_stock": "GHOST_STOCK"}.get(row["cause"], "DATA_INVALID")
    is_wide = row["origin_id"] == "*" or row["cause"] == "unit_jump"
    return {"hold": "true", "search": f"{code} {row['first_date'] if is_wide else row['origin_name']}"}


def _kinds(score: pl.DataFrame) -> list[tuple[str, list[dict[str, Any]]]]:
    """Members by kind of demand over lead and review time: those in use and those that were ever scored, best first."""
    rows = score.filter((pl.col("window") == "protection") & (pl.col("is_used") | (pl.col("cell_count") > 0)))
    rows = rows.sort(
        pl.col("demand_class") != "all", "demand_class", ~pl.col("is_used"), "rmsse_rate", "member", nulls_last=True
    )
    return [(kind, list(part)) for kind, part in groupby(rows.to_dicts(), key=lambda row: row["demand_class"])]


def _calibration(table: pl.DataFrame) -> dict[str, Any]:
    """Promised levels, and for the categories with most windows what was kept, one row a category and window."""
    shown = table.filter(pl.col("category_rank") <= MOST_CATEGORIES).sort(
        "category_rank", pl.col("window") != "protection", "level_share"
    )
    rows = [list(part) for _, part in groupby(shown.to_dicts(), key=lambda row: (row["category"], row["window"]))]
    return {
        "levels": shown["level_share"].unique().sort().to_list(),
        "calibration": rows,
        "hidden_categories": max(table["category"].n_unique() - MOST_CATEGORIES, 0),
    }
