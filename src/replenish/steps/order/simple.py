"""Simple mode: the projected rule without sampling, beside every line, and in its place where history is short."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from replenish.numerics.ages import outdating
from replenish.numerics.node_facts import Nodes
from replenish.numerics.order_lines import lots_in_lines
from replenish.numerics.projection import mean_stock_at
from replenish.numerics.simple_mode import simple_quantity, single_day_level
from replenish.steps.network import Network, window_sums
from replenish.steps.panel import Bools, Floats

SHORT_HISTORY = "short_history"
_SHORT_DAYS = 28  # of known demand below which no spread of a node's own can be told


def has_short_history(network: Network, nodes: Nodes, parameter: pl.DataFrame) -> Bools:
    """Nodes that would follow the curve, but sold too few days to be sampled: one entry a node.

    A node without money to earn keeps its own rule, which is to order nothing to stock.
    """
    known = network.matched(parameter, "history_buckets", "reason")
    few = known["history_buckets"] * network.calendar.bucket_days < _SHORT_DAYS
    follows = few & (network.nodes["method"] == "curve") & known["reason"].is_null()
    earns: Bools = nodes.fact["shortage_cost"] > 0.0
    return follows.fill_null(value=False).to_numpy() & earns


def simple_quantities(
    network: Network, nodes: Nodes, receipts: Floats, mean: Floats, cover_share: float, part: slice
) -> Floats:
    """What simple mode orders at the nodes of a level [K]: NaN where there is no forecast.

    `receipts` and `mean` [K, buckets] are what is due and the mean of all demand; `cover_share` is its one dial.
    What will expire is ordered on top; what lives no longer than a review is a newsvendor's. Fills the shelf floor;
    above it, no pack that cover or shelf forbid.
    """
    fact, demand = nodes.fact[part], np.nan_to_num(mean)
    arrival, window = fact["lead"].astype(np.int64), nodes.window[part]
    stock, _ = mean_stock_at(fact["on_hand"], demand, receipts, fact["lead"], fact["lost_share"])
    first = window_sums(demand, arrival, window[:, 0])
    second = window_sums(demand, arrival + window[:, 0], window[:, 1])
    due = window_sums(receipts, arrival, window[:, 0])
    before, gone = _outdated(nodes, demand, receipts, part)
    qty = simple_quantity(first, second, stock, due, fact["pack"], cover_share, outdating=gone)
    is_bread = (fact["life"] > 0) & (fact["life"] <= window[:, 0])
    left, bread = stock + due - gone, np.flatnonzero(is_bread)
    left[bread] = np.maximum(stock - before, 0.0)[bread] + due[bread]
    qty[bread] = np.maximum(0.0, _life_level(fact[bread], demand[bread]) - left[bread])
    # Cover is what a life sells on the average: a newsvendor may want more of it.
    room = np.where(is_bread, fact["max_stock"], np.minimum(fact["cover_qty"], fact["max_stock"])) - left
    whole = np.floor(np.minimum(room, qty) / fact["pack"] + 1e-9) * fact["pack"]
    qty = np.where(room < qty, np.maximum(whole, 0.0), qty)
    shelf = np.where(fact["floor"] > 0.0, fact["floor"] - np.maximum(stock + due, 0.0), 0.0)
    qty = lots_in_lines(np.maximum(qty, shelf), fact["min_qty"], fact["max_qty"], fact["pack"])
    sells = fact["end_bucket"] > arrival
    return np.where(np.isnan(mean).any(axis=1), np.nan, np.where(sells, qty, 0.0))


def _life_level(fact: Any, demand: Floats) -> Floats:
    """Level of what is sold within its life: the newsvendor's [K]."""
    sold = window_sums(demand, fact["lead"].astype(np.int64), fact["life"])
    spread = fact["phi"] * sold + fact["kappa"] * sold**2
    return single_day_level(sold, spread, ~fact["is_count"], fact["shortage_cost"], fact["terminal_cost"])


def _outdated(nodes: Nodes, demand: Floats, receipts: Floats, part: slice) -> tuple[Floats, Floats]:
    """Units that expire before tonight's order arrives, and before the one after it does [K each]."""
    fact, review = nodes.fact[part], nodes.window[part][:, 0]
    arrival, life = fact["lead"].astype(np.int64), fact["life"]
    before, gone = np.zeros(len(fact)), np.zeros(len(fact))
    aged = life > 0
    if aged.any():
        known = (_by_age(nodes, part)[aged], demand[aged], receipts[aged], life[aged])
        before[aged] = outdating(*known, arrival[aged])
        gone[aged] = outdating(*known, arrival[aged] + review[aged] - 1)
    return before, gone


def _by_age(nodes: Nodes, part: slice) -> Floats:
    """Stock on hand by last selling bucket [K, buckets]; what has no age has just come in."""
    fact = nodes.fact[part]
    shelf = np.zeros((len(fact), nodes.forecast.shape[1]))
    dated = fact["age_row"] >= 0
    shelf[dated] = nodes.ages[fact["age_row"][dated]]
    last = np.clip(fact["life"] - 1, 0, shelf.shape[1] - 1)
    shelf[np.arange(len(fact)), last] += np.maximum(fact["on_hand"] - shelf.sum(axis=1), 0.0)
    return shelf
