"""Projections as arrays: demand and supply of each node with tonight's orders in them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import polars as pl

from replenish.numerics.lot_sizing import LotTerms
from replenish.numerics.node_facts import Nodes
from replenish.numerics.promise import Outlook, covers, empty_outlook, project
from replenish.steps.demand_ahead import DemandAhead, OpenLines
from replenish.steps.facts import end_buckets, engine_nodes, nothing_drawn
from replenish.steps.netting import lot_terms, material_plan
from replenish.steps.network import Network, extended, window_sums
from replenish.steps.panel import KEY, Bools, Floats

_BLOCK = 512
_LEVEL_DAYS = 28


@dataclass(frozen=True)
class Ahead:
    """Nodes x buckets, every part of the projection."""

    forecast: Floats  # own demand by the forecast, as far as customer orders have not taken its place
    unconsumed: Floats  # the part of it that is still forecast
    orders: Floats  # customer orders beyond that
    requirement: Floats  # of dependants, what open production orders will still take included
    needs: Floats  # that part of it
    undelivered: Floats  # open units due that are not counted on
    on_hand: Floats  # one entry a node: what the plan starts from
    outlook: Outlook


def look_ahead(
    network: Network,
    demand: DemandAhead,
    lines: OpenLines,
    order: pl.DataFrame,
    wish: pl.DataFrame,
    requirement: pl.DataFrame,
    target: pl.DataFrame,
    record: pl.DataFrame,
    lot: pl.DataFrame,
    make_rate: pl.DataFrame,
    max_cover_days: float,
    path_count: int,
    seed: int,
    lifo_share: float,
) -> Ahead:
    """Run the projection of all nodes, block by block."""
    sold = np.arange(network.width)[None, :] < end_buckets(network)[:, None]
    unconsumed = np.where(sold, np.nan_to_num(demand.unconsumed), 0.0)
    orders, needs = np.where(sold, demand.orders, 0.0), demand.needs * sold
    wanted = _requirements(network, requirement, order, wish) * sold + needs
    own = unconsumed + orders
    forecast = np.minimum(own, np.where(sold, np.nan_to_num(demand.forecast), 0.0))
    nodes = engine_nodes(network, demand, lines, record, target, lot, seed, lifo_share)
    nodes.fact["ghost"] = nodes.fact["record_sd"] = 0.0
    nodes = nodes._replace(
        forecast=unconsumed,
        firm=orders + wanted,
        line_qty=lines.expected_qty,
        line_law=lines.points(network.width),
        lots=_lots(network, lot),
    )
    known = network.matched(order, "qty").fill_null(0.0)
    qty = known["qty"].to_numpy().copy()
    terms = lot_terms(network, nodes, make_rate, max_cover_days)
    cover, planned = _later_orders(network, nodes, lines, wish, target, qty, terms)
    outlook = _in_blocks(network, nodes, qty, cover, planned, path_count)
    undelivered = lines.undelivered(network.count, network.width)
    on_hand = nodes.fact["on_hand"].copy()
    return Ahead(forecast, unconsumed, own - forecast, wanted, needs, undelivered, on_hand, outlook)


def _requirements(network: Network, requirement: pl.DataFrame, order: pl.DataFrame, wish: pl.DataFrame) -> Floats:
    """Dependent demand with what was ordered tonight, not what was wished: nodes x buckets."""
    grid = np.zeros((network.count, network.calendar.horizon))
    row, bucket = network.rows_of(requirement), requirement["bucket_index"].to_numpy()
    inside = (row >= 0) & (bucket < network.calendar.horizon)
    np.add.at(grid, (row[inside], bucket[inside]), actual_requirement(requirement, order, wish)[inside])
    return extended(grid, network.width, max(1, _LEVEL_DAYS // network.calendar.bucket_days))


def actual_requirement(requirement: pl.DataFrame, order: pl.DataFrame, wish: pl.DataFrame) -> Floats:
    """Units of each requirement once its dependant's order of tonight is known: cut orders want less."""
    dependant = ["dependant_item_id", "dependant_location_id"]
    ratio = wish.join(order.select(*KEY, ordered="qty"), on=KEY, how="left").select(
        *KEY, share=pl.when(pl.col("qty") > 0).then(pl.col("ordered").fill_null(0.0) / pl.col("qty")).otherwise(1.0)
    )
    found = requirement.join(ratio, left_on=dependant, right_on=KEY, how="left", maintain_order="left")
    cut = pl.col("tonight_qty") * (1.0 - pl.col("share").fill_null(1.0))
    return found.select((pl.col("qty") - cut).clip(0.0)).to_series().to_numpy()


