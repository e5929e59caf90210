"""Stock against fill of many nodes at any order-up-to level: the two ends of what money in stock buys.

Periodic review with backorders, orders in whole lots: the position after an order is uniform on (S, S + Q]. What is on
the shelf runs from `E(Y - D_L)+` when an order arrives to `E(Y - D_{L+R})+` just before the next one; the mean of both
is the stock. Sources: Hadley & Whitin (1963) ch. 5; Silver, Pyke & Thomas (4e) ch. 6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.loss import loss, quantile
from replenish.numerics.stationary_policy import Windows

Floats = NDArray[np.float64]

# Gauss-Legendre on (0, 1]: both measures are smooth in S.
_AT = np.array([0.5 - np.sqrt(0.15), 0.5, 0.5 + np.sqrt(0.15)])
_WEIGHT = np.array([5.0, 8.0, 5.0]) / 18.0


def fill_and_stock(level: Floats, law: Windows, lot: Floats) -> tuple[Floats, Floats]:
    """Fill rate and mean units on the shelf of every node [N] at order-up-to `level` [N], orders in lots of `lot` [N].

    A node without demand in its review has fill 1 and its level in stock. Lots of 0 or 1 are no lots.
    """
    lots = lot > 1.0
    fill, stock = _at(level, law)
    rows = np.flatnonzero(lots)
    if len(rows):
        here = law.at(rows)
        each = [_at(level[rows] + lot[rows] * at, here) for at in _AT]
        fill[rows] = sum(weight * one[0] for weight, one in zip(_WEIGHT, each, strict=True))
        stock[rows] = sum(weight * one[1] for weight, one in zip(_WEIGHT, each, strict=True))
    return fill, stock


def _at(position: Floats, law: Windows) -> tuple[Floats, Floats]:
    """Fill and mean stock where every order lifts the position to exactly this."""
    early = loss(position, law.lead_mean, law.lead_variance, law.family)
    late = loss(position, law.protection_mean, law.protection_variance, law.family)
    sold = law.protection_mean - law.lead_mean
    fill = np.where(sold > 0, 1.0 - (late - early) / np.where(sold > 0, sold, 1.0), 1.0)
    after, before = position - law.lead_mean + early, position - law.protection_mean + late
    return np.clip(fill, 0.0, 1.0), np.maximum((after + before) / 2.0, 0.0)


def level_by_service(service: float, law: Windows) -> Floats:
    """Order-up-to levels [N] that all leave the same chance of no stock-out, 0 where nothing is wanted."""
    return _quantile(np.full(law.protection_mean.shape, service), law)


def level_by_cost(weight: float, shortage_cost: Floats, review_holding_cost: Floats, law: Windows) -> Floats:
    """Order-up-to levels [N] at each node's own critical ratio, `weight` times what a missed unit costs.

    `review_holding_cost`: of one unit over one review, money. Without either cost a node gets the ratio of the other.
    """
    missed = weight * np.maximum(shortage_cost, 0.0)
    total = missed + np.maximum(review_holding_cost, 0.0)
    ratio = np.where(total > 0, missed / np.where(total > 0, total, 1.0), 0.5)
    return _quantile(np.clip(ratio, 0.0, 0.99999), law)


def _quantile(share: Floats, law: Windows) -> Floats:
    wanted = (law.protection_mean > 0) & (share > 0)
    found = quantile(np.where(wanted, share, 0.5), law.protection_mean, law.protection_variance, law.family)
    return np.where(wanted, found, 0.0)
