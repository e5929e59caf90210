"""Everything that needs a person, most money at stake first."""

from __future__ import annotations

from typing import Any

import polars as pl

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
    return {"count": exceptions.height, **_scores(report.table("exception_score"))}


def _scores(table: pl.DataFrame) -> dict[str, Any]:
    """How announced stock-outs fared: over all weeks by kind, and week by week for both kinds."""
    counts = pl.col("judged_count", "true_count", "stockout_count", "foreseen_count").sum()
    kinds = table.group_by("code").agg(counts, lead_days=pl.col("lead_days").median()).sort("code", descending=True)
    weeks = table.filter(pl.col("code") == "all").sort("week_start", descending=True)
    return {"score_kinds": kinds.to_dicts(), "score_weeks": weeks.to_dicts()}
