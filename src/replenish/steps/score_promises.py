"""Are promises kept often enough?"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from replenish.numerics.alarm import alarm
from replenish.tables.plan import KeptPromise, PromiseScore

TENTHS = 10


def score_promises(kept: dy.DataFrame[KeptPromise]) -> dy.DataFrame[PromiseScore]:
    """Promised against achieved, by category and tenth of the promised chance of running out (0: all of them)."""
    tenth = (pl.col("stockout_probability") * TENTHS).floor().clip(0, TENTHS - 1).cast(pl.Int32) + 1
    told = kept.with_columns(decile=tenth)
    by_category = told.filter(pl.col("category") != "all")  # items without one are in `all` like the others
    told = pl.concat([told.with_columns(category=pl.lit("all")), by_category])
    told = pl.concat([told, told.with_columns(decile=pl.lit(0, dtype=pl.Int32))])
    scored = told.group_by("category", "decile", maintain_order=True).agg(
        promise_count=pl.len(),
        promised_share=pl.col("stockout_probability").mean().clip(0.0, 1.0),
        achieved_share=pl.col("is_stockout").cast(pl.Float64).mean(),
        promised_fill_rate=_ratio("expected_sales_qty", "expected_demand_qty"),
        achieved_fill_rate=_ratio("achieved_sales_qty", "achieved_demand_qty"),
    )
    promised, achieved, count = (
        scored[name].cast(pl.Float64).to_numpy() for name in ("promised_share", "achieved_share", "promise_count")
    )
    loud = alarm(promised, achieved, count)
    scored = scored.with_columns(is_alarm=pl.Series(loud, dtype=pl.Boolean))
    return PromiseScore.cast(scored.select(PromiseScore.column_names()).sort(PromiseScore.primary_key()))


def _ratio(part: str, whole: str) -> pl.Expr:
    total = pl.col(whole).sum()
    return pl.when(total > 0).then(pl.col(part).sum() / total)
