"""Simple mode: the projected rule without sampling, beside every line, and in its place where history is short."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics.node_facts import Nodes
from replenish.numerics.order_lines import lots_in_lines
from replenish.numerics.projection import mean_stock_at
from replenish.numerics.simple_mode import simple_quantity
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


def simple_quantities(network: Network, nodes: Nodes, receipts: Floats, mean: Floats, part: slice) -> Floats:
    """What simple mode orders at the nodes of a level [K]: NaN where there is no forecast.

    `receipts` and `mean` [K, buckets] are what is due and the mean of all demand. Fills the shelf floor; above it, no
    pack that cover or shelf forbid.
    """
    fact, demand = nodes.fact[part], np.nan_to_num(mean)
    arrival, window = fact["lead"].astype(np.int64), nodes.window[part]
    stock, _ = mean_stock_at(fact["on_hand"], demand, receipts, fact["lead"], fact["lost_share"])
    first = window_sums(demand, arrival, window[:, 0])
    second = window_sums(demand, arrival + window[:, 0], window[:, 1])
    due = window_sums(receipts, arrival, window[:, 0])
    qty = simple_quantity(first, second, stock, due, fact["pack"])
    room = np.minimum(fact["cover_qty"], fact["max_stock"]) - stock - due
    whole = np.floor(np.minimum(room, qty) / fact["pack"] + 1e-9) * fact["pack"]
    qty = np.where(room < qty, np.maximum(whole, 0.0), qty)
    shelf = np.where(fact["floor"] > 0.0, fact["floor"] - np.maximum(stock + due, 0.0), 0.0)
    qty = lots_in_lines(np.maximum(qty, shelf), fact["min_qty"], fact["max_qty"], fact["pack"])
    sells = fact["end_bucket"] > arrival
    return np.where(np.isnan(mean).any(axis=1), np.nan, np.where(sells, qty, 0.0))
