"""Order-up-to levels that meet a fill target where demand that finds no stock is lost, by simulation.

Closed forms take unserved demand as backlog. With lost sales the shortage does not eat later supply, so the same level
serves more; with several orders outstanding no formula says how much more. Sources: van Donselaar & Broekmeulen (2013),
Int. J. Production Economics 143; Silver, Pyke & Thomas (4e), ch. 7 for the backorder level that bounds it from above.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics import loss
from replenish.numerics.policy_simulator import COUNTED, DEMAND, NOBODY, SERVED, Policy, Shelf, play

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

BUCKETS = 182  # sampled demand and play cost in proportion
STEPS = 12
_BLOCK = 1024  # nodes in memory at once: results do not depend on it, every node draws from its own seed
_LEAST_WEIGHT = 1e-6  # continuous demand is ordered to this share of a unit


class Stationary(NamedTuple):
    """Demand per bucket and supply of every node; all arrays [nodes]."""

    mean: Floats
    variance: Floats
    family: Ints  # codes of `loss`
    lead: Ints  # buckets
    review: Ints  # buckets, at least 1
    seed: Ints
    lot: Floats  # units that orders come in, (R, s, nQ): 0 for any quantity, (R, S)
    delay_law: Floats  # nodes x buckets: cumulative law of the lead time of each order; no column: always `lead`

    def at(self, rows: Ints) -> Stationary:
        """The same for some of the nodes."""
        return Stationary(
            self.mean[rows],
            self.variance[rows],
            self.family[rows],
            self.lead[rows],
            self.review[rows],
            self.seed[rows],
            self.lot[rows],
            self.delay_law[rows],
        )


def order_up_to_for_lost_sales(
    fill_target: Floats, upper: Floats, nodes: Stationary, *, buckets: int = BUCKETS
) -> tuple[Floats, Flags]:
    """Smallest order-up-to level [nodes] at or below `upper` that serves the share `fill_target`, and whether it does.

    Bisection in `STEPS` steps on the same sampled demand of `buckets` buckets for every level (common random numbers).
    Where even `upper` falls short it stays, flagged False. Counts get whole levels. Nodes without demand
    get `upper`, flagged True; so do those supplied at once, where a cycle cannot take from the next one's supply.
    Under lots each order is the fewest of them that lift the position to the level or above: the reorder point is then
    one unit below it (continuous demand: the level itself).
    """
    found, reached = upper.astype(np.float64).copy(), np.ones(len(upper), dtype=bool)
    solvable = np.isfinite(nodes.mean) & (nodes.mean > 0) & np.isfinite(nodes.variance) & np.isfinite(upper)
    solvable &= nodes.lead > 0
    # Nodes of one lead and review time share a warm-up, so that no neighbour changes what is counted.
    for lead, review in np.unique(np.column_stack([nodes.lead, nodes.review])[solvable], axis=0):
        rows = np.flatnonzero(solvable & (nodes.lead == lead) & (nodes.review == review))
        for start in range(0, len(rows), _BLOCK):
            at = rows[start : start + _BLOCK]
            found[at], reached[at] = _bisect(fill_target[at], found[at], nodes.at(at), buckets)
    return found, reached


def lost_sales_fill(order_up_to: Floats, nodes: Stationary, *, buckets: int = BUCKETS) -> Floats:
    """Share of demand served by these levels [nodes] over `buckets` sampled buckets; one lead, one review time."""
    return _fill(order_up_to, nodes, *_sampled(nodes, buckets + _warm_up(nodes)))


def _bisect(target: Floats, upper: Floats, nodes: Stationary, buckets: int) -> tuple[Floats, Flags]:
    luck = _sampled(nodes, buckets + _warm_up(nodes))
    reached = _fill(upper, nodes, *luck) >= target
    low, high = np.zeros_like(upper), upper.copy()
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        enough = _fill(middle, nodes, *luck) >= target
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    high = np.where(nodes.family == loss.GAMMA, high, np.ceil(high - 1e-9))
    return np.where(reached, np.minimum(high, upper), upper), reached


def _warm_up(nodes: Stationary) -> int:
    """Buckets until the opening stock no longer matters, whole reviews."""
    review = int(nodes.review[0])
    return 2 * review * -(-int(nodes.lead[0] + review) // review)


def _sampled(nodes: Stationary, buckets: int) -> tuple[NDArray[np.float32], Ints]:
    """Demand [nodes, buckets] and lead times [nodes, orders] of each node's laws, from its own seed."""
    demand = np.empty((len(nodes.mean), buckets), dtype=np.float32)
    orders = -(-buckets // int(nodes.review[0])) if nodes.delay_law.shape[1] else 1
    delay = np.repeat(nodes.lead.astype(np.int64)[:, None], orders, axis=1)
    laws = zip(nodes.mean, nodes.variance, nodes.family, nodes.seed, strict=True)
    for row, (mean, variance, family, seed) in enumerate(laws):
        rng = np.random.Generator(np.random.PCG64(int(seed)))
        if variance <= 0 or family == loss.POINT:
            demand[row] = mean
        elif family == loss.GAMMA:
            demand[row] = rng.standard_gamma(mean**2 / variance, buckets) * (variance / mean)
        elif variance <= mean * (1.0 + 1e-9):
            demand[row] = rng.poisson(mean, buckets)
        else:
            demand[row] = rng.negative_binomial(mean**2 / (variance - mean), mean / variance, buckets)
        if nodes.delay_law.shape[1]:
            delay[row] = np.searchsorted(nodes.delay_law[row], rng.random(orders), side="right")
    return demand, np.minimum(delay, max(nodes.delay_law.shape[1] - 1, int(nodes.lead[0])))


def _fill(order_up_to: Floats, nodes: Stationary, demand: NDArray[np.float32], delay: Ints) -> Floats:
    """Share served of the demand after the warm-up, each node played alone from a full shelf."""
    (count, buckets), (_, orders) = demand.shape, delay.shape
    time = np.arange(buckets)
    review = int(nodes.review[0])
    slot = np.where(time % review == 0, time // review if orders > 1 else 0, -1)
    window = (time >= _warm_up(nodes)).astype(np.int64)
    shelf = Shelf(order_up_to.astype(np.float64).copy(), np.zeros((count, int(delay.max()) + 1)))
    policy = Policy(
        point=np.full((count, orders), np.inf),
        level=np.repeat(order_up_to.astype(np.float64)[:, None], orders, axis=1),
        given=np.full((count, orders), np.nan),
        delay=delay,
        pack=np.maximum(np.where(nodes.family == loss.GAMMA, _LEAST_WEIGHT, 1.0), nodes.lot),
        min_qty=np.zeros(count),
        lost_share=np.ones(count),
        parent=np.full(count, NOBODY, dtype=np.int64),
        family=np.arange(count + 1, dtype=np.int64),
    )
    counted = np.zeros((2, count, len(COUNTED)))
    play(shelf, policy, demand, slot, window, 0, buckets, counted)
    wanted = counted[1, :, DEMAND]
    return np.where(wanted > 0, counted[1, :, SERVED] / np.where(wanted > 0, wanted, 1.0), 1.0)
