"""Netting of planned nodes into lots: one way for what is ordered and for what is projected."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.lot_sizing import LOT_RULES, LotTerms
from replenish.numerics.material_plan import MaterialPlan, plan_materials
from replenish.numerics.node_facts import Nodes
from replenish.steps.age_stock import life_days
from replenish.steps.network import Network
from replenish.steps.panel import Floats, Ints
from replenish.steps.target_lots import made_rates


def lot_terms(network: Network, nodes: Nodes, make_rate: pl.DataFrame, max_cover_days: float) -> LotTerms:
    """What sizes the lots of each node. A made lot costs its set-up on top of its order."""
    numbered = {word: index for index, word in enumerate(LOT_RULES)}
    fact, (_, setup) = nodes.fact, made_rates(network, make_rate)
    return LotTerms(
        network.nodes["lot_rule"].replace_strict(numbered, return_dtype=pl.Int64).to_numpy(writable=True),
        network.column("lot_qty"),
        fact["order_cost"] + setup,
        fact["holding_cost"].copy(),
        cover_buckets(network, max_cover_days),
        fact["min_qty"].copy(),
        fact["pack"].copy(),
        fact["max_qty"].copy(),
    )


def cover_buckets(network: Network, max_cover_days: float) -> Ints:
    """Buckets that one order may cover after it arrives: the maximum cover, or the shelf life where that is shorter."""
    life = network.nodes.select(life_days().fill_null(np.inf)).to_series().to_numpy()
    buckets: Ints = np.maximum(1, np.minimum(max_cover_days, life) // network.calendar.bucket_days).astype(np.int64)
    return buckets


def material_plan(nodes: Nodes, rows: Ints, receipts: Floats, safety_stock: Floats, terms: LotTerms) -> MaterialPlan:
    """Net the nodes `rows` against stock and `receipts` [rows, buckets]; safety stock, or the shelf floor, is a floor.

    What is wanted after an item has ended is not planned, and nothing that would arrive then.
    """
    fact = nodes.fact[rows]
    gross = np.nan_to_num(nodes.forecast[rows] + nodes.firm[rows])
    bucket, end, lead = np.arange(gross.shape[1])[None, :], fact["end_bucket"][:, None], fact["lead"][:, None]
    gross[bucket >= end] = 0.0
    plan = plan_materials(
        gross,
        fact["on_hand"].copy(),
        receipts,
        np.maximum(safety_stock, fact["floor"]),
        fact["lead"].copy(),
        fact["review"].copy(),
        LotTerms._make(each[rows] for each in terms),
    )
    plan.planned_receipt[np.maximum(bucket, lead) >= end] = 0.0
    plan.planned_release[bucket + lead >= end] = 0.0
    return plan
