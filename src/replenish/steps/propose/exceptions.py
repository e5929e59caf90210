"""Findings become the exception list: what is too small falls out, the rest is named and ranked by money."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from replenish.steps.propose.frames import attach, finish
from replenish.steps.propose.identity import exception_id
from replenish.steps.propose.terms import Terms
from replenish.tables.proposal import Exception as ExceptionTable

# no date, no root: the same trouble a day later, or from another cause, is the same exception
_NAMED_BY = ["code", "item_id", "location_id", "order_id", "cause_id"]


def ranked(found: Sequence[pl.DataFrame], previous: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """All findings as plan.exception: most at stake first, ties by id, so that the list is the same every time.

    Below the money limit a finding is silent, unless it may not be (`is_dampable` false). What the previous run
    (`previous`: exception_id, first_seen_run) showed keeps the run that showed it first.
    """
    rows = pl.concat(found).with_columns(pl.col("value_at_stake").fill_nan(0.0).fill_null(0.0).clip(lower_bound=0.0))
    rows = rows.filter(~pl.col("is_dampable") | (pl.col("value_at_stake") >= terms.min_value))
    ids = [exception_id(*(str(part or "") for part in row)) for row in rows.select(_NAMED_BY).iter_rows()]
    rows = attach(
        rows.with_columns(pl.Series("exception_id", ids, pl.String)), previous, "first_seen_run", on=["exception_id"]
    )
    rows = rows.with_columns(
        pl.col("first_seen_run").fill_null(terms.run_id), cause_id=pl.coalesce("root_id", "cause_id")
    )
    rows = rows.unique("exception_id", keep="first", maintain_order=True)
    rows = rows.sort("value_at_stake", "exception_id", descending=[True, False])
    return finish(ExceptionTable, rows.with_columns(rank=pl.int_range(1, pl.len() + 1)))
