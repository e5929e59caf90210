"""A plant for tests of what it can make: items with their orders and plans, one centre or more, hours by bucket."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import polars as pl

from replenish.steps.level import level
from replenish.tables import core, plan
from replenish.tables.table import Table

TONIGHT = date(2026, 3, 2)  # a Monday
PLANT = "p"
Row = dict[str, Any]
_RULES = {"backlog_cost_rate": 0.1, "work_limit": 20.0, "time_limit_seconds": 60.0}


def rows(table: type[Table], given: list[Row], **usual: Any) -> pl.DataFrame:
    """Rows of a table; what a row does not say is as usual, else empty."""
    filled = [{name: row.get(name, usual.get(name)) for name in table.column_names()} for row in given]
    return pl.DataFrame(filled, schema=table.create_empty().schema)


@dataclass(frozen=True)
class Plant:
    """Items by name: their plan by bucket (tonight first, or the bucket its order waits for), what is unusual."""

    plans: dict[str, list[float]]
    hours: dict[str, list[float]]  # by centre
    operation: list[Row] = field(default_factory=list)
    node: dict[str, Row] = field(default_factory=dict)
    arc: dict[str, Row] = field(default_factory=dict)
    center: dict[str, Row] = field(default_factory=dict)
    bill: list[Row] = field(default_factory=list)
    stock: dict[str, float] = field(default_factory=dict)
    running: list[Row] = field(default_factory=list)
    firm: list[Row] = field(default_factory=list)
    curve: list[Row] = field(default_factory=list)
    limit: list[Row] = field(default_factory=list)
    wish: dict[str, Row] = field(default_factory=dict)

    def with_(self, **changes: Any) -> Plant:
        """The same plant with other facts."""
        return replace(self, **changes)

    def waits(self, item: str) -> int:
        """Buckets until tonight's order of an item is placed."""
        return int(self.wish.get(item, {}).get("order_bucket_index", 0))

    @property
    def order(self) -> pl.DataFrame:
        """Tonight's orders."""
        tonight = {item: sum(qty[self.waits(item) :][:1]) for item, qty in sorted(self.plans.items())}
        given = [{"item_id": item, "qty": qty, "wish_qty": qty} for item, qty in tonight.items()]
        day = {"order_date": TONIGHT, "receipt_date": TONIGHT + timedelta(days=7), "need_date": TONIGHT}
        usual = {"location_id": PLANT, "source_id": PLANT, "kind": "make", "unit_cost": 5.0, "value": 100.0}
        usual |= {"pack_count": 1.0, "shadow_price": 0.0, "reason_code": "value", "is_release_past_due": False}
        return rows(plan.Order, given, **usual, **day, expected_waste_qty=0.0, expected_waste_value=0.0)

    def level(self, **rules: float) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Load, levelled production, limits to relax, orders."""
        here = {"location_id": PLANT}
        planned = [
            {"item_id": item, "bucket_index": t, "qty": units, **here}
            for item, qty in sorted(self.plans.items())
            for t, units in enumerate(qty)
            if units > 0
        ]
        wish = [{"item_id": item, **self.wish.get(item, {})} for item in self.plans]
        node = [{"item_id": item, **self.node.get(item, {})} for item in self.plans]
        arc = [{"item_id": item, **self.arc.get(item, {})} for item in self.plans]
        buckets = max(len(hours) for hours in self.hours.values())
        starts = [TONIGHT + timedelta(days=7 * t) for t in range(buckets)]
        bucket = [
            {"bucket_index": t, "bucket_start": day, "bucket_end": day + timedelta(days=6)}
            for t, day in enumerate(starts)
        ]
        days = [
            {"work_center_id": name, "date": starts[t], "hours": hours}
            for name, open_hours in self.hours.items()
            for t, hours in enumerate(open_hours)
        ]
        centers = [{"work_center_id": name, **self.center.get(name, {})} for name in self.hours]
        known = {"unit_price": 20.0, "unit_cost": 5.0, "shortage_cost_source": "margin", "holding_cost_per_day": 0.1}
        rank = {"arc_rank": 1, "kind": "make", "source_id": PLANT, "multiple_qty": 1.0, "min_qty": 0.0}
        hour = {"machine_count": 1, "cost_per_hour": 10.0, "overtime_hours": 0.0, "overtime_cost_per_hour": 15.0}
        return level(
            rows(plan.PlannedMake, planned, source_id=PLANT, tonight_qty=0.0),
            self.order,
            rows(plan.Wish, wish, **here, lead_time_buckets=1, order_bucket_index=0),
            rows(plan.Curve, self.curve, **here),
            rows(plan.Limit, self.limit),
            rows(plan.Record, [{"item_id": k, "on_hand_qty": v} for k, v in self.stock.items()], **here),
            rows(core.OpenSupply, self.running, kind="production", **here, source_id=PLANT, is_lost=False),
            rows(core.Node, node, **here, is_continuous=False, **known),
            rows(core.Arc, arc, **here, **rank),
            rows(core.BomLine, self.bill, **here, first_date=TONIGHT),
            rows(core.Bucket, bucket, bucket_days=7),
            rows(core.Operation, self.operation or self._one_each(), **here, **_OPERATION),
            rows(core.WorkCenter, centers, **here, **hour),
            rows(core.WorkDay, days),
            rows(core.MakeRate, [{"item_id": item} for item in self.plans], **here, setup_cost=3.0),
            rows(core.FirmNeed, self.firm, **here),
            **_RULES | rules,
        )

    def _one_each(self) -> list[Row]:
        return [{"item_id": item, "work_center_id": next(iter(self.hours))} for item in self.plans]


_OPERATION = {
    "operation_seq": 10,
    "step_seq": 10,
    "alternate_rank": 1,
    "run_hours_per_unit": 1.0,
    "setup_hours": 0.0,
    "start_qty_per_good": 1.0,
    "queue_hours": 0.0,
}
