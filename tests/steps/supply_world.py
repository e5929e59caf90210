"""Frames of the decision side: forecasts with a known law, targets, open orders, and the steps over them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import dataframely as dy
import polars as pl

from replenish.steps.allocate import allocate
from replenish.steps.decouple import decouple
from replenish.steps.order import order
from replenish.steps.project import project
from replenish.steps.rebalance import rebalance
from replenish.steps.target import target
from replenish.tables import core, plan
from tests.steps import demand_world as world

AS_OF = world.AS_OF
TONIGHT = AS_OF + timedelta(days=1)
KEY = world.KEY


@dataclass(frozen=True)
class Company:
    """Nodes with their arcs, forecasts, stock and open orders."""

    node: pl.DataFrame
    arc: pl.DataFrame
    forecast: pl.DataFrame
    parameter: pl.DataFrame
    lead_time: pl.DataFrame
    record: pl.DataFrame
    bucket: pl.DataFrame
    bom_line: pl.DataFrame = field(default_factory=core.BomLine.create_empty)
    open_supply: pl.DataFrame = field(default_factory=core.OpenSupply.create_empty)
    open_demand: pl.DataFrame = field(default_factory=core.OpenDemand.create_empty)
    make_rate: pl.DataFrame = field(default_factory=core.MakeRate.create_empty)
    lot: pl.DataFrame = field(default_factory=core.Lot.create_empty)
    calibration: pl.DataFrame = field(default_factory=plan.Calibration.create_empty)
    graph_issue: pl.DataFrame = field(default_factory=core.GraphIssue.create_empty)
    moves: pl.DataFrame = field(default_factory=plan.Rebalance.create_empty)
    supplier: pl.DataFrame = field(default_factory=core.Supplier.create_empty)
    firm_need: pl.DataFrame = field(default_factory=core.FirmNeed.create_empty)

    def with_(self, **frames: pl.DataFrame) -> Company:
        """The same company with other tables."""
        return replace(self, **frames)

    def decouple(self) -> pl.DataFrame:
        """Safety stock placed at stages of production."""
        frames = (self.node, self.arc, self.bom_line, self.bucket)
        return decouple(self.forecast, self.parameter, self.lead_time, *frames)

    def target(self) -> pl.DataFrame:
        """Classical targets."""
        return target(
            self.forecast,
            self.parameter,
            self.lead_time,
            plan.Segment.create_empty(),
            self.calibration,
            self.node,
            self.arc,
            self.bom_line,
            self.bucket,
            self.decouple(),
            self.make_rate,
            max_cover_days=90.0,
            seed=1,
        )

    def decided(self, **changes: Any) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Curve, wish, requirement and planned production."""
        settings = {"path_count": 200, "windows": 2, "decision_dispersion": 0.7, "max_cover_days": 90.0, "seed": 1}
        frames = (self.open_supply, self.open_demand, self.lot, self.node, self.arc, self.bom_line, self.bucket)
        plans = (self.forecast, self.parameter, self.lead_time, self.target(), self.moves, self.record)
        facts = (self.supplier, self.make_rate)
        return order(*plans, *frames, *facts, firm_need=self.firm_need, **(settings | changes))

    def order(self, **changes: Any) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Curve, wish and requirement."""
        return self.decided(**changes)[:3]

    def planned_make(self, **changes: Any) -> pl.DataFrame:
        """Production planned, bucket by bucket."""
        return self.decided(**changes)[3]

    def wish(self, **changes: Any) -> pl.DataFrame:
        """What each node would order."""
        return self.order(**changes)[1]

    def allocate(
        self, curve: pl.DataFrame, wish: pl.DataFrame, requirement: pl.DataFrame, shortage: str = "value"
    ) -> pl.DataFrame:
        """Orders after sharing."""
        frames = (self.moves, self.record, self.open_supply, self.open_demand, self.node, self.arc, self.bucket)
        return allocate(curve, wish, requirement, *frames, as_of=AS_OF, shortage=shortage, firm_need=self.firm_need)

    def rebalance(self, min_value: float = 0.0) -> pl.DataFrame:
        """Lateral moves."""
        plans = (self.forecast, self.parameter, self.lead_time, self.target(), self.record)
        facts = (
            self.open_supply,
            self.open_demand,
            self.lot,
            self.node,
            self.arc,
            self.bom_line,
            self.bucket,
            self.graph_issue,
        )
        return rebalance(*plans, *facts, as_of=AS_OF, min_value=min_value, firm_need=self.firm_need)

    def project(self) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """Orders, projection and pegs."""
        curve, wish, requirement = self.order()
        orders = self.allocate(curve, wish, requirement)
        return orders, *self.projected(orders, wish, requirement)

    def projected(
        self, orders: pl.DataFrame, wish: pl.DataFrame, requirement: pl.DataFrame
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Projection and pegs of some orders."""
        plans = (orders, wish, requirement, self.forecast, self.parameter, self.lead_time, self.target())
        facts = (
            self.moves,
            self.record,
            self.open_supply,
            self.open_demand,
            self.lot,
            self.node,
            self.arc,
            self.bom_line,
            self.bucket,
            self.make_rate,
        )
        return project(*plans, *facts, path_count=100, seed=1, max_cover_days=90.0, firm_need=self.firm_need)


