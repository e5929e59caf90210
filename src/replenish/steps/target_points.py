"""Lots, reorder points and order-up-to levels of the classical answers, by cycle service, by fill rate, or by both."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from replenish.numerics import stationary_policy as policy
from replenish.numerics.lost_sales_target import Stationary, order_up_to_for_lost_sales
from replenish.numerics.newsvendor import newsvendor
from replenish.steps.facts import end_buckets
from replenish.steps.network import Network
from replenish.steps.panel import Bools, Floats, Ints


class Basis(NamedTuple):
    """The planned nodes, their demand over lead and protection time, and a seed each."""

    network: Network
    window: policy.Windows  # at the mean lead time
    mixture: policy.Mixture  # at every lead time there may be
    seeds: Ints


class Points(NamedTuple):
    """Of each planned node: units a lot has, reorder point, order-up-to level."""

    lot: Floats
    reorder_point: Floats
    order_up_to: Floats


def ruled_level(network: Network, service_level: Floats, fill_level: Floats) -> Floats:
    """Order-up-to level of the target that the policy names; where it names both, of the more demanding one."""
    kind = network.nodes["target_kind"].to_numpy()
    both = np.maximum(service_level, fill_level)
    found: Floats = np.where(kind == "fill", fill_level, np.where(kind == "both", both, service_level))
    return found


def last_window(network: Network) -> Bools:
    """Nodes without a target of their own whose item ends before another order could arrive."""
    ends = end_buckets(network) <= network.lead + network.review
    found: Bools = ends & (network.nodes["target_source"] == "default").to_numpy()
    return found


def last_level(basis: Basis, level: Floats) -> Floats:
    """Levels, for the last order of an item those of a newsvendor: a unit left over against a unit short.

    Left over, a unit loses its cost less what it still brings; an order that arrives after the end serves nobody.
    """
    network, rows = basis.network, np.flatnonzero(last_window(basis.network))
    law, late = basis.window.at(rows), (end_buckets(network) <= network.lead)[rows]
    brings = network.column("salvage_value", 0.0) - network.column("disposal_cost", 0.0)
    over = (network.column("unit_cost") - brings)[rows]
    under = np.maximum(network.column("shortage_cost")[rows], 0.0)
    # No finite stock is never short: units that lose nothing are bought up to the highest level that is planned for.
    over = np.maximum(over, under * (1.0 / policy.HIGHEST_LEVEL - 1.0))
    best = newsvendor(over, under, law.protection_mean, law.protection_variance, law.family).order_up_to
    best = np.where((under > 0) & ~late, np.maximum(best, 0.0), 0.0)
    found = level.copy()
    found[rows] = np.where(np.isfinite(best), best, level[rows])
    return found


def points_of(
    basis: Basis, level: Floats, fill: Floats, economic: Floats, review_qty: Floats, raised: Floats
) -> Points:
    """Reorder points and order-up-to levels where orders come in lots, or the rule is a reorder point.

    A lot (a pack, or an `economic` lot in whole packs) above one review of demand lifts stock beyond the level, which
    is then the reorder point: by cycle service the level itself, by fill rate the least point of (R, s, nQ) that meets
    it. `order_up_to` knows no lots, nor does the last order of an item. Elsewhere one orders up to the level, and the
    point is a review of demand below it. What stock at a centre `raised` (or cut) the level, it does to the point.
    """
    network = basis.network
    pack = np.maximum(network.column("multiple_qty"), 0.0)
    plain = np.maximum(pack, economic)
    lot = np.where(pack > 0, np.ceil(plain / np.where(pack > 0, pack, 1.0) - 1e-9) * pack, plain)
    rule = network.nodes["method"].to_numpy()
    wanted = basis.window.protection_mean > 0
    lots = wanted & (plain > review_qty * (1.0 + 1e-9)) & (rule != "order_up_to") & ~last_window(network)
    by_point = lots | (wanted & (rule == "reorder_point"))
    size = np.where(lots, lot, pack)
    below = np.where(by_point, size, np.maximum(review_qty, pack))
    point = np.where(lots, level, np.maximum(level - below, 0.0))
    kind = network.nodes["target_kind"].to_numpy()
    by_fill = np.flatnonzero(by_point & (kind != "service"))
    served = np.maximum(fill_points(basis, fill, size, by_fill) + raised[by_fill], 0.0)
    point[by_fill] = np.where(kind[by_fill] == "both", np.maximum(point[by_fill], served), served)
    return Points(size, point, np.where(by_point, point + size, level))


def fill_points(basis: Basis, fill: Floats, lot: Floats, rows: Ints) -> Floats:
    """Least reorder point of (R, s, nQ) that serves the share `fill` at these nodes: simulated where sales are lost."""
    here, wanted = basis.mixture.at(rows), fill[rows]
    smooth = policy.is_smooth(here)
    size = np.where(smooth, lot[rows], np.maximum(lot[rows], 1.0))
    found = np.maximum(policy.reorder_point_for_fill(wanted, size, here), 0.0)
    lost = np.flatnonzero(loses_sales(basis.network)[rows])
    # The level that a position at the reorder point is lifted to at least: the next unit.
    step = np.where(smooth, 0.0, 1.0)[lost]
    nodes = stationary(basis, size, rows, is_random=True).at(lost)
    level, _ = order_up_to_for_lost_sales(wanted[lost], found[lost] + step, nodes)
    found[lost] = np.maximum(level - step, 0.0)
    return found


def loses_sales(network: Network) -> Bools:
    """Nodes whose unserved demand is lost."""
    found: Bools = (network.nodes["shortage_rule"] == "lost_sales").to_numpy()
    return found


def stationary(basis: Basis, lot: Floats, rows: Ints, *, is_random: bool) -> Stationary:
    """Some of the nodes at their mean over the protection time, as simulations see them; `lot` has one entry a row.

    Their lead times follow their law where `is_random`, else each is the planned one.
    """
    network = basis.network
    lead, review, law = network.lead[rows], network.review[rows], basis.window.at(rows)
    length = np.maximum(lead + review, 1)
    mean, variance = law.protection_mean / length, law.protection_variance / length
    delays = network.lead_law[rows] if is_random else np.zeros((len(rows), 0))
    span = (np.maximum(lead, 0), np.maximum(review, 1))
    return Stationary(mean, variance, law.family, *span, basis.seeds[rows], lot, delays)
