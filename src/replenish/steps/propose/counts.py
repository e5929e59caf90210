"""The count list: where a count pays, in money."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.record_error import TOLERANCE_SHARE, count_value, error_probability, expected_size
from replenish.steps.propose.evidence import ghost_worth
from replenish.steps.propose.frames import attach, finish
from replenish.steps.propose.terms import Terms
from replenish.tables.proposal import CountList

COUNT_COST = 1.0  # money of one count: a minute's work
COUNTS_A_YEAR = {"A": 12, "B": 4, "C": 1}  # least, by value class
_YEAR_DAYS = 365.0


def count_list(nodes: pl.DataFrame, segment: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """The counts of a day, most money first: those worth more than they cost, and those whose turn it is.

    value = P(ghost) * daily margin * days to correction + P(error) * unit cost * E|error| - cost of a count. A wrong
    record is set right by the next receipt or planned count. Where counts are made at all, every node's turn comes
    12, 4 or 1 times a year by its value class; turns take half the day's counts at most, longest overdue first. Nodes
    carry daily_qty and correction_days. On a tie empty shelves, quickly counted, come first.
    """
    found = _valued(_with_turns(attach(nodes, segment, "abc_class"), terms))
    turns = int(np.ceil((1.0 / found["interval_days"].to_numpy()).sum()))
    first = ["overdue_rate", "value", "item_id", "location_id"]
    due = found.filter("is_due").sort(first, descending=[True, True, False, False])
    due = due.head(min(turns, terms.counts_per_night // 2))
    rest = found.join(due, on=["item_id", "location_id"], how="anti").filter(pl.col("value") > 0)
    chosen = pl.concat([due, _ranked(rest).head(terms.counts_per_night - due.height)])
    chosen = _ranked(chosen).with_columns(rank=pl.int_range(1, pl.len() + 1), value=pl.col("value").clip(0.0))
    return finish(CountList, chosen)


def _ranked(found: pl.DataFrame) -> pl.DataFrame:
    order = [pl.col("value").round(6), pl.col("reason") == "zero_stock", pl.col("item_id"), pl.col("location_id")]
    return found.sort(order, descending=[True, True, False, False])


def _with_turns(found: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Nodes with the days between their counts, whether their turn has come, and days until something corrects them."""
    per_year = pl.col("abc_class").fill_null("C").replace_strict(COUNTS_A_YEAR, return_dtype=pl.Float64)
    since = (pl.lit(terms.today) - pl.col("last_count_date")).dt.total_days()
    overdue = since / pl.col("interval_days")
    counts_are_made = found["last_count_date"].is_not_null().any()
    in_use = (pl.col("recorded_on_hand_qty").fill_null(0.0) != 0) | (pl.col("daily_qty") > 0).fill_null(value=False)
    found = found.with_columns(interval_days=_YEAR_DAYS / per_year)
    return found.with_columns(
        overdue_rate=overdue.fill_null(np.inf),
        is_due=pl.lit(counts_are_made) & in_use & (overdue >= 1.0).fill_null(value=True),
        correction_days=pl.min_horizontal("correction_days", (pl.col("interval_days") - since).clip(0.0)),
    )


def _valued(found: pl.DataFrame) -> pl.DataFrame:
    """Nodes with the reason for a count and the money it saves; below zero the books are wrong for certain."""
    negative, ghost = pl.col("is_negative").fill_null(value=False), pl.col("is_ghost").fill_null(value=False)
    empty = (pl.col("recorded_on_hand_qty") == 0) & (pl.col("daily_qty") > 0)
    reason = pl.when(negative).then(pl.lit("negative_stock")).when(ghost).then(pl.lit("ghost_stock"))
    reason = reason.when(empty).then(pl.lit("zero_stock"))
    found = found.with_columns(pl.col("ghost_probability").fill_null(0.0), ghost_value=ghost_worth().fill_null(0.0))
    wrong = found["is_negative"].fill_null(value=False).to_numpy()
    sd, books = (found[name].fill_null(0.0).to_numpy() for name in ("error_sd_qty", "recorded_on_hand_qty"))
    tolerance = found["abc_class"].fill_null("C").replace_strict(TOLERANCE_SHARE, return_dtype=pl.Float64).to_numpy()
    chance = np.where(wrong, 1.0, error_probability(sd, books, tolerance))
    size = np.where(wrong, np.maximum(np.abs(books), expected_size(sd)), expected_size(sd))
    value = count_value(found["ghost_value"].to_numpy(), chance, found["unit_cost"].to_numpy(), size, COUNT_COST)
    turn = pl.when(pl.col("value") > 0).then(pl.lit("record_error")).otherwise(pl.lit("cycle"))
    return found.with_columns(pl.Series("value", np.nan_to_num(value))).with_columns(reason=reason.otherwise(turn))
