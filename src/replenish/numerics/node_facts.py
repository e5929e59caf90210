# ruff: noqa: NPY002 - inside compiled code the seeded functions of np.random are the one stream a node can own
"""What the order engine knows of each node, what it fills in, and the sampling of one node.

Arrays hold one record or row a node; buckets count from tonight. Results do not depend on how nodes are blocked or on
the number of threads: each node draws from its own seed and writes to its own row.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.ages import lay, stock_by_age
from replenish.numerics.compiled import part
from replenish.numerics.future_orders import Later
from replenish.numerics.paths import decision_dispersion, sample_arrivals, sample_demand, sample_supply
from replenish.numerics.projection import stocks_at_arrival

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# A record of FACT or CHOICE.
Record = Any

CURVE_STEPS = 24
# Price breaks of a node that are looked at, smallest first.
BREAKS = 8

# One record a node. Records are passed by reference in compiled code, where dozens of arrays would be copied argument
# by argument (and compile for minutes).
FACT = np.dtype(
    [
        ("is_count", np.bool_),  # whole units, else weights
        ("phi", np.float64),
        ("kappa", np.float64),
        ("rho", np.float64),
        ("least_delta", np.float64),  # decisions narrow the spread of demand to this at most; 1 where little is known
        ("on_hand", np.float64),
        ("ghost", np.float64),  # chance that the shelf is empty whatever the books say
        ("record_sd", np.float64),  # standard deviation of the error of the books
        ("lost_share", np.float64),  # 1 lost sales, 0 backorders
        ("lead", np.int64),  # lead time that later orders are planned with
        ("review", np.int64),  # between later orders, without holidays
        ("cover_buckets", np.int64),  # buckets over which the cover of later orders is measured
        ("windows", np.int64),  # coverage windows the curve looks at
        ("end_bucket", np.int64),  # first bucket in which the item is no longer sold
        ("sampled", np.int64),  # buckets to sample: the longest lead time and two or more reviews
        ("shortage_cost", np.float64),
        ("holding_cost", np.float64),  # of a unit and bucket
        ("terminal_cost", np.float64),  # of a unit left when the item ends: cost - salvage + disposal
        ("order_cost", np.float64),
        ("is_joint", np.bool_),  # the source counts orders of many items: what waiting is worth must be known
        ("step", np.float64),  # smallest orderable quantity
        ("pack", np.float64),
        ("min_qty", np.float64),
        ("max_qty", np.float64),  # largest line; more is split
        ("break_qty", np.float64, (BREAKS,)),  # from which a unit costs less; 0 where there is none
        ("break_saving", np.float64, (BREAKS,)),  # money a unit costs less than in the smallest quantity
        ("is_incremental", np.bool_),  # only units above the break cost less, else all
        ("cover_qty", np.float64),  # largest stock at arrival that the maximum cover allows
        ("max_stock", np.float64),
        ("floor", np.float64),  # presentation stock
        ("life", np.int64),  # selling buckets of what arrives; 0 where stock is not followed by age
        ("lifo_share", np.float64),  # share of demand that takes the newest first
        ("age_row", np.int64),  # row of stock on hand by age, -1 where all of it is fresh
        ("level", np.float64),  # stock at arrival that classical targets would hold: first window and safety stock
        ("given", np.float64),  # quantity set by another rule; NaN leaves it to the curve
        ("dependant", np.int64),  # row of the order paths of the nodes below, -1 without any
        ("is_netted", np.bool_),  # `given` is of a material plan, which also says what is released later
        ("is_certain", np.bool_),  # netted, and nothing of it is drawn: all paths are alike
        ("seed", np.int64),
    ],
    align=True,
)

CHOICE = np.dtype(
    [
        ("qty", np.float64),
        ("unrounded", np.float64),  # before packs and minimums
        ("value", np.float64),
        ("last_gain", np.float64),  # value of the last unit
        ("cover", np.float64),  # stock that later orders keep, as share of the demand of cover_buckets
        ("step_qty", np.float64),  # length of a curve step
        ("room", np.float64),  # largest order that cover and shelf allow
        ("wait_value", np.float64),  # what an order one review later would earn; NaN where nobody asks
        ("reason", np.int64),  # index into REASONS
        ("limit", np.int64),  # index into LIMITS
    ],
    align=True,
)


class Nodes(NamedTuple):
    """What the engine knows of each node; quantities in base units, time in buckets, money per unit."""

    fact: NDArray[np.void]  # dtype FACT
    forecast: Floats  # nodes x buckets: mean of sampled demand
    window: Ints  # nodes x windows: buckets from the arrival of one order to the arrival of the next
    firm: Floats  # nodes x buckets: demand that is certain (customer orders beyond the forecast they consume)
    lead_law: Floats  # nodes x buckets: cumulative law of tonight's lead time
    lots: Floats  # nodes x buckets: cumulative stock that cannot be sold after the bucket (0 rows: none is dated)
    ages: Floats  # rows x buckets: stock on hand by last selling bucket
    line_start: Ints  # nodes + 1: slice of the open order lines of each node
    line_qty: Floats
    line_law: Floats  # lines x buckets: cumulative arrival law; what is missing at its end never arrives


class Decision(NamedTuple):
    """What `decide` fills in: one record or row a node."""

    choice: NDArray[np.void]  # dtype CHOICE
    step_gain: Floats  # nodes x CURVE_STEPS
    unit_gain: Floats
    pair_gain: Floats  # as step_gain, where no order follows for two reviews; NaN where nobody asks
    release_mean: Floats  # nodes x buckets: orders put on the source, tonight's included


class Scratch(NamedTuple):
    """Work space of one node, reused."""

    demand: Floats
    supply: Floats
    incoming: Floats
    start: Floats
    arrival: Ints
    window: Ints  # buckets of each coverage window
    stock: Floats
    short: Floats
    ages: Floats  # stock on hand by last selling bucket


def empty_decision(nodes: int, buckets: int) -> Decision:
    """Room for the results of `decide`: quantities NaN until decided."""
    choice = np.zeros(nodes, dtype=CHOICE)
    for name in ("qty", "unrounded", "value", "last_gain", "cover", "step_qty", "room", "wait_value"):
        choice[name] = np.nan
    gains = np.zeros((2, nodes, CURVE_STEPS))
    pair_gain = np.full((nodes, CURVE_STEPS), np.nan)
    return Decision(choice, gains[0], gains[1], pair_gain, np.zeros((nodes, buckets)))


@part
def make_scratch(paths: int, buckets: int, windows: int) -> Scratch:
    """Work space for nodes with that many paths, buckets and coverage windows."""
    wide = np.empty((3, paths, buckets))
    flat = np.empty((3, paths))
    arrival, window = np.empty(paths, dtype=np.int64), np.empty(windows, dtype=np.int64)
    return Scratch(wide[0], wide[1], wide[2], flat[0], arrival, window, flat[1], flat[2], np.zeros(buckets))


@part
def work_of(fact: Record, many: Scratch, few: Scratch) -> Scratch:
    """Work space of a node: a pair of paths says it all where nothing is drawn."""
    return few if fact.is_certain else many


@part
def sample_node(nodes: Nodes, i: int, delta: float, dependants: NDArray[np.float32], work: Scratch) -> None:
    """Draw demand, supply, starting stock and arrival of node i on every path, and project the stock at arrival."""
    fact = nodes.fact[i]
    np.random.seed(fact.seed)
    for h in range(work.window.shape[0]):
        work.window[h] = nodes.window[i, h]
    buckets = fact.sampled
    phi, kappa = decision_dispersion(fact.phi, fact.kappa, fact.is_count, delta)
    lines = slice(nodes.line_start[i], nodes.line_start[i + 1])
    # Arrivals first: they then stay the same when only the demand side changes.
    sample_arrivals(work.arrival, nodes.lead_law[i])
    for m in range(work.start.shape[0]):
        empty = fact.ghost > 0.0 and np.random.random() < fact.ghost
        work.start[m] = 0.0 if empty else fact.on_hand
        if fact.record_sd > 0.0 and not empty:  # as far above the books as below at most: the mean stays
            error = fact.record_sd * np.random.standard_normal()
            work.start[m] += min(max(error, -fact.on_hand), fact.on_hand)
    sample_supply(work.supply, buckets, nodes.line_qty[lines], nodes.line_law[lines])
    sample_demand(work.demand, buckets, nodes.forecast[i], fact.is_count, phi, kappa, fact.rho)
    row = fact.dependant
    for m in range(work.start.shape[0]):
        for t in range(buckets):
            extra = nodes.firm[i, t]
            if row >= 0 and t < dependants.shape[2]:
                extra += dependants[row, m, t]
            work.demand[m, t] += extra
            if t >= fact.end_bucket:
                work.demand[m, t] = 0.0
    stocks_at_arrival(work.start, work.demand, work.supply, work.arrival, fact.lost_share, work.stock, work.short)
    if fact.life > 0:
        _by_age(nodes, fact, work)


@part
def _by_age(nodes: Nodes, fact: Record, work: Scratch) -> None:
    """Stock at arrival where a part of it expires before."""
    for t in range(work.ages.shape[0]):
        work.ages[t] = nodes.ages[fact.age_row, t] if fact.age_row >= 0 else 0.0
    shelf = np.empty(fact.sampled + fact.life)
    for m in range(work.start.shape[0]):
        lay(work.ages, shelf)
        work.stock[m], work.short[m], _ = stock_by_age(
            shelf,
            work.start[m],
            work.demand[m],
            work.supply[m],
            work.arrival[m],
            fact.life,
            fact.lifo_share,
            fact.lost_share,
        )


@part
def later_of(nodes: Nodes, i: int, dependant_mean: Floats) -> Later:
    """What the rule for later orders knows of node i."""
    fact = nodes.fact[i]
    horizon = nodes.forecast.shape[1]
    mean, receipt = np.zeros(horizon), np.zeros(horizon)
    for t in range(min(fact.end_bucket, horizon)):
        mean[t] = nodes.forecast[i, t] + nodes.firm[i, t]
        if fact.dependant >= 0:
            mean[t] += dependant_mean[fact.dependant, t]
    for k in range(nodes.line_start[i], nodes.line_start[i + 1]):
        before = 0.0
        for t in range(min(horizon, nodes.line_law.shape[1])):
            receipt[t] += nodes.line_qty[k] * (nodes.line_law[k, t] - before)
            before = nodes.line_law[k, t]
    return Later(
        mean,
        receipt,
        nodes.lots[i] if nodes.lots.shape[0] > 0 else np.zeros(horizon),
        nodes.ages[fact.age_row] if fact.age_row >= 0 else np.zeros(horizon),
        fact.life,
        fact.lifo_share,
        fact.lead,
        fact.review,
        fact.cover_buckets,
        fact.sampled,
        fact.pack,
        fact.min_qty,
        fact.lost_share,
        fact.end_bucket < horizon,
        fact.shortage_cost > 0.0 or fact.floor > 0.0,
    )
