"""Would it have paid? The newest backtest of this company, and whether the nightly rule beat its own."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import polars as pl

from replenish.reporting import Report
from replenish.reporting.backtest import RULE_WORDS, exchange_chart

TITLE = "Backtest"
FILE = "backtest.html"
ORDER = 9
TEMPLATE = "backtest_night.html.j2"
SCRIPTS = ()


def view(report: Report) -> dict[str, Any]:
    """Values of the template."""
    told = report.table("backtest").to_dicts()
    contest = report.table("backtest_contest").sort("cost", "rule")
    exchange = report.table("backtest_exchange").sort("rule", "stock_value", "dial")
    currency = report.table("overview").item(0, "currency")
    return {
        "told": told[0] if told else None,
        "advice": report.table("backtest_advice").sort("position").to_dicts(),
        "words": RULE_WORDS,
        "contest": contest.to_dicts(),
        "rules": contest["rule"].to_list(),
        "windows": _windows(report.table("backtest_window")),
        "chart": exchange_chart(exchange, currency) if exchange.height else None,
        "kept": report.table("backtest_kept").sort("decile").to_dicts(),
    }


def _windows(table: pl.DataFrame) -> list[dict[str, Any]]:
    """One row a window, with what each rule cost in it."""
    rows = table.sort("window_index", "rule").to_dicts()
    found = []
    for _, part in groupby(rows, key=lambda row: row["window_index"]):
        each = list(part)
        cost = {row["rule"]: row["cost"] for row in each}
        found.append({"start": each[0]["window_start"], "end": each[0]["window_end"], "cost": cost})
    return found
