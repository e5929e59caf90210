"""From tables to decisions: what `order` and `size` share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.steps.after_moves import after_moves
from replenish.steps.ages import lost_to_age
from replenish.steps.demand_ahead import OrderRule, demand_ahead, open_lines
from replenish.steps.facts import counts_orders, engine_nodes
from replenish.steps.moved_lots import lots_after
from replenish.steps.netting import lot_terms
from replenish.steps.network import network_of
from replenish.steps.order.climb import Climb, Manner, climb
from replenish.steps.order.rules import goals_of


@dataclass(frozen=True)
class Business:
    """Every table that an order rests on, named as the steps name them."""

    forecast: pl.DataFrame
    parameter: pl.DataFrame
    lead_time: pl.DataFrame
    target: pl.DataFrame
    rebalance: pl.DataFrame
    record: pl.DataFrame
    open_supply: pl.DataFrame
    open_demand: pl.DataFrame
    lot: pl.DataFrame
    node: pl.DataFrame
    arc: pl.DataFrame
    bom_line: pl.DataFrame
    bucket: pl.DataFrame
    supplier: pl.DataFrame
    make_rate: pl.DataFrame
    firm_need: pl.DataFrame | None


def decided(
    about: Business, rule: OrderRule, manner: Manner, *, windows: int, cover: float, seed: int, lifo_share: float
) -> Climb:
    """The decisions of all planned nodes; `cover` is the longest cover of an order in days."""
    network = network_of(about.node, about.arc, about.lead_time, about.bom_line, about.bucket, windows)
    demand = demand_ahead(network, about.forecast, about.parameter, about.open_demand, windows, about.firm_need, rule)
    stock, supply = after_moves(about.rebalance, about.record, about.open_supply)
    lines = open_lines(network, supply)
    lots = lots_after(about.rebalance, about.lot)
    nodes = engine_nodes(network, demand, lines, stock, about.target, lots, seed, lifo_share)
    nodes.fact["on_hand"] -= lost_to_age(nodes.fact, network, lots, np.nan_to_num(demand.mean))
    nodes.fact["is_joint"] = counts_orders(network, about.supplier)
    goals = goals_of(network, about.target, lines, lot_terms(network, nodes, about.make_rate, cover))
    return climb(network, nodes, goals, about.parameter, manner)
