"""Lines of earlier nights: what was proposed, and what an ERP was last given."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from replenish.steps.panel import KEY
from replenish.tables import core

KEPT_DAYS = 182  # lines are told of and their answers judged
KEPT_RUNS = 14  # nights after the last acknowledged one whose lines may still be answered
DEFAULT_REVIEW_DAYS = 7
# the last day on which a run may have been published that an answer is about: its own, else one before the decision
ANSWERS = """
    select
        proposal_id,
        max(coalesce(try_cast(left(run_id, 10) as date), "at" - 1, date '9999-12-31')) as answered_date
    from raw.acknowledge
    where coalesce("at" <= ?, true)
    group by proposal_id
"""


def past_lines(stored: pl.DataFrame, newest: pl.DataFrame, answers: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """core.previous_line: lines of the previous run and those it had brought itself.

    Of a line proposed again the newest version counts, unless an older one was answered (`answers`: proposal_id and
    the last day the answered run may be of).
    """
    columns = core.PreviousLine.column_names()
    known = newest.join(answers, on="proposal_id", how="left", maintain_order="left")
    known = known.join(
        stored.select("proposal_id", before="first_night_date"), on="proposal_id", how="left", maintain_order="left"
    )
    is_first = pl.col("before").is_null()
    counts = is_first | (pl.col("answered_date") >= pl.col("night_date")).fill_null(True)
    fresh = known.filter(counts).with_columns(first_night_date=pl.coalesce("before", "night_date")).select(columns)
    kept = stored.select(columns).join(fresh, on="proposal_id", how="anti", maintain_order="left")
    recent = pl.col("night_date") > as_of - timedelta(days=KEPT_DAYS)
    return pl.concat([fresh, kept]).filter(recent).sort("proposal_id")


def newest_lines(proposal: pl.DataFrame, node: pl.DataFrame, arc: pl.DataFrame, night: date) -> pl.DataFrame:
    """Lines of a run (plan.proposal, core.node and core.arc of it) as core.previous_line; confirmations ask nothing."""
    category = node.select(*KEY, "category").unique(KEY, keep="first")
    review = arc.filter(pl.col("arc_rank") == 1).select(*KEY, "review_days").unique(KEY, keep="first")
    lines = proposal.filter(pl.col("action") != "ON_SCHEDULE").join(category, on=KEY, how="left", maintain_order="left")
    lines = lines.join(review, on=KEY, how="left", maintain_order="left")
    return lines.with_columns(
        night_date=pl.lit(night),
        first_night_date=pl.lit(night),
        category=pl.col("category").fill_null("all"),
        review_days=pl.col("review_days").fill_null(DEFAULT_REVIEW_DAYS).ceil().clip(1).cast(pl.Int32),
    ).select(core.PreviousLine.column_names())


def run_lines(stored: pl.DataFrame, proposal: pl.DataFrame, acknowledged: pl.DataFrame, night: date) -> pl.DataFrame:
    """core.previous_run_line: executable lines of the previous run, and of earlier ones that may be the last answered.

    Those are the last acknowledged run as the previous run knew it, and the newest after it.
    """
    columns = core.PreviousRunLine.column_names()
    executable = proposal.filter(pl.col("action") != "ON_SCHEDULE", ~pl.col("hold"))
    newest = executable.with_columns(night_date=pl.lit(night)).select(columns)
    lines = pl.concat([newest, stored.select(columns)])
    base = acknowledged["night_date"].max()
    runs = lines.select("night_date", "run_id").unique().sort("night_date", "run_id", descending=True)
    if isinstance(base, date):
        runs = runs.filter(pl.col("night_date") >= base)
    kept = runs.head(KEPT_RUNS)["run_id"].to_list() + acknowledged["run_id"].unique().to_list()
    return lines.filter(pl.col("run_id").is_in(kept)).sort("run_id", "proposal_id")
