"""Customer orders and production at risk, each with its causes: AT_RISK_*."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.causes import supply_key
from replenish.steps.propose.findings import findings
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.terms import Terms

_LINE = [*NODE, "line_key"]
_NOTHING = 1e-6


def late_supplies(late: pl.DataFrame, trails: pl.DataFrame, causes: pl.DataFrame) -> pl.DataFrame:
    """Supplies that reach late lines after their day, the last first, with what holds them up and its root.

    `late` are the lines of LATE_DEMAND; the other frames are those of causes.py.
    """
    coming = trails.filter((pl.col("late_days") > 0) & (pl.col("supply_kind") != "stock"))
    about = ("code", "reason", "root_code", "root_reason", "root_id")
    coming = attach(coming.select("supply", "late_days", line_key="root_id"), causes, *about, on=["supply"])
    found = late.join(coming, on="line_key", how="inner")
    return found.with_columns(root_count=pl.col("root_id").n_unique().over(_LINE)).sort(
        *_LINE, "late_days", "root_id", "supply", descending=[False, False, False, True, False, False]
    )


def with_root(late: pl.DataFrame, supplies: pl.DataFrame) -> pl.DataFrame:
    """Late lines with the root of the supply that comes last (`root_id`); empty where none is known."""
    last = supplies.unique(_LINE, keep="first", maintain_order=True)
    return attach(late, last, "root_id", on=_LINE)


def at_risk(supplies: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """What makes customer order lines late: one row a line and kind of cause, worth what the line is.

    `supplies` is what `late_supplies` returns. A cause is said to be the only one where all late supplies of the line
    have the same root: without it the line would be in time.
    """
    roots = supplies.with_columns(code="root_code", reason="root_reason")
    rows = pl.concat([roots, supplies]).unique([*_LINE, "code"], keep="first", maintain_order=True)
    several = pl.format("it is one of {} causes", "root_count")
    alone = pl.when(pl.col("root_count") == 1).then(pl.lit("nothing else makes it late")).otherwise(several)
    lost = w.lost(pl.col("qty"), pl.col("stake"), terms.currency)
    told = pl.format(
        "{}: {}, {} late; {}; {} at stake.", "who", "reason", w.day_count(pl.col("late_days")), alone, lost
    )
    about = {"order_id": "order_id", "date": "due_date", "qty": "qty", "value_at_stake": "stake"}
    return findings(rows, pl.col("code"), cause_id="line_key", root_id="root_id", explanation=told, **about)


def late_jobs(
    jobs: pl.DataFrame, causes: pl.DataFrame, told: pl.DataFrame, nodes: pl.DataFrame, terms: Terms
) -> pl.DataFrame:
    """Production that is done after it is needed, for whom no customer order line is told (`told`) to be late yet.

    At stake is what its units cost a day late, for the days it is late.
    """
    late = jobs.filter(pl.col("tardy_days") > _NOTHING).with_columns(supply=supply_key())
    late = late.join(told.select("supply").unique(), on="supply", how="anti", maintain_order="left")
    about = ("code", "reason", "root_id", "order_name")
    late = attach(attach(late, causes, *about, on=["supply"]), nodes, "item_name", "location_name", "has_money")
    late = late.with_columns(stake=pl.col("weight") * pl.col("qty") * pl.col("tardy_days"))
    node = (w.quantity(pl.col("qty")), pl.coalesce("item_name", "item_id"), pl.coalesce("location_name", "location_id"))
    when = (w.day(pl.col("due_date")), "reason", w.day_count(pl.col("tardy_days").ceil()))
    lost = w.lost(pl.col("qty"), pl.col("stake"), terms.currency)
    told_so = pl.format("{} of {} for {} are needed by {}: {}, {} late; {} at stake.", *node, *when, lost)
    named = {"order_id": "order_name", "cause_id": "job_id", "root_id": "root_id"}
    return findings(
        late, pl.col("code"), date="due_date", qty="qty", value_at_stake="stake", explanation=told_so, **named
    )
