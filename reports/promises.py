"""Were promises kept? What orders promised beside what came, what was done about it, and announced stock-outs."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import polars as pl

from replenish.reporting import Report
from replenish.reporting.format import number, percent
from replenish.reporting.reliability import Told, reliability_chart

TITLE = "Promises"
FILE = "promises.html"
ORDER = 10
TEMPLATE = "promises.html.j2"
SCRIPTS = ()

MOST_CATEGORIES = 40  # whose promises are shown; mart.promise_score has them all
MOST_BROKEN = 100


def view(report: Report) -> dict[str, Any]:
    """Values of the template."""
    score = report.table("promise_score").sort("category_rank", "decile")
    broken = report.table("broken_promise").sort(
        "beyond_value", "beyond_qty", "item_id", "location_id",
        descending=[True, True, False, False], nulls_last=True,
    )  # fmt: skip
    return {
        "whole": next(iter(score.filter((pl.col("category") == "all") & (pl.col("decile") == 0)).to_dicts()), None),
        "tenths": score.filter((pl.col("category") == "all") & (pl.col("decile") > 0)).to_dicts(),
        "chart": _chart(score),
        **_categories(score),
        "alarms": score.filter("is_alarm").to_dicts(),
        "mended": report.table("promise_law").sort("promise_count", "category", descending=[True, False]).to_dicts(),
        "broken": broken.head(MOST_BROKEN).to_dicts(),
        "broken_count": broken.height,
        **_announced(report.table("exception_score")),
    }


def _chart(score: pl.DataFrame) -> Any:
    tenths = score.filter((pl.col("category") == "all") & (pl.col("decile") > 0))
    points = [Told(*row) for row in tenths.select("promised_share", "achieved_share", "promise_count").iter_rows()]
    said = [
        f"promised {percent(one.promised, 1)} came {percent(one.achieved, 1)} of {number(one.count)}" for one in points
    ]
    label = "Promised chance of running out against the share that ran out, by tenth of the promise: " + "; ".join(said)
    return reliability_chart(points, label=label) if points else None


def _categories(score: pl.DataFrame) -> dict[str, Any]:
    """One row a category, alarms whatever their rank, and the tenths behind each."""
    groups = score.filter(pl.col("category") != "all")
    loud = groups.filter("is_alarm")["category"].unique()
    shown = groups.filter((pl.col("category_rank") <= MOST_CATEGORIES) | pl.col("category").is_in(loud.implode()))
    parts = [list(rows) for _, rows in groupby(shown.to_dicts(), key=lambda row: row["category"])]
    told = [(row, [each for each in part if each["decile"]]) for part in parts for row in part if not row["decile"]]
    return {"categories": told, "hidden_categories": groups["category"].n_unique() - len(told)}


def _announced(table: pl.DataFrame) -> dict[str, Any]:
    """How announced stock-outs fared: over all weeks by kind, and week by week for both kinds."""
    counts = pl.col("judged_count", "true_count", "stockout_count", "foreseen_count").sum()
    kinds = table.group_by("code").agg(counts, lead_days=pl.col("lead_days").median()).sort("code", descending=True)
    weeks = table.filter(pl.col("code") == "all").sort("week_start", descending=True)
    return {"score_kinds": kinds.to_dicts(), "score_weeks": weeks.to_dicts()}
