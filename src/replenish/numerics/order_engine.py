"""Tonight's quantity for many nodes: sample, project, value, choose. One compiled loop over nodes, seeded node by node.

See `node_facts` for the arrays. Results depend on a node's own row and seed alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from replenish.numerics.compiled import kernel, part
from replenish.numerics.future_orders import Later, Roll, cover_of, roll
from replenish.numerics.node_facts import (
    BREAKS,
    Decision,
    Nodes,
    Record,
    Scratch,
    later_of,
    make_scratch,
    sample_node,
    work_of,
)
from replenish.numerics.node_needs import held_costs, node_needs, weigh_waiting, worth_ordering
from replenish.numerics.order_lines import whole_lots
from replenish.numerics.reductions import mean_of, put, total
from replenish.numerics.value_curve import (
    Curve,
    best_quantity,
    build_curve,
    curve_steps,
    gain,
    pack_quantity,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# The wish should end by this step, so that the curve also shows what more would be worth.
_STEPS_TO_WISH = 16

REASONS = (
    "value",
    "no_demand",
    "shelf_floor",
    "pack_too_big",
    "moq_deferred",
    "ended_before_arrival",
    "manual",
    "no_margin",
    "price_break",
)
VALUE, NO_DEMAND, SHELF_FLOOR, PACK_TOO_BIG, MOQ_DEFERRED, ENDED, MANUAL, NO_MARGIN, PRICE_BREAK = range(len(REASONS))
LIMITS = ("", "max_cover", "max_stock", "min_qty", "multiple_qty", "min_stock", "max_qty")


@part
def caps(fact: Record, work: Scratch) -> tuple[float, float, float]:
    """Mean stock on arrival with what is due in the first window, and how much more cover and shelf allow."""
    paths, due = work.stock.shape[0], 0.0
    for m in range(paths):
        last = min(work.arrival[m] + work.window[0], fact.sampled)
        for t in range(work.arrival[m], last):
            due += work.supply[m, t]
    expected = mean_of(work.stock) + due / paths
    return expected, fact.cover_qty - expected, fact.max_stock - expected


@part
def in_lots(fact: Record, qty: float) -> float:
    """Whole packs for a wanted quantity that lines between least and largest add up to."""
    return whole_lots(qty, fact.min_qty, fact.max_qty, fact.pack)


@part
def choose(fact: Record, work: Scratch, curve: Curve, running: Floats, held: Floats, choice: Record) -> None:
    """Quantity of a node by value, with packs, caps, minimum and shelf floor, and the reason for it."""
    expected, soft, hard = caps(fact, work)
    best = best_quantity(curve, fact.step, 0.0)
    qty = pack_quantity(curve, best, fact.pack, soft, hard)
    reason, limit = VALUE, 0
    if best > max(0.0, min(soft, hard)):
        limit = 1 if soft <= hard else 2
    if best > 0.0 and qty == 0.0 and fact.pack > min(fact.cover_qty, fact.max_stock):
        reason = PACK_TOO_BIG
    least = in_lots(fact, fact.min_qty)
    if 0.0 < qty < least:
        qty, limit = least, 3
        if qty > hard + 1e-9 or not worth_ordering(fact, work, qty, running, held):
            qty, reason = 0.0, MOQ_DEFERRED
    elif qty > 0.0 and fact.order_cost > 0.0 and gain(curve, 0.0, qty) <= fact.order_cost:
        qty, reason = 0.0, MOQ_DEFERRED  # the next review can order again: only what tonight's earns counts
    shelf = fact.floor - max(expected, 0.0)
    if shelf > qty + 1e-9 and fact.floor > 0.0:
        qty, reason, limit = in_lots(fact, shelf), SHELF_FLOOR, 5
    lots = in_lots(fact, qty)
    limit = 6 if lots < qty - 1e-9 else limit
    choice.qty, choice.unrounded, choice.reason, choice.limit = lots, best, reason, limit


@part
def saved(fact: Record, qty: float) -> float:
    """Money that price breaks take off an order of `qty`, against the price of the smallest quantity."""
    off, before = 0.0, 0.0
    for j in range(BREAKS):
        if 0.0 < fact.break_qty[j] <= qty + 1e-9:
            rate = fact.break_saving[j]
            off = off + (rate - before) * (qty - fact.break_qty[j]) if fact.is_incremental else rate * qty
            before = rate
    return off


@part
def take_break(fact: Record, work: Scratch, curve: Curve, choice: Record) -> None:
    """Order up to a price break where it saves more than the units beyond the best quantity lose on the curve.

    One line at a time, within cover and shelf. What is not wanted at all tonight is not ordered for its price.
    """
    _, soft, hard = caps(fact, work)
    qty, most = choice.qty, min(soft, hard, fact.max_qty)
    best = gain(curve, 0.0, qty) + saved(fact, qty)
    for j in range(BREAKS):
        if qty <= 0.0 or fact.break_qty[j] <= 0.0:
            continue
        wanted = fact.break_qty[j]
        if fact.is_incremental:
            wanted = max(wanted, best_quantity(curve, fact.step, -fact.break_saving[j]))
        lots = in_lots(fact, wanted)
        if lots <= qty or lots > most + 1e-9:
            continue
        worth = gain(curve, 0.0, lots) + saved(fact, lots)
        if worth > best + 1e-9 * abs(best):
            best, choice.qty, choice.reason = worth, lots, PRICE_BREAK


@part
def serve_orders(fact: Record, firm: Floats, work: Scratch, choice: Record) -> None:
    """A node that earns nothing orders nothing to stock, only what customers have already ordered.

    Where sales are lost, orders that stock cannot serve before the arrival are lost too, overdue ones first.
    """
    stock, paths = fact.on_hand, work.supply.shape[0]
    for t in range(min(fact.lead + work.window[0], firm.shape[0])):
        stock += total(work.supply[:, t]) / paths - firm[t]
        if t < fact.lead:
            stock = max(stock, (1.0 - fact.lost_share) * stock)
    choice.unrounded = max(0.0, -stock)
    choice.qty = in_lots(fact, choice.unrounded)
    choice.reason = NO_MARGIN


@part
def write_curve(fact: Record, curve: Curve, choice: Record, step_gain: Floats, unit_gain: Floats) -> None:
    """Value of the chosen quantity, of its last unit, and of each step of the curve."""
    qty, unit, pack = choice.qty, fact.step, fact.pack
    choice.value = gain(curve, 0.0, qty)
    choice.last_gain = gain(curve, max(0.0, qty - unit), qty) / unit if qty > 0.0 else 0.0
    choice.step_qty = max(1.0, np.ceil(qty / pack / _STEPS_TO_WISH)) * pack
    curve_steps(curve, choice.step_qty, min(unit, pack), step_gain, unit_gain)


@part
def decide_node(
    fact: Record, firm: Floats, work: Scratch, choice: Record, step_gain: Floats, unit_gain: Floats, pair_gain: Floats
) -> None:
    """Quantity and curve of a sampled node."""
    running, held = node_needs(fact, work)
    cost = held_costs(fact, held.shape[0], work.window[: fact.windows])
    curve = build_curve(running[0], held, max(0.0, fact.shortage_cost), cost)
    busy, soonest = False, work.arrival[0]
    for m in range(work.arrival.shape[0]):
        soonest = min(soonest, work.arrival[m])
        for t in range(fact.sampled):
            busy = busy or work.demand[m, t] > 0.0
    if not np.isnan(fact.given):
        choice.qty = choice.unrounded = fact.given
    elif fact.shortage_cost <= 0.0:
        serve_orders(fact, firm, work, choice)
    else:
        choose(fact, work, curve, running, held, choice)
        take_break(fact, work, curve, choice)
    if not busy and choice.qty == 0.0:
        choice.reason = NO_DEMAND
    if fact.end_bucket <= soonest:
        choice.qty, choice.unrounded, choice.reason = 0.0, 0.0, ENDED
    write_curve(fact, curve, choice, step_gain, unit_gain)
    if fact.is_joint and np.isnan(fact.given) and fact.shortage_cost > 0.0:
        weigh_waiting(fact, work, running, held, choice, pair_gain)


@kernel
def decide(
    nodes: Nodes,
    first: int,
    last: int,
    paths: int,
    delta: float,
    dependants: NDArray[np.float32],
    dependant_mean: Floats,
    out: Decision,
    release: NDArray[np.float32],
) -> None:
    """Decide nodes first..last-1. `release` [last - first, paths, buckets] takes their order paths (no rows: none;
    no paths: only their mean is kept). What netted nodes release is planned elsewhere.

    `dependants` [rows, paths, buckets] are order paths of the nodes below, `dependant_mean` [rows, buckets] their mean.
    """
    many = make_scratch(paths, nodes.forecast.shape[1], nodes.window.shape[1])
    few = make_scratch(2, nodes.forecast.shape[1], nodes.window.shape[1])
    for i in range(first, last):
        fact, choice = nodes.fact[i], out.choice[i]
        work = work_of(fact, many, few)
        if np.isnan(total(nodes.forecast[i]) + fact.on_hand + fact.shortage_cost + fact.phi):
            choice.reason = MANUAL
            continue
        sample_node(nodes, i, max(delta, fact.least_delta), dependants, work)
        decide_node(fact, nodes.firm[i], work, choice, out.step_gain[i], out.unit_gain[i], out.pair_gain[i])
        later = later_of(nodes, i, dependant_mean)
        expected, soft, hard = caps(fact, work)
        choice.room = min(soft, hard)
        choice.cover = cover_of(
            later, max(expected, fact.floor - choice.unrounded), choice.unrounded, fact.level, np.isnan(fact.given)
        )
        if release.shape[0] > 0 and not fact.is_netted:
            rolled = play(later, choice.cover, choice.qty, work, release[i - first])
            put(rolled.release, out.release_mean[i])


@part
def play(later: Later, cover: float, qty: float, work: Scratch, release: NDArray[np.float32]) -> Roll:
    """`future_orders.roll` on the paths in the work space."""
    return roll(later, cover, qty, work.start, work.demand, work.supply, work.arrival, work.incoming, release)
