"""A made-up company as plan tables: enough of every table that the report reads, for any number of nodes.

The first nodes carry names that are hostile to HTML, CSV, SQL and paths. Nothing here is planned by the real steps:
stock is simulated with a simple order-up-to rule so that charts have something to show.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from replenish.steps.hierarchy import hierarchy
from replenish.tables import core, meta, plan, proposal, reject
from replenish.warehouse import Warehouse
from tests.reporting.answers import answer_tables
from tests.reporting.backtested import backtest_tables
from tests.reporting.changes import change_tables
from tests.reporting.decisions import book_tables, decision_tables, stock_tables
from tests.reporting.plant import plant_tables
from tests.reporting.rows import AS_OF, HOSTILE_NAMES, filled
from tests.reporting.stock_walk import LEAD_DAYS, REVIEW_DAYS, Simulated, projected, simulated


def plan_tables(node_count: int = 24, *, bucket_days: int = 1, horizon_weeks: int = 26) -> dict[str, pl.DataFrame]:
    """Every table the mart reads, by full name."""
    shop_count = max(1, node_count // 50)
    names = [*HOSTILE_NAMES, *(f"Item {index:05d}" for index in range(len(HOSTILE_NAMES), node_count))][:node_count]
    items = [name[:299] if index < len(HOSTILE_NAMES) else f"I{index:05d}" for index, name in enumerate(names)]
    shops = [f"shop {index % shop_count + 1}" for index in range(node_count)]
    past, future = 364 // bucket_days, horizon_weeks * 7 // bucket_days
    order = sorted(range(node_count), key=lambda index: (items[index], shops[index]))
    key = pl.DataFrame({"item_id": [items[i] for i in order], "location_id": [shops[i] for i in order]})
    name = [names[i] for i in order]
    data = simulated(node_count, past, bucket_days)
    buckets = _buckets(past, future, bucket_days)
    known = _core(key, name, data, buckets)
    return {
        "core.bucket": buckets,
        "meta.night": filled(
            meta.Night, as_of=[AS_OF], bucket_days=[bucket_days], horizon_weeks=[horizon_weeks], currency=["EUR"]
        ),
        **known,
        **_with_totals(_plan(key, data, buckets, bucket_days), buckets, known),
        **decision_tables(key, data, bucket_days),
        **stock_tables(key, data, bucket_days),
        **backtest_tables(),
        **book_tables(key),
        **plant_tables(key),
        **answer_tables(key),
        **change_tables(key),
    }


def _with_totals(
    made: dict[str, pl.DataFrame], buckets: pl.DataFrame, known: dict[str, pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    return made | {"plan.total": hierarchy(made["plan.forecast"], known["core.node"], buckets)}


def mart_tables(tables: dict[str, pl.DataFrame], memory_limit_gb: float = 2.0) -> dict[str, pl.DataFrame]:
    """What sql/mart makes of the plan tables; tens of thousands of nodes need more memory."""
    known = (*core.CORE_TABLES, *plan.PLAN_TABLES, *proposal.PROPOSAL_TABLES, *meta.META_TABLES, reject.Reject)
    with Warehouse(None, threads=2, memory_limit_gb=memory_limit_gb) as house:
        house.create(known)
        for table in known:
            if table.full_name() in tables:
                house.write(table, tables[table.full_name()])
        house.build("mart")
        return {full_name: house.query(f"select * from {full_name}") for full_name in house.table_names("mart")}


def _buckets(past: int, future: int, bucket_days: int) -> pl.DataFrame:
    index = np.arange(-past, future)
    starts = [AS_OF + timedelta(days=1 + int(one) * bucket_days) for one in index]
    return filled(
        core.Bucket,
        bucket_index=index,
        bucket_start=starts,
        bucket_end=[start + timedelta(days=bucket_days - 1) for start in starts],
        bucket_days=np.full(len(index), bucket_days),
        week_index=np.floor_divide(index * bucket_days, 7),
    )


def _core(key: pl.DataFrame, name: list[str], data: Simulated, buckets: pl.DataFrame) -> dict[str, pl.DataFrame]:
    nodes, past = data.sales.shape
    item, location = key["item_id"], key["location_id"]
    cost = np.round(1 + np.arange(nodes) % 23 * 1.7, 2)
    has_money = np.arange(nodes) % 17 != 5
    category = [("food/fresh", "food/dry", "household")[index % 3] for index in range(nodes)]
    shared = {"item_id": item, "location_id": location}
    history = buckets.filter(pl.col("bucket_index") < 0)
    return {
        "core.item": filled(core.Item, item_id=item, name=name, has_money=has_money, cost_source="default", uom="pcs"),
        "core.location": filled(core.Location, location_id=location.unique().sort(), name=location.unique().sort()),
        "core.node": filled(
            core.Node,
            **shared,
            item_name=name,
            location_name=location,
            category=category,
            uom="pcs",
            has_demand=np.ones(nodes, bool),
            unit_cost=cost,
            unit_price=cost * 1.6,
            shortage_cost=cost * 0.6,
            has_money=has_money,
            shortage_rule="lost_sales",
            method="curve",
            target_source="default",
            target_kind="service",
        ),
        "core.arc": filled(
            core.Arc,
            **shared,
            kind="buy",
            source_id=[f"supplier {index % 7}" for index in range(nodes)],
            arc_rank=np.ones(nodes),
            lead_time_days=np.full(nodes, LEAD_DAYS),
            wait_days=np.zeros(nodes),
            fence_days=np.zeros(nodes),
            review_days=np.full(nodes, REVIEW_DAYS),
            lead_time_source="sourcing",
            review_source="default",
            multiple_qty=np.full(nodes, 6.0),
        ),
        "core.position": filled(
            core.Position, **shared, recorded_on_hand_qty=data.closing[:, -1], snapshot_date=[AS_OF] * nodes
        ),
        "core.demand_history": filled(
            core.DemandHistory,
            **_long(key, history),
            sales_qty=data.sales.ravel(),
            receipt_qty=data.receipt.ravel(),
            closing_qty=data.closing.ravel(),
            open_share=np.ones(nodes * past),
        ),
        "core.graph_issue": filled(
            core.GraphIssue,
            item_id=item[:1],
            location_id=location[:1],
            code="NO_SOURCE",
            detail="nobody <b>supplies</b> it",
        ),
        "core.open_supply": filled(
            core.OpenSupply,
            order_id=["PO 1"],
            line_id=["1"],
            kind="purchase",
            item_id=item[:1],
            location_id=location[:1],
            open_qty=[12.0],
            is_past_due=[True],
            status="firm",
        ),
    }


def _long(key: pl.DataFrame, buckets: pl.DataFrame) -> dict[str, Any]:
    nodes, rows = key.height, buckets.height
    return {
        "item_id": key["item_id"].gather(np.repeat(np.arange(nodes), rows)),
        "location_id": key["location_id"].gather(np.repeat(np.arange(nodes), rows)),
        "bucket_index": np.tile(buckets["bucket_index"].to_numpy(), nodes),
        "bucket_start": pl.concat([buckets["bucket_start"]] * nodes),
    }


def _plan(key: pl.DataFrame, data: Simulated, buckets: pl.DataFrame, bucket_days: int) -> dict[str, pl.DataFrame]:
    nodes, past = data.sales.shape
    history, ahead = (buckets.filter(sign) for sign in (pl.col("bucket_index") < 0, pl.col("bucket_index") >= 0))
    short = data.closing <= 0
    lost = np.where(short, np.maximum(data.demand - data.sales, 0), 0.0)
    shared = {"item_id": key["item_id"], "location_id": key["location_id"]}
    mean = np.repeat(data.mean[:, None], ahead.height, axis=1)
    stock = projected(data, ahead.height, bucket_days)
    spread = 1.28 * np.sqrt(mean * np.minimum(np.arange(1, ahead.height + 1), 13 // bucket_days + 1)[None, :])
    on_hand = data.closing[:, -1]
    return {
        "plan.record": filled(
            plan.Record,
            **shared,
            recorded_on_hand_qty=on_hand,
            on_hand_qty=on_hand,
            is_ghost=np.arange(nodes) % 40 == 9,
        ),
        "plan.demand": filled(
            plan.Demand,
            **_long(key, history),
            state=np.where(short, "censored", "full").ravel(),
            sales_qty=data.sales.ravel(),
            demand_qty=(data.sales + lost).ravel(),
            is_estimate=short.ravel(),
            lost_sales_qty=lost.ravel(),
            exposure_rate=np.ones(nodes * past),
            uplift_rate=np.ones(nodes * past),
        ),
        "plan.segment": filled(
            plan.Segment,
            **shared,
            demand_class="smooth",
            abc_class=["AABC"[index % 4] for index in range(nodes)],
            xyz_class=["XXYZ"[index // 4 % 4] for index in range(nodes)],
            value_year=np.arange(nodes, 0.0, -1.0),
        ),
        "plan.lead_time": filled(
            plan.LeadTime,
            **shared,
            source_id="s",
            kind="buy",
            lead_time_days=np.full(nodes, LEAD_DAYS + 0.4),
            lead_time_sd_days=np.full(nodes, 1.3),
            source="receipts",
        ),
        "plan.forecast": filled(
            plan.Forecast,
            **_long(key, ahead),
            forecast_qty=mean.ravel(),
            baseline_qty=mean.ravel(),
            event_qty=np.zeros(mean.size),
            index_rate=np.ones(mean.size),
            uplift_rate=np.ones(mean.size),
            variance_qty2=mean.ravel(),
        ),
        "plan.parameter": filled(
            plan.Parameter,
            **shared,
            method="ensemble",
            members="seasonal_sma + tsb_mix",
            family="negative_binomial",
            phi=np.full(nodes, 1.3),
            kappa=np.full(nodes, 0.1),
        ),
        "plan.projection": filled(
            plan.Projection,
            **_long(key, ahead),
            forecast_qty=mean.ravel(),
            demand_qty=mean.ravel(),
            closing_qty=stock.ravel(),
            closing_q10_qty=np.maximum(stock - spread, 0).ravel(),
            closing_q50_qty=stock.ravel(),
            closing_q90_qty=(stock + spread).ravel(),
            closing_without_qty=np.maximum(on_hand[:, None] - np.cumsum(mean, axis=1), 0).ravel(),
        ),
    }
