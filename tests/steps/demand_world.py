"""A small company with known true demand: core frames for the demand-side steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from replenish.tables import core

AS_OF = date(2024, 6, 30)  # a Sunday
KEY = ["item_id", "location_id"]


def buckets(history_weeks: int, horizon_weeks: int, days: int = 7, as_of: date = AS_OF) -> pl.DataFrame:
    """core.bucket for whole weeks (days=7) or single days (days=1), as-of a bucket's last day."""
    per_week = 7 // days
    rows = []
    for index in range(-history_weeks * per_week, horizon_weeks * per_week):
        start = as_of + timedelta(days=1 + index * days)
        week = index // per_week
        middle = as_of + timedelta(days=1 + week * 7 + 3)
        end = start + timedelta(days=days - 1)
        rows.append((index, start, end, days, middle.isocalendar().week, week, days / 7.0))
    return core.Bucket.cast(pl.DataFrame(rows, schema=core.Bucket.column_names(), orient="row"))


def nodes(items: list[str], locations: list[str], **columns: object) -> pl.DataFrame:
    """core.node for every item at every location; `columns` overrides defaults with a value or one a node."""
    keys = sorted((item, location) for item in items for location in locations)
    defaults: dict[str, object] = {
        "item_name": "x", "location_name": "x", "category": "food", "cluster": "all", "brand": None, "size": None,
        "successor_item_id": None, "location_kind": "store",
        "uom": "each", "is_continuous": False, "listed_from": None, "listed_to": None, "has_demand": True,
        "is_component": False, "level": 0, "is_cyclic": False, "unit_cost": 1.0, "unit_price": 2.0, "has_money": True,
        "shortage_cost": 1.0, "shortage_cost_source": "margin", "holding_cost_per_day": 0.001,
        "shortage_rule": "lost_sales", "service_target": 0.95, "fill_target": 0.95, "target_source": "default",
        "target_kind": "service",
        "min_stock_qty": 0.0, "max_stock_qty": None, "method": "curve",
        "lot_rule": "silver_meal", "lot_qty": None, "shelf_life_days": None, "salvage_value": 0.0,
        "disposal_cost": 0.0, "approval_date": None,
    }  # fmt: skip
    values = {**defaults, **columns}
    filled = {k: v if isinstance(v, list) else [v] * len(keys) for k, v in values.items()}
    frame = pl.DataFrame({"item_id": [k[0] for k in keys], "location_id": [k[1] for k in keys], **filled}, strict=False)
    return core.Node.cast(frame.select(core.Node.column_names()))


def history(node: pl.DataFrame, bucket: pl.DataFrame, sales: np.ndarray, **columns: np.ndarray) -> pl.DataFrame:
    """core.demand_history from sales [N, T] of the last T closed buckets; NaN sales = no row, NaN elsewhere = null."""
    wide = sales.shape[1]
    closed = bucket.filter(pl.col("bucket_index") < 0).sort("bucket_index").tail(wide)
    frame = node.select(KEY).join(
        closed.select("bucket_index", "bucket_start"), how="cross", maintain_order="left_right"
    )
    blank = np.full(sales.shape, np.nan)
    parts = {"opening_qty": blank, "receipt_qty": np.zeros(sales.shape), "closing_qty": blank,
             "in_stock_share": blank, "open_share": np.ones(sales.shape)} | columns  # fmt: skip
    flat = {k: pl.Series(np.asarray(v, dtype=float).ravel()).fill_nan(None) for k, v in parts.items()}
    frame = frame.with_columns(sales_qty=pl.Series(sales.astype(float).ravel()).fill_nan(None), **flat)
    frame = frame.filter(pl.col("sales_qty").is_not_null())
    return core.DemandHistory.cast(frame.select(core.DemandHistory.column_names()))


def position(node: pl.DataFrame, recorded: list[float], **columns: list[float]) -> pl.DataFrame:
    """core.position; quantities not given are 0."""
    names = ("blocked_qty", "expired_qty", "reserved_qty", "on_order_qty", "backorder_qty")
    rest = {name: columns.get(name, [0.0] * node.height) for name in names}
    frame = node.select(KEY).with_columns(
        recorded_on_hand_qty=pl.Series(recorded, dtype=pl.Float64),
        snapshot_date=pl.lit(AS_OF),
        **{name: pl.Series(values, dtype=pl.Float64) for name, values in rest.items()},
    )
    return core.Position.cast(frame.select(core.Position.column_names()))


def arcs(node: pl.DataFrame, **columns: object) -> pl.DataFrame:
    """core.arc: every node is bought from supplier `s`, 14 days by the sourcing table, ordered weekly."""
    defaults: dict[str, object] = {
        "kind": "buy", "source_id": "s", "arc_rank": 1, "lead_time_days": 14.0, "lead_time_source": "sourcing",
        "wait_days": 0.0, "review_days": 7.0, "slot_gap_days": None, "break_qty": None, "break_unit_cost": None,
        "is_incremental": False, "review_source": "default", "min_qty": 0.0,
        "multiple_qty": 1.0,
        "max_qty": None, "unit_cost": 1.0, "order_cost": 0.0, "calendar_id": None, "order_calendar_id": None,
        "is_default": False,
    }  # fmt: skip
    filled = {k: v if isinstance(v, list) else [v] * node.height for k, v in {**defaults, **columns}.items()}
    frame = pl.concat([node.select(KEY), pl.DataFrame(filled, strict=False)], how="horizontal")
    return core.Arc.cast(frame.select(core.Arc.column_names()))


