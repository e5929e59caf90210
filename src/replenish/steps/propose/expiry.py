"""Lots that cannot be sold any more, or will not be in time: EXPIRED and EXPIRY_RISK."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.findings import findings
from replenish.steps.propose.frames import NODE, attach
from replenish.steps.propose.outlook import Timeline
from replenish.steps.propose.terms import Terms

_FACTS = ("item_name", "location_name", "has_money", "unit_cost", "salvage_value", "disposal_cost")


def expired(position: pl.DataFrame, nodes: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """One row a node with lots past their date; cost less salvage plus disposal at stake."""
    found = _with_waste(attach(position.filter(pl.col("expired_qty") > 0), nodes, *_FACTS))
    found = found.with_columns(stake=pl.col("expired_qty") * pl.col("waste_cost"))
    told = pl.format("{} expired and cannot be sold{}.", _units(pl.col("expired_qty")), _cost(terms))
    about = {"qty": "expired_qty", "value_at_stake": "stake"}
    return findings(found, "EXPIRED", date=pl.lit(terms.as_of), explanation=told, **about)


def expiry_risk(lot: pl.DataFrame, nodes: pl.DataFrame, timeline: Timeline, terms: Terms) -> pl.DataFrame:
    """One row a usable lot of which a part will pass its date unsold; cost less salvage plus disposal at stake.

    Sold is first expiring first: lots up to the k-th hold C_k units, mean demand until its date is D_k, so up to it
    max over j <= k of (C_j - D_j)+ expires, and its own part is the rise of that running maximum.
    """
    dated = lot.drop_nulls("expiry_date").filter(pl.col("qty") > 0)
    return _at_risk(_with_waste(attach(dated, nodes, *_FACTS)), timeline, terms)


def _with_waste(frame: pl.DataFrame) -> pl.DataFrame:
    waste = pl.col("unit_cost") - pl.col("salvage_value") + pl.col("disposal_cost")
    return frame.with_columns(waste_cost=waste.clip(lower_bound=0.0).fill_null(0.0))


def _at_risk(lots: pl.DataFrame, timeline: Timeline, terms: Terms) -> pl.DataFrame:
    lots = attach(lots, timeline.nodes, "node_number").drop_nulls("node_number")
    lots = _with_demand_until(lots, timeline, terms).sort(*NODE, "expiry_date", "lot_id")
    over = (pl.col("qty").cum_sum() - pl.col("demand_until")).clip(lower_bound=0.0).cum_max().over(NODE)
    lots = lots.with_columns(wasted_to_date=over)
    rise = pl.col("wasted_to_date") - pl.col("wasted_to_date").shift(1, fill_value=0.0).over(NODE)
    lots = lots.with_columns(wasted_qty=pl.min_horizontal(rise, "qty")).filter(pl.col("wasted_qty") > 1e-6)
    lots = lots.with_columns(stake=pl.col("wasted_qty") * pl.col("waste_cost"))
    there = (w.quantity(pl.col("qty")), w.about(pl.col("demand_until")))
    what = (_units(pl.col("wasted_qty")), pl.col("lot_id"), w.day(pl.col("expiry_date")))
    told = pl.format(
        "About {} (lot {}) will not sell before {}: {} are there, {} are wanted until then{}. Move or mark down.",
        *what,
        *there,
        _cost(terms),
    )
    about = {"date": "expiry_date", "qty": "wasted_qty", "value_at_stake": "stake", "cause_id": "lot_id"}
    return findings(lots, "EXPIRY_RISK", explanation=told, **about)


def _with_demand_until(lots: pl.DataFrame, timeline: Timeline, terms: Terms) -> pl.DataFrame:
    """Mean demand until the day before the expiry date; lots that outlive the horizon are left out."""
    starts = timeline.calendar.select("bucket_start", until="bucket_index", expiry_date="bucket_start").sort(
        "expiry_date"
    )
    last = pl.lit(starts["expiry_date"].max(), pl.Date)
    days = lots.select("expiry_date").unique().sort("expiry_date").filter(pl.col("expiry_date") <= last)
    days = days.join_asof(starts, on="expiry_date", strategy="backward")
    lots = lots.join(days, on="expiry_date", how="inner", maintain_order="left")
    known = [timeline.at(lots, "until", column).alias(column) for column in ("demand_qty", "demand_to_date")]
    lots = lots.with_columns(known)
    open_share = (pl.col("expiry_date") - pl.col("bucket_start")).dt.total_days() / terms.bucket_days
    until = pl.col("demand_to_date") - pl.col("demand_qty") * (1 - open_share)
    return lots.with_columns(demand_until=until.fill_null(0.0))


def _units(qty: pl.Expr) -> pl.Expr:
    node = (pl.coalesce("item_name", "item_id"), pl.coalesce("location_name", "location_id"))
    return pl.format("{} of {} at {}", w.quantity(qty), *node)


def _cost(terms: Terms) -> pl.Expr:
    return w.where(pl.col("has_money"), pl.format(", {}", w.money(pl.col("stake"), terms.currency)))
