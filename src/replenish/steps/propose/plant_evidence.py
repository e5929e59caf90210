"""Yields, run times, ideal rates and efficiencies of the plant that its log speaks against: PARAMETER_DRIFT."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.findings import findings
from replenish.steps.propose.terms import Terms
from replenish.tables.plan import PLANT_PARAMETERS

_WORDS = {
    "yield_rate": "yield",
    "run_hours_per_unit": "hours for a unit",
    "ideal_qty_per_hour": "ideal units an hour",
    "efficiency_rate": "efficiency",
}


def plant_drifts(drift: pl.DataFrame, nodes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Master values of the plant with their better ones, told of the item at the plant, else of the work centre."""
    found = drift.filter(pl.col("parameter").is_in(PLANT_PARAMETERS))
    names = nodes.select("item_id", "item_name").unique("item_id", keep="first", maintain_order=True)
    found = found.join(names, on="item_id", how="left", maintain_order="left").with_columns(
        stake=pl.col("effect_value").fill_null(0.0),
        word=pl.col("parameter").replace_strict(_WORDS, return_dtype=pl.String),
        who=w.where(pl.col("item_id") != "", pl.format("{} at ", pl.coalesce("item_name", "item_id"))),
        has_money=pl.col("effect_value").is_not_null(),
    )
    worth = w.where(pl.col("has_money"), pl.format(", worth {} a year", w.money(pl.col("stake"), terms.currency)))
    told = pl.format(
        "{}{}: {} {} in the master data, {} ({} to {}) by {} lines of the production log{}. Proposed: {}.",
        "who", "source_id", "word", w.figure(pl.col("old_rate")), w.figure(pl.col("new_rate")),
        w.figure(pl.col("low_rate")), w.figure(pl.col("high_rate")), "observation_count", worth,
        w.figure(pl.col("new_rate")),
    )  # fmt: skip
    cause = pl.format("{} {}", "parameter", "source_id")
    item = pl.when(pl.col("item_id") != "").then(pl.col("item_id"))
    return findings(
        found, "PARAMETER_DRIFT", item_id=item, date=pl.lit(terms.today), value_at_stake="stake", explanation=told,
        cause_id=cause,
    )  # fmt: skip
