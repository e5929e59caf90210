"""Which lots move: those that expire first, as far as the destination sells them before they do."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

from replenish.steps.moved_lots import Shelf, dated_lots, shelves_of, take
from replenish.steps.network import Network
from replenish.steps.panel import Floats, Ints
from replenish.steps.rebalance.ground import Demand, Stock

_NOTHING = 1e-9
_MOVE = ("item_id", "source_id", "origin", "destination", "days", "qty", "pack", "min_qty")


class Taken(NamedTuple):
    """One entry a move."""

    qty: Floats  # what of it may move
    first_expiry: list[date | None]  # its lots are taken in order of expiry from this date on
    is_first: list[bool]  # no lot of the origin expires before them, so that the move spares its waste


def waste_spared(network: Network, lot: pl.DataFrame, demand: Demand, middle: Floats) -> Floats:
    """Chance that the last unit but `middle` would expire where it lies: nodes x steps.

    Lots are sold first expiring first: of C units that expire by a date, those beyond the demand until then are lost.
    """
    found = np.zeros_like(middle)
    dated = dated_lots(lot).with_columns(total=pl.col("qty").cum_sum().over("item_id", "location_id"))
    row = network.rows_of(dated)
    dated, row = dated.filter(pl.Series(row >= 0, dtype=pl.Boolean)), row[row >= 0]
    level = dated["total"].to_numpy()[:, None] - 1.0 - middle[row]
    chance = 1.0 - demand.asks_at(row, _buckets_sold(network, dated["expiry_date"]), np.maximum(level, 0.0))
    np.maximum.at(found, row, np.where(level < 0, 0.0, chance))
    return found


def choose_lots(network: Network, moves: pl.DataFrame, lot: pl.DataFrame, demand: Demand, stock: Stock) -> Taken:
    """Cut each move to what its destination sells before it expires, earliest lots first.

    `moves`, in the order in which they take lots and are sold, have the columns of `_MOVE`. What lies outside dated
    lots never expires.
    """
    shelves = shelves_of(lot)
    loose: dict[tuple[str, str], float] = {}  # units outside dated lots
    taken = Taken(moves["qty"].to_numpy().copy(), [None] * moves.height, [True] * moves.height)
    came = np.zeros(network.count)  # by the moves so far: what one of them brings no other one sells
    for place, (item, source, origin, at, days, qty, pack, least) in enumerate(moves.select(_MOVE).iter_rows()):
        shelf = shelves.get((item, source), [])
        if not shelf:
            came[at] += qty
            continue
        dated = sum(one.left for one in shelf)
        there = loose.setdefault((item, source), max(float(stock.on_hand[origin]) - dated, 0.0))
        room = _room(network, demand, stock, at, days, pl.Series([one.expiry for one in shelf])) - came[at]
        first, units = _first(shelf, room, there, qty, pack, least)
        taken.qty[place] = units
        came[at] += units
        taken.first_expiry[place] = shelf[first].expiry if first < len(shelf) else None
        taken.is_first[place] = all(one.left <= _NOTHING for one in shelf[:first])
        loose[item, source] = max(there - take(shelf[first:], units), 0.0)
    return taken


def _first(shelf: Shelf, room: Floats, loose: float, qty: float, pack: float, least: float) -> tuple[int, float]:
    """First lot to take, and units that from there on all sell in time; none of the lots where none does."""
    for first in range(len(shelf) + 1):
        units, total = qty, 0.0
        for one, sold in zip(shelf[first:], room[first:], strict=True):
            total += one.left
            units = min(units, float(sold)) if total > sold else units
        units = float(np.floor(min(units, total + loose) / pack + _NOTHING)) * pack
        if units > 0 and units >= least - _NOTHING:
            return first, units
    return len(shelf), 0.0


def _room(network: Network, demand: Demand, stock: Stock, node: int, days: float, expiry: pl.Series) -> Floats:
    """Units beyond its own stock that a node sells between `days` from tonight and each expiry."""
    end = (expiry - network.calendar.tonight).dt.total_days().cast(pl.Float64).to_numpy()
    before, until = demand.mean_by_day(node, np.full(len(end), days)), demand.mean_by_day(node, end)
    left = np.maximum(stock.at(node, _buckets_sold(network, expiry)) - before, 0.0)
    return np.maximum(until - before - left, 0.0)


def _buckets_sold(network: Network, expiry: pl.Series) -> Ints:
    """Buckets in which lots can still be sold, counted from tonight."""
    last = expiry.dt.offset_by("-1d")
    return np.where((last < network.calendar.tonight).to_numpy(), 0, network.calendar.bucket_of(last) + 1)
