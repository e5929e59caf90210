"""Which stock is worth more at another location? What pays moves tonight, before anything is ordered."""

from __future__ import annotations

from datetime import date, timedelta

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.rebalance import Moves, move_units
from replenish.steps.network import Network, day_after, network_of
from replenish.steps.panel import Floats
from replenish.steps.rebalance.lanes import lanes_of
from replenish.steps.rebalance.worth import Worth, worth_of
from replenish.tables.core import Arc, BomLine, Bucket, GraphIssue, Node, OpenDemand, OpenSupply
from replenish.tables.plan import Forecast, LeadTime, Parameter, Rebalance, Record, Target

_HYSTERESIS_SHARE = 0.1
_NOTHING = 1e-9


def rebalance(
    forecast: dy.DataFrame[Forecast],
    parameter: dy.DataFrame[Parameter],
    lead_time: dy.DataFrame[LeadTime],
    target: dy.DataFrame[Target],
    record: dy.DataFrame[Record],
    open_supply: dy.DataFrame[OpenSupply],
    open_demand: dy.DataFrame[OpenDemand],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bom_line: dy.DataFrame[BomLine],
    graph_issue: dy.DataFrame[GraphIssue],
    bucket: dy.DataFrame[Bucket],
    *,
    as_of: date,
    min_value: float,
) -> dy.DataFrame[Rebalance]:
    """Decide lateral moves over lanes that are not the usual source; the stations after it take them as done.

    Step by step over the lane that gains most, while the gain exceeds freight and 10 % of the unit cost; a node gives
    or takes, never both. Presentation stock, customers' orders and what dependants lack stay at the origin; doubtful
    records give nothing. A move that earns less than `min_value` after its costs is left out.
    """
    network = network_of(node, arc, lead_time, bom_line, bucket)
    lanes = lanes_of(network, arc, graph_issue)
    if lanes.is_empty():
        return Rebalance.create_empty()
    origin, destination = lanes["origin"].to_numpy(), lanes["destination"].to_numpy()
    # A receipt serves the bucket it comes in; the slowest lane into a node counts for all of them.
    arrival = np.zeros(network.count, np.int64)
    np.maximum.at(arrival, destination, network.calendar.bucket_after(lanes["days"].to_numpy()))
    pack = np.ones(network.count)
    np.maximum.at(pack, destination, _packs(lanes))
    worth = worth_of(network, forecast, parameter, target, record, open_supply, open_demand, arrival, pack)
    hysteresis = _HYSTERESIS_SHARE * np.nan_to_num(network.column("unit_cost"))[origin]
    moves = move_units(origin, destination, worth.given_up, worth.gained, lanes["freight"].to_numpy(), hysteresis)
    on_hand = network.matched(record, "on_hand_qty")["on_hand_qty"].fill_null(0.0).to_numpy()
    return _table(network, lanes, moves, worth, on_hand, as_of, min_value)


def _table(
    network: Network, lanes: pl.DataFrame, moves: Moves, worth: Worth, on_hand: Floats, as_of: date, min_value: float
) -> dy.DataFrame[Rebalance]:
    """Whole packs of each lane that earn more than the move costs."""
    units = moves.units * worth.step[lanes["origin"].to_numpy()]
    qty = _whole_packs(lanes, units)
    at, here = lanes["destination"].to_numpy(), lanes["origin"].to_numpy()
    # The first units gain most: the share of the gain that is left is no less than this.
    kept = np.where(units > 0, qty / np.maximum(units, _NOTHING), 0.0)
    value = moves.gain * worth.step[here] * kept - lanes["order_cost"].to_numpy()
    pays = (qty > 0) & (value > 0) & (value >= min_value)
    today = max(as_of + timedelta(days=1), network.calendar.tonight)
    lost = worth.lost_qty[at]
    found = lanes.with_columns(
        qty=pl.Series(qty),
        value=pl.Series(value),
        move_cost=pl.Series(qty * lanes["freight"].to_numpy() + lanes["order_cost"].to_numpy()),
        order_date=pl.lit(today),
        receipt_date=day_after(today, lanes["days"].to_numpy()),
        on_hand_qty=pl.Series(on_hand[at]),
        source_on_hand_qty=pl.Series(on_hand[here]),
        stockout_probability_without=pl.Series(worth.runs_out[at]),
        expected_lost_without_qty=pl.Series(lost),
        expected_lost_sales_value_without=pl.Series(
            lost * np.maximum(np.nan_to_num(network.column("shortage_cost"))[at], 0)
        ),
    ).filter(pl.Series(pays))
    return Rebalance.cast(found.select(Rebalance.column_names()).sort(Rebalance.primary_key()))


def _packs(lanes: pl.DataFrame) -> Floats:
    """Units of a pack of each lane, at least 1."""
    found: Floats = np.maximum(lanes["multiple_qty"].fill_null(1.0).to_numpy(), 1.0)
    return found


def _whole_packs(lanes: pl.DataFrame, units: Floats) -> Floats:
    """Units of each lane in whole packs within its largest line; nothing below its least."""
    pack = _packs(lanes)
    most = lanes["max_qty"].fill_null(np.inf).to_numpy()
    qty = np.floor(np.minimum(units, most) / pack + _NOTHING) * pack
    return np.where(qty >= lanes["min_qty"].fill_null(0.0).to_numpy() - _NOTHING, qty, 0.0)
