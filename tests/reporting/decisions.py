"""What the steps would have decided for the made-up company, and what its books say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import polars as pl

from replenish.tables import meta, plan, proposal, reject
from tests.reporting.rows import AS_OF, HOSTILE_NAMES, filled
from tests.reporting.stock_walk import LEAD_DAYS, Simulated


def decision_tables(key: pl.DataFrame, data: Simulated, bucket_days: int) -> dict[str, pl.DataFrame]:
    nodes = key.height
    item, location = key["item_id"], key["location_id"]
    shared = {"item_id": item, "location_id": location}
    qty = np.ceil(np.maximum(data.level - data.closing[:, -1], 0) / 6) * 6
    cost = np.round(1 + np.arange(nodes) % 23 * 1.7, 2)
    value = np.where(np.arange(nodes) % 17 != 5, qty * cost, np.nan)
    lost = np.round(data.mean * 0.8, 2)
    rank = np.empty(nodes, int)
    rank[np.argsort(-lost * cost, kind="stable")] = np.arange(1, nodes + 1)
    send, receive = AS_OF + timedelta(days=1), AS_OF + timedelta(days=1 + LEAD_DAYS)
    sentence = [
        f"Order {amount:g} of {name} for {place} today, arriving {receive:%a %d}: without it 38 % risk of running out."
        for amount, name, place in zip(qty, item, location, strict=True)
    ]
    action = np.where(np.arange(nodes) % 9 == 4, "EXPEDITE", "NEW")
    risk = np.full(nodes, 0.38)
    packs = _packs(key, np.maximum(qty / 4, 6.0), 8)
    codes = np.array(["POTENTIAL_STOCKOUT", "SHORTAGE", "EXCESS", "GHOST_STOCK"])[np.arange(nodes) % 4]
    return {
        "plan.target": filled(
            plan.Target,
            **shared,
            service_target=np.full(nodes, 0.95),
            fill_target=np.full(nodes, 0.97),
            target_kind="both",
            lot_rule="eoqb",
            safety_stock_qty=np.round(np.sqrt(data.mean * 13 / bucket_days), 1),
            reorder_point_qty=np.round(data.mean * 7 / bucket_days, 1),
            order_up_to_qty=data.level,
            min_qty=np.floor(data.level / 2),
            max_qty=data.level,
        ),
        "plan.supplier_review": filled(
            plan.SupplierReview,
            source_id=["supplier 1", "<b>"],
            location_id=[location[0]] * 2,
            item_count=[3, 1],
            review_days=[7.0, 7.0],
            cycle_days=[16.1, 5.0],
            suggested_review_days=[14.0, 7.0],
            cost_value=[100.0, 10.0],
            suggested_cost_value=[60.0, 10.0],
            is_material=[True, False],
        ),
        "plan.review_multiple": filled(
            plan.ReviewMultiple,
            item_id=item[:1],
            location_id=location[:1],
            source_id="supplier 1",
            multiple_count=[2],
            joint_order_qty=[12.0],
        ),
        "plan.min_max": filled(
            plan.MinMax,
            **shared,
            min_qty=np.floor(data.level / 2),
            max_qty=data.level,
            multiple_qty=np.full(nodes, 6.0),
            previous_max_qty=[None if index % 3 else 1.0 for index in range(nodes)],
            change="new",
            is_exported=np.arange(nodes) % 5 != 0,
        ),
        "plan.wish": filled(
            plan.Wish,
            **shared,
            source_id="supplier",
            kind="buy",
            method="curve",
            qty=qty,
            reason_code="covers_demand",
            expected_lost_sales_value_without=lost * cost * 0.6,
            expected_lost_without_qty=lost,
            stockout_probability_without=risk,
            stockout_probability_with=risk / 10,
        ),
        "plan.order": filled(
            plan.Order,
            **shared,
            source_id="supplier",
            kind="buy",
            qty=qty,
            wish_qty=qty,
            value=lost * cost,
            reason_code="covers_demand",
            order_date=[send] * nodes,
            receipt_date=[receive] * nodes,
            need_date=[receive] * nodes,
        ),
        "plan.curve": filled(plan.Curve, **packs),
        "plan.proposal": filled(
            proposal.Proposal,
            **shared,
            proposal_id=[f"P-{index:012x}" for index in range(nodes)],
            run_id="2026-03-01-cafe0123",
            action=action,
            kind="purchase",
            source_id=[f"supplier {index % 7}" for index in range(nodes)],
            qty=qty,
            uom="pcs",
            order_date=[send] * nodes,
            need_date=[receive] * nodes,
            receipt_date=[receive] * nodes,
            unit_cost=cost,
            value=pl.Series(value).fill_nan(None),
            currency="EUR",
            priority=rank,
            stockout_probability_without=risk,
            expected_lost_sales_value_without=lost * cost * 0.6,
            reason_code="covers_demand",
            explanation=sentence,
            hold=np.arange(nodes) % 40 == 9,
            hold_cause=["GHOST_STOCK: nothing sold" if i % 40 == 9 else None for i in range(nodes)],
            expires_at=[receive] * nodes,
        ),
        "plan.exception": filled(
            proposal.Exception,
            exception_id=[f"X-{index:012x}" for index in range(nodes)],
            rank=rank,
            code=codes,
            item_id=item,
            location_id=location,
            date=[receive] * nodes,
            qty=lost,
            value_at_stake=np.round(lost * cost, 2),
            explanation=[
                f"{name} at {place} is short by {one:g}." for name, place, one in zip(item, location, lost, strict=True)
            ],
            first_seen_run="2026-03-01-cafe0123",
        ),
    }


def stock_tables(key: pl.DataFrame, data: Simulated, bucket_days: int) -> dict[str, pl.DataFrame]:
    """Stock that is too much, what it serves, and promises of earlier nights."""
    nodes = key.height
    shared = {"item_id": key["item_id"], "location_id": key["location_id"]}
    on_hand, cost = data.closing[:, -1], np.round(1 + np.arange(nodes) % 23 * 1.7, 2)
    rows = np.flatnonzero(np.arange(nodes) % 4 == 2)  # as many as have the exception
    place = {name: column.gather(rows) for name, column in shared.items()}
    size = np.maximum(on_hand[rows] / 2, 1.0)
    levels = (0.5, 0.7, 0.9, 0.99)
    return {
        "plan.excess": filled(
            proposal.Excess,
            **place,
            code=["DEAD_STOCK" if index % 3 == 0 else "EXCESS" for index in range(len(rows))],
            position_qty=size * 2,
            kept_qty=size,
            qty=size,
            value=[None if row % 17 == 5 else each for row, each in zip(rows, size * cost[rows], strict=True)],
            cover_days=np.full(len(rows), 100.0),
            mean_qty=size / 2,
        ),
        "plan.exchange_curve": filled(
            plan.ExchangeCurve,
            rule=["one_level"] * 4 + ["by_cost"] * 4 + ["targets"],
            dial_index=[0, 1, 2, 3, 0, 1, 2, 3, 0],
            dial_rate=[*levels, *levels, 1.0],
            stock_value=[1e3, 2e3, 3e3, 5e3, 0.9e3, 1.7e3, 2.6e3, 4.4e3, 2.5e3],
            fill_rate=[0.7, 0.85, 0.95, 0.99, 0.72, 0.88, 0.97, 0.995, 0.96],
            node_count=[nodes] * 9,
        ),
        "plan.kept_promise": filled(
            plan.KeptPromise,
            **{name: column.head(20) for name, column in shared.items()},
            proposal_id=[f"P-{index}" for index in range(min(nodes, 20))],
            category="food/fresh",
            stockout_probability=np.full(min(nodes, 20), 0.05),
            expected_demand_qty=np.full(min(nodes, 20), 10.0),
            expected_sales_qty=np.full(min(nodes, 20), 9.9),
            achieved_demand_qty=np.full(min(nodes, 20), 12.0),
            achieved_sales_qty=np.arange(min(nodes, 20)) % 4 + 9.0,
            is_stockout=np.arange(min(nodes, 20)) % 4 < 3,
        ),
        "plan.promise_law": filled(
            plan.PromiseLaw, category=["all"], promise_count=[4000], promised_share=[0.05], achieved_share=[0.09],
            width_rate=[1.3],
        ),
        "plan.exception_score": filled(
            plan.ExceptionScore, week_start=[AS_OF] * 2, code=["all", "SHORTAGE"], judged_count=[4, 4],
            true_count=[3, 3], precision_share=[0.75] * 2, stockout_count=[5, 5], foreseen_count=[3, 3],
            recall_share=[0.6] * 2, lead_days=[4.0] * 2,
        ),
    }  # fmt: skip


def _packs(key: pl.DataFrame, size: np.ndarray, count: int) -> dict[str, Any]:
    nodes = key.height
    index = np.tile(np.arange(1, count + 1), nodes)
    return {
        "item_id": key["item_id"].gather(np.repeat(np.arange(nodes), count)),
        "location_id": key["location_id"].gather(np.repeat(np.arange(nodes), count)),
        "pack_index": index,
        "pack_qty": np.repeat(size, count),
        "pack_value": np.round(40 * np.exp(-index / 2.5) - 6, 2),
        "unit_value": np.round(7 * np.exp(-index / 2.5) - 1, 2),
    }


def book_tables(key: pl.DataFrame) -> dict[str, pl.DataFrame]:
    hostile = "sales_<b>.csv"
    members = ["combination", "naive", "seasonal_naive", "seasonal_sma", "tsb"]
    return {
        "meta.load": filled(
            meta.Load,
            load_id=["a", "b"],
            table_name=["sales", "stock"],
            file=[hostile, "stock.csv"],
            row_count=[1000, 240],
            loaded_count=[990, 240],
            rejected_count=[10, 0],
            set_aside_count=[4, 0],
            ignored_columns=["colour,<i>", None],
        ),
        "raw.reject": filled(
            reject.Reject,
            load_id=["a"] * 10,
            row=list(range(2, 12)),
            table_name="sales",
            file=hostile,
            column="qty",
            rule=["not a number"] * 6 + ["cancelled"] * 4,
            value=[*HOSTILE_NAMES, "", "", "", ""],
            is_set_aside=[False] * 6 + [True] * 4,
        ),
        "plan.score": filled(
            plan.Score,
            member=members,
            demand_class="all",
            window="protection",
            origin_count=[8] * 5,
            cell_count=[key.height * 8] * 5,
            wape_rate=[0.31, 0.44, 0.39, 0.33, 0.35],
            bias_rate=[0.01, 0.0, 0.03, -0.02, 0.04],
            rmsse_rate=[0.71, 0.98, 0.9, 0.74, 0.77],
            value_added_rate=[0.19, -0.08, 0.0, 0.16, 0.13],
            pinball_rate=[0.15, 0.29, None, 0.16, 0.16],
            gain_rate=[0.06, -0.8, None, 0.0, 0.02],
            gain_error_rate=[0.02, 0.1, None, 0.0, 0.03],
            is_used=[True, False, False, False, False],
        ),
        "plan.calibration": filled(
            plan.Calibration,
            category=[name for name in ("all", *(f"group {index:02d}" for index in range(11))) for _ in range(2)],
            window="protection",
            level_share=[0.5, 0.95] * 12,
            achieved_share=[0.51, 0.944] * 12,
            window_count=[9000, 9000, *(900 - index for index in range(11) for _ in range(2))],
            width_rate=[1.0] * 24,
        ),
        "plan.promise_score": filled(
            plan.PromiseScore,
            category=["all", "all", "group 00"],
            decile=[0, 1, 0],
            promise_count=[4000, 3900, 2100],
            promised_share=[0.05, 0.04, 0.05],
            achieved_share=[0.09, 0.05, 0.06],
            promised_fill_rate=[0.98, 0.98, 0.98],
            achieved_fill_rate=[0.95, 0.97, 0.97],
            is_alarm=[True, False, False],
        ),
    }
