"""What would more stock serve, and less? The whole company at one dial, from little stock to much."""

from __future__ import annotations

from collections.abc import Iterator

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics import loss as law
from replenish.numerics.exchange_curve import fill_and_stock, level_by_cost, level_by_service
from replenish.numerics.stationary_policy import Windows, windows
from replenish.steps.network import Network, network_of, window_sums, without_waits
from replenish.steps.panel import Floats
from replenish.steps.target import demand_seen, variance_over
from replenish.tables.core import Arc, BomLine, Bucket, Node
from replenish.tables.plan import ExchangeCurve, Forecast, LeadTime, Parameter, Target

SERVICES = (0.4, 0.55, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995)
WEIGHTS = (0.001, 0.003, 0.008, 0.02, 0.06, 0.2, 1.0, 4.0)  # times what a missed unit costs; 1: as it does


def exchange(
    forecast: dy.DataFrame[Forecast],
    parameter: dy.DataFrame[Parameter],
    lead_time: dy.DataFrame[LeadTime],
    target: dy.DataFrame[Target],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bom_line: dy.DataFrame[BomLine],
    bucket: dy.DataFrame[Bucket],
) -> dy.DataFrame[ExchangeCurve]:
    """Stock value and fill of all planned nodes with money, at one service level for all, and at their own costs.

    `targets` is where tonight's levels lie. Demand is that of the coming protection time, dependants included; random
    lead times add their variance; packs and shelf floors hold. Fill counts units of nodes with demand of their own.
    """
    network = network_of(node, without_waits(arc), lead_time, bom_line, bucket)
    mean, variance, continuous = demand_seen(network, forecast, parameter)
    window = _windows(network, mean, variance, continuous)
    own = network.grid(forecast, "forecast_qty")[0].mean(axis=1)
    rows = [row for dial in _levels(network, window, target) if (row := _point(network, window, own, target, *dial))]
    return ExchangeCurve.cast(pl.DataFrame(rows, schema=ExchangeCurve.create_empty().schema))


def _windows(network: Network, mean: Floats, variance: Floats, continuous: np.ndarray) -> Windows:
    """Demand over lead time and protection time, with the spread of the lead time in it."""
    lead, protection = network.lead, network.lead + network.review
    start, days = np.zeros_like(lead), network.calendar.bucket_days
    protection_mean = window_sums(mean, start, protection)
    rate = protection_mean / np.maximum(protection, 1)
    late = (rate * network.column("lead_time_sd_days", 0.0) / days) ** 2
    protection_variance = variance_over(variance, mean, protection) + late
    family = law.choose_family(protection_mean, protection_variance, continuous)
    lead_variance = variance_over(variance, mean, lead) + np.where(lead > 0, late, 0.0)
    return windows(window_sums(mean, start, lead), lead_variance, protection_mean, protection_variance, family)


def _levels(network: Network, window: Windows, target: pl.DataFrame) -> Iterator[tuple[str, int, float, Floats]]:
    """Rule, number and size of each dial, and the order-up-to levels it asks for."""
    for index, service in enumerate(SERVICES):
        yield "one_level", index, service, level_by_service(service, window)
    holding = network.column("holding_cost_per_day", 0.0) * network.review * network.calendar.bucket_days
    for index, weight in enumerate(WEIGHTS):
        yield "by_cost", index, weight, level_by_cost(weight, network.column("shortage_cost", 0.0), holding, window)
    said = network.matched(target, "safety_stock_qty", "protection_qty", "order_up_to_qty")
    safety, need, most = (said[name].cast(pl.Float64).fill_null(0.0).to_numpy() for name in said.columns[2:])
    yield "targets", 0, 1.0, np.minimum(safety + need, most)


def _point(
    network: Network,
    window: Windows,
    own: Floats,
    target: pl.DataFrame,
    rule: str,
    index: int,
    dial: float,
    level: Floats,
) -> dict[str, object] | None:
    """Where the company stands with these levels; None without money or demand of its own."""
    floor = network.matched(target, "shelf_floor_qty")["shelf_floor_qty"].cast(pl.Float64).fill_null(0.0).to_numpy()
    fill, stock = fill_and_stock(np.maximum(level, floor), window, np.maximum(network.column("multiple_qty", 0.0), 0.0))
    counts = network.nodes["has_money"].to_numpy() & (window.protection_mean > 0)
    wanted = float(own[counts].sum())
    if wanted <= 0:
        return None
    return {
        "rule": rule,
        "dial_index": index,
        "dial_rate": dial,
        "stock_value": float((stock * network.column("unit_cost", 0.0))[counts].sum()),
        "fill_rate": min(1.0, float((fill * own)[counts].sum()) / wanted),
        "node_count": int(counts.sum()),
    }
