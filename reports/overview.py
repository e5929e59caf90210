"""What to do tonight, what it costs and saves, and what needs a person: readable without script and on paper."""

from __future__ import annotations

from typing import Any

import polars as pl

from replenish.reporting import Report
from replenish.reporting.charts import Layer, time_chart

TITLE = "Tonight"
FILE = "index.html"
ORDER = 1
TEMPLATE = "overview.html.j2"
SCRIPTS = ()

TOP_EXCEPTIONS = 50
MOST_GROUPS = 20  # of a kind whose measures are shown; the table has them all
SCOPES = {"all": 0, "category": 1, "location": 2, "source": 3}


def view(report: Report) -> dict[str, Any]:
    """Values of the template."""
    exceptions = report.table("exception").sort("rank", "exception_id")
    currency = report.table("overview").item(0, "currency")
    return {
        "actions": _by_money(report.table("action")),
        "exceptions": exceptions.head(TOP_EXCEPTIONS).to_dicts(),
        "kinds_of_trouble": _by_code(exceptions),
        "broken_promises": report.table("promise_score").filter("is_alarm").height,
        "is_unbeaten": report.table("backtest")["yours_verdict"].is_in(["even", "dearer"]).any(),
        **_steadiness(report),
        "measures": _measures(report.table("kpi")),
        **_charts(report.table("week"), currency),
    }


def _steadiness(report: Report) -> dict[str, Any]:
    """Whether the night is held as a whole and why, and how much its orders changed."""
    nights = report.table("steadiness").sort("as_of")
    causes = nights.tail(1).filter("is_stopped")["cause"].to_list()
    stopped = causes[0].removeprefix("KILL_SWITCH: ") if causes else None
    return {"stopped": stopped, "changes": report.table("nervousness").sort("scope").to_dicts()}


def _measures(kpi: pl.DataFrame) -> list[dict[str, Any]]:
    """Measures of all, then of the largest groups of each kind: most stock first, sources by lines due."""
    shown = kpi.with_columns(place=pl.col("scope").replace_strict(SCOPES, return_dtype=pl.Int32))
    size = pl.coalesce("stock_value", pl.col("due_count").cast(pl.Float64))
    ordered = shown.sort("place", size, "group_id", descending=[False, True, False], nulls_last=True)
    return ordered.group_by("scope", maintain_order=True).head(MOST_GROUPS).to_dicts()


def _by_money(actions: pl.DataFrame) -> list[dict[str, Any]]:
    order = ["value", "line_count", "action", "kind", "source_id"]
    return actions.sort(order, descending=[True, True, False, False, False], nulls_last=True).to_dicts()


def _by_code(exceptions: pl.DataFrame) -> list[dict[str, Any]]:
    counted = exceptions.group_by("code").agg(
        pl.len().alias("count"), pl.col("value_at_stake").sum().round(2).alias("value"), pl.col("rank").min()
    )
    return counted.sort("value", "rank", descending=[True, False]).to_dicts()


def _charts(weeks: pl.DataFrame, currency: str) -> dict[str, Any]:
    whole = weeks.filter(pl.col("day_count") == 7).sort("week_index")
    if (
        whole.select("sales_value", "forecast_value", "stock_value").null_count().min_horizontal().item()
        == whole.height
    ):
        return {"demand_chart": None, "stock_chart": None}
    starts = whole["week_start"].to_list()
    demand = [
        Layer("Sold", "sold", "bar", whole["sales_value"].to_list()),
        Layer("Estimated lost", "lost", "bar", whole["lost_value"].to_list()),
        Layer("Expected", "expected", "bar", whole["forecast_value"].to_list()),
    ]
    stock = [
        Layer("Stock", "sold", "bar", whole["stock_value"].to_list()),
        Layer("Projected stock", "expected", "bar", whole["projected_value"].to_list()),
    ]
    told = "Bars by week: sales and estimated lost sales of the past year, expected demand of the weeks ahead"
    return {
        "demand_chart": time_chart(starts, demand, label=told, currency=currency),
        "stock_chart": time_chart(
            starts, stock, label="Bars by week: value of stock, past and projected", currency=currency
        ),
    }
