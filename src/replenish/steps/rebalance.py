"""Which stock is worth more at another location, beyond what is ordered tonight?"""

from __future__ import annotations

from datetime import date, timedelta

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics import loss as law
from replenish.numerics.rebalance import move_units
from replenish.steps.network import Network, day_after, network_of, window_sums
from replenish.steps.panel import KEY, Floats, Ints
from replenish.steps.target import demand_seen, variance_over
from replenish.tables.core import Arc, BomLine, Bucket, Node, OpenDemand, OpenSupply
from replenish.tables.plan import Curve, Forecast, LeadTime, Order, Parameter, Rebalance, Record, Requirement

# Units weighed at a node; more are a matter of another night.
_MOST_UNITS = 20
_HYSTERESIS_SHARE = 0.1
_NOTHING = 1e-9


def rebalance(
    forecast: dy.DataFrame[Forecast],
    parameter: dy.DataFrame[Parameter],
    lead_time: dy.DataFrame[LeadTime],
    record: dy.DataFrame[Record],
    curve: dy.DataFrame[Curve],
    order: dy.DataFrame[Order],
    requirement: dy.DataFrame[Requirement],
    open_supply: dy.DataFrame[OpenSupply],
    open_demand: dy.DataFrame[OpenDemand],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bom_line: dy.DataFrame[BomLine],
    bucket: dy.DataFrame[Bucket],
    *,
    as_of: date,
) -> dy.DataFrame[Rebalance]:
    """Suggest moves that pay over lanes that are not the usual source (move arcs of another rank, 0 included).

    A unit gains the sale it makes before the order of tonight could arrive, else what the curve says beyond that order.
    It gives up the sale it would have made at its origin until the next order there. Both by the law of demand over the
    time. Presentation stock, customers' orders and what dependants take tonight stay at the origin; doubtful records
    give nothing. Suggestions only: nothing else in the plan counts on them.
    """
    network = network_of(node, arc.with_columns(wait_days=pl.lit(0.0)), lead_time, bom_line, bucket)
    lanes = _lanes(network, arc)
    if lanes.is_empty():
        return Rebalance.create_empty()
    demand = demand_seen(network, forecast, parameter)
    stock = _Stock(network, record, order, open_supply)
    origin, destination = lanes["origin"].to_numpy(), lanes["destination"].to_numpy()
    # A receipt serves the bucket it comes in; the slowest lane into a node counts for all of them.
    arrival = np.zeros(network.count, np.int64)
    np.maximum.at(arrival, destination, network.calendar.bucket_after(lanes["days"].to_numpy()))
    moves = move_units(
        origin,
        destination,
        _given_up(network, demand, stock, _free(network, record, requirement, open_demand)),
        _gained(network, demand, stock, arrival, _beyond(network, curve, order)),
        lanes["freight"].to_numpy(),
        _HYSTERESIS_SHARE * np.nan_to_num(network.column("unit_cost"))[origin],
    )
    return _table(network, lanes, moves.units, moves.gain, stock.on_hand, as_of)


class _Stock:
    """What nodes hold and get, in the order of the network."""

    def __init__(self, network: Network, record: pl.DataFrame, order: pl.DataFrame, supply: pl.DataFrame) -> None:
        self.on_hand = np.maximum(_matched(network, record, "on_hand_qty"), 0.0)
        self.ordered = _matched(network, order, "qty")
        live = supply.filter(~pl.col("is_lost"))
        self._row, self._due = network.rows_of(live), network.calendar.bucket_of(live["due_date"])
        self._units = live["open_qty"].to_numpy()

    def until(self, length: Ints) -> Floats:
        """On hand and open orders due within so many buckets."""
        found = self.on_hand.copy()
        soon = (self._row >= 0) & (self._due < np.maximum(length, 1)[self._row])
        np.add.at(found, self._row[soon], self._units[soon])
        return found


_Demand = tuple[Floats, Floats, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]


def _matched(network: Network, frame: pl.DataFrame, name: str) -> Floats:
    return network.matched(frame, name)[name].cast(pl.Float64).fill_null(0.0).to_numpy()


def _lanes(network: Network, arc: pl.DataFrame) -> pl.DataFrame:
    """Lanes between planned nodes that are no slower than the usual source of the destination."""
    lanes = arc.filter((pl.col("kind") == "move") & (pl.col("arc_rank") != 1)).sort(*KEY, "source_id")
    origin = network.rows_of(lanes.select("item_id", location_id="source_id"))
    lanes = lanes.with_columns(
        origin=pl.Series(origin, dtype=pl.Int64),
        destination=pl.Series(network.rows_of(lanes), dtype=pl.Int64),
        days=pl.col("lead_time_days") + pl.col("wait_days"),
    ).filter((pl.col("origin") >= 0) & (pl.col("destination") >= 0) & (pl.col("origin") != pl.col("destination")))
    usual, own = network.column("lead_time_days"), np.nan_to_num(network.column("unit_cost"))
    at, here = lanes["destination"].to_numpy(), lanes["origin"].to_numpy()
    # What a unit costs over the lane beyond what it costs where it lies.
    freight = np.maximum(lanes["unit_cost"].to_numpy() - own[here], 0.0)
    return lanes.with_columns(freight=pl.Series(freight)).filter(pl.Series(lanes["days"].to_numpy() <= usual[at]))


