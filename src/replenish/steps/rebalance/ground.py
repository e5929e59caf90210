"""What nodes hold, what comes to them, and what is wanted there."""

from __future__ import annotations

import numpy as np
import polars as pl

from replenish.numerics import loss as law
from replenish.steps.network import Network, window_sums
from replenish.steps.panel import KEY, Bools, Floats, Ints
from replenish.steps.target import demand_seen, variance_over


class Stock:
    """What nodes hold and get, in the order of the network; customers' orders that are overdue are taken off."""

    def __init__(self, network: Network, record: pl.DataFrame, supply: pl.DataFrame, owed: pl.DataFrame) -> None:
        self.backlogs: Bools = (network.nodes["shortage_rule"] == "backorder").to_numpy()
        overdue = owed.filter(pl.col("due_date") < network.calendar.tonight)
        overdue = overdue.group_by(KEY).agg(qty=pl.col("open_qty").sum())
        self.on_hand = np.maximum(np.nan_to_num(matched(network, record, "on_hand_qty")), 0.0)
        self.on_hand = self.on_hand - np.where(self.backlogs, matched(network, overdue, "qty"), 0.0)
        live = supply.filter(~pl.col("is_lost"))
        row = network.rows_of(live)
        order = np.argsort(row, kind="stable")
        self._row, self._due = row[order], network.calendar.bucket_of(live["due_date"])[order]
        self._units = live["open_qty"].to_numpy()[order]

    def until(self, length: Ints) -> Floats:
        """On hand and open orders due within so many buckets."""
        found = self.on_hand.copy()
        soon = (self._row >= 0) & (self._due < np.maximum(length, 1)[self._row])
        np.add.at(found, self._row[soon], self._units[soon])
        return found

    def at(self, node: int, ends: Ints) -> Floats:
        """The same at one node, for each of the lengths."""
        here = slice(*np.searchsorted(self._row, [node, node + 1]).tolist())
        due = self._due[here][None, :] < np.maximum(ends, 1)[:, None]
        found: Floats = self.on_hand[node] + (due * self._units[here]).sum(axis=1)
        return found


class Demand:
    """Own and dependent demand of every node with its law over any buckets."""

    def __init__(self, network: Network, forecast: pl.DataFrame, parameter: pl.DataFrame) -> None:
        self._mean, self._variance, self._continuous = demand_seen(network, forecast, parameter)
        first = network.calendar.tonight
        ends = [(end - first).days + 1.0 for end in network.calendar.ends]
        self._edges = np.array([0.0, *ends])

    def mean_until(self, end: Ints) -> Floats:
        """Mean demand of buckets before `end`."""
        return window_sums(self._mean, np.zeros_like(end), end)

    def mean_by_day(self, node: int, days: Floats) -> Floats:
        """Mean demand at one node before each of these days from tonight, even within a bucket; none after the last."""
        total = np.concatenate([[0.0], np.cumsum(self._mean[node])])
        found: Floats = np.interp(days, self._edges, total)
        return found

    def asks_at(self, row: Ints, end: Ints, level: Floats) -> Floats:
        """P(demand of the node `row` before bucket `end` exceeds each `level`): entries x levels."""
        mean = window_sums(self._mean[row], np.zeros_like(end), end)
        variance = variance_over(self._variance[row], self._mean[row], end)
        family = law.choose_family(mean, variance, self._continuous[row])
        return np.nan_to_num(law.survival(level, mean[:, None], variance[:, None], family[:, None]))

    def asks(self, start: Ints, end: Ints, level: Floats, owed: float | None = None) -> Floats:
        """P(demand of buckets `start` to `end` exceeds each `level`); below 0 it is `owed`, else asked if any is."""
        mean, variance, family = (part[:, None] for part in self._law(start, end))
        below = np.where(mean > 0, 1.0, 0.0) if owed is None else owed
        found = np.nan_to_num(law.survival(level, mean, variance, family))
        return np.where(level < 0, below, found)

    def missing(self, start: Ints, end: Ints, stock: Floats) -> Floats:
        """Mean demand of these buckets beyond the stock."""
        return np.nan_to_num(law.loss(np.maximum(stock, 0.0), *self._law(start, end)) - np.minimum(stock, 0.0))

    def _law(self, start: Ints, end: Ints) -> tuple[Floats, Floats, Ints]:
        mean = window_sums(self._mean, start, np.maximum(end - start, 0))
        until, before = (variance_over(self._variance, self._mean, each) for each in (end, start))
        variance = np.maximum(until - before, 0.0)
        return mean, variance, law.choose_family(mean, variance, self._continuous)


def matched(network: Network, frame: pl.DataFrame, name: str) -> Floats:
    """A column of a table in the order of the network, 0 where it says nothing."""
    return network.matched(frame, name)[name].cast(pl.Float64).fill_null(0.0).to_numpy()
