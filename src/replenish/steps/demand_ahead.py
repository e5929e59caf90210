"""What is wanted and what is on its way: demand and open orders of the planned nodes as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.material_plan import consume_forecast
from replenish.steps.arrivals import arrival_laws, delivered_shares
from replenish.steps.network import Network, day_after, extended, passes_on
from replenish.steps.panel import KEY, Bools, Floats, Ints

# Customer orders consume forecast this far before and after their own date.
_CONSUMED_DAYS = 7
# Beyond the horizon, forecasts go on at the level of their last weeks.
_LEVEL_DAYS = 28


@dataclass(frozen=True)
class DemandAhead:
    """Own demand of each node: nodes x buckets and one entry a node."""

    forecast: Floats  # as forecast; NaN where there is none and should be
    unconsumed: Floats  # the part customer orders have not taken up
    orders: Floats  # customer orders, overdue ones in bucket 0
    needs: Floats  # what open production orders will still take
    is_count: Bools
    phi: Floats
    kappa: Floats
    rho: Floats
    windows: Ints
    is_new: Bools  # too little history to look beyond one window, or to narrow the spread of demand

    @property
    def mean(self) -> Floats:
        """All own demand."""
        return self.unconsumed + self.orders + self.needs


@dataclass(frozen=True)
class OpenLines:
    """Order lines still to arrive, sorted by node and date."""

    lines: pl.DataFrame  # core.open_supply, node `row`, expected `arrival` and `bucket`, shares `delivered` and `comes`
    start: Ints  # nodes + 1: slice of each node
    law: Floats  # lines x buckets: cumulative law of arrival, whose missing mass never arrives

    @property
    def qty(self) -> Floats:
        """Units that each line brings if it comes: what is open, less what its source usually leaves out."""
        return (self.lines["open_qty"] * self.lines["delivered"]).to_numpy().copy()

    @property
    def expected_qty(self) -> Floats:
        """The same, less the chance that the line never comes."""
        return self.qty * self.lines["comes"].to_numpy()

    def expected(self, count: int, width: int) -> Floats:
        """Receipts at their expected bucket, as far as they can be counted on: nodes x buckets."""
        return self._at_bucket(self.expected_qty, count, width)

    def undelivered(self, count: int, width: int) -> Floats:
        """Open units that cannot be counted on, at the bucket of their line: nodes x buckets."""
        return self._at_bucket(self.lines["open_qty"].to_numpy() - self.expected_qty, count, width)

    def _at_bucket(self, qty: Floats, count: int, width: int) -> Floats:
        grid = np.zeros((count, width))
        inside = self.lines["bucket"].to_numpy() < width
        row, bucket = self.lines["row"].to_numpy()[inside], self.lines["bucket"].to_numpy()[inside]
        np.add.at(grid, (row, bucket), qty[inside])
        return grid

    def points(self, width: int) -> Floats:
        """Laws that say the expected bucket for certain."""
        return (np.arange(width)[None, :] >= self.lines["bucket"].to_numpy()[:, None]).astype(np.float64)


def demand_ahead(
    network: Network,
    forecast: pl.DataFrame,
    parameter: pl.DataFrame,
    open_demand: pl.DataFrame,
    windows: int,
    firm_need: pl.DataFrame | None = None,
) -> DemandAhead:
    """Forecasts and customer orders, each unit counted once; nodes without demand of their own have zeros.

    What production orders in the books will still take (`firm_need`) consumes no forecast: that is of customers.
    """
    calendar, width = network.calendar, network.width
    known = network.matched(parameter, "reason", "family", "phi", "kappa", "rho", "window_count")
    unknown = (
        known["reason"].is_not_null().to_numpy() | (network.nodes["has_demand"] & known["family"].is_null()).to_numpy()
    ) & ~passes_on(network)
    level = max(1, _LEVEL_DAYS // calendar.bucket_days)
    (grid,) = network.grid(forecast, "forecast_qty")
    # What is used up is no longer sold: whatever history says, only production asks for it.
    grid = np.where(passes_on(network)[:, None], 0.0, extended(np.maximum(grid, 0.0), width, level))
    orders = _orders(network, open_demand)
    overdue, ahead = _overdue(network, open_demand), orders
    reach = max(1, _CONSUMED_DAYS // calendar.bucket_days)
    unconsumed, _ = consume_forecast(grid, ahead, reach, reach)
    ahead[:, 0] += overdue
    grid[unknown] = np.nan
    unconsumed[unknown] = np.nan
    continuous = network.nodes["is_continuous"].to_numpy()
    return DemandAhead(
        grid,
        unconsumed,
        ahead,
        np.zeros_like(ahead) if firm_need is None else _orders(network, firm_need),
        ~((known["family"] == "gamma").fill_null(value=False).to_numpy() | continuous),
        known["phi"].fill_null(1.0).to_numpy().copy(),
        known["kappa"].fill_null(0.0).to_numpy().copy(),
        known["rho"].fill_null(0.0).to_numpy().copy(),
        np.minimum(known["window_count"].cast(pl.Int64).fill_null(windows).to_numpy(), windows),
        (known["window_count"] == 1).fill_null(value=False).to_numpy(),
    )


def with_needs(open_demand: pl.DataFrame, firm_need: pl.DataFrame | None) -> pl.DataFrame:
    """All that a node's stock is promised to: customer orders and what open production orders will still take."""
    if firm_need is None:
        return open_demand
    return pl.concat([each.select(*KEY, "due_date", "open_qty") for each in (open_demand, firm_need)])


