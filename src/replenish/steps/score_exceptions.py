"""Did what was announced happen, and was what happened announced?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import dataframely as dy
import polars as pl

from replenish.steps.panel import KEY
from replenish.tables.core import Bucket, PreviousAnnouncement, PreviousSteadiness
from replenish.tables.plan import Demand, ExceptionScore

SCORED_DAYS = 91
GRACE_DAYS = 7  # after the day it names, or the last night that said it, an announcement still counts
BOTH = "all"
_CODES = ("SHORTAGE", "POTENTIAL_STOCKOUT")


def score_exceptions(
    blocks: Iterable[tuple[dy.DataFrame[Demand]]],
    announced: dy.DataFrame[PreviousAnnouncement],
    nights: dy.DataFrame[PreviousSteadiness],
    bucket: dy.DataFrame[Bucket],
    *,
    as_of: date,
) -> dy.DataFrame[ExceptionScore]:
    """Precision and recall of announced stock-outs, week by week of the last 13, and how early they were announced.

    `blocks` are demand of those weeks, a part of the company at a time. A stock-out is a bucket that sold out or lost
    sales; it is told from the first night that is known of on. An announcement came true if its node ran out between
    the night that first said it and a week after the day it names or was last said: also where an order it led to
    should have prevented that, which makes good planners of false alarms. A stock-out that follows another counts once.
    """
    first = min([*announced["seen_date"], *nights["as_of"]], default=as_of)
    since = max(first, as_of - timedelta(days=SCORED_DAYS))
    spans = announced.select(
        *KEY, "exception_id", "code", "seen_date", end=pl.max_horizontal("date", "last_seen_date") + _GRACE
    )
    short = pl.concat([_short(demand, as_of) for (demand,) in blocks] or [_NOTHING])
    onsets = short.filter("is_onset", pl.col("day") > since)
    told = [*_claims(spans, short, since, as_of), *_events(spans, onsets)]
    rows = _by_week(pl.concat(told), bucket) if told else pl.DataFrame(schema=_ROWS)
    return ExceptionScore.cast(rows.select(ExceptionScore.column_names()).sort(ExceptionScore.primary_key()))


_GRACE = pl.duration(days=GRACE_DAYS)
_NOTHING = pl.DataFrame(schema={"item_id": pl.String, "location_id": pl.String, "day": pl.Date, "is_onset": pl.Boolean})
_ROWS = {name: column.dtype for name, column in ExceptionScore.columns().items()}


def _short(demand: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Closed buckets in which a node ran out, by first day, and whether the bucket before it was in stock."""
    ran_out = pl.col("state").is_in(["censored", "partial"]) | (pl.col("lost_sales_qty") > 0).fill_null(False)
    closed = demand.filter(pl.col("bucket_index") < 0, pl.col("bucket_start") <= as_of)
    told = closed.select(*KEY, "bucket_index", day="bucket_start", is_short=ran_out).sort(*KEY, "bucket_index")
    goes_on = pl.col("is_short").shift(1).over(KEY).fill_null(True)  # what began before the window is not its start
    return told.with_columns(is_onset=~goes_on).filter("is_short").select(*KEY, "day", "is_onset")


def _claims(spans: pl.DataFrame, short: pl.DataFrame, since: date, as_of: date) -> list[pl.DataFrame]:
    """Announcements whose time is over: code, day of the verdict, whether they came true; by code and for both."""
    over = spans.filter(pl.col("end").is_between(since, as_of, closed="right"))
    found = over.join(short, on=KEY, how="inner")
    found = found.filter(pl.col("day") > pl.col("seen_date"), pl.col("day") <= pl.col("end"))
    true = found.select("exception_id", "seen_date").unique().with_columns(is_true=pl.lit(value=True))
    judged = over.join(true, on=["exception_id", "seen_date"], how="left").select(
        "code", day="end", is_claim=pl.lit(value=True), is_good=pl.col("is_true").fill_null(False), lead_days=_NO_LEAD
    )
    return [judged, judged.with_columns(code=pl.lit(BOTH))]


def _events(spans: pl.DataFrame, onsets: pl.DataFrame) -> list[pl.DataFrame]:
    """Stock-outs that began: day, code, whether an announcement of that code foresaw them and how many days before."""
    out = []
    for code in (*_CODES, BOTH):
        mine = spans if code == BOTH else spans.filter(pl.col("code") == code)
        found = onsets.join(mine, on=KEY, how="inner")
        found = found.filter(pl.col("seen_date") < pl.col("day"), pl.col("day") <= pl.col("end"))
        early = found.group_by(*KEY, "day").agg(lead_days=(pl.col("day") - pl.col("seen_date").min()).first())
        events = onsets.join(early, on=[*KEY, "day"], how="left").select(
            "day",
            code=pl.lit(code),
            is_claim=pl.lit(value=False),
            is_good=pl.col("lead_days").is_not_null(),
            lead_days=pl.col("lead_days").dt.total_days().cast(pl.Float64),
        )
        out.append(events.select("code", "day", "is_claim", "is_good", "lead_days"))
    return out


_NO_LEAD = pl.lit(None, dtype=pl.Float64)


def _by_week(told: pl.DataFrame, bucket: pl.DataFrame) -> pl.DataFrame:
    """Counts and shares of each week and code."""
    weeks = bucket.group_by("week_index").agg(week_start=pl.col("bucket_start").min()).sort("week_start")
    placed = told.sort("day").join_asof(weeks, left_on="day", right_on="week_start", strategy="backward")
    claim, event = pl.col("is_claim"), ~pl.col("is_claim")
    counts = (
        placed.drop_nulls("week_start")
        .group_by("week_start", "code")
        .agg(
            judged_count=claim.sum(),
            true_count=(claim & pl.col("is_good")).sum(),
            stockout_count=event.sum(),
            foreseen_count=(event & pl.col("is_good")).sum(),
            lead_days=pl.col("lead_days").median(),
        )
    )
    return counts.with_columns(
        precision_share=_share("true_count", "judged_count"), recall_share=_share("foreseen_count", "stockout_count")
    )


def _share(part: str, whole: str) -> pl.Expr:
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole))
