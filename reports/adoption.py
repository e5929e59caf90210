"""What became of proposals: how many are taken as they are, who changes what and why, and whether changing paid."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import polars as pl

from replenish.reporting import Report
from replenish.reporting.charts import Layer, time_chart

TITLE = "Adoption"
FILE = "adoption.html"
ORDER = 11
TEMPLATE = "adoption.html.j2"
SCRIPTS = ()

LEAST_WEEKS = 13
TOP_GROUPS = 15
TOP_REASONS = 15
TOP_OVERRIDES = 10
OUTCOMES = ("accepted", "edited", "rejected", "expired")
GROUPS = (
    ("month_start", "By month", "Month"),
    ("user", "By person", "Person"),
    ("category", "By category", "Category"),
    ("source_name", "By source", "Source"),
    ("action", "By action", "Action"),
)


def view(report: Report) -> dict[str, Any]:
    """Values of the template; nothing but the sums of the mart's rows."""
    rows, overrides = report.table("adoption"), report.table("override")
    reasons = report.table("override_reason").sort("line_count", "reason", "outcome", descending=[True, False, False])
    answered = sum(int(rows[f"{name}_count"].sum()) for name in ("accepted", "edited", "rejected"))
    currency = report.table("overview").item(0, "currency")
    judged = overrides.filter(pl.col("override_value").is_not_null())
    whole = _summed(rows, pl.lit("all")).to_dicts() if rows.height else []
    return {
        "is_answered": answered > 0,
        "whole": whole[0] if whole else None,
        "groups": [(name, title, head, _ranked(rows, name)) for name, title, head in GROUPS],
        **_charts(rows if answered else rows.clear(), currency),
        "reasons": reasons.head(TOP_REASONS).to_dicts(),
        "best": _top(judged.filter(pl.col("override_value") > 0), best=True),
        "worst": _top(judged.filter(pl.col("override_value") < 0), best=False),
        "judged_count": judged.height,
        "override_count": overrides.height,
    }


def _summed(rows: pl.DataFrame, by: pl.Expr) -> pl.DataFrame:
    """Counts and money of each group, and the shares of both that were accepted unchanged."""
    names = [name for name in rows.columns if name.endswith(("_count", "_value")) or name == "value"]
    sums = rows.group_by(group=by).agg(pl.col(names).sum())
    sums = sums.with_columns(pl.col(pl.Float64).round(6))  # as the mart says them, in whatever order they were added
    lines, money = (pl.col("line_count") - pl.col("open_count")), (pl.col("value") - pl.col("open_value"))
    return sums.with_columns(
        adoption_rate=pl.when(lines > 0).then(pl.col("accepted_count") / lines),
        adoption_value_rate=pl.when(money > 0).then(pl.col("accepted_value") / money),
    )


def _ranked(rows: pl.DataFrame, name: str) -> list[dict[str, Any]]:
    """Groups with most money first, months newest first; persons only where somebody answered."""
    chosen = rows.filter(pl.col("user").is_not_null()) if name == "user" else rows
    groups = _summed(chosen, pl.col(name))
    by = ["group"] if name == "month_start" else ["value", "line_count", "group"]
    ordered = groups.sort(by, descending=[True] if name == "month_start" else [True, True, False])
    return ordered.head(TOP_GROUPS).to_dicts()


def _charts(rows: pl.DataFrame, currency: str) -> dict[str, Any]:
    """By week: the share accepted as proposed, and proposed money by what became of it."""
    if rows.is_empty():
        return {"chart": None, "rate_chart": None}
    weeks = _summed(rows, pl.col("week_start")).sort("group")
    seen = weeks["group"].to_list()
    count = max((seen[-1] - seen[0]).days // 7 + 1, LEAST_WEEKS)  # one week alone would fill the picture
    starts = [seen[-1] - timedelta(days=7 * back) for back in range(count - 1, -1, -1)]
    every = pl.DataFrame({"group": starts}).join(weeks, on="group", how="left", maintain_order="left")
    shown = {"Accepted": ("accepted", "sold"), "Edited": ("edited", "expected"), "Rejected or expired": ("", "lost")}
    dropped = (every["rejected_value"] + every["expired_value"]).to_list()
    layers = [
        Layer(title, style, "bar", every[f"{name}_value"].to_list() if name else dropped)
        for title, (name, style) in shown.items()
    ]
    told = "Bars by week: value of proposals accepted unchanged, edited, and rejected or expired"
    share = [Layer("Accepted as proposed", "sold", "bar", (100 * every["adoption_rate"]).to_list())]
    rate = "Bars by week: per cent of answered or expired proposals that were accepted unchanged"
    return {
        "chart": time_chart(starts, layers, label=told, currency=currency),
        "rate_chart": time_chart(starts, share, label=rate, currency="%"),
    }


def _top(judged: pl.DataFrame, *, best: bool) -> list[dict[str, Any]]:
    return judged.sort("override_value", "proposal_id", descending=[best, False]).head(TOP_OVERRIDES).to_dicts()