def company(
    node: pl.DataFrame,
    arc: pl.DataFrame,
    *,
    mean: Any = 10.0,
    on_hand: Any = 0.0,
    phi: float = 1.2,
    kappa: float = 0.05,
    rho: float = 0.5,
    horizon_weeks: int = 12,
    lead_time_pmf: list[float] | None = None,
    ghost: Any = 0.0,
    days: int = 7,
) -> Company:
    """Constant demand of the given mean a bucket at every node with demand; weekly buckets, or daily (days=1)."""
    bucket = world.buckets(4, horizon_weeks, days)
    count = node.height
    means = pl.Series([float(mean)] * count if isinstance(mean, (int, float)) else mean, dtype=pl.Float64)
    stock = pl.Series([float(on_hand)] * count if isinstance(on_hand, (int, float)) else on_hand, dtype=pl.Float64)
    doubt = pl.Series([float(ghost)] * count if isinstance(ghost, (int, float)) else ghost, dtype=pl.Float64)
    selling = node.with_columns(mean=means).filter("has_demand")
    ahead = bucket.filter(pl.col("bucket_index") >= 0).select("bucket_index", "bucket_start")
    length = pl.col("bucket_index") + 1
    forecast = (
        selling.select(*KEY, "mean")
        .join(ahead, how="cross", maintain_order="left_right")
        .with_columns(
            forecast_qty="mean",
            baseline_qty="mean",
            event_qty=pl.lit(0.0),
            index_rate=pl.lit(1.0),
            uplift_rate=pl.lit(1.0),
            variance_qty2=length * (phi * pl.col("mean") + kappa * pl.col("mean") ** 2),
        )
    )
    parameter = selling.select(KEY).with_columns(
        method=pl.lit("seasonal_sma"),
        members=pl.lit("seasonal_sma"),
        reason=pl.lit(None, dtype=pl.String),
        family=pl.lit("negative_binomial"),
        weekly_level_qty=pl.lit(1.0),
        phi=pl.lit(phi),
        kappa=pl.lit(kappa),
        rho=pl.lit(rho),
        history_buckets=pl.lit(100),
        window_count=pl.lit(2),
        is_clipped=pl.lit(False),
        is_identified=pl.lit(True),
    )
    record = node.select(KEY).with_columns(
        recorded_on_hand_qty=stock,
        on_hand_qty=stock,
        record_adjustment_qty=pl.lit(0.0),
        silent_from_index=pl.lit(None, dtype=pl.Int32),
        silent_buckets=pl.lit(0),
        silence_probability=pl.lit(1.0),
        largest_sales_qty=pl.lit(0.0),
        ghost_probability=doubt,
        is_ghost=doubt > 0.5,
        last_count_date=pl.lit(None, dtype=pl.Date),
        moved_qty=pl.lit(0.0),
        error_sd_qty=pl.lit(0.0),
        shrinkage_rate=pl.lit(0.0),
        is_negative=pl.lit(False),
    )
    return Company(
        node,
        arc,
        plan.Forecast.cast(forecast.select(plan.Forecast.column_names()).sort(*KEY, "bucket_index")),
        plan.Parameter.cast(parameter.select(plan.Parameter.column_names()).sort(KEY)),
        lead_times(arc, lead_time_pmf),
        plan.Record.cast(record.select(plan.Record.column_names()).sort(KEY)),
        bucket,
    )


