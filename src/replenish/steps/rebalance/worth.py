"""What the last units of a node are worth where they lie, and the next ones where they would arrive."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.steps.network import Network
from replenish.steps.panel import KEY, Floats, Ints
from replenish.steps.rebalance.ground import Demand, Stock, matched
from replenish.steps.rebalance.lots import waste_spared

# Steps weighed at a node; more are a matter of another night.
MOST_STEPS = 20
_REACH = 1.5  # times the mean need of the largest location that all steps together cover
_NOTHING = 1e-9


@dataclass(frozen=True)
class Worth:
    """Nodes x steps, and one entry a node; money is of one unit."""

    step: Floats  # units that are weighed together: the same at all locations of an item
    given_up: Floats  # by the last step but k; infinite where it may not leave
    spared: Floats  # of it the waste that the last step but k would be
    gained: Floats  # by the next step but k
    runs_out: Floats  # chance that the node runs out before anything but a move could come
    lost_qty: Floats  # units it would then lose


def worth_of(
    network: Network,
    demand: Demand,
    stock: Stock,
    target: pl.DataFrame,
    record: pl.DataFrame,
    open_demand: pl.DataFrame,
    lot: pl.DataFrame,
    arrival: Ints,
    pack: Floats,
) -> Worth:
    """Money of units at both ends, from the law of demand and the stock of tonight, before anything is ordered.

    A unit gains the sale it makes from its `arrival` bucket until an order of tonight could come: what is wanted later
    the order serves, which is sized with the move known. It gives up the sale it may make at its origin until the next
    order there, and spares the waste it may be in a lot that expires. All less the cost of holding it. Units are
    weighed in steps of whole packs of the lanes (`pack`, one entry a node), as many as 20 steps need to cover one and a
    half times the need of the largest location.
    """
    asked = _asked(network, target, stock)
    until = network.lead + _wait_for_source(network, stock, asked)
    left = stock.until(until) - demand.mean_until(arrival)
    left = np.where(stock.backlogs, left, np.maximum(left, 0.0))
    step = _steps(network, pack, demand.mean_until(until))
    chance = demand.asks(arrival, until, left[:, None] + _middles(step), owed=1.0)
    first = demand.asks(arrival, until, left[:, None], owed=1.0)[:, 0]
    gained = _money(network, "shortage_cost") * chance - _held(network, until)
    free = np.floor(_free(network, record, open_demand, asked) / step + _NOTHING)
    spared = _waste_cost(network) * waste_spared(network, lot, demand, _middles(step))
    return Worth(
        step,
        _given_up(network, demand, stock, free, step) - spared,
        spared,
        gained,
        first,
        demand.missing(arrival, until, left),
    )


def _steps(network: Network, pack: Floats, need: Floats) -> Floats:
    """Units weighed together at each node, by the largest pack and need of its item."""
    item = network.nodes["item_id"].rank("dense").cast(pl.Int64).to_numpy() - 1
    widest, most = np.ones(network.count), np.zeros(network.count)
    np.maximum.at(widest, item, pack)
    np.maximum.at(most, item, np.nan_to_num(need))
    found: Floats = (widest * np.maximum(1.0, np.ceil(_REACH * most / (MOST_STEPS * widest))))[item]
    return found


def _middles(step: Floats) -> Floats:
    """Units before the middle one of each step."""
    found: Floats = np.arange(MOST_STEPS)[None, :] * step[:, None] + (step[:, None] - 1.0) / 2.0
    return found


def _given_up(network: Network, demand: Demand, stock: Stock, free: Floats, step: Floats) -> Floats:
    """Money a unit given up with each step less: the sale it may have made, less the cost of holding it."""
    protection, start = network.lead + network.review, np.zeros_like(network.lead)
    last = -_middles(step) - 1.0
    chance = np.maximum(
        demand.asks(start, network.lead, stock.until(network.lead)[:, None] + last),
        demand.asks(start, protection, stock.until(protection)[:, None] + last),
    )
    value = _money(network, "shortage_cost") * chance - _held(network, protection)
    return np.where(np.arange(MOST_STEPS) < free[:, None], value, np.inf)


def _free(network: Network, record: pl.DataFrame, open_demand: pl.DataFrame, asked: Floats) -> Floats:
    """Whole units that may leave each node: not its floor, nor customers' orders, nor what its dependants lack."""
    owed = open_demand.group_by(KEY).agg(qty=pl.col("open_qty").sum())
    kept = np.nan_to_num(network.column("min_stock_qty")) + matched(network, owed, "qty")
    free = matched(network, record, "on_hand_qty") - kept - asked
    doubtful = network.matched(record, "is_ghost")["is_ghost"].fill_null(value=True).to_numpy()
    return np.where(doubtful, 0.0, np.floor(np.maximum(np.nan_to_num(free), 0.0) + _NOTHING))


def _asked(network: Network, target: pl.DataFrame, stock: Stock) -> Floats:
    """Units by which the dependants of each node lie below their order-up-to levels."""
    lacking = matched(network, target, "order_up_to_qty") - stock.until(network.lead + network.review)
    edges, found = network.edges, np.zeros(network.count)
    np.add.at(found, edges.source, edges.factors(1)[:, 0] * np.maximum(lacking, 0.0)[edges.dependant])
    return found


def _wait_for_source(network: Network, stock: Stock, asked: Floats) -> Ints:
    """Buckets that orders of tonight wait at a source which has not enough for all: its own lead time."""
    edges, late = network.edges, np.zeros(network.count, np.int64)
    is_move = (network.nodes["kind"] == "move").fill_null(value=False).to_numpy()[edges.dependant]
    short = asked > np.maximum(stock.until(np.ones_like(network.lead)), 0.0) + _NOTHING
    late[edges.dependant[is_move]] = (network.lead * short)[edges.source[is_move]]
    return late


def _waste_cost(network: Network) -> Floats:
    """Money lost with a unit that expires."""
    cost, salvage, disposal = (_money(network, name) for name in ("unit_cost", "salvage_value", "disposal_cost"))
    return np.maximum(cost - salvage + disposal, 0.0)


def _money(network: Network, name: str) -> Floats:
    return np.nan_to_num(network.column(name))[:, None]


def _held(network: Network, buckets: Ints) -> Floats:
    return _money(network, "holding_cost_per_day") * (buckets * network.calendar.bucket_days)[:, None]
