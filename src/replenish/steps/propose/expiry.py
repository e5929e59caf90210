"""Lots that cannot be sold any more, or will not be in time: EXPIRED and EXPIRY_RISK."""

from __future__ import annotations

import polars as pl

from replenish.steps.propose import wording as w
from replenish.steps.propose.expiry_action import with_best_action
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


def expiry_risk(
    lot: pl.DataFrame, nodes: pl.DataFrame, arc: pl.DataFrame, open_supply: pl.DataFrame, timeline: Timeline,
    terms: Terms,
) -> pl.DataFrame:  # fmt: skip
    """One row a usable lot of which a part will pass its date unsold, and what is best done about it.

    Lots up to the k-th to expire hold C_k units, and D_k is the mean demand until its date that takes the oldest first:
    customers who look for the newest (lifo_share, in shops) take newer stock as far as there is any. Up to that date
    max over j <= k of (C_j - D_j)+ expires; the lot's own part is the rise of that running maximum. Cost less salvage
    plus disposal is at stake.
    """
    is_store = (pl.col("location_kind") == "store").fill_null(False)
    nodes = nodes.with_columns(lifo_share=pl.when(is_store).then(terms.lifo_share).otherwise(0.0))
    dated = lot.drop_nulls("expiry_date").filter(pl.col("qty") > 0)
    facts = (*_FACTS, "unit_price", "on_hand_qty", "lifo_share")
    lots = _at_risk(_with_waste(attach(dated, nodes, *facts)), timeline, terms)
    return _told(with_best_action(lots, nodes, arc, open_supply, timeline, terms), terms)


def _with_waste(frame: pl.DataFrame) -> pl.DataFrame:
    waste = pl.col("unit_cost") - pl.col("salvage_value") + pl.col("disposal_cost")
    return frame.with_columns(waste_cost=waste.clip(lower_bound=0.0).fill_null(0.0))


def _at_risk(lots: pl.DataFrame, timeline: Timeline, terms: Terms) -> pl.DataFrame:
    lots = attach(lots, timeline.nodes, "node_number").drop_nulls("node_number")
    lots = timeline.demand_until(lots, "expiry_date", terms).sort(*NODE, "expiry_date", "lot_id")
    lots = lots.with_columns(last=pl.col("expiry_date_index") - 1, older_qty=pl.col("qty").cum_sum().over(NODE))
    known = ("coming_to_date", "proposed_to_date", "planned_to_date")
    coming, proposed, planned = (timeline.at(lots, "last", name).fill_null(0.0) for name in known)
    lots = lots.with_columns(
        new_qty=(pl.col("on_hand_qty").fill_null(0.0) - pl.col("older_qty")).clip(0.0) + coming + planned,
        proposed_until=proposed,
    )
    wanted = pl.col("expiry_date_demand")
    lots = lots.with_columns(taken_new_qty=pl.min_horizontal(wanted * pl.col("lifo_share").fill_null(0.0), "new_qty"))
    lots = lots.with_columns(demand_until=wanted - pl.col("taken_new_qty"))
    over = (pl.col("older_qty") - pl.col("demand_until")).clip(lower_bound=0.0).cum_max().over(NODE)
    lots = lots.with_columns(wasted_to_date=over)
    rise = pl.col("wasted_to_date") - pl.col("wasted_to_date").shift(1, fill_value=0.0).over(NODE)
    lots = lots.with_columns(wasted_qty=pl.min_horizontal(rise, "qty")).filter(pl.col("wasted_qty") > 1e-6)
    return lots.with_columns(stake=pl.col("wasted_qty") * pl.col("waste_cost"))


def _told(lots: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    there = (w.quantity(pl.col("qty")), w.about(pl.col("demand_until")))
    what = (_units(pl.col("wasted_qty")), pl.col("lot_id"), w.day(pl.col("expiry_date")))
    told = pl.format(
        "About {} (lot {}) will not sell before {}: {} are there, {} are wanted until then{}. {}",
        *what,
        *there,
        _cost(terms),
        "advice",
    )
    about = {"date": "expiry_date", "qty": "wasted_qty", "value_at_stake": "stake", "cause_id": "lot_id"}
    return findings(lots, "EXPIRY_RISK", explanation=told, best_action="best_action", **about)


def _units(qty: pl.Expr) -> pl.Expr:
    node = (pl.coalesce("item_name", "item_id"), pl.coalesce("location_name", "location_id"))
    return pl.format("{} of {} at {}", w.quantity(qty), *node)


def _cost(terms: Terms) -> pl.Expr:
    return w.where(pl.col("has_money"), pl.format(", {}", w.money(pl.col("stake"), terms.currency)))
