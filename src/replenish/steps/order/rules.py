"""Ordering rules other than the curve and simple mode: order-up-to, reorder point, min/max, and netting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from replenish.numerics.lot_sizing import LotTerms
from replenish.numerics.node_facts import Nodes
from replenish.numerics.order_lines import lots_in_lines
from replenish.steps.demand_ahead import OpenLines
from replenish.steps.netting import material_plan
from replenish.steps.network import Network
from replenish.steps.panel import Floats, Ints


@dataclass(frozen=True)
class Goals:
    """Classical levels and expected receipts of each planned node."""

    order_up_to: Floats
    reorder_point: Floats
    safety_stock: Floats
    min_qty: Floats
    max_qty: Floats
    floor: Floats
    receipts: Floats  # nodes x buckets, each line at its expected bucket
    terms: LotTerms


def goals_of(network: Network, target: pl.DataFrame, lines: OpenLines, terms: LotTerms) -> Goals:
    """Levels of plan.target in the order of the network."""
    names = ("order_up_to_qty", "reorder_point_qty", "safety_stock_qty", "min_qty", "max_qty", "shelf_floor_qty")
    known = network.matched(target, *names).fill_null(0.0)
    up_to, point, safety, least, most, floor = (known[name].to_numpy() for name in names)
    return Goals(up_to, point, safety, least, most, floor, lines.expected(network.count, network.width), terms)


def given_quantities(
    nodes: Nodes, method: pl.Series, goals: Goals, mean: Floats, simple: Floats, netted: Floats, part: slice
) -> Floats:
    """Quantity of each node of a level that does not follow the curve; NaN where it does (or has no forecast).

    `simple` and `netted` are what these rules order, one entry a node of the level.
    """
    fact, rule = nodes.fact[part], method[part].to_numpy()
    unknown = np.isnan(mean).any(axis=1)
    receipts = goals.receipts[part]
    position = fact["on_hand"] + receipts.sum(axis=1) - nodes.firm[part].sum(axis=1) * (fact["lost_share"] < 1.0)
    point, up_to = goals.reorder_point[part], goals.order_up_to[part]
    wanted = {
        "order_up_to": up_to - position,
        "reorder_point": _lifted_above(point, up_to - point, position, fact),
        "min_max": np.where(position <= goals.min_qty[part], goals.max_qty[part] - position, 0.0),
    }
    out = np.full(len(rule), np.nan)
    for name, qty in wanted.items():
        out = np.where(rule == name, _in_lots(qty, fact), out)
    out = np.where(rule == "simple", simple, np.where(rule == "mrp", netted, out))
    return np.where(unknown, np.nan, out)


def _lifted_above(point: Floats, lot: Floats, position: Floats, fact: Any) -> Floats:
    """The fewest lots of whole packs that lift a position at or below the reorder point above it: (R, s, nQ)."""
    size = np.maximum(np.ceil(lot / fact["pack"] - 1e-9), 1.0) * fact["pack"]
    lots = np.floor((point - position) / size + 1e-9) + 1.0
    return np.where(position <= point, lots * size, 0.0)


def _in_lots(qty: Floats, fact: Any) -> Floats:
    return lots_in_lines(qty, fact["min_qty"], fact["max_qty"], fact["pack"])


def material_releases(nodes: Nodes, goals: Goals, rows: Ints) -> Floats:
    """Planned releases of netted nodes, bucket by bucket; tonight's are what was decided."""
    return material_plan(nodes, rows, goals.receipts[rows], goals.safety_stock[rows], goals.terms).planned_release