def _free(network: Network, record: pl.DataFrame, requirement: pl.DataFrame, open_demand: pl.DataFrame) -> Floats:
    """Whole units that may leave each node."""
    owed = open_demand.group_by(KEY).agg(qty=pl.col("open_qty").sum())
    taken = requirement.group_by(KEY).agg(qty=pl.col("tonight_qty").sum())
    kept = np.nan_to_num(network.column("min_stock_qty")) + _matched(network, owed, "qty")
    free = _matched(network, record, "on_hand_qty") - kept - _matched(network, taken, "qty")
    doubtful = network.matched(record, "is_ghost")["is_ghost"].fill_null(value=True).to_numpy()
    return np.where(doubtful, 0.0, np.floor(np.maximum(free, 0.0) + _NOTHING))


def _given_up(network: Network, demand: _Demand, stock: _Stock, free: Floats) -> Floats:
    """Money given up with each unit less: the sale it may have made, less the cost of holding it."""
    protection = network.lead + network.review
    chance = np.maximum(
        _short(demand, np.zeros_like(protection), network.lead, stock.until(network.lead), gone=True),
        _short(demand, np.zeros_like(protection), protection, stock.until(protection) + stock.ordered, gone=True),
    )
    days = (protection * network.calendar.bucket_days)[:, None]
    value = _column(network, "shortage_cost") * chance - _column(network, "holding_cost_per_day") * days
    return np.where(np.arange(_MOST_UNITS) < free[:, None], value, np.inf)


def _gained(network: Network, demand: _Demand, stock: _Stock, arrival: Ints, beyond: Floats) -> Floats:
    """Money gained with each unit more, from its arrival on."""
    before = window_sums(demand[0], np.zeros_like(arrival), arrival)
    left = np.maximum(stock.until(network.lead) - before, 0.0)
    chance = _short(demand, arrival, network.lead, left, gone=False)
    days = (network.lead * network.calendar.bucket_days)[:, None]
    held = _column(network, "holding_cost_per_day") * days
    return _column(network, "shortage_cost") * chance + (1.0 - chance) * np.maximum(beyond, 0.0) - held


def _column(network: Network, name: str) -> Floats:
    return np.nan_to_num(network.column(name))[:, None]


def _short(demand: _Demand, start: Ints, end: Ints, stock: Floats, *, gone: bool) -> Floats:
    """P(demand of buckets `start` to `end` asks for the k-th unit): of the last ones in stock, or of the next ones."""
    mean, variance, continuous = demand
    length = np.maximum(end - start, 0)
    middle = window_sums(mean, start, length)
    spread = np.maximum(variance_over(variance, mean, end) - variance_over(variance, mean, start), 0.0)
    k = np.arange(_MOST_UNITS)[None, :]
    level = stock[:, None] - k - 1.0 if gone else stock[:, None] + k
    middle, spread = middle[:, None], spread[:, None]
    found = law.survival(level, middle, spread, law.choose_family(middle, spread, continuous[:, None]))
    return np.where(level < 0, (middle > 0).astype(np.float64), np.nan_to_num(found))


def _beyond(network: Network, curve: pl.DataFrame, order: pl.DataFrame) -> Floats:
    """Value of the next units beyond tonight's order, unit by unit; 0 beyond the curve."""
    after = curve.join(order.select(*KEY, "qty"), on=KEY, how="inner").sort(*KEY, "pack_index")
    start = (pl.col("pack_index") - 1) * pl.col("pack_qty") - pl.col("qty")
    after = after.with_columns(start=start).filter(
        (pl.col("start") > -_NOTHING) & (pl.col("start") < _MOST_UNITS) & (pl.col("pack_qty") > 0)
    )
    found = np.zeros((network.count, _MOST_UNITS))
    unit = np.arange(_MOST_UNITS)
    row, each = network.rows_of(after), (after["pack_value"] / after["pack_qty"]).to_numpy()
    first, size = after["start"].to_numpy(), after["pack_qty"].to_numpy()
    for one in np.flatnonzero(row >= 0):
        found[row[one], (unit >= first[one] - _NOTHING) & (unit < first[one] + size[one] - _NOTHING)] = each[one]
    return found


def _table(
    network: Network, lanes: pl.DataFrame, units: Ints, gain: Floats, on_hand: Floats, as_of: date
) -> dy.DataFrame[Rebalance]:
    """Whole packs of each lane that earn more than the move costs."""
    pack = np.maximum(lanes["multiple_qty"].fill_null(1.0).to_numpy(), 1.0)
    most = lanes["max_qty"].fill_null(np.inf).to_numpy()
    qty = np.floor(np.minimum(units, most) / pack + _NOTHING) * pack
    # The first units gain most: the share of the gain that is left is no less than this.
    kept = np.where(units > 0, qty / np.maximum(units, 1), 0.0)
    value = gain * kept - lanes["order_cost"].to_numpy()
    pays = (qty > 0) & (qty >= lanes["min_qty"].fill_null(0.0).to_numpy() - _NOTHING) & (value > 0)
    today = max(as_of + timedelta(days=1), network.calendar.tonight)
    at, here = lanes["destination"].to_numpy(), lanes["origin"].to_numpy()
    found = lanes.with_columns(
        qty=pl.Series(qty),
        value=pl.Series(value),
        move_cost=pl.Series(qty * lanes["freight"].to_numpy() + lanes["order_cost"].to_numpy()),
        receipt_date=day_after(today, lanes["days"].to_numpy()),
        on_hand_qty=pl.Series(on_hand[at]),
        source_on_hand_qty=pl.Series(on_hand[here]),
    ).filter(pl.Series(pays))
    return Rebalance.cast(found.select(Rebalance.column_names()).sort(Rebalance.primary_key()))
