"""Classical answers: safety stock, reorder point, EOQ, order-up-to."""

from __future__ import annotations

from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics import loss as law
from replenish.numerics import stationary_policy as policy
from replenish.numerics.economic_order import clamped_economic_order
from replenish.numerics.lost_sales_target import Stationary, order_up_to_for_lost_sales
from replenish.steps.echelon import echelon_columns, echelon_levels
from replenish.steps.laws import recalibrated
from replenish.steps.network import Network, least_at_arrival, network_of, window_sums
from replenish.steps.panel import Bools, Floats, Ints
from replenish.steps.seeds import node_seeds
from replenish.tables.core import Arc, BomLine, Bucket, Node
from replenish.tables.plan import Calibration, Decoupling, Forecast, LeadTime, Parameter, Segment, Target

DEFAULT_LEVEL = 0.95
_ROUNDING = 1e-6


def target(
    forecast: dy.DataFrame[Forecast],
    parameter: dy.DataFrame[Parameter],
    lead_time: dy.DataFrame[LeadTime],
    segment: dy.DataFrame[Segment],
    calibration: dy.DataFrame[Calibration],
    node: dy.DataFrame[Node],
    arc: dy.DataFrame[Arc],
    bom_line: dy.DataFrame[BomLine],
    bucket: dy.DataFrame[Bucket],
    decoupling: dy.DataFrame[Decoupling],
    *,
    max_cover_days: float,
    seed: int,
) -> dy.DataFrame[Target]:
    """Give every planned node the numbers people and ERPs think in. Nothing here depends on tonight's stock.

    Nodes upstream see the forecasts of their dependants, summed through moves and bills of material; means and
    variances add. Centres hold what METRIC says, and their stores cover the wait there.
    Random lead times are mixed over their law, not added as variances. Nodes that only production asks
    for hold the safety stock that `decouple` placed there. Nodes that lose their sales get the fill level of a
    simulation, each node from its own seed (ids, run seed, date).
    """
    # How long tonight's order waits for its order day is no matter of policy.
    network = network_of(node, arc.with_columns(wait_days=pl.lit(0.0)), lead_time, bom_line, bucket)
    mean, variance, continuous = demand_seen(network, forecast, parameter)
    parts = _levels(network, mean, variance, continuous, calibration)
    parts["order_up_to_qty"] = _decoupled(network, parts, decoupling)
    fill, level, need = (parts[name] for name in ("fill_target", "order_up_to_qty", "protection_qty"))
    parts["own_safety_stock_qty"] = level - need
    parts["order_up_to_qty"] = echelon_levels(network, parts["window"], fill, level, need)
    parts |= _lost_sales(network, parts, node_seeds(network.nodes, seed, network.calendar.tonight))
    parts |= _lots(network, mean, max_cover_days)
    return _table(network, parts, _windows(network, mean, variance, continuous, network.lead))


def demand_seen(network: Network, forecast: pl.DataFrame, parameter: pl.DataFrame) -> tuple[Floats, Floats, Bools]:
    """Mean of each bucket and variance of the sum of buckets 0..t, own and dependent: nodes x buckets."""
    mean, variance = network.grid(forecast, "forecast_qty", "variance_qty2")
    edges, level = network.edges, network.level
    for rung in range(1, int(level.max(initial=0)) + 1):
        into = level[edges.source] == rung
        child, source, factor = edges.dependant[into], edges.source[into], edges.factor[into, None]
        np.add.at(mean, source, factor * mean[child])
        np.add.at(variance, source, factor**2 * variance[child])
    gamma = (network.matched(parameter, "family")["family"] == "gamma").fill_null(value=False).to_numpy()
    return mean, variance, gamma | network.nodes["is_continuous"].to_numpy()


def variance_over(variance: Floats, mean: Floats, length: Ints) -> Floats:
    """Variance of the sum of the first `length` buckets; beyond the horizon it grows in proportion to the mean."""
    rows, last = np.arange(len(mean)), variance.shape[1] - 1
    known = variance[rows, np.clip(length - 1, 0, last)]
    whole = mean.sum(axis=1)
    reach = window_sums(mean, np.zeros_like(length), length)
    stretch = np.where(length - 1 > last, reach / np.where(whole > 0, whole, 1.0), 1.0)
    return np.where(length > 0, known * stretch, 0.0)


def _windows(network: Network, mean: Floats, variance: Floats, continuous: Bools, lead: Ints) -> policy.Windows:
    """Laws of demand over `lead` buckets and over lead plus review."""
    start, protection = np.zeros_like(lead), lead + network.review
    protection_mean = window_sums(mean, start, protection)
    protection_variance = variance_over(variance, mean, protection)
    family = law.choose_family(protection_mean, protection_variance, continuous)
    lead_mean, lead_variance = window_sums(mean, start, lead), variance_over(variance, mean, lead)
    return policy.windows(lead_mean, lead_variance, protection_mean, protection_variance, family)


def _service_level(
    network: Network, mean: Floats, variance: Floats, continuous: Bools, level: Floats
) -> tuple[Floats, Floats]:
    """Order-up-to level for a cycle service over the random lead time, and the mean demand it is measured against."""
    chance = np.diff(network.lead_law, axis=1, prepend=0.0)
    laws = [
        _windows(network, mean, variance, continuous, np.full(network.count, lead)) for lead in range(chance.shape[1])
    ]
    means = np.column_stack([each.protection_mean for each in laws])
    variances = np.column_stack([each.protection_variance for each in laws])
    families = np.column_stack([each.family for each in laws])
    found = policy.order_up_to_for_service_mixture(level, chance, means, variances, families)
    return found, (chance * means).sum(axis=1)


