"""Pegs: stock and orders of each node matched to its demands, first in first out by date."""

from __future__ import annotations

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics.pegging import peg_first_in_first_out
from replenish.steps.after_moves import MOVE
from replenish.steps.demand_ahead import OpenLines
from replenish.steps.facts import end_buckets
from replenish.steps.network import Network
from replenish.steps.panel import KEY, Floats, Ints
from replenish.steps.project.outlook import Ahead, actual_requirement
from replenish.tables.plan import Peg

# Units below this are rounding of means.
_NOTHING = 1e-6
_ENTRY = ["row", "rank", "kind", "id", "date", "qty"]


def peg_rows(
    network: Network,
    ahead: Ahead,
    lines: OpenLines,
    order: pl.DataFrame,
    open_demand: pl.DataFrame,
    target: pl.DataFrame,
    requirement: pl.DataFrame,
    wish: pl.DataFrame,
    firm_need: pl.DataFrame | None = None,
) -> dy.DataFrame[Peg]:
    """Oldest supply to oldest demand within each node, stock first; a forecast is wanted by the end of its bucket."""
    needs = open_demand.clear() if firm_need is None else firm_need
    supply = _sorted([*_stock_and_orders(network, ahead, lines, order), _planned(network, ahead)])
    demand = _sorted(
        [
            _order_lines(network, open_demand, "sales_order"),
            _order_lines(network, needs.filter(_is_wanted(network, needs)), "production_order"),
            _buckets(network, ahead.unconsumed, "forecast", 1),
            _requirements(network, ahead, requirement, actual_requirement(requirement, order, wish)),
            _safety_stock(network, ahead, target),
        ]
    )
    nodes = np.arange(network.count + 1)
    starts = [np.searchsorted(side["row"].to_numpy(), nodes).astype(np.int64) for side in (supply, demand)]
    pegs, _, _ = peg_first_in_first_out(
        starts[0], supply["qty"].to_numpy().copy(), starts[1], demand["qty"].to_numpy().copy()
    )
    kept = pegs.qty > _NOTHING
    return _table(network, supply[pegs.supply[kept]], demand[pegs.demand[kept]], pegs.qty[kept])


def _entries(row: Ints, rank: int, kind: str, ident: pl.Series | None, day: pl.Series, qty: Floats) -> pl.DataFrame:
    """Supplies or demands as rows; `rank` orders kinds of the same date."""
    frame = pl.DataFrame({"row": row, "qty": qty}, schema={"row": pl.Int64, "qty": pl.Float64})
    ids = pl.lit(None, dtype=pl.String) if ident is None else ident.cast(pl.String)
    return frame.with_columns(rank=pl.lit(rank), kind=pl.lit(kind), id=ids, date=day.cast(pl.Date)).select(_ENTRY)