def lead_times(arc: pl.DataFrame, pmf: list[float] | None = None) -> pl.DataFrame:
    """plan.lead_time: the master value for certain, or the same law for all."""
    used = arc.filter(pl.col("arc_rank") == 1).sort(KEY)
    expected = pl.col("lead_time_days") if pmf is None else pl.lit(float(sum(d * p for d, p in enumerate(pmf))))
    frame = used.select(*KEY, "source_id", "kind", expected.alias("lead_time_days")).with_columns(
        lead_time_sd_days=pl.lit(0.0),
        lead_time_pmf=pl.lit(pmf, dtype=pl.List(pl.Float64)),
        observation_count=pl.lit(0),
        never_share=pl.lit(0.0),
        delivered_share=pl.lit(1.0),
        lateness_from_days=pl.lit(None, dtype=pl.Int32),
        lateness_pmf=pl.lit(None, dtype=pl.List(pl.Float64)),
        is_crossing=pl.lit(False),
        source=pl.lit("sourcing"),
        is_default=pl.lit(False),
    )
    return plan.LeadTime.cast(frame.select(plan.LeadTime.column_names()))


def shop(
    items: int = 1, *, arc: dict[str, Any] | None = None, node: dict[str, Any] | None = None, **law: Any
) -> Company:
    """Items of one store, bought from a supplier, one week of lead time."""
    nodes = world.nodes([f"i{k:02d}" for k in range(items)], ["store"], **(node or {}))
    arcs = world.arcs(nodes, **({"lead_time_days": 7.0} | (arc or {})))
    return company(nodes, arcs, **law)


def centre_and_stores(stores: int = 2, *, centre_stock: float = 0.0, store_stock: Any = 0.0, **law: Any) -> Company:
    """One item at a centre (bought) and at stores (moved from it within the week)."""
    nodes = world.nodes(
        ["item"],
        ["centre", *(f"store{k}" for k in range(stores))],
        level=[1, *[0] * stores],
        has_demand=[False, *[True] * stores],
        location_kind=["warehouse", *["store"] * stores],
        shortage_rule=["backorder", *["lost_sales"] * stores],
    )
    arcs = world.arcs(
        nodes,
        kind=["buy", *["move"] * stores],
        source_id=["supplier", *["centre"] * stores],
        lead_time_days=[14.0, *[7.0] * stores],
    )
    each = [float(store_stock)] * stores if isinstance(store_stock, (int, float)) else store_stock
    return company(nodes, arcs, on_hand=[centre_stock, *each], **law)


def plant(*, stock: tuple[float, float] = (0.0, 0.0), qty_per: float = 3.0, **law: Any) -> Company:
    """A product made from a component that is bought, both at one plant."""
    nodes = world.nodes(
        ["part", "product"],
        ["plant"],
        level=[1, 0],
        has_demand=[False, True],
        is_component=[True, False],
        location_kind="plant",
        shortage_rule="backorder",
    )
    arcs = world.arcs(nodes, kind=["buy", "make"], source_id=["supplier", "plant"], lead_time_days=[14.0, 7.0])
    return company(nodes, arcs, on_hand=list(stock), **law).with_(bom_line=bill(("product", "part", qty_per)))


def bill(*lines: tuple[Any, ...]) -> dy.DataFrame[core.BomLine]:
    """core.bom_line at `plant` from (parent, component, units) rows, with first and last day where they change."""
    rows = [(parent, part, "plant", *(days or (TONIGHT, None)), float(qty)) for parent, part, qty, *days in lines]
    return core.BomLine.cast(pl.DataFrame(rows, schema=core.BomLine.column_names(), orient="row"))


def supply(rows: list[tuple[str, str, str, float, date]], **columns: Any) -> pl.DataFrame:
    """core.open_supply from (order, item, location, units, due date) rows."""
    frame = pl.DataFrame(rows, schema=["order_id", "item_id", "location_id", "open_qty", "due_date"], orient="row")
    defaults = {
        "line_id": pl.lit("1"),
        "kind": pl.lit("purchase"),
        "source_id": pl.lit("supplier"),
        "order_date": pl.lit(AS_OF - timedelta(days=7)),
        "status": pl.lit("released"),
        "is_past_due": pl.col("due_date") <= AS_OF,
        "is_lost": pl.lit(False),
    }
    frame = frame.with_columns(**{name: columns.get(name, value) for name, value in defaults.items()})
    return core.OpenSupply.cast(frame.select(core.OpenSupply.column_names()).sort("order_id", "line_id"))


def sales_orders(rows: list[tuple[str, str, str, float, date]]) -> pl.DataFrame:
    """core.open_demand from (order, item, location, units, due date) rows."""
    frame = pl.DataFrame(rows, schema=["order_id", "item_id", "location_id", "open_qty", "due_date"], orient="row")
    frame = frame.with_columns(line_id=pl.lit("1"))
    return core.OpenDemand.cast(frame.select(core.OpenDemand.column_names()).sort("order_id", "line_id"))