def _levels(
    network: Network, mean: Floats, variance: Floats, continuous: Bools, calibration: pl.DataFrame
) -> dict[str, Any]:
    """Targets as used, order-up-to levels, safety stock and protection demand."""
    service, clipped = policy.usable_level(network.column("service_target"), DEFAULT_LEVEL)
    fill, fill_clipped = policy.usable_level(network.column("fill_target"), DEFAULT_LEVEL)
    held = recalibrated(service, network.nodes["category"].to_list(), calibration, "protection")
    order_up_to, protection = _service_level(network, mean, variance, continuous, held)
    window = _windows(network, mean, variance, continuous, network.lead)
    return {
        "service_target": service,
        "fill_target": fill,
        "protection_qty": protection,
        "review_qty": window_sums(mean, network.lead, network.review),
        "order_up_to_qty": np.where(protection > 0, order_up_to, 0.0),
        "fill_order_up_to_qty": policy.order_up_to_for_fill(fill, window),
        "is_clipped": clipped | fill_clipped,
        "window": window,
    }


def _decoupled(network: Network, parts: dict[str, Any], decoupling: pl.DataFrame) -> Floats:
    """Order-up-to levels, at stages of production with the safety stock placed there on top of mean demand."""
    placed = network.matched(decoupling, "safety_stock_qty")["safety_stock_qty"].cast(pl.Float64).to_numpy()
    level, protection = parts["order_up_to_qty"], parts["protection_qty"]
    found: Floats = np.where(np.isnan(placed) | (protection <= 0), level, protection + placed)
    return found


def _lost_sales(network: Network, parts: dict[str, Any], seeds: Ints) -> dict[str, Any]:
    """Fill levels and clips where the nodes that lose their sales are simulated at their mean over the protection."""
    window, level, clipped = parts.pop("window"), parts["fill_order_up_to_qty"].copy(), parts["is_clipped"].copy()
    rows = np.flatnonzero((network.nodes["shortage_rule"] == "lost_sales").to_numpy())
    length = np.maximum(network.lead + network.review, 1)
    mean, variance = window.protection_mean / length, window.protection_variance / length
    lead, review = np.maximum(network.lead, 0), np.maximum(network.review, 1)
    nodes = Stationary(mean, variance, window.family, lead, review, seeds).at(rows)
    wanted = parts["fill_target"][rows]
    # One sampled year may fall short by bad luck: it is a clip where the formula, which promises less, does too.
    unreachable = policy.periodic_review_fill(level[rows], window.at(rows)) < wanted - _ROUNDING
    level[rows], reached = order_up_to_for_lost_sales(wanted, level[rows], nodes)
    clipped[rows] |= unreachable & ~reached
    return {"fill_order_up_to_qty": level, "is_clipped": clipped}


def _lots(network: Network, mean: Floats, max_cover_days: float) -> dict[str, Any]:
    """Economic order quantity with its clamps, per day of mean demand."""
    days = sum(
        (end - start).days + 1 for start, end in zip(network.calendar.starts, network.calendar.ends, strict=True)
    )
    qty, capped = clamped_economic_order(
        network.column("order_cost"),
        network.column("holding_cost_per_day"),
        mean.sum(axis=1) / days,
        network.column("review_days"),
        max_cover_days,
        network.column("shelf_life_days"),
    )
    return {"economic_order_qty": qty, "is_capped": capped}


def _table(network: Network, parts: dict[str, Any], window: policy.Windows) -> dy.DataFrame[Target]:
    """Lots, floors and caps on top of the levels, as plan.target."""
    wanted, protection = parts["protection_qty"] > 0, np.asarray(parts["protection_qty"], dtype=np.float64)
    pack = np.maximum(network.column("multiple_qty"), 0.0)
    review_qty = parts.pop("review_qty")
    shown = least_at_arrival(network, review_qty)
    floor = policy.shelf_floor(shown, pack, wanted)
    level = np.asarray(parts["order_up_to_qty"], dtype=np.float64)
    # A lot above one review of demand lifts stock beyond the quantile: that quantile is then the reorder point.
    lot = np.maximum(pack, np.asarray(parts["economic_order_qty"], dtype=np.float64))
    lots = wanted & (lot > review_qty * (1.0 + 1e-9))
    reorder_point = np.where(lots, level, np.maximum(level - np.maximum(review_qty, pack), 0.0))
    ceiling = np.where(np.isnan(network.column("max_stock_qty")), np.inf, network.column("max_stock_qty"))
    order_up_to = np.minimum(np.maximum(np.where(lots, level + lot, level), floor), np.maximum(ceiling, floor))
    least, most = policy.min_max_from_policy(np.minimum(reorder_point, order_up_to), order_up_to, shown, floor)
    columns = (
        parts
        | echelon_columns(network, window, order_up_to, protection)
        | {
            "protection_buckets": (network.lead + network.review).astype(np.int32),
            "safety_stock_qty": level - protection,
            "reorder_point_qty": np.minimum(reorder_point, order_up_to),
            "order_up_to_qty": order_up_to,
            "shelf_floor_qty": floor,
            "min_qty": least,
            "max_qty": most,
            "is_capped": np.asarray(parts["is_capped"], dtype=bool) | (ceiling < np.maximum(level, floor)),
        }
    )
    frame = network.nodes.select("item_id", "location_id").with_columns(**{k: pl.Series(v) for k, v in columns.items()})
    return Target.cast(frame.select(Target.column_names()).sort("item_id", "location_id"))
