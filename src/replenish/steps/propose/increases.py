"""INCREASE: tonight's need joins an open order that arrives when it would, instead of a second order beside it."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose.frames import NODE
from replenish.steps.propose.messages import FIXED, inside_fence
from replenish.steps.propose.terms import Terms

_ROUNDING = 1e-6
_JOINED = [*NODE, "kind", "source_id"]
# What an open order needs to know of the need that joins it.
_BROUGHT = {
    "more_id": "proposal_id",
    "more_qty": "qty",
    "more_worth": "worth",
    "more_date": "receipt_date",
    "more_need_date": "need_date",
    "more_risk": "stockout_probability_without",
    "more_lost_qty": "expected_lost_without_qty",
    "more_lost_value": "expected_lost_sales_value_without",
    "more_waste_qty": "expected_waste_qty",
    "more_waste_value": "expected_waste_value",
}
_ORDER = ["order_id", "line_id"]


def with_increases(
    fresh: pl.DataFrame, found: pl.DataFrame, supplier: pl.DataFrame, terms: Terms
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """NEW lines (`fresh`) that stay, and messages (`found`) of which some say INCREASE, with what joins them.

    One need a node joins the nearest order of the same kind and source: one that nobody has released, that hears
    nothing else, is due within the tolerance of the day on which the need would arrive, and stays whole packs within
    the limits of its source. What is too small to say is ordered anew. A supplier with a minimum or with trucks counts
    tonight's lines as one order: nothing of that joins another.
    """
    pairs = _pairs(fresh, _open_to_more(found, supplier, terms), terms)
    kept = fresh.join(pairs, left_on="proposal_id", right_on="more_id", how="anti", maintain_order="left")
    lines = found.join(pairs.select(*_ORDER, *_BROUGHT), on=_ORDER, how="left", maintain_order="left")
    joins = pl.col("more_id").is_not_null()
    return kept, lines.with_columns(
        action=pl.when(joins).then(pl.lit("INCREASE")).otherwise("action"),
        worth=pl.when(joins).then("more_worth").otherwise("worth"),
        need_date=pl.min_horizontal("need_date", "more_need_date"),
    )


def _open_to_more(found: pl.DataFrame, supplier: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    asks = pl.max_horizontal(pl.col("min_order_value", "min_order_qty", "truck_volume", "truck_weight").fill_null(0.0))
    asking = supplier.filter(asks > 0).select("supplier_id", kind=pl.lit("purchase"))
    lines = found.with_columns(source_id=pl.coalesce("source_id", "arc_source_id"))
    approved = (pl.col("approval_date") <= terms.today).fill_null(True)
    free = lines.filter(
        pl.col("action") == "ON_SCHEDULE",
        ~pl.col("is_past_due"),
        ~pl.col("status").is_in(FIXED),
        ~inside_fence(terms),
        approved,
    )
    return free.join(asking, left_on=["kind", "source_id"], right_on=["kind", "supplier_id"], how="anti")


def _pairs(fresh: pl.DataFrame, free: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """At most one need and open order a node, the nearest in time; ties by id."""
    needs = fresh.select(*_JOINED, **{name: pl.col(old) for name, old in _BROUGHT.items()})
    limits = ("open_qty", "due_date", "max_qty", "multiple_qty", "min_qty", "has_money")
    pairs = free.select(*_JOINED, *_ORDER, *limits).join(needs, on=_JOINED, how="inner")
    pairs = pairs.with_columns(
        days=(pl.col("due_date") - pl.col("more_date")).dt.total_days().abs(),
        whole=pl.col("open_qty") + pl.col("more_qty"),
    )
    packs = pl.col("whole") / pl.col("multiple_qty")
    fits = pl.when(pl.col("multiple_qty") > 0).then((packs - packs.round()).abs() < _ROUNDING).otherwise(True)
    said = ~pl.col("has_money") | (pl.col("more_worth") >= terms.min_value)
    good = pairs.filter(
        pl.col("days") <= terms.tolerance_days,
        pl.col("more_qty") > pl.col("open_qty") * terms.tolerance_share,
        (pl.col("whole") <= pl.col("max_qty") + _ROUNDING).fill_null(True),
        (pl.col("whole") >= pl.col("min_qty") - _ROUNDING).fill_null(True),
        fits.fill_null(True) & said.fill_null(False),
    )
    nearest = good.sort(*NODE, "days", *_ORDER, "more_date", "more_id").unique(NODE, keep="first", maintain_order=True)
    return nearest.with_columns(more_qty="whole")
