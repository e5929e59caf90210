"""Classical answers: safety stock, reorder point, EOQ, order-up-to."""

from __future__ import annotations

from typing import Any

import dataframely as dy
import numpy as np
import polars as pl

from replenish.numerics import loss as law
from replenish.numerics import stationary_policy as policy
from replenish.numerics.lost_sales_target import order_up_to_for_lost_sales
from replenish.steps.echelon import echelon_columns, echelon_levels
from replenish.steps.laws import recalibrated
from replenish.steps.network import (
    Network,
    least_at_arrival,
    network_of,
    passes_on,
    window_sums,
    without_waits,
)
from replenish.steps.panel import Bools, Floats, Ints
from replenish.steps.seeds import node_seeds
from replenish.steps.target_lots import economic_lots
from replenish.steps.target_points import (
    Basis,
    last_level,
    last_window,
    loses_sales,
    points_of,
    ruled_level,
    stationary,
)
from replenish.tables.core import Arc, BomLine, Bucket, MakeRate, Node
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
    make_rate: dy.DataFrame[MakeRate],
    *,
    max_cover_days: float,
    seed: int,
) -> dy.DataFrame[Target]:
    """Give every planned node the numbers people and ERPs think in. Nothing here depends on tonight's stock.

    Nodes upstream see the forecasts of their dependants, summed through moves and bills of material; means and
    variances add. Random lead times are mixed over their law, not added as variances. Nodes that only production asks
    for hold the safety stock that `decouple` placed there; centres hold what METRIC says, and their stores cover the
    wait there. Levels follow the target that the policy names, service or fill (neither: service, and at the end of an
    item a newsvendor's). Nodes that lose their sales get the fill level of a simulation, each node from its own seed
    (ids, run seed, date).
    """
    # How long tonight's order waits for its order day is no matter of policy.
    network = network_of(node, without_waits(arc), lead_time, bom_line, bucket)
    mean, variance, continuous = demand_seen(network, forecast, parameter)
    window = _windows(network, mean, variance, continuous, network.lead)
    mixture = _mixture(network, mean, variance, continuous)
    basis = Basis(network, window, mixture, node_seeds(network.nodes, seed, network.calendar.tonight))
    parts = _levels(basis, mean, calibration)
    parts |= _fill_levels(basis, parts["fill_target"], parts["is_clipped"])
    level, need = ruled_level(network, parts["order_up_to_qty"], parts["fill_order_up_to_qty"]), parts["protection_qty"]
    level = _decoupled(network, last_level(basis, level), need, decoupling)
    parts["own_safety_stock_qty"] = level - need
    parts["order_up_to_qty"] = echelon_levels(network, window, parts["fill_target"], level, need)
    parts["raised_qty"] = parts["order_up_to_qty"] - level
    parts |= economic_lots(network, mean, make_rate, max_cover_days)
    return _table(basis, parts)


def demand_seen(network: Network, forecast: pl.DataFrame, parameter: pl.DataFrame) -> tuple[Floats, Floats, Bools]:
    """Mean of each bucket and variance of the sum of buckets 0..t, own and dependent: nodes x buckets."""
    mean, variance = network.grid(forecast, "forecast_qty", "variance_qty2")
    edges, level = network.edges, network.level
    for rung in range(1, int(level.max(initial=0)) + 1):
        into = np.flatnonzero(level[edges.source] == rung)
        child, source, factor = edges.dependant[into], edges.source[into], edges.factors(mean.shape[1])[into]
        np.add.at(mean, source, factor * mean[child])
        # Variances are of sums: what a line that ends has added stays.
        added = np.diff(variance[child], axis=1, prepend=0.0)
        np.add.at(variance, source, np.cumsum(factor**2 * added, axis=1))
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


def _mixture(network: Network, mean: Floats, variance: Floats, continuous: Bools) -> policy.Mixture:
    """Laws of demand at every lead time there may be, and the chance of each."""
    chance = np.diff(network.lead_law, axis=1, prepend=0.0)
    leads = (np.full(network.count, lead) for lead in range(chance.shape[1]))
    return policy.Mixture(chance, tuple(_windows(network, mean, variance, continuous, lead) for lead in leads))


def _levels(basis: Basis, mean: Floats, calibration: pl.DataFrame) -> dict[str, Any]:
    """Targets as used, order-up-to levels by cycle service over the random lead time, and protection demand."""
    network, mixture = basis.network, basis.mixture
    service, clipped = policy.usable_level(network.column("service_target"), DEFAULT_LEVEL)
    fill, fill_clipped = policy.usable_level(network.column("fill_target"), DEFAULT_LEVEL)
    held = recalibrated(service, network.nodes["category"].to_list(), calibration, "protection")
    laws = ("protection_mean", "protection_variance", "family")
    columns = [np.column_stack([getattr(each, name) for each in mixture.each]) for name in laws]
    order_up_to = policy.order_up_to_for_service_mixture(held, mixture.chance, *columns)
    protection = mixture.protection_mean
    return {
        "service_target": service,
        "fill_target": fill,
        "protection_qty": protection,
        "review_qty": window_sums(mean, network.lead, network.review),
        "order_up_to_qty": np.where(protection > 0, order_up_to, 0.0),
        "is_clipped": clipped | fill_clipped,
    }


