"""What is each further pack worth, and what would we order without limits? Node by node up the network."""

from __future__ import annotations

import dataframely as dy

from replenish.numerics.simple_mode import COVER_SHARE
from replenish.steps.ages import LIFO_SHARE
from replenish.steps.demand_ahead import CONSUMED_DAYS, OrderRule
from replenish.steps.order.climb import Manner
from replenish.steps.order.decided import Business, decided
from replenish.steps.order.rows import curve_rows, make_rows, requirement_rows, wish_rows
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
    consume_back_days: int = CONSUMED_DAYS,
    consume_forward_days: int = CONSUMED_DAYS,
    demand_fence_days: int = 0,
    cover_share: float = COVER_SHARE,
    firm_need: dy.DataFrame[FirmNeed] | None = None,
) -> tuple[dy.DataFrame[Curve], dy.DataFrame[Wish], dy.DataFrame[Requirement], dy.DataFrame[PlannedMake]]:
    """Size tonight's order of every planned node that has a source, customer-facing nodes first.

    Decisions use paths whose excess variance is scaled by `decision_dispersion`; every promise beside them uses the
    full variance. `cover_share` is the dial of simple mode. Stock that will pass its date unsold before an order can
    replace it is not counted on. What open production orders will still take (`firm_need`) is demand. Each node draws
    from its own seed (ids, run seed, date), so threads and neighbours change nothing.
    """
    about = Business(
        forecast,
        parameter,
        lead_time,
        target,
        rebalance,
        record,
        open_supply,
        open_demand,
        lot,
        node,
        arc,
        bom_line,
        bucket,
        supplier,
        make_rate,
        firm_need,
    )
    rule = OrderRule(consume_back_days, consume_forward_days, demand_fence_days)
    manner = Manner(path_count, decision_dispersion, cover_share)
    found = decided(about, rule, manner, windows=windows, cover=max_cover_days, seed=seed, lifo_share=lifo_share)
    return curve_rows(found), wish_rows(found), requirement_rows(found), make_rows(found)