def events(rows: list[tuple[str, str, int, str, str, float | None, float]]) -> pl.DataFrame:
    """core.event_bucket from (item, location, bucket index, event, kind, expected uplift, share) rows."""
    frame = pl.DataFrame(rows, schema=core.EventBucket.column_names(), orient="row", infer_schema_length=None)
    return core.EventBucket.cast(frame).sort(core.EventBucket.primary_key())


def no_events() -> pl.DataFrame:
    """core.event_bucket without rows."""
    return core.EventBucket.create_empty()


def demand_of(
    past: pl.DataFrame,
    node: pl.DataFrame,
    record: pl.DataFrame,
    season: pl.DataFrame,
    event: pl.DataFrame,
    bucket: pl.DataFrame,
    *,
    seed: int = 1,
    as_of: date = AS_OF,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """plan.demand, plan.event_effect and plan.event_uplift of a company in one block."""
    from replenish.steps.learn_uplift import learn_uplift
    from replenish.steps.lift import lift
    from replenish.steps.unconstrain import sales_pools, seen_sales, unconstrain

    reads = (past, node, event, record, season, bucket)
    demand, effect = unconstrain(*reads, **sales_pools([seen_sales(*reads)]), seed=seed, as_of=as_of)
    uplift = learn_uplift(effect)
    return lift(demand, node, event, uplift, bucket), effect, uplift


@dataclass(frozen=True)
class Plan:
    """Everything the demand side made of a history."""

    record: pl.DataFrame
    season: pl.DataFrame
    demand: pl.DataFrame
    effect: pl.DataFrame
    uplift: pl.DataFrame
    segment: pl.DataFrame
    lead_time: pl.DataFrame
    baseline: pl.DataFrame
    availability: pl.DataFrame
    score: pl.DataFrame
    error_law: pl.DataFrame
    error_factor: pl.DataFrame
    calibration: pl.DataFrame
    member: pl.DataFrame
    forecast: pl.DataFrame
    parameter: pl.DataFrame


def run(
    past: pl.DataFrame,
    node: pl.DataFrame,
    bucket: pl.DataFrame,
    *,
    stock: pl.DataFrame | None = None,
    event: pl.DataFrame | None = None,
    arc: pl.DataFrame | None = None,
    heavy: bool = False,
    rehearsed: bool = False,
) -> Plan:
    """All demand-side steps in the order of the line; light members unless `heavy`."""
    from replenish.steps.audit import audit
    from replenish.steps.availability import availability
    from replenish.steps.forecast import baseline as make_baseline
    from replenish.steps.forecast import forecast as make_forecast
    from replenish.steps.forecast import rehearse
    from replenish.steps.learn_counts import learn_counts
    from replenish.steps.learn_lead_time import learn_lead_time
    from replenish.steps.score import score as make_score
    from replenish.steps.season import season as make_season
    from replenish.steps.segment import segment as make_segment
    from replenish.tables import plan

    stock = position(node, [0.0] * node.height) if stock is None else stock
    event = no_events() if event is None else event
    arc = arcs(node) if arc is None else arc
    counts = core.CountLine.create_empty()
    record = audit(past, stock, node, counts, learn_counts(counts), bucket)
    season = make_season([(past, node, event)], record, bucket)
    demand, effect, uplift = demand_of(past, node, record, season, event, bucket)
    segment = make_segment([(demand, node)], bucket)
    lead = learn_lead_time(core.ReceiptLine.create_empty(), arc, as_of=AS_OF)
    base = make_baseline(demand, season, node, bucket)
    fitted = ("ets", "ces", "theta") if heavy else ()
    told = {"fitted": fitted, "window_weeks": 13, "seed": 1}
    heard = rehearse(base, bucket, members=fitted) if rehearsed else plan.PastMember.create_empty()
    available = availability(demand, season, node, bucket)
    score, law, factor, width = make_score([(demand,)], base, heard, season, segment, lead, arc, node, bucket, **told)
    weeks = int(bucket["week_index"].max()) + 1
    member = fit(base, segment, bucket, weeks)[0] if heavy else plan.Member.create_empty()
    laws = law, factor, width
    learned = (base, member, score, season, segment, available, uplift, *laws)
    made = make_forecast(*learned, lead, arc, event, node, bucket, window_weeks=13)
    past_side = (record, season, demand, effect, uplift, segment, lead, base, available)
    return Plan(*past_side, score, *laws, member, *made)


def fit(
    baseline: pl.DataFrame,
    segment: pl.DataFrame,
    bucket: pl.DataFrame,
    weeks: int,
    *,
    previous: pl.DataFrame | None = None,
    as_of: date = AS_OF,
    members: tuple[str, ...] = ("ets", "ces", "theta"),
    nights: int = 7,
    restated: tuple[str, ...] = (),
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """plan.member and plan.member_fit; the history of items `restated` is not the one that `previous` was fitted to."""
    from replenish.steps.forecast import fit_members, told_members
    from replenish.tables import plan

    check = segment.select(*KEY).with_columns(
        checked_from=pl.lit(as_of - timedelta(days=365)),
        checksum=pl.lit("as handed in"),
        previous_checksum=pl.when(pl.col("item_id").is_in(restated))
        .then(pl.lit("otherwise"))
        .otherwise(pl.lit("as handed in")),
    )
    stored = core.PreviousMemberFit.create_empty() if previous is None else core.PreviousMemberFit.cast(previous)
    fits = fit_members(
        baseline,
        segment,
        core.HistoryCheck.cast(check),
        stored,
        bucket=bucket,
        as_of=as_of,
        horizon_weeks=weeks,
        members=members,
        rotation_nights=nights,
    )
    return told_members(fits, plan.Member.create_empty())
