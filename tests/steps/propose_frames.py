"""A company of one healthy node, and whatever a test changes about it, planned by the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any

import polars as pl

from replenish.steps.propose import propose
from replenish.tables import core, plan
from replenish.tables.table import Table

AS_OF = date(2026, 11, 8)
TODAY = AS_OF + timedelta(days=1)  # a Monday
NODE = {"item_id": "X", "location_id": "Y"}
HORIZON = 182
LIMITS: dict[str, Any] = {
    "run_id": "2026-11-08-aaaaaaaa",
    "as_of": AS_OF,
    "currency": "EUR",
    "min_value": 25.0,
    "tolerance_days": 3,
    "tolerance_share": 0.1,
    "max_cover_days": 90.0,
    "bucket_days": 1,
}
TABLES: dict[str, type[Table]] = {
    "order": plan.Order,
    "wish": plan.Wish,
    "target": plan.Target,
    "projection": plan.Projection,
    "peg": plan.Peg,
    "forecast": plan.Forecast,
    "parameter": plan.Parameter,
    "record": plan.Record,
    "lead_time": plan.LeadTime,
    "open_supply": core.OpenSupply,
    "open_demand": core.OpenDemand,
    "lot": core.Lot,
    "node": core.Node,
    "arc": core.Arc,
    "location": core.Location,
    "supplier": core.Supplier,
    "graph_issue": core.GraphIssue,
    "segment": plan.Segment,
    "previous": core.PreviousProposal,
    "previous_exception": core.PreviousException,
    "position": core.Position,
    "project_line": core.ProjectLine,
    "demand_outlier": core.DemandOutlier,
    "drift": plan.Drift,
    "rebalance": plan.Rebalance,
    "source_rank": core.SourceRank,
    "full_peg": plan.FullPeg,
    "job_order": plan.JobOrder,
    "load": plan.Load,
    "levelled_make": plan.LevelledMake,
    "work_center": core.WorkCenter,
    "data_doubt": core.DataDoubt,
}
LISTS = ("proposal", "exception", "promise", "count_list", "supplier_order", "excess")
Row = Mapping[str, Any]


def day(offset: int) -> date:
    """Date of bucket `offset`: 0 is the morning of the decision."""
    return TODAY + timedelta(days=offset)


def frame(table: type[Table], rows: Sequence[Row]) -> pl.DataFrame:
    """Rows as the table; what a row leaves out is empty where it may be, else the plainest value of its type."""
    columns = table.columns()
    full = [{name: row.get(name, _plain(column)) for name, column in columns.items()} for row in rows]
    schema = {name: column.dtype for name, column in columns.items()}
    return table.validate(pl.DataFrame(full, schema=schema).sort(table.primary_key()))


def _plain(column: Any) -> Any:
    if column.nullable:
        return None
    words = (column.metadata or {}).get("words")
    by_type = {pl.String: words[0] if words else "plain", pl.Boolean: False, pl.Date: TODAY, pl.Int32: 0}
    return by_type.get(column.dtype, 0.0)


def projection(demand: float | Sequence[float] = 1.0, on_hand: float = 40.0, receipts: Row | None = None) -> list[Row]:
    """Projection rows of node X, Y with lost sales on mean demand: what `without` loses is what stock cannot serve."""
    wanted = [demand] * HORIZON if isinstance(demand, float) else [*demand, *[0.0] * (HORIZON - len(demand))]
    stock, rows = max(on_hand, 0.0), []
    for index, units in enumerate(wanted):
        receipt = (receipts or {}).get(index, 0.0)
        closing = max(stock + receipt - units, 0.0)
        lost = max(units - stock - receipt, 0.0)
        facts = {"opening_qty": stock, "receipt_qty": receipt, "demand_qty": units, "forecast_qty": units}
        after = {"closing_qty": closing, "closing_without_qty": closing, "lost_qty": lost, "lost_without_qty": lost}
        rows.append({**NODE, "bucket_index": index, "bucket_start": day(index), **facts, **after})
        stock = closing
    return rows


def company(**changes: Any) -> dict[str, pl.DataFrame]:
    """Frames of the node: 40 units, one a day wanted, lead 7 and review 7 days, nothing to do.

    A change is a row's columns (merged into the plain row) or a list of whole rows.
    """
    assert set(changes) <= set(TABLES), f"no such table: {set(changes) - set(TABLES)}"
    rows, frames = _plain_company()
    whole = {
        name: change if isinstance(change, list) else [{**rows[name], **change}] for name, change in changes.items()
    }
    return frames | {name: frame(TABLES[name], ones) for name, ones in whole.items()}


@cache
def _plain_company() -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Rows (one, or a list) and frames of the node before any change."""
    supply = {**NODE, "source_id": "S", "kind": "buy"}
    money = {"unit_cost": 4.0, "unit_price": 10.0, "has_money": True, "shortage_cost": 6.0}
    law = [0.0] * 7 + [1.0]
    plain: dict[str, Any] = {
        "order": [],
        "wish": {**supply, "lead_time_buckets": 7, "review_buckets": 7, "reason_code": "value"},
        "target": {**NODE, "safety_stock_qty": 3.0, "protection_qty": 14.0, "order_up_to_qty": 20.0},
        "projection": projection(),
        "peg": [{**NODE, "supply_kind": "stock", "demand_kind": "forecast", "qty": 40.0}],
        "forecast": [
            {**NODE, "bucket_index": t, "bucket_start": day(t), "forecast_qty": 1.0, "variance_qty2": t + 1.0}
            for t in range(HORIZON)
        ],
        "parameter": {**NODE, "method": "seasonal_sma"},
        "record": {**NODE, "recorded_on_hand_qty": 40.0, "on_hand_qty": 40.0, "silence_probability": 1.0},
        "lead_time": {
            **supply,
            "lead_time_days": 7.0,
            "lead_time_pmf": law,
            "source": "sourcing",
            "delivered_share": 1.0,
        },
        "open_supply": [],
        "open_demand": [],
        "lot": [],
        "node": {
            **NODE,
            **money,
            "item_name": "Milk",
            "location_name": "Oslo",
            "uom": "each",
            "service_target": 0.95,
            "fill_target": 0.95,
            "holding_cost_per_day": 0.003,
            "listed_from": date(2020, 1, 1),
        },
        "arc": {
            **supply,
            "arc_rank": 1,
            "lead_time_days": 7.0,
            "lead_time_source": "sourcing",
            "review_days": 7.0,
            "slot_gap_days": None,
            "break_qty": None,
            "break_unit_cost": None,
            "multiple_qty": 1.0,
            "unit_cost": 4.0,
        },
        "location": {"location_id": "Y", "name": "Oslo"},
        "supplier": {"supplier_id": "S", "name": "Dairy"},
        "graph_issue": [],
        "segment": {**NODE, "demand_class": "smooth"},
        "previous": [],
        "previous_exception": [],
        "position": NODE,
        "project_line": [],
        "demand_outlier": [],
        "drift": [],
        "rebalance": [],
        "source_rank": [],
        "full_peg": [],
        "job_order": [],
        "load": [],
        "levelled_make": [],
        "work_center": [],
        "data_doubt": [],
    }
    lists = {name: rows if isinstance(rows, list) else [rows] for name, rows in plain.items()}
    return plain, {name: frame(TABLES[name], rows) for name, rows in lists.items()}


