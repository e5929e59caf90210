"""Ordering rules other than the curve: simple mode, order-up-to, reorder point, min/max, and netting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from replenish.numerics.ages import outdating
from replenish.numerics.material_plan import MaterialPlan, plan_materials
from replenish.numerics.node_facts import Nodes
from replenish.numerics.order_lines import lots_in_lines
from replenish.numerics.projection import mean_stock_at
from replenish.numerics.simple_mode import simple_quantity, single_day_level
from replenish.steps.demand_ahead import OpenLines
from replenish.steps.network import Network, window_sums
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


def goals_of(network: Network, target: pl.DataFrame, lines: OpenLines) -> Goals:
    """Levels of plan.target in the order of the network."""
    names = ("order_up_to_qty", "reorder_point_qty", "safety_stock_qty", "min_qty", "max_qty", "shelf_floor_qty")
    known = network.matched(target, *names).fill_null(0.0)
    up_to, point, safety, least, most, floor = (known[name].to_numpy() for name in names)
    return Goals(up_to, point, safety, least, most, floor, lines.expected(network.count, network.width))


def given_quantities(
    network: Network, nodes: Nodes, method: pl.Series, goals: Goals, mean: Floats, part: slice
) -> Floats:
    """Quantity of each node of a level that does not follow the curve; NaN where it does (or has no forecast)."""
    fact, rule = nodes.fact[part], method[part].to_numpy()
    unknown = np.isnan(mean).any(axis=1)
    demand = np.nan_to_num(mean)
    receipts = goals.receipts[part]
    position = fact["on_hand"] + receipts.sum(axis=1) - nodes.firm[part].sum(axis=1) * (fact["lost_share"] < 1.0)
    stock, _ = mean_stock_at(fact["on_hand"], demand, receipts, fact["lead"], fact["lost_share"])
    point, up_to = goals.reorder_point[part], goals.order_up_to[part]
    wanted = {
        "order_up_to": up_to - position,
        "reorder_point": np.where(position <= point, np.maximum(up_to, point + fact["pack"]) - position, 0.0),
        "min_max": np.where(position <= goals.min_qty[part], goals.max_qty[part] - position, 0.0),
    }
    out = np.full(len(rule), np.nan)
    for name, qty in wanted.items():
        out = np.where(rule == name, _in_lots(qty, fact), out)
    simple = _simple(nodes, demand, receipts, stock, part)
    out = np.where(rule == "simple", _in_lots(simple, fact), out)
    netted = np.flatnonzero(rule == "mrp")
    if len(netted):
        released = _plan(network, nodes, goals, netted + part.start).planned_release[:, 0]
        out[netted] = _in_lots(released, fact[netted])
    return np.where(unknown, np.nan, out)


def _simple(nodes: Nodes, demand: Floats, receipts: Floats, stock: Floats, part: slice) -> Floats:
    """Quantity of simple mode: what will expire is ordered on top; bread by the newsvendor of its life."""
    fact, window = nodes.fact[part], nodes.window[part]
    arrival, review, life = fact["lead"].astype(np.int64), window[:, 0], fact["life"]
    first, second = window_sums(demand, arrival, review), window_sums(demand, arrival + review, window[:, 1])
    due = window_sums(receipts, arrival, review)
    aged = life > 0
    gone, before = np.zeros(len(fact)), np.zeros(len(fact))
    if aged.any():
        known = (_by_age(nodes, part)[aged], demand[aged], receipts[aged], life[aged])
        gone[aged] = outdating(*known, arrival[aged] + review[aged] - 1)
        before[aged] = outdating(*known, arrival[aged])
    usual = simple_quantity(first, second, stock, due, fact["pack"], outdating=gone)
    sold = window_sums(demand, arrival, np.maximum(life, 1))
    spread = fact["phi"] * sold + fact["kappa"] * sold**2
    level = single_day_level(sold, spread, ~fact["is_count"], fact["shortage_cost"], fact["terminal_cost"])
    bread = np.maximum(0.0, level - np.maximum(stock - before, 0.0) - due)
    return np.where(aged & (life <= review), bread, usual)


def _by_age(nodes: Nodes, part: slice) -> Floats:
    """Stock on hand by last selling bucket [nodes, buckets]; what has no age has just come in."""
    fact = nodes.fact[part]
    shelf = np.zeros((len(fact), nodes.forecast.shape[1]))
    dated = fact["age_row"] >= 0
    shelf[dated] = nodes.ages[fact["age_row"][dated]]
    last = np.clip(fact["life"] - 1, 0, shelf.shape[1] - 1)
    shelf[np.arange(len(fact)), last] += np.maximum(fact["on_hand"] - shelf.sum(axis=1), 0.0)
    return shelf


def _in_lots(qty: Floats, fact: Any) -> Floats:
    return lots_in_lines(qty, fact["min_qty"], fact["max_qty"], fact["pack"])


def material_releases(network: Network, nodes: Nodes, goals: Goals, rows: Ints) -> Floats:
    """Planned releases of netted nodes, bucket by bucket; tonight's are what was decided."""
    return _plan(network, nodes, goals, rows).planned_release


def _plan(network: Network, nodes: Nodes, goals: Goals, rows: Ints) -> MaterialPlan:
    """Net gross requirements against stock and open orders; safety stock is a floor."""
    fact = nodes.fact[rows]
    gross = np.nan_to_num(nodes.forecast[rows] + nodes.firm[rows])
    largest = network.column("max_qty", np.inf)[rows]
    return plan_materials(
        gross,
        fact["on_hand"].copy(),
        goals.receipts[rows],
        np.maximum(goals.safety_stock[rows], fact["floor"]),
        fact["min_qty"].copy(),
        fact["pack"].copy(),
        largest,
        fact["lead"].copy(),
        fact["review"].copy(),
    )
