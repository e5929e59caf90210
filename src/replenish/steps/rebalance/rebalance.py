"""Which stock is worth more at another location? What pays moves tonight, before anything is ordered."""

from __future__ import annotations

from datetime import date, timedelta

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.rebalance import Moves, move_units
from replenish.steps.demand_ahead import with_needs
from replenish.steps.network import Network, day_after, network_of
from replenish.steps.panel import Floats
from replenish.steps.rebalance.ground import Demand, Stock, matched
from replenish.steps.rebalance.lanes import lanes_of
from replenish.steps.rebalance.lots import Taken, choose_lots
from replenish.steps.rebalance.worth import Worth, worth_of
from replenish.tables.core import Arc, BomLine, Bucket, FirmNeed, GraphIssue, Node, OpenDemand, OpenSupply
from replenish.tables.plan import AgedLot, Forecast, LeadTime, Parameter, Rebalance, Record, Target

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
    lot: dy.DataFrame[AgedLot],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bom_line: dy.DataFrame[BomLine],
    bucket: dy.DataFrame[Bucket],
    graph_issue: dy.DataFrame[GraphIssue],
    *,
    as_of: date,
    min_value: float,
    firm_need: dy.DataFrame[FirmNeed] | None = None,
) -> dy.DataFrame[Rebalance]:
    """Decide lateral moves over lanes that are not the usual source; the stations after it take them as done.

    Step by step over the lane that gains most, while the gain exceeds freight and 10 % of the unit cost; a node gives
    or takes, never both. Presentation stock, customers' orders and what dependants lack or production in the books
    will take stay at the origin; doubtful records give nothing. Lots that expire first move first if the destination
    sells them in time; those that it would not stay. A move that earns less than `min_value` after its costs is left
    out.
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
    demand, stock = Demand(network, forecast, parameter), Stock(network, record, open_supply, open_demand)
    owed = with_needs(open_demand, firm_need)
    worth = worth_of(network, demand, stock, target, record, owed, lot, arrival, pack)
    hysteresis = _HYSTERESIS_SHARE * np.nan_to_num(network.column("unit_cost"))[origin]
    moves = move_units(origin, destination, worth.given_up, worth.gained, lanes["freight"].to_numpy(), hysteresis)
    found = _moved(lanes, moves, worth)
    taken = choose_lots(network, found, lot, demand, stock)
    found = _valued(found, taken, min_value)
    return _table(network, found, worth, matched(network, record, "on_hand_qty"), as_of)


def _moved(lanes: pl.DataFrame, moves: Moves, worth: Worth) -> pl.DataFrame:
    """Lanes over which whole packs move, with the gain of a unit and what of it is waste spared."""
    here = lanes["origin"].to_numpy()
    units = moves.units * worth.step[here]
    most = np.cumsum(worth.spared, axis=1)[here, np.maximum(moves.units - 1, 0)]
    each = np.maximum(moves.units, 1)
    return (
        lanes.with_columns(
            pack=pl.Series(_packs(lanes)),
            qty=pl.Series(_whole_packs(lanes, units)),
            min_qty=pl.col("min_qty").fill_null(0.0),
            unit_gain=pl.Series(moves.gain / each),
            unit_spared=pl.Series(most / each),
        )
        .filter(pl.col("qty") > 0)
        .sort(Rebalance.primary_key())
    )


def _valued(found: pl.DataFrame, taken: Taken, min_value: float) -> pl.DataFrame:
    """Moves that earn more than they cost, in the quantity that sells in time.

    The first units gain most: the share of the gain that is left is no less than the share of the units.
    """
    spares = pl.Series(taken.is_first, dtype=pl.Boolean)
    gain = pl.col("unit_gain") - pl.when(spares).then(0.0).otherwise(pl.col("unit_spared"))
    return (
        found.with_columns(
            qty=pl.Series(taken.qty, dtype=pl.Float64),
            first_expiry_date=pl.Series(taken.first_expiry, dtype=pl.Date),
            unit_gain=gain,
        )
        .with_columns(value=pl.col("qty") * pl.col("unit_gain") - pl.col("order_cost"))
        .filter((pl.col("qty") > 0) & (pl.col("value") > 0) & (pl.col("value") >= min_value))
    )


def _table(
    network: Network, found: pl.DataFrame, worth: Worth, on_hand: Floats, as_of: date
) -> dy.DataFrame[Rebalance]:
    """Moves as rows, with what they cost and what would happen without them."""
    at, here = found["destination"].to_numpy(), found["origin"].to_numpy()
    today = max(as_of + timedelta(days=1), network.calendar.tonight)
    lost = worth.lost_qty[at]
    found = found.with_columns(
        move_cost=pl.col("qty") * pl.col("freight") + pl.col("order_cost"),
        order_date=pl.lit(today),
        receipt_date=day_after(today, found["days"].to_numpy()),
        on_hand_qty=pl.Series(on_hand[at]),
        source_on_hand_qty=pl.Series(on_hand[here]),
        stockout_probability_without=pl.Series(worth.runs_out[at]),
        expected_lost_without_qty=pl.Series(lost),
        expected_lost_sales_value_without=pl.Series(
            lost * np.maximum(np.nan_to_num(network.column("shortage_cost"))[at], 0)
        ),
    )
    return Rebalance.cast(found.select(Rebalance.column_names()))


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