def doubt(detail: str) -> list[Row]:
    """A doubt about the node's data."""
    return [{**NODE, "cause": "negative_stock", "first_date": AS_OF, "last_date": AS_OF, "detail": detail}]


def ordered(qty: float = 24.0, **changes: Any) -> Row:
    """An order of tonight for the node."""
    return {
        **NODE,
        "source_id": "S",
        "kind": "buy",
        "qty": qty,
        "wish_qty": qty,
        "pack_count": qty,
        "unit_cost": 4.0,
        "value": 80.0,
        "order_date": TODAY,
        "receipt_date": day(7),
        "need_date": day(9),
        "reason_code": "value",
        **changes,
    }


def arriving(due: int, qty: float = 50.0, line_id: str = "1", **changes: Any) -> Row:
    """An open order line due on bucket `due`."""
    made = {"order_id": "PO1", "line_id": line_id, "kind": "purchase", **NODE, "source_id": "S", "open_qty": qty}
    return {**made, "order_date": day(-3), "due_date": day(due), "status": "firm", **changes}


def pegged(line_id: str, need: int, qty: float = 50.0, index: int = 0) -> Row:
    """A peg of order PO1 to demand of bucket `need`."""
    supply = {"supply_kind": "open_order", "supply_id": f"PO1/{line_id}", "peg_index": index}
    return {**NODE, **supply, "demand_kind": "forecast", "demand_date": day(need), "qty": qty}


def planned(
    frames: Mapping[str, pl.DataFrame] | None = None, /, limits: Row | None = None, **changes: Any
) -> dict[str, pl.DataFrame]:
    """The six lists for the company (or for `frames`), by name."""
    given = company(**changes) if frames is None else frames
    return dict(zip(LISTS, propose(*(given[name] for name in TABLES), **{**LIMITS, **(limits or {})}), strict=True))


def codes(lists: Mapping[str, pl.DataFrame]) -> set[str]:
    """Exception codes raised."""
    return set(lists["exception"]["code"])


def only(frame_: pl.DataFrame, **where: Any) -> dict[str, Any]:
    """The one row in which the columns have these values."""
    found = frame_.filter(*(pl.col(name) == value for name, value in where.items()))
    assert found.height == 1, f"{found.height} rows with {where} in {frame_}"
    return found.row(0, named=True)
