"""Everything that needs a person, most money at stake first."""

from __future__ import annotations

from typing import Any

from replenish.reporting import Report
from replenish.reporting.shards import columns_text

TITLE = "Exceptions"
FILE = "exceptions.html"
ORDER = 3
TEMPLATE = "exceptions.html.j2"
SCRIPTS = ("listing.js", "exceptions.js")

COLUMNS = (
    "rank",
    "code",
    "item_id",
    "item_name",
    "location_id",
    "location_name",
    "order_id",
    "date",
    "qty",
    "uom",
    "value_at_stake",
    "explanation",
    "hold",
    "best_action",
    "cause_id",
    "root_rank",
)


def view(report: Report) -> dict[str, Any]:
    """Values of the template; the rows go into the shard `exceptions`."""
    exceptions = report.table("exception").sort("rank", "exception_id").select(COLUMNS)
    report.add_shard("exceptions", columns_text(exceptions))
    return {"count": exceptions.height, "is_scored": report.table("exception_score").height > 0}
