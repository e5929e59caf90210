"""Stock that is followed by age: which nodes, how long what arrives can be sold, and how old the stock on hand is."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from replenish.numerics.ages import outdating
from replenish.steps.age_stock import life_days
from replenish.steps.network import Network
from replenish.steps.panel import Floats, Ints

# Customers of a shop reach for the newest with this share of demand; counters and warehouses pick the oldest first.
LIFO_SHARE = 0.4
# Beyond this many protection times nearly nothing expires that a cap on cover does not already avoid: at three of them
# waste at 95 % fill is 0.3 % of demand, and 2 % where 40 % of demand takes the newest first (order specification 8).
_PROTECTION_TIMES = 2
_PROTECTION_TIMES_OF_STORES = 3


def put_ages(fact: Any, network: Network, lot: pl.DataFrame, lifo_share: float) -> Floats:
    """Fill life, lifo_share and age_row of FACT, and give stock by last selling bucket.

    One row a followed node with lots [rows, buckets]; stock outside lots counts as just received. A node whose shelf
    life is longer than about twice its protection time, or used up in transit, is not followed.
    """
    life = selling_buckets(network)
    is_store = (network.nodes["location_kind"] == "store").fill_null(value=False).to_numpy()
    times = np.where(is_store, _PROTECTION_TIMES_OF_STORES, _PROTECTION_TIMES)
    followed = (life > 0) & (life <= times * (network.lead + network.review))
    fact["life"] = np.where(followed, life, 0)
    fact["lifo_share"] = np.where(followed & is_store, lifo_share, 0.0)
    fact["age_row"] = -1
    dated = lot.filter(pl.col("expiry_date").is_not_null() & (pl.col("qty") > 0))
    row = network.rows_of(dated)
    kept = np.isin(row, np.flatnonzero(followed))
    rows = np.unique(row[kept])
    fact["age_row"][rows] = np.arange(len(rows))
    ages = np.zeros((len(rows), network.width))
    last = network.calendar.bucket_of(dated["expiry_date"].dt.offset_by("-1d"))[kept]
    place = np.clip(last, 0, network.width - 1)
    np.add.at(ages, (fact["age_row"][row[kept]], place), dated["qty"].to_numpy()[kept])
    return ages


def lost_to_age(fact: Any, network: Network, lot: pl.DataFrame, mean: Floats) -> Floats:
    """Units on hand of nodes that are not followed by age which pass their date unsold within the protection time.

    By mean demand of their own [nodes, buckets], first expiring first. Nodes that supply others are left out: what is
    asked of them is not known yet.
    """
    gone = np.zeros(network.count)
    dated = lot.filter(pl.col("expiry_date").is_not_null() & (pl.col("qty") > 0))
    row, until = network.rows_of(dated), network.lead + network.review
    supplies = np.isin(np.arange(network.count), network.edges.source)
    last = network.calendar.bucket_of(dated["expiry_date"].dt.offset_by("-1d"))
    soon = (row >= 0) & (last < until[row]) & (fact["life"][row] == 0) & ~supplies[row]
    rows, place = np.unique(row[soon], return_inverse=True)
    if len(rows):
        ages = np.zeros((len(rows), network.width))
        np.add.at(ages, (place, np.clip(last[soon], 0, network.width - 1)), dated["qty"].to_numpy()[soon])
        none, one = np.zeros((len(rows), 0)), np.ones(len(rows), dtype=np.int64)
        gone[rows] = outdating(ages, mean[rows], none, one, until[rows])
    return gone


def selling_buckets(network: Network) -> Ints:
    """Whole selling buckets of what arrives; 0 where nothing expires, or all of it on the way."""
    days = network.nodes.select(life_days().fill_null(0.0)).to_series().to_numpy()
    whole = np.floor(np.clip(days, 0.0, 36_500.0) / network.calendar.bucket_days).astype(np.int64)
    return np.where(days > 0.0, np.maximum(whole, 1), 0)
