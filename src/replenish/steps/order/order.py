"""What is each further pack worth, and what would we order without limits? Node by node up the network."""

from __future__ import annotations

import dataframely as dy
import numpy as np

from replenish.numerics.simple_mode import COVER_SHARE
from replenish.steps.after_moves import after_moves
from replenish.steps.ages import LIFO_SHARE, lost_to_age
from replenish.steps.demand_ahead import demand_ahead, open_lines
from replenish.steps.facts import counts_orders, engine_nodes
from replenish.steps.moved_lots import lots_after
from replenish.steps.netting import lot_terms
from replenish.steps.network import network_of
from replenish.steps.order.climb import Manner, climb
from replenish.steps.order.rows import curve_rows, make_rows, requirement_rows, wish_rows
from replenish.steps.order.rules import goals_of
from replenish.tables.core import Arc, BomLine, Bucket, FirmNeed, MakeRate, Node, OpenDemand, OpenSupply, Supplier
from replenish.tables.plan import (
    AgedLot,
    Curve,
    Forecast,
    LeadTime,
    Parameter,
    PlannedMake,
    Rebalance,
    Record,
    Requirement,
    Target,
    Wish,
)


def order(
    forecast: dy.DataFrame[Forecast],
    parameter: dy.DataFrame[Parameter],
    lead_time: dy.DataFrame[LeadTime],
    target: dy.DataFrame[Target],
    rebalance: dy.DataFrame[Rebalance],
    record: dy.DataFrame[Record],
    open_supply: dy.DataFrame[OpenSupply],
    open_demand: dy.DataFrame[OpenDemand],
    lot: dy.DataFrame[AgedLot],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bom_line: dy.DataFrame[BomLine],
    bucket: dy.DataFrame[Bucket],
    supplier: dy.DataFrame[Supplier],
    make_rate: dy.DataFrame[MakeRate],
    *,
    path_count: int,
    windows: int,
    decision_dispersion: float,
    max_cover_days: float,
    seed: int,
    lifo_share: float = LIFO_SHARE,
    cover_share: float = COVER_SHARE,
    firm_need: dy.DataFrame[FirmNeed] | None = None,
) -> tuple[dy.DataFrame[Curve], dy.DataFrame[Wish], dy.DataFrame[Requirement], dy.DataFrame[PlannedMake]]:
    """Size tonight's order of every planned node that has a source, customer-facing nodes first.

    Decisions use paths whose excess variance is scaled by `decision_dispersion`; every promise beside them uses the
    full variance. `cover_share` is the dial of simple mode. Stock that will pass its date unsold before an order can
    replace it is not counted on. What open production orders will still take (`firm_need`) is demand. Each node draws
    from its own seed (ids, run seed, date), so threads and neighbours change nothing.
    """
    network = network_of(node, arc, lead_time, bom_line, bucket, windows)
    demand = demand_ahead(network, forecast, parameter, open_demand, windows, firm_need)
    stock, supply = after_moves(rebalance, record, open_supply)
    lines = open_lines(network, supply)
    lots = lots_after(rebalance, lot)
    nodes = engine_nodes(network, demand, lines, stock, target, lots, seed, lifo_share)
    nodes.fact["on_hand"] -= lost_to_age(nodes.fact, network, lots, np.nan_to_num(demand.mean))
    nodes.fact["is_joint"] = counts_orders(network, supplier)
    goals = goals_of(network, target, lines, lot_terms(network, nodes, make_rate, max_cover_days))
    found = climb(network, nodes, goals, parameter, Manner(path_count, decision_dispersion, cover_share))
    return curve_rows(found), wish_rows(found), requirement_rows(found), make_rows(found)
