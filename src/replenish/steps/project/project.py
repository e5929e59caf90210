"""What will stock be, bucket by bucket, and which supply serves which demand?"""

from __future__ import annotations

import dataframely as dy

from replenish.steps.after_moves import after_moves
from replenish.steps.ages import LIFO_SHARE
from replenish.steps.demand_ahead import demand_ahead, open_lines
from replenish.steps.moved_lots import lots_after
from replenish.steps.network import LEAST_WINDOWS, network_of
from replenish.steps.project.outlook import look_ahead
from replenish.steps.project.pegs import peg_rows
from replenish.steps.project.rows import projection_rows
from replenish.tables.core import Arc, BomLine, Bucket, FirmNeed, MakeRate, Node, OpenDemand, OpenSupply
from replenish.tables.plan import (
    AgedLot,
    Forecast,
    LeadTime,
    Order,
    Parameter,
    Peg,
    Projection,
    Rebalance,
    Record,
    Requirement,
    Target,
    Wish,
)


def project(
    order: dy.DataFrame[Order],
    wish: dy.DataFrame[Wish],
    requirement: dy.DataFrame[Requirement],
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
    make_rate: dy.DataFrame[MakeRate],
    *,
    path_count: int,
    max_cover_days: float,
    seed: int,
    lifo_share: float = LIFO_SHARE,
    firm_need: dy.DataFrame[FirmNeed] | None = None,
) -> tuple[dy.DataFrame[Projection], dy.DataFrame[Peg]]:
    """Project every planned node over the horizon, with tonight's order and with none, and peg supply to demand.

    Means over paths with the full variance, scaled to the exact mean demand of each bucket, so that opening +
    correction + receipts + moves + proposed + planned - demand + lost - expired = closing holds row by row. Open orders
    arrive at their expected date, less what their source leaves out and the chance that they never come
    (`undelivered_qty`, which stands beside the identity).
    """
    network = network_of(node, arc, lead_time, bom_line, bucket)
    demand = demand_ahead(network, forecast, parameter, open_demand, LEAST_WINDOWS, firm_need)
    stock, supply = after_moves(rebalance, record, open_supply)
    lines = open_lines(network, supply)
    plans = (order, wish, requirement, target, stock, lots_after(rebalance, lot))
    ahead = look_ahead(network, demand, lines, *plans, make_rate, max_cover_days, path_count, seed, lifo_share)
    projection = projection_rows(network, ahead, record, rebalance)
    return projection, peg_rows(network, ahead, lines, order, open_demand, target, requirement, firm_need)
