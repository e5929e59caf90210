"""What came in, what was left out and why, what had to be assumed, and how good the forecasts have been."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import polars as pl

from replenish.reporting import Report

TITLE = "Data health"
FILE = "data_health.html"
ORDER = 6
TEMPLATE = "data_health.html.j2"
SCRIPTS = ()

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
        "scores": report.table("score")
        .sort("window", "demand_class", "rmsse_rate", "member", nulls_last=True)
        .to_dicts(),
    }