def _orders(network: Network, open_demand: pl.DataFrame) -> Floats:
    """Orders due in each bucket, without overdue ones: nodes x buckets."""
    grid = np.zeros((network.count, network.width))
    row, bucket = network.rows_of(open_demand), network.calendar.bucket_of(open_demand["due_date"])
    ahead = (open_demand["due_date"] >= network.calendar.tonight).to_numpy()
    kept = (row >= 0) & (bucket < network.width) & ahead
    np.add.at(grid, (row[kept], bucket[kept]), open_demand["open_qty"].to_numpy()[kept])
    return grid


def _overdue(network: Network, open_demand: pl.DataFrame) -> Floats:
    """Customer orders that are overdue: one entry a node. They consume no forecast, which is of days to come."""
    row = network.rows_of(open_demand)
    late = (row >= 0) & (open_demand["due_date"] < network.calendar.tonight).to_numpy()
    return np.bincount(row[late], open_demand["open_qty"].to_numpy()[late], network.count).astype(np.float64)


def open_lines(network: Network, open_supply: pl.DataFrame) -> OpenLines:
    """Lines that can still be counted on, each on the day its law expects it: its due date where nothing was learnt."""
    calendar = network.calendar
    lines = open_supply.filter(~pl.col("is_lost") & (pl.col("open_qty") > 0))
    lines = lines.with_columns(row=pl.Series(network.rows_of(lines), dtype=pl.Int64)).filter(pl.col("row") >= 0)
    days, law, comes = arrival_laws(network, lines)
    arrival = day_after(calendar.tonight, days)
    shares = {"delivered": pl.Series(delivered_shares(network, lines)), "comes": pl.Series(comes)}
    lines = lines.with_columns(arrival=arrival, **shares)
    lines = lines.with_columns(
        bucket=pl.Series(calendar.bucket_of(lines["arrival"]), dtype=pl.Int64), at=pl.int_range(pl.len())
    )
    ordered = lines.sort("row", "arrival", "order_id", "line_id")
    start = np.searchsorted(ordered["row"].to_numpy(), np.arange(network.count + 1))
    laws = np.ascontiguousarray(law[ordered["at"].to_numpy()])
    return OpenLines(ordered.drop("at"), start.astype(np.int64), laws)