def _lots(network: Network, lot: pl.DataFrame) -> Floats:
    """Cumulative stock by its last selling bucket; no rows where nothing is dated."""
    dated = lot.filter(pl.col("expiry_date").is_not_null() & (pl.col("qty") > 0))
    row = network.rows_of(dated)
    bucket = network.calendar.bucket_of(dated["expiry_date"].dt.offset_by("-1d"))
    inside = (row >= 0) & (bucket < network.width)
    if not inside.any():
        return np.zeros((0, network.width))
    grid = np.zeros((network.count, network.width))
    np.add.at(grid, (row[inside], bucket[inside]), dated["qty"].to_numpy()[inside])
    return np.cumsum(grid, axis=1)


def _later_orders(
    network: Network,
    nodes: Nodes,
    lines: OpenLines,
    wish: pl.DataFrame,
    target: pl.DataFrame,
    qty: Floats,
    terms: LotTerms,
) -> tuple[Floats, Floats]:
    """Cover that later orders keep, and for netted nodes the arrivals that netting plans."""
    names = ("method", "reason_code", "unrounded_qty", "stock_at_arrival_qty")
    known = network.matched(wish, *names).with_columns(pl.col(*names[2:]).fill_null(0.0))
    receipts = lines.expected(network.count, network.width)
    expected = known["stock_at_arrival_qty"].to_numpy() + window_sums(receipts, network.lead, network.review)
    by_value = (known["method"] == "curve").fill_null(value=False).to_numpy()
    netted = (known["method"] == "mrp").fill_null(value=False).to_numpy()
    cover = covers(nodes, expected, known["unrounded_qty"].to_numpy().copy(), by_value)
    never = (known["reason_code"].fill_null("never_sellable") == "never_sellable").to_numpy()
    cover[netted | never] = 0.0
    nodes.fact["is_netted"] = netted
    nodes.fact["is_certain"] = netted & nothing_drawn(nodes)
    return cover, _netted_arrivals(network, nodes, receipts, target, qty, netted & ~never, terms)


def _netted_arrivals(
    network: Network,
    nodes: Nodes,
    receipts: Floats,
    target: pl.DataFrame,
    qty: Floats,
    netted: Bools,
    terms: LotTerms,
) -> Floats:
    """Planned receipts of netted nodes beyond tonight's order: from the next order's arrival on, until items end."""
    planned = np.zeros((network.count, network.width))
    rows = np.flatnonzero(netted)
    if not len(rows):
        return planned
    fact, due = nodes.fact[rows], receipts[rows].copy()
    arrives = np.minimum(fact["lead"], network.width - 1)
    due[np.arange(len(rows)), arrives] += qty[rows]
    safety = network.matched(target, "safety_stock_qty")["safety_stock_qty"].fill_null(0.0).to_numpy()[rows]
    plan = material_plan(nodes, rows, due, safety, terms)
    earliest = np.minimum(fact["lead"] + fact["review"], network.width - 1)
    place = np.maximum(np.arange(network.width)[None, :], earliest[:, None])
    np.add.at(planned, (rows[:, None], place), np.where(place < fact["end_bucket"][:, None], plan.planned_receipt, 0.0))
    return planned


def _in_blocks(network: Network, nodes: Nodes, qty: Floats, cover: Floats, planned: Floats, path_count: int) -> Outlook:
    """The projection kernel over blocks of nodes in threads; blocks do not change the answer."""
    out = empty_outlook(network.count, network.width)
    level = network.column("service_target", 0.0)

    def run(start: int) -> None:
        project(nodes, qty, cover, planned, level, start, min(start + _BLOCK, network.count), path_count, out)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for _ in pool.map(run, range(0, network.count, _BLOCK)):
            pass
    return out
