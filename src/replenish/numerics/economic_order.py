"""Economic order quantities over arrays of nodes: EOQ with its clamps, production rate, backorders, price breaks.

Demand and holding cost use the same time unit (the caller's: usually a day). Sources: Harris (1913); Snyder & Shen,
Fundamentals of Supply Chain Theory (2e) ch. 3; Hadley & Whitin (1963) for discounts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class LotCost(NamedTuple):
    """A lot size (base units) and its cost per unit of time."""

    order_qty: Floats
    cost_rate: Floats


class BackorderLot(NamedTuple):
    """A lot with planned backorders: size, share of demand backordered, cost rate, largest backorder."""

    order_qty: Floats
    backorder_share: Floats
    cost_rate: Floats
    largest_backorder_qty: Floats


class DiscountLot(NamedTuple):
    """A lot under price breaks: size, index of the bracket it is priced in, cost rate including purchase."""

    order_qty: Floats
    bracket: NDArray[np.int64]
    cost_rate: Floats


def economic_order(order_cost: ArrayLike, holding_cost: ArrayLike, demand_rate: ArrayLike) -> LotCost:
    """EOQ: Q = sqrt(2 K d / h), cost sqrt(2 K d h). No clamps: see `clamped_economic_order`."""
    fixed, hold, rate = (np.asarray(each, dtype=np.float64) for each in (order_cost, holding_cost, demand_rate))
    return LotCost(np.sqrt(2.0 * fixed * rate / hold), np.sqrt(2.0 * fixed * rate * hold))


def clamped_economic_order(
    order_cost: ArrayLike,
    holding_cost_per_day: ArrayLike,
    demand_per_day: ArrayLike,
    review_days: ArrayLike,
    max_cover_days: ArrayLike,
    shelf_life_days: ArrayLike = np.nan,
) -> tuple[Floats, Flags]:
    """EOQ a planner can use, and whether the maximum cover cut it.

    In this order: no order cost (0 or missing) -> one review of demand; no holding cost -> the maximum cover; no demand
    -> 0; then the clamps of `clamped_lot`.
    """
    fixed, hold, rate, review, cover = (
        np.asarray(each, dtype=np.float64)
        for each in (order_cost, holding_cost_per_day, demand_per_day, review_days, max_cover_days)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        qty = np.where(hold > 0, economic_order(fixed, hold, rate).order_qty, np.inf)
    return clamped_lot(np.where(fixed > 0, qty, rate * review), rate, review, cover, shelf_life_days)


def clamped_lot(
    order_qty: ArrayLike,
    demand_per_day: ArrayLike,
    review_days: ArrayLike,
    max_cover_days: ArrayLike,
    shelf_life_days: ArrayLike = np.nan,
) -> tuple[Floats, Flags]:
    """A lot as a planner can use it, and whether the maximum cover cut it.

    At least one review of demand, at most the maximum cover (an infinite lot too), at most the demand of a shelf life;
    0 without demand.
    """
    qty, rate, review, cover, life = np.broadcast_arrays(
        *(
            np.asarray(each, dtype=np.float64)
            for each in (order_qty, demand_per_day, review_days, max_cover_days, shelf_life_days)
        )
    )
    longest = rate * cover
    idle, capped = rate <= 0, qty > longest
    qty = np.minimum(np.maximum(qty, rate * review), longest)
    qty = np.where(np.isnan(life), qty, np.minimum(qty, rate * life))
    return np.where(idle, 0.0, qty), capped & ~idle


def economic_production(
    order_cost: ArrayLike, holding_cost: ArrayLike, demand_rate: ArrayLike, production_rate: ArrayLike
) -> tuple[LotCost, Flags]:
    """EPQ: EOQ with holding h (1 - d / w). Second result: no capacity (demand reaches w; NaN)."""
    fixed, hold, rate, speed = (
        np.asarray(each, dtype=np.float64) for each in (order_cost, holding_cost, demand_rate, production_rate)
    )
    no_capacity = rate >= speed
    slack = np.where(no_capacity, np.nan, 1.0 - rate / speed)
    return economic_order(fixed, hold * slack, rate), no_capacity


def economic_backorder(
    order_cost: ArrayLike, holding_cost: ArrayLike, backorder_cost: ArrayLike, demand_rate: ArrayLike
) -> BackorderLot:
    """EOQ with planned backorders: Q = sqrt(2 K d (h + p) / (h p)), backordered share h / (h + p)."""
    fixed, hold, late, rate = (
        np.asarray(each, dtype=np.float64) for each in (order_cost, holding_cost, backorder_cost, demand_rate)
    )
    qty = np.sqrt(2.0 * fixed * rate * (hold + late) / (hold * late))
    share = hold / (hold + late)
    return BackorderLot(qty, share, np.sqrt(2.0 * fixed * rate * hold * late / (hold + late)), qty * share)


def all_units_discount(
    order_cost: ArrayLike, holding_rate: ArrayLike, demand_rate: ArrayLike, min_qty: ArrayLike, unit_cost: ArrayLike
) -> DiscountLot:
    """Best lot when one price holds for all units of it.

    `min_qty` and `unit_cost` are nodes x brackets, ascending in quantity, NaN-padded on the right; the other arguments
    have one entry a node. Each bracket's EOQ is clamped into the bracket; the cheapest c d + K d / Q + i c Q / 2 wins.
    """
    fixed, interest, rate, lowest, price = _bracket_arrays(order_cost, holding_rate, demand_rate, min_qty, unit_cost)
    highest = np.column_stack([lowest[:, 1:], np.full(len(lowest), np.nan)])
    qty = np.maximum(np.sqrt(2.0 * fixed * rate / (interest * price)), lowest)
    # A lot at the next break point is priced there, so clamping to it never beats the next bracket's own candidate.
    qty = np.where(qty >= highest, np.where(lowest > 0, lowest, np.nan), qty)
    cost = price * rate + fixed * rate / qty + interest * price * qty / 2.0
    return _cheapest(qty, cost)


def incremental_discount(
    order_cost: ArrayLike, holding_rate: ArrayLike, demand_rate: ArrayLike, min_qty: ArrayLike, unit_cost: ArrayLike
) -> DiscountLot:
    """Best lot when each price holds only for the units inside its bracket (arguments as `all_units_discount`).

    F_j = sum_{i<j} c_i (b_{i+1} - b_i) - c_j b_j; Q_j = sqrt(2 (K + F_j) d / (i c_j)), kept only inside its bracket;
    cost c_j d + i F_j / 2 + sqrt(2 (K + F_j) d i c_j).
    """
    fixed, interest, rate, lowest, price = _bracket_arrays(order_cost, holding_rate, demand_rate, min_qty, unit_cost)
    paid = np.column_stack([np.zeros(len(lowest)), np.cumsum(price[:, :-1] * np.diff(lowest, axis=1), axis=1)])
    extra = paid - price * lowest
    highest = np.column_stack([lowest[:, 1:], np.full(len(lowest), np.inf)])
    highest = np.where(np.isnan(highest), np.inf, highest)
    qty = np.sqrt(2.0 * (fixed + extra) * rate / (interest * price))
    cost = price * rate + interest * extra / 2.0 + np.sqrt(2.0 * (fixed + extra) * rate * interest * price)
    return _cheapest(qty, np.where((qty >= lowest) & (qty < highest), cost, np.nan))


def _bracket_arrays(*arguments: ArrayLike) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Node arguments as columns, so that they broadcast against nodes x brackets."""
    fixed, interest, rate, lowest, price = (np.atleast_1d(np.asarray(each, dtype=np.float64)) for each in arguments)
    return fixed[:, None], interest[:, None], rate[:, None], np.atleast_2d(lowest), np.atleast_2d(price)


def _cheapest(qty: Floats, cost: Floats) -> DiscountLot:
    """Least cost of each row; ties to the earlier bracket; a row without candidates stays NaN."""
    ranked = np.where(np.isnan(cost), np.inf, cost)
    best = np.argmin(ranked, axis=1)
    rows = np.arange(len(qty))
    found = np.isfinite(ranked[rows, best])
    return DiscountLot(np.where(found, qty[rows, best], np.nan), best, np.where(found, cost[rows, best], np.nan))