def _sorted(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(parts).filter(pl.col("qty") > _NOTHING).sort("row", "date", "rank", "id")


def _buckets(network: Network, grid: Floats, kind: str, rank: int) -> pl.DataFrame:
    """Demands of a nodes x buckets array, each wanted by the last day of its bucket."""
    row, bucket = np.nonzero(grid[:, : network.calendar.horizon] > _NOTHING)
    return _entries(row, rank, kind, None, network.calendar.dates_of(bucket)[1], grid[row, bucket])


def _planned(network: Network, ahead: Ahead) -> pl.DataFrame:
    """Later orders, there on the first day of their bucket."""
    planned = ahead.outlook.planned[:, : network.calendar.horizon]
    row, bucket = np.nonzero(planned > _NOTHING)
    return _entries(row, 3, "planned", None, network.calendar.dates_of(bucket)[0], planned[row, bucket])


def _stock_and_orders(
    network: Network, ahead: Ahead, lines: OpenLines, order: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Usable stock tonight, open lines as far as they are counted on at their date, tonight's orders at theirs."""
    tonight = pl.Series([network.calendar.tonight]).new_from_index(0, network.count)
    ids = lines.lines.select(pl.concat_str("order_id", "line_id", separator="/")).to_series()
    coming = _entries(lines.lines["row"].to_numpy(), 1, "open_order", ids, lines.lines["arrival"], lines.expected_qty)
    is_move = lines.lines["status"] == MOVE
    coming = coming.with_columns(
        kind=pl.when(is_move).then(pl.lit("move")).otherwise("kind"),
        id=pl.when(is_move).then(lines.lines["source_id"]).otherwise("id"),
    )
    proposed = order.filter(pl.col("qty") > 0)
    row, receipt = network.rows_of(proposed), proposed["receipt_date"]
    orders = _entries(row, 2, "proposal", None, receipt, proposed["qty"].to_numpy())
    return (
        _entries(np.arange(network.count), 0, "stock", None, tonight, ahead.on_hand),
        coming,
        orders.filter(pl.col("row") >= 0),
    )


def _order_lines(network: Network, lines: pl.DataFrame, kind: str) -> pl.DataFrame:
    ids = lines.select(pl.concat_str("order_id", "line_id", separator="/")).to_series()
    lines = _entries(network.rows_of(lines), 0, kind, ids, lines["due_date"], lines["open_qty"].to_numpy())
    return lines.filter(pl.col("row") >= 0)


def _is_wanted(network: Network, needs: pl.DataFrame) -> pl.Series:
    """Needs of production before the last day of the component: as the projection counts them."""
    return pl.Series(network.calendar.bucket_of(needs["due_date"]) < end_buckets(network)[network.rows_of(needs)])


def _requirements(network: Network, ahead: Ahead, requirement: pl.DataFrame, wanted: Floats) -> pl.DataFrame:
    """Demand of each dependant (`wanted`: units of each requirement), as far as the projection counts it."""
    row, bucket = network.rows_of(requirement), requirement["bucket_index"].cast(pl.Int64).to_numpy()
    kept = (row >= 0) & (bucket < network.calendar.horizon)
    row, bucket, qty = row[kept], bucket[kept], wanted[kept]
    whole = np.zeros_like(ahead.requirement)
    np.add.at(whole, (row, bucket), qty)
    share = qty / np.where(whole[row, bucket] > 0, whole[row, bucket], 1.0)
    ids = requirement.filter(pl.Series(kept)).select(
        pl.concat_str("dependant_item_id", "dependant_location_id", separator="@")
    )
    ends = network.calendar.dates_of(bucket)[1]
    qty = share * (ahead.requirement - ahead.needs)[row, bucket]
    return _entries(row, 2, "requirement", ids.to_series(), ends, qty)


def _safety_stock(network: Network, ahead: Ahead, target: pl.DataFrame) -> pl.DataFrame:
    """Safety stock, wanted when the projection without orders falls below it; at the end of the horizon if never."""
    floor = np.maximum(network.matched(target, "safety_stock_qty")["safety_stock_qty"].fill_null(0.0).to_numpy(), 0.0)
    without = ahead.outlook.closing_without[:, : network.calendar.horizon]
    below = without < floor[:, None]
    first = np.where(below.any(axis=1), np.argmax(below, axis=1), network.calendar.horizon - 1)
    ends = network.calendar.dates_of(first)[1]
    return _entries(np.arange(network.count), 3, "safety_stock", None, ends, floor)


def _table(network: Network, supply: pl.DataFrame, demand: pl.DataFrame, qty: Floats) -> dy.DataFrame[Peg]:
    """Pegs as rows, numbered within their node."""
    keys = network.nodes.select(KEY)[supply["row"].to_numpy()]
    frame = keys.with_columns(
        supply_kind=supply["kind"],
        supply_id=supply["id"],
        supply_date=supply["date"],
        demand_kind=demand["kind"],
        demand_id=demand["id"],
        demand_date=demand["date"],
        qty=pl.Series(qty),
        is_late=supply["date"] > demand["date"],
    )
    frame = frame.with_columns(peg_index=pl.int_range(pl.len(), dtype=pl.Int32).over(KEY))
    return Peg.cast(frame.select(Peg.column_names()).sort(*KEY, "peg_index"))
