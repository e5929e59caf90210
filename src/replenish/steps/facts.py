"""The records the order engine works on: what tables say of each planned node, in the engine's terms."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from replenish.numerics.node_facts import BREAKS, FACT, Nodes
from replenish.steps.ages import LIFO_SHARE, put_ages
from replenish.steps.demand_ahead import DemandAhead, OpenLines
from replenish.steps.network import LEAST_WINDOWS, Network, least_at_arrival, passes_on, supplies
from replenish.steps.panel import Bools, Ints
from replenish.steps.seeds import node_seeds

# Weights without a pack are ordered in steps of this many base units.
_WEIGHT_STEP = 0.01
# Below this chance a shelf is not treated as possibly empty: every record has a little doubt.
DOUBT = 0.05
_FOREVER = 10**6
# The cover of later orders is measured over at least this much demand.
_COVER_DAYS = 28


def engine_nodes(
    network: Network,
    demand: DemandAhead,
    lines: OpenLines,
    record: pl.DataFrame,
    target: pl.DataFrame,
    lot: pl.DataFrame,
    seed: int,
    lifo_share: float = LIFO_SHARE,
) -> Nodes:
    """Own demand, supply, stock, time, money and lots of every planned node. Dependent demand comes level by level."""
    fact = np.zeros(network.count, dtype=FACT)
    _put_demand(fact, network, demand, seed)
    _put_stock(fact, network, record, target)
    _put_money_and_lots(fact, network)
    _put_breaks(fact, network)
    fact["end_bucket"] = end_buckets(network)
    ages = put_ages(fact, network, lot, lifo_share)
    fact["sampled"] = _sampled(network, demand.windows, fact["life"])
    return Nodes(
        fact=fact,
        forecast=np.ascontiguousarray(demand.unconsumed),
        window=network.window,
        firm=demand.orders + demand.needs,
        lead_law=network.lead_law,
        lots=np.zeros((0, network.width)),
        ages=ages,
        line_start=lines.start,
        line_qty=lines.qty,
        line_law=lines.law,
    )


def _put_demand(fact: Any, network: Network, demand: DemandAhead, seed: int) -> None:
    fact["is_count"], fact["phi"], fact["kappa"], fact["rho"] = demand.is_count, demand.phi, demand.kappa, demand.rho
    fact["windows"], fact["lead"], fact["review"] = demand.windows, network.lead, network.usual_review
    fact["least_delta"] = np.where(demand.is_new, 1.0, 0.0)
    fact["cover_buckets"] = np.maximum(2 * network.usual_review, -(-_COVER_DAYS // network.calendar.bucket_days))
    fact["given"], fact["dependant"] = np.nan, -1
    fact["seed"] = node_seeds(network.nodes, seed, network.calendar.tonight)


def _put_stock(fact: Any, network: Network, record: pl.DataFrame, target: pl.DataFrame) -> None:
    known = network.matched(record, "on_hand_qty", "ghost_probability", "error_sd_qty")
    doubt = known["ghost_probability"].fill_null(0.0).to_numpy()
    fact["on_hand"] = known["on_hand_qty"].fill_null(0.0).to_numpy()
    fact["record_sd"] = known["error_sd_qty"].fill_null(0.0).to_numpy()
    fact["ghost"] = np.where(doubt >= DOUBT, doubt, 0.0)
    goal = network.matched(target, "protection_qty", "safety_stock_qty").fill_null(0.0)
    first_window = goal["protection_qty"].to_numpy() * network.review / (network.lead + network.review)
    fact["floor"] = least_at_arrival(network, first_window)
    safety = goal["safety_stock_qty"].to_numpy()
    # A centre may let its stores wait, but later orders cover what they will want.
    safety = np.where(supplies(network), np.maximum(safety, 0.0), safety)
    fact["level"] = np.maximum(0.0, first_window + safety)
    managed = fact["floor"] > network.column("min_stock_qty", 0.0)
    fact["level"] = np.where(managed, np.maximum(fact["level"], fact["floor"]), fact["level"])


def _put_money_and_lots(fact: Any, network: Network) -> None:
    fact["lost_share"] = (network.nodes["shortage_rule"] == "lost_sales").to_numpy()
    fact["shortage_cost"] = network.column("shortage_cost")
    fact["holding_cost"] = network.column("holding_cost_per_day", 0.0) * network.calendar.bucket_days
    lost_value = network.column("unit_cost") - network.column("salvage_value", 0.0)
    fact["terminal_cost"] = lost_value + network.column("disposal_cost", 0.0)
    fact["order_cost"], fact["min_qty"] = network.column("order_cost", 0.0), network.column("min_qty", 0.0)
    fact["max_qty"] = network.column("max_qty", np.inf)
    multiple = network.column("multiple_qty", 0.0)
    continuous = network.nodes["is_continuous"].to_numpy()
    fact["step"] = np.where(continuous, np.where(multiple > 0, multiple, _WEIGHT_STEP), 1.0)
    fact["pack"] = np.where(multiple > 0, multiple, fact["step"])
    # A cap below the shelf floor is an error of the master data: the floor stands.
    fact["max_stock"] = np.maximum(network.column("max_stock_qty", np.inf), fact["floor"])
    fact["cover_qty"] = np.inf


def _put_breaks(fact: Any, network: Network) -> None:
    fact["is_incremental"] = network.nodes["is_incremental"].fill_null(value=False).to_numpy()
    usual = network.nodes["arc_cost"]
    for j in range(BREAKS):
        least, cost = (network.nodes[name].list.get(j, null_on_oob=True) for name in ("break_qty", "break_unit_cost"))
        fact["break_qty"][:, j] = least.fill_null(0.0).to_numpy()
        fact["break_saving"][:, j] = (usual - cost).fill_null(0.0).to_numpy()


def nothing_drawn(nodes: Nodes) -> Bools:
    """Nodes for which every path is the same: no sampled demand, no doubt of stock, supply that is certain."""
    fact, law = nodes.fact, nodes.line_law
    is_point = ((law == 0.0) | (law == 1.0)).all(axis=1) & (law[:, -1:] == 1.0).all(axis=1)
    lines = np.diff(nodes.line_start)
    doubted = np.bincount(np.repeat(np.arange(len(fact)), lines), ~is_point, len(fact)) > 0
    known = ((nodes.lead_law == 0.0) | (nodes.lead_law == 1.0)).all(axis=1) & (nodes.forecast == 0.0).all(axis=1)
    found: Bools = known & ~doubted & (fact["ghost"] == 0.0) & (fact["record_sd"] == 0.0)
    return found


def counts_orders(network: Network, supplier: pl.DataFrame) -> Bools:
    """Nodes bought from a supplier that asks something for an order of many items: a cost or a minimum."""
    terms = pl.max_horizontal(pl.col("order_cost", "min_order_value", "min_order_qty").fill_null(0.0))
    asking = supplier.filter(terms > 0)["supplier_id"]
    found = (pl.col("kind") == "buy") & pl.col("source_id").is_in(asking.implode())
    return network.nodes.select(found.fill_null(value=False)).to_series().to_numpy()


def end_buckets(network: Network) -> Ints:
    """First bucket in which each node is no longer wanted; far away where it goes on, or passes on what is wanted."""
    last = network.nodes["listed_to"]
    bucket = network.calendar.bucket_of(last) + 1
    gone = (last < network.calendar.tonight).fill_null(value=False).to_numpy()
    stays = last.is_null().to_numpy() | passes_on(network)
    return np.where(stays, _FOREVER, np.where(gone, 0, bucket))


def _ahead(network: Network, windows: Ints) -> Ints:
    """Buckets of the coverage windows each node looks at."""
    reach = np.cumsum(network.window, axis=1)
    return reach[np.arange(network.count), np.maximum(windows, LEAST_WINDOWS) - 1]


def _sampled(network: Network, windows: Ints, life: Ints) -> Ints:
    """Buckets to sample: longest lead time, then windows or the life of arrivals; as far as the node's sources look."""
    own = np.maximum(network.lead, network.longest) + np.maximum(_ahead(network, windows), life)
    sampled = np.minimum(own, network.width)
    level, edges = network.level, network.edges
    for rung in range(int(level.max(initial=0)), 0, -1):
        into = level[edges.source] == rung
        np.maximum.at(sampled, edges.dependant[into], sampled[edges.source[into]])
    return sampled