def _decoupled(network: Network, level: Floats, protection: Floats, decoupling: pl.DataFrame) -> Floats:
    """Order-up-to levels, at stages of production with the safety stock placed there on top of mean demand.

    What is used up keeps none.
    """
    placed = network.matched(decoupling, "safety_stock_qty")["safety_stock_qty"].cast(pl.Float64).to_numpy()
    placed = np.where(passes_on(network), 0.0, placed)
    found: Floats = np.where(np.isnan(placed) | (protection <= 0), level, protection + placed)
    return found


def _fill_levels(basis: Basis, fill: Floats, clipped: Bools) -> dict[str, Any]:
    """Fill levels and clips: over the random lead time where the policy names a fill target, else at its mean.

    Nodes that lose their sales are simulated at their mean demand over the protection.
    """
    level, clipped = policy.order_up_to_for_fill(fill, basis.window), clipped.copy()
    named = (basis.network.nodes["target_kind"] != "service").to_numpy()
    level[named] = policy.order_up_to_for_fill(fill[named], basis.mixture.at(named))
    for is_named in (False, True):
        rows = np.flatnonzero(loses_sales(basis.network) & (named == is_named))
        law = basis.mixture.at(rows) if is_named else basis.window.at(rows)
        # One sampled year may fall short by bad luck: it is a clip where the formula, which promises less, does too.
        unreachable = policy.periodic_review_fill(level[rows], law) < fill[rows] - _ROUNDING
        nodes = stationary(basis, np.zeros(len(rows)), rows, is_random=is_named)
        level[rows], reached = order_up_to_for_lost_sales(fill[rows], level[rows], nodes)
        clipped[rows] |= unreachable & ~reached
    # Where nothing is sold after the arrival any level fills it all, and the search ends below 0.
    return {"fill_order_up_to_qty": np.maximum(level, 0.0), "is_clipped": clipped}


def _table(basis: Basis, parts: dict[str, Any]) -> dy.DataFrame[Target]:
    """Lots, floors and caps on top of the levels, as plan.target."""
    network, window = basis.network, basis.window
    wanted, protection = parts["protection_qty"] > 0, np.asarray(parts["protection_qty"], dtype=np.float64)
    review_qty = parts.pop("review_qty")
    shown = least_at_arrival(network, review_qty)
    floor = policy.shelf_floor(shown, np.maximum(network.column("multiple_qty"), 0.0), wanted)
    level = np.asarray(parts["order_up_to_qty"], dtype=np.float64)
    about = (parts["fill_target"], parts.pop("lot_qty"), review_qty, parts.pop("raised_qty"))
    points = points_of(basis, level, *about)
    ceiling = np.where(np.isnan(network.column("max_stock_qty")), np.inf, network.column("max_stock_qty"))
    order_up_to = np.minimum(np.maximum(points.order_up_to, floor), np.maximum(ceiling, floor))
    reorder_point = np.minimum(points.reorder_point, order_up_to)
    least, most = _min_max(network, reorder_point, order_up_to, shown, floor)
    columns = parts | echelon_columns(network, window, order_up_to, protection)
    columns |= {
        "protection_buckets": (network.lead + network.review).astype(np.int32),
        "safety_stock_qty": level - protection,
        "reorder_point_qty": reorder_point,
        "order_up_to_qty": order_up_to,
        "shelf_floor_qty": floor,
        "floor_cost_value": _floor_cost(network, floor - points.order_up_to),
        "is_last_window": last_window(network),
        "min_qty": least,
        "max_qty": most,
        "is_capped": np.asarray(parts["is_capped"], dtype=bool) | (ceiling < np.maximum(level, floor)),
    }
    frame = network.nodes.select("item_id", "location_id", "target_kind").with_columns(
        **{k: pl.Series(v) for k, v in columns.items()}
    )
    return Target.cast(frame.select(Target.column_names()).sort("item_id", "location_id"))


def _floor_cost(network: Network, raised: Floats) -> pl.Series:
    """A year's holding of what the shelf floor adds to the level; empty where money is unknown."""
    cost = 365.0 * network.column("holding_cost_per_day", 0.0) * np.maximum(raised, 0.0)
    return pl.Series(np.where(network.nodes["has_money"].to_numpy(), cost, np.nan)).fill_nan(None)


def _min_max(
    network: Network, reorder_point: Floats, order_up_to: Floats, shown: Floats, floor: Floats
) -> tuple[Floats, Floats]:
    """Minimum and maximum for an ERP; those of the policy where its rule is `min_max` and it gives a largest stock."""
    least, most = policy.min_max_from_policy(reorder_point, order_up_to, shown, floor)
    stated, largest = network.column("min_stock_qty", 0.0), network.column("max_stock_qty")
    given = (network.nodes["method"] == "min_max").to_numpy() & (largest >= stated)
    return np.where(given, stated, least), np.where(given, largest, most)
