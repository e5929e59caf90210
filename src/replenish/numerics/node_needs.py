"""What a sampled node needs of tonight's order and of the next one, and whether tonight's is better placed later."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import part
from replenish.numerics.node_facts import Record, Scratch
from replenish.numerics.perishable_curve import age_needs
from replenish.numerics.projection import needs, stocks_at_arrival
from replenish.numerics.value_curve import Curve, best_quantity, build_curve, curve_steps, gain, order_now

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Minimums are judged over two windows, whatever the curve looks at.
_LEAST_WINDOWS = 2


@part
def node_needs(fact: Record, work: Scratch) -> tuple[Floats, Floats]:
    """Needs of a sampled node for tonight's order; see `projection.needs`."""
    count = max(fact.windows, np.int64(_LEAST_WINDOWS))
    return _needs_from(fact, work, work.stock, work.arrival, work.window[:count])


@part
def next_needs(fact: Record, work: Scratch) -> tuple[Floats, Floats]:
    """Needs for an order that arrives with the next one, over its first window."""
    paths = work.stock.shape[0]
    opening, stock, short = np.empty(paths, dtype=np.int64), np.empty(paths), np.empty(paths)
    for m in range(paths):
        opening[m] = min(work.arrival[m] + work.window[0], fact.sampled)
    stocks_at_arrival(work.start, work.demand, work.supply, opening, fact.lost_share, stock, short)
    return _needs_from(fact, work, stock, opening, work.window[1:2])


@part
def _needs_from(fact: Record, work: Scratch, stock: Floats, opening: Ints, window: Ints) -> tuple[Floats, Floats]:
    count = window.shape[0]
    running, held = np.empty((count, stock.shape[0])), np.empty((count + 1, stock.shape[0]))
    needs(
        stock,
        work.demand,
        work.supply,
        opening,
        window,
        fact.end_bucket,
        fact.sampled,
        fact.lost_share,
        running,
        held,
    )
    if fact.life > 0:
        age_needs(fact, work, opening, running, held)
    return running, held


@part
def held_costs(fact: Record, rows: int, window: Ints) -> Floats:
    """Cost of a unit unsold at the end of each window the curve looks at, and in the last row at the end of sale."""
    cost = np.zeros(rows)
    for h in range(min(window.shape[0], rows - 1)):
        cost[h] = fact.holding_cost * window[h]
    cost[rows - 1] = fact.terminal_cost
    return cost


@part
def pair_curves(fact: Record, work: Scratch, running: Floats, held: Floats) -> tuple[Curve, Curve, Curve]:
    """Tonight's order where none follows for two reviews, and one placed at the next review, over the same two windows.

    Tonight's serves both windows, the later one only the second. A unit that waits as backlog is short in each window:
    one that comes tonight earns by backorders in the first window (the middle curve) as well.
    """
    p = fact.shortage_cost
    now = build_curve(running[1], held, p, held_costs(fact, held.shape[0], work.window[:_LEAST_WINDOWS]))
    first = build_curve(running[0], held[:0], p * (1.0 - fact.lost_share), np.zeros(0))
    later_running, later_held = next_needs(fact, work)
    later = build_curve(later_running[0], later_held, p, held_costs(fact, later_held.shape[0], work.window[1:2]))
    return now, first, later


@part
def worth_ordering(fact: Record, work: Scratch, qty: float, running: Floats, held: Floats) -> bool:
    """Is a quantity lifted to a binding minimum worth it tonight, rather than one review later?"""
    now, first, later = pair_curves(fact, work, running, held)
    best = best_quantity(later, fact.step, 0.0)
    wanted = max(fact.min_qty, np.ceil(best / fact.pack - 1e-9) * fact.pack)
    return order_now(gain(now, 0.0, qty) + gain(first, 0.0, qty), gain(later, 0.0, wanted), fact.order_cost)


@part
def weigh_waiting(
    fact: Record, work: Scratch, running: Floats, held: Floats, choice: Record, pair_gain: Floats
) -> None:
    """What each step is worth where no order follows for two reviews, and what the order one review later would be."""
    now, first, later = pair_curves(fact, work, running, held)
    unit, more, unused = min(fact.step, fact.pack), np.empty(pair_gain.shape[0]), np.empty(pair_gain.shape[0])
    curve_steps(now, choice.step_qty, unit, pair_gain, unused)
    curve_steps(first, choice.step_qty, unit, more, unused)
    for j in range(pair_gain.shape[0]):
        pair_gain[j] += more[j]
    choice.wait_value = gain(later, 0.0, best_quantity(later, fact.step, 0.0))
