"""What is expected, at any level: a category, its parents or all, at a location or at all of them."""

from __future__ import annotations

from typing import Any

from replenish.reporting import Report
from replenish.reporting.shards import columns_text

TITLE = "Forecast"
FILE = "forecast.html"
ORDER = 5
TEMPLATE = "forecast.html.j2"
SCRIPTS = ("listing.js", "forecast.js")

MOST_LEVELS = 5000  # the largest are shown; plan.total holds them all


def view(report: Report) -> dict[str, Any]:
    """Values of the template; the rows go into the shard `totals`."""
    totals = report.table("total").sort(
        "forecast_13_qty", "category", "location_id", descending=[True, False, False], nulls_last=True
    )
    shown = totals.head(MOST_LEVELS)
    report.add_shard("totals", columns_text(shown))
    return {"count": totals.height, "shown": shown.height}
